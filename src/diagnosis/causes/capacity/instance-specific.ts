import { type Decision, defineCause } from "../../cause.ts";
import type { Facets } from "../../facets.ts";
import type { Statement } from "../../finding.ts";
import { evidence, gatewaySubject, listed } from "../../statements.ts";
import { connectionCauses } from "../families.ts";
import { withoutLog } from "../log-evidence.ts";

interface Match {
  readonly gateway: Facets["gateway"];
  readonly instance: string;
  readonly failed: number;
  readonly rows: number;
  readonly others: { readonly names: readonly string[]; readonly failed: number; readonly rows: number };
  readonly sample: { readonly document: string; readonly line: number } | undefined;
}

/**
 * Instances share one configuration, so this accuses the platform and has to be beyond chance: where the others, by
 * their share of the rows, would have ten of the failures, to have one or none happens twice in a hundred thousand times.
 */
const fewestFailures = 20;
const leastShareOfFailures = 0.95;
const expectedElsewhere = 10;
/**
 * A client keeps to one instance: where only its requests are broken, they fail on that instance and nobody else asks for
 * them. So the paths that fail must also be served, about as often as the others' share of the rows makes one expect.
 */
const leastServedOfPaths = 0.5;
/** What a server answered itself is no fault of an instance. */
const mostBackendErrors = 0.05;
/** An instance that failed less than every hundredth request is not ill. */
const leastFailing = 0.01;
/** The others must have had the chance to fail. */
const fewestOtherRows = 50;

export default defineCause({
  id: "instance-specific",
  title: "Only one gateway instance fails",
  layer: "capacity",
  decidedBy: ["log"],
  reads: ["gateway", "wiring", "traffic", "health"],
  explainedBy: connectionCauses,
  about: `All instances run the same configuration, yet nearly all failures of the log belong to one \`instanceId\` while the
others serve the same routes. Health is \`Partial\` or changes with every look. Rules that name single instance addresses are
the usual reason (\`nsg-instance-ips\`); without one, the instance itself is ill: stop and start the gateway, or ask support.`,
  find: (facets) => {
    const decisions: Decision<Match>[] = withoutLog(facets);
    const { gateway, wiring, traffic } = facets;
    const suspect = suspectOf(traffic);
    if (suspect === undefined) return decisions;
    const { sample, ...counts } = suspect;
    const routes = wiring.routes.filter((route) =>
      traffic.ofRoute(route).some(({ instances }) => (instances.get(suspect.instance)?.failed ?? 0) > 0),
    );
    decisions.push({
      is: "found",
      key: suspect.instance,
      match: { gateway, sample, ...counts },
      affects: routes.length > 0 ? { routes } : { gateway: true },
      effect: "impairs",
      basis: "observed-likely",
    });
    return decisions;
  },
  say: ({ gateway, instance, failed, rows, others, sample }): Statement => ({
    summary: `Instance ${instance} of gateway ${gateway.name} has ${failed} of ${failed + others.failed} failures in ${rows} requests; ${listed(others.names)} served ${others.rows - others.failed} of ${others.rows}`,
    subjects: [gatewaySubject(gateway)],
    evidence:
      sample === undefined
        ? []
        : [
            evidence(`a failure of ${instance}`, {
              document: sample.document,
              pointer: `line ${sample.line}`,
            }),
          ],
  }),
  fix: ({ gateway }) => ({
    summary: `Stop and start gateway ${gateway.name}, so that its instances are made anew, or ask support to replace the instance.`,
    changes: [{ action: "operate", resourceId: gateway.id, operation: "stop-start", becomes: [] }],
    sideEffects: [
      "Nothing is served between stop and start, which takes several minutes each.",
      ...(gateway.generation === "v1" ? ["A v1 gateway gets another public address."] : []),
    ],
    notVerifiable: "what is wrong with the instance is in no document; the log after the start shows it",
  }),
});

function suspectOf(traffic: Facets["traffic"]): Omit<Match, "gateway"> | undefined {
  const instances = new Map<string, { rows: number; failed: number }>();
  for (const seen of traffic.log?.observations ?? []) {
    for (const [name, { rows, failed }] of seen.instances) {
      const sum = instances.get(name) ?? { rows: 0, failed: 0 };
      instances.set(name, { rows: sum.rows + rows, failed: sum.failed + failed });
    }
  }
  const [worst, ...rest] = [...instances].sort(([, a], [, b]) => b.failed - a.failed);
  if (worst === undefined || rest.length === 0) return undefined;
  const [instance, { rows, failed }] = worst;
  const others = {
    names: rest.map(([name]) => name),
    rows: rest.reduce((sum, [, one]) => sum + one.rows, 0),
    failed: rest.reduce((sum, [, one]) => sum + one.failed, 0),
  };
  if (failed < fewestFailures || failed < leastShareOfFailures * (failed + others.failed)) return undefined;
  const expected = ((failed + others.failed) * others.rows) / (rows + others.rows);
  if (others.rows < fewestOtherRows || expected < expectedElsewhere) return undefined;
  if (failed < leastFailing * rows || !failsWhereOthersServe(traffic)) return undefined;
  const sample = traffic.log?.observations
    .flatMap(({ samples }) => samples)
    .find(({ instanceId, httpStatus }) => instanceId === instance && httpStatus >= 500);
  return { instance, rows, failed, others, sample };
}

function failsWhereOthersServe({ log }: Facets["traffic"]): boolean {
  let failed = 0;
  let served = 0;
  let byBackend = 0;
  for (const seen of log?.observations ?? []) {
    byBackend += seen.readings.get("backend-error") ?? 0;
    for (const path of seen.uris.values()) {
      if (path.failed === 0) continue;
      failed += path.failed;
      served += path.readings.get("served") ?? 0;
    }
  }
  return byBackend <= mostBackendErrors * failed && served >= leastServedOfPaths * failed;
}
