import { presenters } from "./reported.ts";
import { defineServerChainCause } from "./server-chain.ts";

export default defineServerChainCause({
  id: "tls-order",
  title: "Server sends its certificates in the wrong order",
  about: `All certificates are there, but the first one the server sends is not its own. The gateway reads the chain from the
top: the server's certificate, then each issuer, the root last. Programs that sort chains themselves, browsers among them,
hide the fault. Put the file that the server uses into that order.`,
  says: "send their chain in the wrong order: the first certificate is not the server's own",
  fix: (match) =>
    `Reorder the certificate chain on ${presenters(match)}: server certificate, intermediates, root.`,
});
