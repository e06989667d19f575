import { defineDescription } from "../../cause.ts";

export default defineDescription({
  id: "appsvc-private-endpoint",
  title: "App Service behind a private endpoint",
  layer: "http",
  about: `A site with a private endpoint is reached under its public name, which has to resolve to the private address in the
gateway's network; the host stays that name (or a bound custom domain), never the address. When the private zone is not
linked, the name leads to the public front, which refuses with 403. Reported as \`dns-zone-not-linked\`.`,
});
