import { defineLiveCause } from "../../cause.ts";

export default defineLiveCause({
  id: "ntlm",
  title: "Backend uses NTLM or Kerberos behind a v2 gateway",
  layer: "http",
  explainedBy: [],
  about: `NTLM and Kerberos sign in a connection rather than a request. A v2 gateway shares its connections to servers between
clients, so that signing in starts anew again and again: clients see 401 and prompts without end, not 502. Only the
server's answers (\`WWW-Authenticate: NTLM\` or \`Negotiate\`) show it. Use another way of signing in; a probe needs an anonymous path or 401
among its accepted codes.`,
});
