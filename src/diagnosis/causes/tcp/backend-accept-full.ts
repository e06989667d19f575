import { defineLiveCause } from "../../cause.ts";
import { connectionCauses } from "../families.ts";

export default defineLiveCause({
  id: "backend-accept-full",
  title: "Server accepts connections too slowly under load",
  layer: "tcp",
  explainedBy: connectionCauses,
  about: `The server's accept queue, its worker processes or its file handles are used up. New connections wait, time out or
are reset while load is high, and everything is fine when it is low; in the access log there are closed connections and
time-outs, on every route of that server alike. Watch the listen queue and its overflows on the server; give it more
workers or more instances.`,
});
