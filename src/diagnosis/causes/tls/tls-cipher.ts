import { type Decision, defineCause } from "../../cause.ts";
import type { Trial } from "../../experiment.ts";
import type { Failing } from "../../live-evidence.ts";
import { poolSubject, serverNames, settingSubject } from "../../statements.ts";
import { wrongServerCauses } from "../families.ts";
import {
  offerEvidence,
  offerTrial,
  type RefusedOffer,
  refusedOffers,
  untriedOffers,
} from "./handshake-trials.ts";

export default defineCause({
  id: "tls-cipher",
  title: "Server and gateway share no cipher suite",
  layer: "tls",
  decidedBy: ["live"],
  reads: ["live", "health"],
  explainedBy: wrongServerCauses,
  about: `The handshake fails because the server accepts only suites that the gateway does not offer; a v2 gateway, for one, has
none with finite-field Diffie-Hellman (DHE). The server reports a handshake failure in its log while the gateway's health
message may blame something else. No exported document lists what a server accepts: live, the handshake is tried again
with every suite there is. Allow ECDHE suites on the server.`,
  find: (facets) => {
    const { live, health } = facets;
    const open = untriedOffers({ live }, cipherTrials, "which cipher suites");
    const refusals = refusedOffers({ live, health }, cipherTrials, ["insufficient_security"]).map(
      (refused): Decision<RefusedOffer> => ({
        is: "found",
        key: refused.first.server.pair.id,
        match: refused,
        affects: { servers: refused.servers },
        effect: refused.probes ? "stops" : "stops-requests",
        basis: "observed-likely",
      }),
    );
    return [...refusals, ...open];
  },
  trials: (_facets, failing) => cipherTrials(failing),
  say: (match) => {
    const { pair } = match.first.server;
    const cipher = match.taken?.after.observation.tls?.cipher;
    return {
      summary: `${serverNames(match.servers)} of pool ${pair.pool.name} finds nothing to take among the cipher suites and groups that the gateway offers${cipher === undefined ? "" : `; offered all there are, it picks ${cipher}`}`,
      subjects: [poolSubject(pair.pool), settingSubject(pair.setting)],
      evidence: offerEvidence(match),
    };
  },
  fix: ({ servers, first }) => ({
    summary: `Allow a suite with ECDHE and AES-GCM for TLS 1.2, on a common curve, at ${serverNames(servers)} port ${first.plan.port}.`,
    changes: [],
    sideEffects: [],
  }),
});

function cipherTrials(failing: Failing): readonly Trial[] {
  if (failing.observation.tls?.alert === "protocol_version") return [];
  return offerTrial(failing, "TLS ciphers", "those of the gateway", "every suite and group there is", {
    ciphers: "all",
  });
}
