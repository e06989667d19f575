import { defineDescription } from "../../cause.ts";

export default defineDescription({
  id: "apim-internal",
  title: "API Management inside a virtual network",
  layer: "http",
  about: `An API Management service in internal mode has a private address, answers only for its own gateway host names, needs a
certificate for a custom one, and has nothing on \`/\`: its status page is \`/status-0123456789abcdef\`. A probe with another path
or host finds it unhealthy while its APIs work. Reported as \`probe-apim\`.`,
});
