import type { ServerTraffic } from "../../../model/observations.ts";
import { type Decision, defineCause, type Undecided } from "../../cause.ts";
import { healthExport } from "../../exports.ts";
import type { Facets } from "../../facets.ts";
import { requestCauses } from "../families.ts";
import { fewestRows, leastShare, undecided } from "../log-evidence.ts";
import { fixSlow, type SlowRequests, saySlow, slowRequests, timeoutFacets } from "./request-timeout.ts";
import { fixSlowLive, longerTrials, type SlowLive, saySlowLive, slowLive } from "./slow-live.ts";

export default defineCause({
  id: "timeout-v1",
  title: "Backend slower than the request time-out (v1: 502)",
  layer: "timeout",
  decidedBy: ["log", "live"],
  reads: timeoutFacets,
  explainedBy: [...requestCauses, "timeout-public-cap"],
  about: `A server takes longer for some requests than the \`requestTimeout\` of the backend setting (20 s unless set). A v1
gateway then answers 502, which looks like any other: only \`timeTaken\` tells, which is always the limit (in
milliseconds), while \`SERVER-STATUS\` is empty. Rows of v1 do not name the rule; they are counted for a setting only where
one setting can have been used. Live, the request is sent again and waited for longer, up to two minutes.`,
  find: (facets): Decision<SlowRequests | SlowLive>[] =>
    facets.gateway.generation === "v1"
      ? [
          ...slowRequests(facets, { reading: "timeout-v1", status: 502 }),
          ...ambiguous(facets),
          ...slowLive(facets, 502),
        ]
      : [],
  trials: ({ gateway, live }, failing) => (gateway.generation === "v1" ? longerTrials(live, failing) : []),
  say: (slow) => (slow.by === "log" ? saySlow(slow) : saySlowLive(slow)),
  fix: (slow) => (slow.by === "log" ? fixSlow(slow) : fixSlowLive(slow)),
});

/** Slow failures of servers that several settings use, so that it is not known which limit held. */
function ambiguous({
  gateway,
  wiring,
  traffic,
}: Pick<Facets, "gateway" | "wiring" | "traffic">): Undecided[] {
  const slow = traffic.unplaced.filter(({ readings }) => readings.has("timeout-v1"));
  const count = slow.reduce((sum, { readings }) => sum + (readings.get("timeout-v1") ?? 0), 0);
  const rows = traffic.unplaced.reduce((sum: number, one: ServerTraffic) => sum + one.rows, 0);
  if (count < fewestRows || count < leastShare * rows) return [];
  return [
    undecided(
      `to which backend setting ${count} requests belonged that waited long and got 502: rows of v1 name no rule, and their server is in several pools or in none; the health report tells which settings use it`,
      healthExport(gateway.id),
      { pairs: wiring.pairs },
    ),
  ];
}
