import { experimentOf, type Trial } from "../../experiment.ts";
import type { Failing, Live } from "../../live-evidence.ts";
import { isHarmless } from "./repeats.ts";

/** Fields by which a server tells who asks. */
const credentials: ReadonlySet<string> = new Set([
  "authorization",
  "cookie",
  "x-api-key",
  "x-functions-key",
  "ocp-apim-subscription-key",
]);

/** The same request without what the client proved itself by; none where it gave nothing of the kind. */
export function withheldTrials(live: Live, failing: Failing): Trial[] {
  const { plan } = failing;
  const left = plan.clientFields.filter((name) => !credentials.has(name));
  if (left.length === plan.clientFields.length) return [];
  const withheld = plan.clientFields.filter((name) => credentials.has(name));
  return notInVain(live, failing, {
    what: "credentials",
    from: withheld.join(", "),
    to: "withheld",
    plan: { ...plan, clientFields: left },
  });
}

/** The same request on a connection that is to be closed after the answer, as probes ask. */
export function withoutKeepAliveTrials(live: Live, failing: Failing): Trial[] {
  const { plan } = failing;
  const { manner } = plan;
  if (plan.purpose === "probe" || manner.withoutKeepAlive) return [];
  return notInVain(live, failing, {
    what: "connection",
    from: "kept open",
    to: "closed after the answer",
    plan: { ...plan, manner: { ...manner, withoutKeepAlive: true } },
  });
}

/** These narrow a fault down. That they change nothing refutes nothing: they are then no trials. */
function notInVain(
  live: Live,
  failing: Failing,
  change: Pick<Trial, "what" | "from" | "to" | "plan">,
): Trial[] {
  const trial: Trial = {
    ...change,
    proof: "fine",
    risk: isHarmless(failing.plan.method) ? "safe" : "all",
    costMs: 300,
  };
  return experimentOf(live, failing, trial)?.flipped === false ? [] : [trial];
}
