import { defineLiveCause } from "../../cause.ts";

export default defineLiveCause({
  id: "chunked-buffering",
  title: "Large chunked uploads wait in the gateway's buffer",
  layer: "http",
  explainedBy: [],
  about: `By default the gateway reads a whole request before a server sees its first byte. Large uploads in chunks then arrive
late, and run into the time-outs of clients or servers that expect progress. Standard_v2 can switch request buffering off
(\`globalConfiguration.enableRequestBuffering\`), a gateway with WAF cannot. Neither logs nor configuration say whether uploads come
in chunks, and Causeway sends nothing that would change a server, so no uploads: compare one with and without the gateway.`,
});
