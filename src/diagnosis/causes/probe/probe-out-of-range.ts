import type { Gateway, Probe } from "../../../model/gateway.ts";
import { type Decision, defineCause } from "../../cause.ts";
import type { Statement } from "../../finding.ts";
import { evidence, probeSubject } from "../../statements.ts";
import { changeProbe } from "./probe-change.ts";

interface Range {
  readonly field: "interval" | "timeout" | "unhealthyThreshold";
  readonly value: number;
  readonly to: number;
  /** What Azure takes when nothing is set. */
  readonly usual: number;
}

interface Match {
  readonly gateway: Gateway;
  readonly probe: Probe;
  readonly wrong: readonly Range[];
}

/** health-probes.md §5 */
const longestS = 86_400;
const highestThreshold = 20;

export default defineCause({
  id: "probe-out-of-range",
  title: "Probe with times outside the allowed range",
  layer: "config",
  decidedBy: ["configuration"],
  reads: ["gateway", "wiring"],
  explainedBy: ["gateway-stopped"],
  about: `Interval and time-out of a probe go from 1 to 86400 seconds, the threshold from 1 to 20. Azure refuses anything else,
so such values stand in templates and hand-written files: the deployment fails, and the gateway keeps what it had before.`,
  find: ({ gateway, wiring }) =>
    gateway.probes.flatMap((probe): Decision<Match>[] => {
      const wrong = rangesOf(probe).filter(
        ({ value, to }) => value < 1 || value > to || !Number.isInteger(value),
      );
      if (wrong.length === 0) return [];
      const servers = wiring.pairs.flatMap((pair) =>
        pair.setting.probe?.target === probe ? pair.servers : [],
      );
      return [
        {
          is: "found",
          key: probe.name,
          match: { gateway, probe, wrong },
          affects: servers.length > 0 ? { servers } : { gateway: true },
          effect: servers.length > 0 ? "stops-probes" : "threatens",
          basis: "configuration",
        },
      ];
    }),
  say: ({ probe, wrong }): Statement => ({
    summary: `Probe ${probe.name} has ${wrong.map(({ field, value, to }) => `${field} ${value} (1 to ${to})`).join(" and ")}: Azure refuses this`,
    subjects: [probeSubject(probe)],
    evidence: wrong.map(({ field, value }) => evidence(`${field} is ${value}`, probe.source.at(field))),
  }),
  fix: ({ gateway, probe, wrong }) => ({
    summary: `Set ${wrong.map((range) => `${range.field} of probe ${probe.name} to ${range.usual}`).join(" and ")}.`,
    changes: changeProbe(
      gateway,
      probe,
      gateway.settings.filter((setting) => setting.probe?.target === probe),
      Object.fromEntries(wrong.map((range) => [range.field, range.usual])),
    ),
    sideEffects: [],
  }),
});

function rangesOf(probe: Probe): Range[] {
  return [
    { field: "interval", value: probe.intervalS, to: longestS, usual: 30 },
    { field: "timeout", value: probe.timeoutS, to: longestS, usual: 30 },
    { field: "unhealthyThreshold", value: probe.unhealthyThreshold, to: highestThreshold, usual: 3 },
  ];
}
