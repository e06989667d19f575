import type { ActivityObservation, FailureBurst, RowReading } from "../../../model/observations.ts";
import { idKey } from "../../../model/resource.ts";
import type { Pair } from "../../../routing/routes.ts";
import type { Facets, PairTraffic } from "../../facets.ts";
import { fewestRows, leastShare, rowsOf } from "../log-evidence.ts";

/** Bursts of failures, held against what was done to the gateway and its servers at that time. */

/** What a server that is gone, or not there yet, looks like. */
const gapReadings: readonly RowReading[] = [
  "no-live-server",
  "upstream-closed",
  "unreached",
  "gateway-error",
  "timeout-v1",
  "timeout-v2",
];

/** Slow requests time out wherever they come: they make a gap only beside failures of another kind. */
const slowReadings: readonly RowReading[] = ["timeout-v1", "timeout-v2"];
/** A gap hits a good part of what is sent meanwhile. */
const leastFailingInGap = 0.2;

/** A change reaches the instances in about 40 s; clocks of the two logs differ by seconds. */
const beforeMs = 60_000;
const afterMs = 180_000;
/** A gap closes by itself in minutes. What lasts longer is something that is wrong. */
const longestGapMs = 600_000;
/** The bursts must be what the log's failures are about. */
const leastExplained = 0.8;

/** One operation, from when it was asked for to when it was over. */
export interface PoolChange {
  readonly activity: ActivityObservation;
  readonly startMs: number;
  readonly endMs: number;
}

export interface GapBursts {
  readonly seen: PairTraffic;
  readonly failed: number;
  readonly rows: number;
  readonly bursts: readonly FailureBurst[];
}

/** Short bursts of a pair with service before and after, when nearly all its failures are in them. */
export function gapBurstsOf(seen: PairTraffic): GapBursts | undefined {
  if (mostlyAnswered(seen)) return undefined;
  const bursts = seen.observations.flatMap((one) => one.bursts).filter(isGap);
  const all = seen.observations.reduce(
    (sum, one) => sum + gapReadings.reduce((n, reading) => n + (one.readings.get(reading) ?? 0), 0),
    0,
  );
  const failed = bursts.reduce((sum, burst) => sum + gapFailures(burst), 0);
  const rows = rowsOf(seen);
  if (failed < fewestRows || failed < leastExplained * all || failed < leastShare * rows) return undefined;
  return { seen, failed, rows, bursts };
}

/**
 * Minutes in which nobody was there for some requests and somebody for others: a log that is no longer than its gap has no
 * service before and after it that could be told from service within. Enough to ask what was done at that time.
 */
export function absencesOf(seen: PairTraffic): GapBursts | undefined {
  const bursts = seen.observations.flatMap((one) => one.bursts).filter(isAbsence);
  const failed = bursts.reduce((sum, burst) => sum + gapFailures(burst), 0);
  const rows = rowsOf(seen);
  return failed < fewestRows || failed < leastShare * rows ? undefined : { seen, failed, rows, bursts };
}

function isAbsence({ readings, served, firstMs, lastMs }: FailureBurst): boolean {
  const absent = readings.get("no-live-server") ?? 0;
  const all = [...readings.values()].reduce((sum, count) => sum + count, 0);
  return absent >= fewestRows && 2 * absent >= all && served > 0 && lastMs - firstMs <= longestGapMs;
}

/** Failures with a status of the server are answers the gateway refused: the server was there. */
function mostlyAnswered({ observations }: PairTraffic): boolean {
  let answered = 0;
  let failed = 0;
  for (const one of observations) {
    failed += one.failed;
    for (const count of one.failedServerStatuses.values()) answered += count;
  }
  return 2 * answered > failed;
}

function isGap(burst: FailureBurst): boolean {
  const failed = gapFailures(burst);
  const slow = slowReadings.reduce((sum, reading) => sum + (burst.readings.get(reading) ?? 0), 0);
  return (
    failed >= fewestRows &&
    2 * slow <= failed &&
    failed >= leastFailingInGap * (failed + burst.served) &&
    burst.lastMs - burst.firstMs <= longestGapMs &&
    burst.servedBefore > 0 &&
    burst.servedAfter > 0
  );
}

function gapFailures({ readings }: FailureBurst): number {
  return gapReadings.reduce((sum, reading) => sum + (readings.get(reading) ?? 0), 0);
}

const instanceOperation =
  /^microsoft\.compute\/virtualmachinescalesets\/(write|manualupgrade\/action|rollingupgrades\/.*action|reimage\/action|restart\/action|deallocate\/action|delete\/action|scale\/action|osrollingupgrade\/action|virtualmachines\/.*)$/;

/** What was done to the gateway, and to scale sets whose instances are servers of the pair. */
export function poolChangesOf(
  pair: Pair,
  { gateway, activities, hosts }: Pick<Facets, "gateway" | "activities" | "hosts">,
): PoolChange[] {
  const scaleSets = new Set(
    pair.servers.flatMap((server) =>
      hosts
        .of(server)
        .flatMap((owner) => (owner.kind === "scaleSetInstance" ? [idKey(owner.scaleSet.id)] : [])),
    ),
  );
  const gatewayKey = idKey(gateway.id);
  const own = activities.filter(({ operation, resourceId }) => {
    const key = idKey(resourceId);
    if (key === gatewayKey) return operation === "microsoft.network/applicationgateways/write";
    if (!instanceOperation.test(operation)) return false;
    return scaleSets.has(key) || scaleSets.has(key.replace(/\/virtualmachines\/[^/]+$/, ""));
  });
  return joinOperations(own);
}

/**
 * Whether the activity log would show a change at these bursts: it reaches back before them, and it is not that of some
 * other resource alone.
 */
export function wouldShowChanges(
  { bursts }: GapBursts,
  { gateway, activities }: Pick<Facets, "gateway" | "activities">,
): boolean {
  const first = Math.min(...bursts.map(({ firstMs }) => firstMs));
  const resources = new Set(activities.map(({ resourceId }) => idKey(resourceId)));
  const own = resources.has(idKey(gateway.id)) || resources.size > 1;
  return own && activities.some(({ timeMs }) => timeMs <= first);
}

/** `Started`, `Accepted` and `Succeeded` of one operation stand in rows of their own. */
function joinOperations(activities: readonly ActivityObservation[]): PoolChange[] {
  const changes: { activity: ActivityObservation; startMs: number; endMs: number }[] = [];
  for (const activity of [...activities].sort((a, b) => a.timeMs - b.timeMs)) {
    const last = changes.at(-1);
    const same =
      last !== undefined &&
      last.activity.operation === activity.operation &&
      idKey(last.activity.resourceId) === idKey(activity.resourceId) &&
      activity.timeMs - last.endMs <= longestGapMs &&
      !/^started$/i.test(activity.status);
    if (same) last.endMs = activity.timeMs;
    else changes.push({ activity, startMs: activity.timeMs, endMs: activity.timeMs });
  }
  return changes;
}

/** Longest time after a change at which a burst still belongs to it; draining connections are cut when that ends. */
export function changeBehind(
  burst: FailureBurst,
  changes: readonly PoolChange[],
  drainS = 0,
): PoolChange | undefined {
  return changes.find(
    ({ startMs, endMs }) =>
      burst.firstMs >= startMs - beforeMs && burst.firstMs <= endMs + afterMs + drainS * 1000,
  );
}

/** Whether the log is so short, or changes so frequent, that a burst would fall on one by chance. */
export function areChangesRare(changes: readonly PoolChange[], { seen }: GapBursts): boolean {
  const times = seen.observations.flatMap(({ firstMs, lastMs }) =>
    firstMs === undefined || lastMs === undefined ? [] : [firstMs, lastMs],
  );
  const span = Math.max(...times) - Math.min(...times);
  const covered = changes
    .filter(({ endMs, startMs }) => endMs >= Math.min(...times) && startMs <= Math.max(...times))
    .reduce((sum, { startMs, endMs }) => sum + endMs - startMs + beforeMs + afterMs, 0);
  return covered <= span / 3;
}
