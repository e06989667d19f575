import { presenters } from "./reported.ts";
import { defineServerChainCause } from "./server-chain.ts";

export default defineServerChainCause({
  id: "tls-order",
  title: "Server sends its certificates in the wrong order",
  about: `All certificates are there, but the first one the server sends is not its own. The gateway reads the chain from the
top: the server's certificate, then each issuer, the root last. Programs that sort chains themselves, browsers among them,
hide the fault; live evidence has the certificates in the order in which the server sent them. Put the file that the
server uses into that order.`,
  says: (who, which) =>
    `The certificate chain sent by ${who} is in the wrong order: it does not begin with the server certificate${which === undefined ? "" : ` ${which}`}`,
  fix: (match) =>
    `Reorder the certificate chain on ${presenters(match)}: server certificate, intermediates, root.`,
});
