import type { ProbeVerdictKind } from "../../../health/probe-verdict.ts";
import type { Pair } from "../../../routing/routes.ts";
import type { Trial } from "../../experiment.ts";
import type { Facets } from "../../facets.ts";
import type { Failing } from "../../live-evidence.ts";

/** No TCP session came about. */
const withoutSession: ReadonlySet<ProbeVerdictKind | "backend-error"> = new Set([
  "tcp-refused",
  "tcp-timed-out",
  "tcp-unreachable",
  "tcp-reset",
]);

export function hasNoSession({ kind }: Failing): boolean {
  return withoutSession.has(kind);
}

/** Longer than this nobody waits for a connection to a port that is only tried. */
const patienceMs = 5_000;

/** The same asked on another port. */
export function onPort(
  { plan }: Failing,
  port: number,
  { proof, risk }: Pick<Trial, "proof" | "risk">,
): Trial {
  const timeoutMs = Math.min(plan.timeoutMs, patienceMs);
  return {
    what: "port",
    from: String(plan.port),
    to: String(port),
    plan: { ...plan, port, timeoutMs },
    proof,
    risk,
    costMs: 200,
  };
}

/** Ports that settings and probes with the same protocol name: what somebody once meant to be served. */
export interface ConfiguredPorts {
  /** For the same pool. */
  readonly near: readonly number[];
  readonly far: readonly number[];
}

/** Without the failing one. */
export function configuredPorts(
  { wiring }: Pick<Facets, "wiring">,
  { server, plan }: Failing,
): ConfiguredPorts {
  const { pool } = server.pair;
  const portsOf = (pairs: readonly Pair[]): number[] => {
    const ports = pairs.flatMap(({ setting }) => {
      const probe = setting.probe?.target;
      return [
        ...(setting.protocol === plan.protocol ? [setting.port] : []),
        ...(probe?.protocol === plan.protocol ? [probe.port] : []),
      ];
    });
    return [...new Set(ports.filter((port) => port !== undefined))].filter((port) => port !== plan.port);
  };
  return {
    near: portsOf(wiring.pairs.filter((pair) => pair.pool === pool)),
    far: portsOf(wiring.pairs.filter((pair) => pair.pool !== pool)),
  };
}
