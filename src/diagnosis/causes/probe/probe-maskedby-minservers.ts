import type { BackendSetting, Gateway, Probe } from "../../../model/gateway.ts";
import type { Pair } from "../../../routing/routes.ts";
import { type Decision, defineCause } from "../../cause.ts";
import type { Facets, HealthEntry } from "../../facets.ts";
import type { Statement } from "../../finding.ts";
import { evidence, probeSubject, serverNames } from "../../statements.ts";
import { connectionCauses } from "../families.ts";
import { reportEvidence } from "./answers.ts";
import { changeProbe } from "./probe-change.ts";

interface Match {
  readonly gateway: Gateway;
  readonly probe: Probe;
  readonly settings: readonly BackendSetting[];
  /** Reported healthy with the text of a failed probe, or seen to fail while they are kept. */
  readonly masked: readonly HealthEntry[];
}

export default defineCause({
  id: "probe-maskedby-minservers",
  title: "Failing servers kept in service by `minServers`",
  layer: "config",
  decidedBy: ["configuration", "health", "live"],
  reads: ["gateway", "wiring", "health", "live"],
  explainedBy: connectionCauses,
  about: `\`minServers\` of a probe says how many servers always count as healthy, whatever their probes say. A server that is
dead then still gets requests, which fail, and its label stays Healthy; only the text beside the label tells of the failed
probe. Left at 0, a dead server is taken out. Live, fewer servers than that pass their probe, others would serve, and replayed
requests fail at those that are kept.`,
  find: ({ gateway, wiring, health, live }) => {
    const kept = wiring.pairs.filter(({ setting }) => (setting.probe?.target?.minServers ?? 0) > 0);
    return [...Map.groupBy(kept, ({ setting }) => setting.probe?.target)].flatMap(
      ([probe, pairs]): Decision<Match>[] => {
        if (probe === undefined) return [];
        const reported = pairs.flatMap(({ servers }) =>
          servers.flatMap((server) => maskedEntry(health.of(server))),
        );
        const kept = pairs.flatMap((pair) => keptEntries(pair, probe.minServers, { health, live }));
        const masked = [...new Set([...reported, ...kept])];
        const settings = [...new Set(pairs.map(({ setting }) => setting))];
        return [
          {
            is: "found",
            key: probe.name,
            match: { gateway, probe, settings, masked },
            affects: masked.length > 0 ? { servers: masked.map(({ server }) => server) } : { pairs },
            effect: masked.length > 0 ? "stops-requests" : "threatens",
            basis: masked.length > 0 ? "observed-likely" : "configuration",
          },
        ];
      },
    );
  },
  say: ({ probe, masked }): Statement => ({
    summary:
      masked.length > 0
        ? `Probe ${probe.name} keeps ${serverNames(masked.map(({ server }) => server))} in service by minServers ${probe.minServers} although its probes fail`
        : `Probe ${probe.name} has minServers ${probe.minServers}: as many servers stay in service even when their probes fail`,
    subjects: [probeSubject(probe)],
    evidence: [
      evidence(`minServers is ${probe.minServers}`, probe.source.at("minServers")),
      ...reportEvidence(masked[0]),
    ],
  }),
  fix: ({ gateway, probe, settings }) => ({
    summary: `Set minServers of probe ${probe.name} to 0.`,
    changes: changeProbe(gateway, probe, settings, { minServers: 0 }),
    sideEffects: ["When every probe fails no server is left, and clients get 502 from the gateway at once."],
  }),
});

/**
 * Servers that fail their live probe and the requests replayed to them, in a pair where some pass but fewer than always
 * count as healthy. Where none passes, nobody would serve in their place.
 */
function keptEntries(
  pair: Pair,
  minServers: number,
  { health, live }: Pick<Facets, "health" | "live">,
): HealthEntry[] {
  const { healthy } = health.pair(pair);
  if (healthy === 0 || healthy >= minServers) return [];
  return pair.servers.flatMap((server) => {
    const entry = health.of(server);
    const requests = live.requestsTo(server);
    const fails = requests.length > 0 && requests.every(({ outcome }) => outcome === "failing");
    return entry?.live?.outcome === "failing" && fails ? [entry] : [];
  });
}

/** Called healthy with the text of a failed probe; one that was sent since, and went well, makes that old. */
function maskedEntry(entry: HealthEntry | undefined): HealthEntry[] {
  const { reported, live } = entry ?? {};
  if (entry === undefined || reported?.health !== "healthy") return [];
  if (live !== undefined && live.outcome !== "failing") return [];
  const { key, phase } = reported.message;
  return key !== undefined && phase !== "ok" && phase !== "unknown" ? [entry] : [];
}
