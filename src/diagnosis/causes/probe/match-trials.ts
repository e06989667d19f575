import { formatStatusRanges, parseStatusRanges } from "../../../health/status-match.ts";
import type { Probe } from "../../../model/gateway.ts";
import type { Trial } from "../../experiment.ts";
import type { Failing } from "../../live-evidence.ts";

/** The same answer, with its status among those that count as healthy. */
export function withStatus({ plan }: Failing, probe: Probe | undefined, status: number): Trial {
  const accepted = probe?.match.statusCodes ?? [];
  const from = formatStatusRanges(parseStatusRanges(accepted));
  const statuses = [...(accepted.length === 0 ? ["200-399"] : accepted), String(status)];
  return {
    what: "accepted statuses",
    from,
    to: `${from}, ${status}`,
    plan,
    reckoning: { statuses },
    // The body may be looked at as well.
    proof: "later",
    risk: "safe",
    costMs: 0,
  };
}

/** The same answer, with its body left alone. */
export function withAnyBody({ plan }: Failing): Trial {
  return {
    what: "text in the body",
    from: "the text the probe looks for",
    to: "any",
    plan,
    reckoning: { anyBody: true },
    proof: "fine",
    risk: "safe",
    costMs: 0,
  };
}
