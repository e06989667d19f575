import { defineLiveCause } from "../../cause.ts";
import { wrongServerCauses } from "../families.ts";

export default defineLiveCause({
  id: "tls-cipher",
  title: "Server and gateway share no cipher suite",
  layer: "tls",
  explainedBy: wrongServerCauses,
  about: `The handshake fails because the server accepts only suites that the gateway does not offer; a v2 gateway, for one, has
none with finite-field Diffie-Hellman (DHE). The server reports a handshake failure in its log while the gateway's health
message may blame something else. No exported document lists what a server accepts: try suites against it, and allow
ECDHE suites there.`,
});
