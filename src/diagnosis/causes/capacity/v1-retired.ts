import type { Gateway } from "../../../model/gateway.ts";
import { type Decision, defineCause } from "../../cause.ts";
import type { Statement } from "../../finding.ts";
import { evidence, gatewaySubject } from "../../statements.ts";

/** End of support of Standard and WAF (gateway-resource.md §5). */
const endOfSupportMs = Date.UTC(2026, 3, 28);

export default defineCause({
  id: "v1-retired",
  title: "Gateway of the v1 platform after its end of support",
  layer: "capacity",
  decidedBy: ["configuration"],
  reads: ["gateway", "clock"],
  explainedBy: [],
  about: `The v1 platform (tiers Standard and WAF) has been unsupported since 28 April 2026. What still runs may be stopped or
deleted by the platform, is not repaired, and gets no support; a failure that has no other reason may be that. Migrate to
Standard_v2 or WAF_v2.`,
  find: ({ gateway, clock }): Decision<Gateway>[] =>
    gateway.generation === "v1" && clock.nowMs >= endOfSupportMs
      ? [
          {
            is: "found",
            key: gateway.name,
            match: gateway,
            affects: { gateway: true },
            effect: "threatens",
            basis: "state",
          },
        ]
      : [],
  say: (gateway): Statement => ({
    summary: `Gateway ${gateway.name} is of the v1 platform (${gateway.sku.name}), which has had no support since 2026-04-28`,
    subjects: [gatewaySubject(gateway)],
    evidence: [evidence(`the tier is ${gateway.sku.tier}`, gateway.source.at("sku").at("tier"))],
  }),
  fix: (gateway) => ({
    summary: `Migrate gateway ${gateway.name} to a v2 tier: a new gateway beside it, then the traffic.`,
    changes: [],
    sideEffects: [],
  }),
});
