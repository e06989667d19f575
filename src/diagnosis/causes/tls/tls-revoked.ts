import { presenters } from "./reported.ts";
import { defineServerChainCause } from "./server-chain.ts";

export default defineServerChainCause({
  id: "tls-revoked",
  title: "Certificate of the server was revoked",
  explainedBy: ["crl-blocked"],
  decidedBy: ["health"],
  about: `The server's certificate, or one of its issuers, was declared invalid by the authority that issued it, before its
time was up. The verification error number 23 of the gateway's message says so. Nothing on the gateway repairs it: the
certificate has to be issued anew, with a new key where the old one was stolen. Live probing cannot see it: no list of
revoked certificates is fetched and no authority is asked, so a probe from here does not rule it out.`,
  says: (who) => `A certificate in the chain sent by ${who} was revoked`,
  fix: (match) => `Have a new certificate issued and install it on ${presenters(match)}.`,
});
