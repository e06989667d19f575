import type { BackendSetting, Gateway, Probe } from "../../../model/gateway.ts";
import { type Decision, defineCause } from "../../cause.ts";
import type { Statement } from "../../finding.ts";
import { evidence, probeSubject } from "../../statements.ts";
import { changeProbe } from "./probe-change.ts";

interface Match {
  readonly gateway: Gateway;
  readonly probe: Probe;
  readonly settings: readonly BackendSetting[];
  readonly seconds: number;
}

/** The default probe takes 2 min (30 s, threshold 3; health-probes.md §5); from three times that on it is worth a word. */
const slowS = 360;

export default defineCause({
  id: "probe-slow-detection",
  title: "Probe notices a dead server late",
  layer: "config",
  decidedBy: ["configuration"],
  reads: ["gateway", "wiring"],
  explainedBy: [],
  about: `A server counts as down only after as many failed probes in a row as the threshold says, about interval × (threshold + 1)
seconds after it died. Until then it goes on getting requests: v2 repeats some of them on another server, others fail. With
the default probe it is two minutes; here it is much longer.`,
  find: ({ gateway, wiring }) => {
    const used = Map.groupBy(wiring.pairs, ({ setting }) => setting.probe?.target);
    return [...used].flatMap(([probe, pairs]): Decision<Match>[] => {
      if (probe === undefined) return [];
      const seconds = probe.intervalS * (probe.unhealthyThreshold + 1);
      if (seconds < slowS || probe.intervalS > 86_400 || probe.unhealthyThreshold > 20) return [];
      const settings = [...new Set(pairs.map(({ setting }) => setting))];
      return [
        {
          is: "found",
          key: probe.name,
          match: { gateway, probe, settings, seconds },
          affects: { pairs },
          effect: "threatens",
          basis: "configuration",
        },
      ];
    });
  },
  say: ({ probe, seconds }): Statement => ({
    summary: `Probe ${probe.name} needs about ${Math.round(seconds / 60)} minutes to notice that a server died`,
    subjects: [probeSubject(probe)],
    evidence: [
      evidence(`the interval is ${probe.intervalS} s`, probe.source.at("interval")),
      evidence(`the threshold is ${probe.unhealthyThreshold}`, probe.source.at("unhealthyThreshold")),
    ],
  }),
  fix: ({ gateway, probe, settings }) => {
    const interval = Math.min(probe.intervalS, 30);
    return {
      summary: `Set probe ${probe.name} to an interval of ${interval} s and a threshold of ${Math.min(probe.unhealthyThreshold, 3)}.`,
      changes: changeProbe(gateway, probe, settings, {
        interval,
        timeout: Math.min(probe.timeoutS, interval),
        unhealthyThreshold: Math.min(probe.unhealthyThreshold, 3),
      }),
      sideEffects: ["Every instance of the gateway asks every server more often."],
    };
  },
});
