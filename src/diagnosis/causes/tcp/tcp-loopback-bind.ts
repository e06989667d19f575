import { defineLiveCause } from "../../cause.ts";
import { connectionCauses } from "../families.ts";

export default defineLiveCause({
  id: "tcp-loopback-bind",
  title: "Application listens on 127.0.0.1 only",
  layer: "tcp",
  explainedBy: connectionCauses,
  about: `The program runs and answers on the machine itself, but it is bound to the loopback address, so that every
connection from outside is refused. Typical for development servers and for containers whose port is published on
localhost. \`ss -ltn\` shows \`127.0.0.1:PORT\` instead of \`0.0.0.0:PORT\`; bind the program to all addresses, or to the one
in the pool.`,
});
