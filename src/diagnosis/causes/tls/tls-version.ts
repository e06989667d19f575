import { defineLiveCause } from "../../cause.ts";
import { wrongServerCauses } from "../families.ts";

export default defineLiveCause({
  id: "tls-version",
  title: "Server offers no TLS version the gateway speaks",
  layer: "tls",
  explainedBy: wrongServerCauses,
  about: `Towards servers a v2 gateway speaks TLS 1.2 and 1.3, a v1 gateway 1.2. A server that knows only older versions, or
insists on 1.3 with a v1 gateway in front, ends the handshake, and the health message speaks of a failed connection or a
failed check rather than of versions. The policy of the listener does not matter here. \`openssl s_client -tls1_2\` against
the server shows it; switch the missing version on there.`,
});
