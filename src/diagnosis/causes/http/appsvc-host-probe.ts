import { defineDescription } from "../../cause.ts";

export default defineDescription({
  id: "appsvc-host-probe",
  title: "App Service probed under a host it does not know",
  layer: "http",
  about: `App Service chooses the site by the host name. A probe that asks for another one (127.0.0.1 of the default probe, or a
name that is not bound to the site) gets 404, or over TLS a certificate for other names, and the site counts as unhealthy
although it runs. Reported as \`probe-default-host\` when the default probe asks, as \`tls-name-probe\` when the certificate
is what fails.`,
});
