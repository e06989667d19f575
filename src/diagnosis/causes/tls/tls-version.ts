import type { Generation } from "../../../model/gateway.ts";
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

interface Match extends RefusedOffer {
  readonly generation: Generation;
}

export default defineCause({
  id: "tls-version",
  title: "Server offers no TLS version the gateway speaks",
  layer: "tls",
  decidedBy: ["live"],
  reads: ["gateway", "live", "health"],
  explainedBy: wrongServerCauses,
  about: `Towards servers a v2 gateway speaks TLS 1.2 and 1.3, a v1 gateway 1.2. A server that knows only older versions, or
insists on 1.3 with a v1 gateway in front, ends the handshake, and the health message speaks of a failed connection or a
failed check rather than of versions. The policy of the listener does not matter here. Live, the handshake is tried again
with the other versions; \`openssl s_client -tls1_2\` against the server shows it too. Switch the missing version on there.`,
  find: (facets) => {
    const { gateway, live, health } = facets;
    const trialsOf = (failing: Failing) => versionTrials(gateway.generation, failing);
    const open = untriedOffers({ live }, trialsOf, "which TLS versions");
    const refusals = refusedOffers({ live, health }, trialsOf, ["protocol_version"]).map(
      (refused): Decision<Match> => ({
        is: "found",
        key: refused.first.server.pair.id,
        match: { ...refused, generation: gateway.generation },
        affects: { servers: refused.servers },
        effect: refused.probes ? "stops" : "stops-requests",
        // No other version helped either, but the alert can mean nothing else (RFC 8446 §6.2).
        basis: refused.taken === undefined && refused.tried ? "state" : "observed-likely",
      }),
    );
    return [...refusals, ...open];
  },
  trials: ({ gateway }, failing) => versionTrials(gateway.generation, failing),
  say: (match) => {
    const { pair } = match.first.server;
    const only = match.taken?.after.observation.tls?.version;
    const who = `${serverNames(match.servers)} of pool ${pair.pool.name}`;
    return {
      summary: `${who} ${only === undefined ? "refuses" : `takes ${only} but refuses`} ${spokenBy(match.generation)}, which is all the gateway speaks towards servers`,
      subjects: [poolSubject(pair.pool), settingSubject(pair.setting)],
      evidence: offerEvidence(match),
    };
  },
  fix: ({ generation, servers, first }) => ({
    summary: `Switch ${generation === "v1" ? "TLS 1.2" : "TLS 1.2 or 1.3"} on at ${serverNames(servers)} port ${first.plan.port}.`,
    changes: [],
    sideEffects: [],
  }),
});

function spokenBy(generation: Generation): string {
  return generation === "v1" ? "TLS 1.2" : "TLS 1.2 and 1.3";
}

function versionTrials(generation: Generation, failing: Failing): readonly Trial[] {
  if (failing.observation.tls?.alert === "insufficient_security") return [];
  const from = spokenBy(generation);
  const newer = { minVersion: "TLSv1.3", maxVersion: "TLSv1.3" } as const;
  const older = { minVersion: "TLSv1", maxVersion: "TLSv1.1" } as const;
  return [
    ...(generation === "v1" ? offerTrial(failing, "TLS version", from, "TLS 1.3", newer) : []),
    ...offerTrial(failing, "TLS version", from, "TLS 1.0 and 1.1", older),
  ];
}
