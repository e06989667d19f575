import type { Scenario } from "./scenario.ts";
import chains from "./tls/chains.ts";
import handshakes from "./tls/handshakes.ts";
import names from "./tls/names.ts";
import settings from "./tls/settings.ts";
import trust from "./tls/trust.ts";

/** TLS towards servers: names, certificates, handshakes, and what settings say of them. */
export default [...names, ...trust, ...chains, ...handshakes, ...settings].map(
  (one): Scenario => ({ family: "tls", ...one }),
);
