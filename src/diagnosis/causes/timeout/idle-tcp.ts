import type { RowReading } from "../../../model/observations.ts";
import { type Decision, defineCause } from "../../cause.ts";
import type { Facets } from "../../facets.ts";
import type { Statement } from "../../finding.ts";
import { evidence, poolSubject, settingSubject } from "../../statements.ts";
import { requestCauses } from "../families.ts";
import {
  type Failures,
  failuresOf,
  isDown,
  pathNames,
  routesWith,
  rowEvidence,
  withoutLog,
} from "../log-evidence.ts";
import { cutOf } from "./cut-requests.ts";
import { isPublicTarget, publicCapS } from "./public-target.ts";

interface Match {
  readonly failures: Failures;
  readonly reading: RowReading;
  /** The appliance on the way, as the path names it. */
  readonly appliance: string | undefined;
}

const readings: readonly RowReading[] = ["upstream-closed", "gateway-error", "timeout-v2", "timeout-v1"];

export default defineCause({
  id: "idle-tcp",
  title: "Silent connection dropped after four minutes on the way",
  layer: "timeout",
  decidedBy: ["log"],
  reads: ["gateway", "wiring", "traffic", "health", "reach", "names"],
  explainedBy: requestCauses,
  about: `Load balancers, NAT and firewalls forget a TCP connection on which nothing was said for a while, usually four minutes.
A request whose answer takes longer in silence is lost there, although server and gateway would both have waited. The log
shows failures at about 240 s for a private backend whose limit is higher. TCP keep-alives on the server, an answer that
starts early, or shorter requests avoid it. Live this is not tried: it would take minutes of silence, on a way that is not
the gateway's.`,
  find: (facets) => {
    const { gateway, traffic, health } = facets;
    const decisions: Decision<Match>[] = withoutLog(
      facets,
      ({ setting, servers }) =>
        setting.requestTimeoutS > publicCapS &&
        servers.some((server) => isPublicTarget(server, facets) === false),
    );
    for (const seen of traffic.pairs) {
      const { pair } = seen;
      if (pair.setting.requestTimeoutS <= publicCapS || isDown(health, pair)) continue;
      if (!pair.servers.every((server) => isPublicTarget(server, facets) === false)) continue;
      for (const reading of readings) {
        const failures = failuresOf(seen, [reading]);
        if (failures === undefined || cutOf(seen, reading)?.at !== "four-minutes") continue;
        const appliance = applianceTo(pair.servers, facets);
        decisions.push({
          is: "found",
          key: `${pair.id}/${reading}`,
          match: { failures, reading, appliance },
          affects: { routes: routesWith(traffic, pair, [reading]) },
          effect: "impairs",
          basis: appliance === undefined ? "observed-possible" : "observed-likely",
          status: gateway.generation === "v2" && reading === "timeout-v2" ? 504 : 502,
        });
      }
    }
    return decisions;
  },
  say: ({ failures: { seen, count, rows, paths }, reading, appliance }): Statement => ({
    summary: `${pathNames(paths)} to pool ${seen.pair.pool.name} ends at about ${publicCapS} s (${count} of ${rows} requests), below the ${seen.pair.setting.requestTimeoutS} s of setting ${seen.pair.setting.name}: ${appliance ?? "something on the way"} forgets connections that are silent that long`,
    subjects: [poolSubject(seen.pair.pool), settingSubject(seen.pair.setting)],
    evidence: [
      evidence(
        `requestTimeout is ${seen.pair.setting.requestTimeoutS} s`,
        seen.pair.setting.source.at("requestTimeout"),
      ),
      ...rowEvidence(
        seen,
        [reading],
        (row) => `${row.uri} ended after ${row.serverLatencyS ?? row.timeTakenS} s with ${row.httpStatus}`,
      ),
    ],
  }),
  fix: ({ failures: { seen } }) => ({
    summary: `Let the servers of pool ${seen.pair.pool.name} send TCP keep-alives more often than every ${publicCapS} s, or begin their answers earlier.`,
    changes: [],
    sideEffects: [],
  }),
});

function applianceTo(
  servers: readonly Parameters<Facets["reach"]["of"]>[0][],
  { reach }: Pick<Facets, "reach">,
) {
  for (const server of servers) {
    const hop = reach.of(server)?.hops.find(({ kind }) => kind === "appliance");
    if (hop?.kind === "appliance") return hop.firewall?.name ?? hop.networkInterface?.name ?? hop.address;
  }
  return undefined;
}
