import type { ExchangePlan } from "../../../model/exchange-plan.ts";
import type { Trial } from "../../experiment.ts";

/** What only asks may be asked again; what a client's request changes at a server is not done once more unasked. */
export function riskOf({ method }: ExchangePlan): Trial["risk"] {
  return method === undefined || method === "GET" || method === "HEAD" || method === "OPTIONS"
    ? "safe"
    : "all";
}
