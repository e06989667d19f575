import type { ActivityObservation } from "../../../model/observations.ts";
import { idKey } from "../../../model/resource.ts";
import type { Server } from "../../../routing/routes.ts";
import { type Decision, defineCause } from "../../cause.ts";
import { activityExport } from "../../exports.ts";
import type { Facets } from "../../facets.ts";
import type { Statement } from "../../finding.ts";
import { evidence, gatewaySubject, serverNames } from "../../statements.ts";
import { serversOf } from "../../weigh.ts";
import { connectionCauses } from "../families.ts";

interface Match {
  readonly gateway: Facets["gateway"];
  readonly write: ActivityObservation;
}

/** A new gateway or rule reports after two or three minutes (health-probes.md §10.6). */
const settleMs = 3 * 60_000;

export default defineCause({
  id: "probe-first-success-pending",
  title: "First probes after a change still pending",
  layer: "config",
  decidedBy: ["health", "activity"],
  reads: ["gateway", "plans", "health", "activities", "clock"],
  explainedBy: connectionCauses,
  about: `A server that was just added, or a rule that was just saved, starts as unhealthy until one probe succeeded. In the first
intervals after a deployment requests get 502 and the report says nothing yet, and then it passes by itself. It is the
reason only while the last change to the gateway is minutes old; what is still down afterwards has another one.`,
  find: ({ gateway, plans, health, activities, clock }) => {
    const pending = health.entries
      .filter(({ observation, message }) => observation.health !== "healthy" && isSilent(message.phase))
      .map(({ server }) => server);
    if (pending.length === 0) return [];
    if (activities.length === 0) {
      const needs = {
        what: "when the gateway was last changed: servers without any answer yet may be new",
        command: activityExport(gateway.id),
      };
      return [{ is: "undecided", needs, affects: { servers: pending } }];
    }
    const write = lastWrite(gateway.id, activities);
    if (write === undefined) return [];
    const fresh = pending.filter((server) => isFresh(write, server, plans, clock.nowMs));
    if (fresh.length === 0) return [];
    return [
      {
        is: "found",
        key: gateway.name,
        match: { gateway, write },
        affects: { servers: fresh },
        effect: "stops",
        basis: "observed-possible",
      } satisfies Decision<Match>,
    ];
  },
  say: ({ gateway, write }, affects): Statement => ({
    summary: `${gateway.name} was changed at ${new Date(write.timeMs).toISOString()}, minutes ago, and the first probe of ${serverNames(serversOf(affects))} has not succeeded yet`,
    subjects: [gatewaySubject(gateway)],
    evidence: [evidence("the last change to the gateway", write.source)],
  }),
  fix: ({ gateway }) => ({
    summary: `Wait a few minutes, then export the health of ${gateway.name} again.`,
    changes: [],
    sideEffects: [],
  }),
});

/** Nothing was reported about an attempt. */
function isSilent(phase: string | undefined): boolean {
  return phase === undefined || phase === "unknown";
}

function lastWrite(
  gatewayId: string,
  activities: readonly ActivityObservation[],
): ActivityObservation | undefined {
  let last: ActivityObservation | undefined;
  for (const one of activities) {
    if (idKey(one.resourceId) !== idKey(gatewayId) || !/succeeded/i.test(one.status)) continue;
    if (!/\/applicationgateways\/(write|start\/action)$/i.test(one.operation)) continue;
    if (last === undefined || one.timeMs > last.timeMs) last = one;
  }
  return last;
}

function isFresh(write: ActivityObservation, server: Server, plans: Facets["plans"], nowMs: number): boolean {
  const ageMs = nowMs - write.timeMs;
  return ageMs >= 0 && ageMs <= settleMs + plans.probe(server).intervalS * 1000;
}
