import type { Gateway } from "../../../model/gateway.ts";
import type { Decision } from "../../cause.ts";
import type { CauseId } from "../../cause-ids.ts";
import { metricsExport } from "../../exports.ts";
import type { Facets } from "../../facets.ts";
import type { Evidence, Statement } from "../../finding.ts";
import { evidence, gatewaySubject } from "../../statements.ts";
import { requestCauses } from "../families.ts";
import { undecided, withoutLog } from "../log-evidence.ts";
import { instancesOf, mostInstances } from "./gateway-size.ts";
import { capacityCauseOf, type LoadPattern, loadPatternOf } from "./load-pattern.ts";

/** What the three causes of too small a gateway share: they differ in how the gateway scales, not in what is seen. */
export interface Overload {
  readonly gateway: Gateway;
  readonly pattern: LoadPattern;
  readonly sample: Evidence[];
}

export type CapacityCause = "capacity-max" | "capacity-fixed" | "capacity-scale-lag";

export const overloadFacets = ["gateway", "wiring", "traffic", "health"] as const;

export const overloadExplainedBy: readonly CauseId[] = [
  ...requestCauses,
  "rollout-gap",
  "platform-upgrade",
  "tls-live-name-mismatch",
  "http-204-body",
  "http-invalid-header",
  "http-header-too-big",
];

/** A fixed size above this is seldom too small by itself. */
const smallFixedSize = 2;

/**
 * One instance is about ten capacity units of 2.22 Mbit/s (gateway-resource.md §6): ten requests a second fill it only
 * with answers of a quarter of a megabyte each. Below that, load is no reason for a gateway to fail.
 */
const leastLoadPerInstance = 600;

export function overloads(
  id: CapacityCause,
  facets: Pick<Facets, (typeof overloadFacets)[number]>,
): Decision<Overload>[] {
  const { gateway, wiring, traffic } = facets;
  if (!canBe(id, gateway)) return [];
  const unseen: Decision<Overload>[] = withoutLog(facets);
  const pattern = loadPatternOf(traffic);
  if (pattern === undefined || capacityCauseOf(gateway, pattern) !== id) return unseen;
  if (pattern.busy < leastLoadPerInstance * instancesAtWork(id, gateway)) return unseen;
  if (!pattern.byGateway) return [undecidedByLog(gateway, pattern)];
  const failing = wiring.routes.filter((route) =>
    traffic.ofRoute(route).some(({ readings }) => readings.has("gateway-error")),
  );
  const sample = (traffic.log?.observations ?? [])
    .flatMap(({ samples }) => samples)
    .find(({ reading }) => reading === "gateway-error");
  return [
    {
      is: "found",
      key: gateway.name,
      match: {
        gateway,
        pattern,
        sample:
          sample === undefined
            ? []
            : [
                evidence(`${sample.httpStatus} for ${sample.uri} without a word of any server`, {
                  document: sample.document,
                  pointer: `line ${sample.line}`,
                }),
              ],
      },
      affects: failing.length > 0 ? { routes: failing } : { gateway: true },
      effect: "impairs",
      basis: "observed-possible",
    },
  ];
}

function canBe(id: CapacityCause, gateway: Gateway): boolean {
  const instances = instancesOf(gateway);
  if (instances === undefined) return false;
  const { autoscales, most, least } = instances;
  switch (id) {
    case "capacity-fixed":
      return !autoscales && least <= smallFixedSize;
    case "capacity-max":
      return autoscales && most !== undefined && most < mostInstances(gateway);
    case "capacity-scale-lag":
      return autoscales && (most === undefined || least < most);
  }
}

/** How many instances met the load: all that there may be, or those that were there when it began. */
function instancesAtWork(id: CapacityCause, gateway: Gateway): number {
  const { least = 1, most = 1 } = instancesOf(gateway) ?? {};
  return Math.max(1, id === "capacity-max" ? most : least);
}

/** The backend under the same load looks alike: only the gateway's own load tells. */
function undecidedByLog(gateway: Gateway, { failed, busyMinutes }: LoadPattern): Decision<never> {
  const metrics =
    gateway.generation === "v1"
      ? ["CpuUtilization", "FailedRequests"]
      : ["CapacityUnits", "ComputeUnits", "BackendConnectTime"];
  return undecided(
    `whether the gateway or the backend is too small: ${failed} requests failed in ${busyMinutes} busy minutes; compare ${metrics[0]} in these minutes with what the gateway may use`,
    metricsExport(gateway.id, metrics),
    { gateway: true },
  );
}

export function sayOverload(
  { gateway, pattern, sample }: Overload,
  size: string,
  sizeEvidence: Evidence,
): Statement {
  const { failed, usual, busy, recovers } = pattern;
  return {
    summary: `Gateway ${gateway.name} (${size}) fails ${recovers ? "at the beginning of load" : "under load"}: ${failed} requests failed in minutes with about ${busy} requests each; usual are ${usual}`,
    subjects: [gatewaySubject(gateway)],
    evidence: [sizeEvidence, ...sample],
  };
}

export const notShown = "no document has the load of the gateway; its metrics under the same load show it";
