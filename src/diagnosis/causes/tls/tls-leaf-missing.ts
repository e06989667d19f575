import { presenters } from "./reported.ts";
import { defineServerChainCause } from "./server-chain.ts";

export default defineServerChainCause({
  id: "tls-leaf-missing",
  title: "Server sends a chain without its own certificate",
  about: `In the TLS handshake the server sends certificate authorities but not the certificate that carries its own name.
This happens when a bundle of the issuing authorities was installed in place of the server's certificate. The gateway
cannot check any name against it and takes the server out. \`openssl s_client -showcerts\` shows what is sent, and so does
live evidence.`,
  says: (who, which) =>
    `The certificate chain sent by ${who} holds authorities but no server certificate${which === undefined ? "" : `; it begins with ${which}`}`,
  fix: (match) =>
    `Install the server certificate first in the chain on ${presenters(match)}: server certificate, intermediates, root.`,
});
