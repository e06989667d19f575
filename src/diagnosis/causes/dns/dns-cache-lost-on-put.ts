import type { Gateway } from "../../../model/gateway.ts";
import type { ActivityObservation } from "../../../model/observations.ts";
import type { Pair } from "../../../routing/routes.ts";
import { type Decision, defineCause } from "../../cause.ts";
import type { AskedName, Facets } from "../../facets.ts";
import type { Statement } from "../../finding.ts";
import { evidence, gatewaySubject, listed, subject } from "../../statements.ts";
import { lastStart, operationsOn, timeText } from "./activity.ts";
import { isUnresolved, someHealthy } from "./unresolved.ts";

interface Match {
  readonly gateway: Gateway;
  readonly put: ActivityObservation;
  readonly names: readonly string[];
  readonly seenServing: boolean;
}

/** Failures that begin this soon after an update belong to it. */
const soonMs = 15 * 60_000;

export default defineCause({
  id: "dns-cache-lost-on-put",
  title: "Gateway update fell into a DNS outage",
  layer: "dns",
  decidedBy: ["activity", "health", "log"],
  reads: ["gateway", "names", "health", "activities", "traffic"],
  explainedBy: [
    "gateway-stopped",
    "dns-server-unreachable",
    "dns-not-restarted",
    "dns-zone-not-linked",
    "dns-zone-missing",
    "dns-zone-shadow",
  ],
  about: `While names cannot be resolved the gateway goes on with the last good addresses, so a DNS outage stays unnoticed. An
update of the gateway, any update, empties that memory: from then on the servers have no address, their health turns
Unknown and requests get 502. The update looks guilty but only brought the outage to light; DNS has to be repaired
first.`,
  find: (facets) => {
    const { gateway, activities, names, health, traffic } = facets;
    const start = lastStart(facets);
    const [put] = operationsOn(activities, "microsoft.network/applicationgateways/write", gateway.id).filter(
      ({ timeMs }) => timeMs > (start?.timeMs ?? 0),
    );
    if (put === undefined) return [];
    const lost = names.asked.filter(
      ({ answer, servers }) =>
        answer.verdict === "unknown" &&
        servers.some((server) => isUnresolved(server, health)) &&
        !someHealthy(servers, health),
    );
    const servers = lost.flatMap((asked) => asked.servers.filter((server) => isUnresolved(server, health)));
    const pairs = [...new Set(servers.map(({ pair }) => pair))];
    const log = pairs.map((pair) => changeInLog(pair, put.timeMs, traffic));
    if (log.includes("failed-before") || !isOutage(lost, log)) return [];
    const seenServing = log.includes("failed-since");
    const decision: Decision<Match> = {
      is: "found",
      key: gateway.name,
      match: { gateway, put, names: lost.map(({ answer }) => answer.name), seenServing },
      affects: { servers },
      effect: "stops",
      basis: seenServing ? "observed-likely" : "observed-possible",
    };
    return [decision];
  },
  say: ({ gateway, put, names, seenServing }): Statement => ({
    summary: `Gateway ${gateway.name} was updated on ${timeText(put.timeMs)} while ${listed(names)} could not be resolved, and lost the addresses it had kept`,
    subjects: [
      gatewaySubject(gateway),
      ...(gateway.subnet?.target?.virtualNetwork === undefined
        ? []
        : [subject("virtualNetwork", gateway.subnet.target.virtualNetwork)]),
    ],
    evidence: [
      evidence(
        `the gateway was updated on ${timeText(put.timeMs)}${seenServing ? "; requests were served until then and fail since" : ""}`,
        put.source,
      ),
    ],
  }),
  fix: ({ names }) => ({
    summary: `Repair the resolution of ${listed(names)} first; the gateway then takes the addresses by itself.`,
    changes: [],
    sideEffects: [],
  }),
});

/** A single misspelt name is no outage: either it was seen to work before, or several names fail at custom servers. */
function isOutage(lost: readonly AskedName[], log: readonly LogChange[]): boolean {
  if (lost.length === 0) return false;
  if (log.includes("failed-since")) return true;
  return lost.length > 1 && lost.every(({ answer }) => answer.answeredBy === "custom-servers");
}

type LogChange = "failed-since" | "failed-before" | "unseen";

function changeInLog(pair: Pair, putMs: number, traffic: Facets["traffic"]): LogChange {
  const seen = traffic.ofPair(pair);
  const firstFailure = Math.min(...seen.flatMap(({ firstFailureMs }) => firstFailureMs ?? []));
  const first = Math.min(...seen.flatMap(({ firstMs }) => firstMs ?? []));
  if (!Number.isFinite(firstFailure)) return "unseen";
  if (firstFailure < putMs) return "failed-before";
  return first < putMs && firstFailure <= putMs + soonMs ? "failed-since" : "unseen";
}
