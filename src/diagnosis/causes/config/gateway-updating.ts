import type { Gateway } from "../../../model/gateway.ts";
import { type Decision, defineCause } from "../../cause.ts";
import type { Statement } from "../../finding.ts";
import { evidence, gatewaySubject } from "../../statements.ts";
import { signsOfTrouble } from "./signs-of-trouble.ts";

interface Match {
  readonly gateway: Gateway;
  readonly state: string;
}

export default defineCause({
  id: "gateway-updating",
  title: "Gateway is being updated",
  layer: "config",
  decidedBy: ["configuration", "log"],
  reads: ["gateway", "health", "traffic"],
  explainedBy: ["gateway-stopped", "rollout-gap", "drain-too-short"],
  about: `A change to the gateway is under way (\`provisioningState\` is \`Updating\`). Instances take the new configuration one
after the other, and what is seen meanwhile, single 502s or a health report without answers, need not last. Normally a
gateway goes on serving during an update; judge again when the state is \`Succeeded\`.`,
  find: ({ gateway, health, traffic }): Decision<Match>[] => {
    const state = gateway.provisioningState;
    if (state === undefined || !/^(updating|creating)$/i.test(state)) return [];
    const trouble = signsOfTrouble(health, traffic) === "trouble";
    return [
      {
        is: "found",
        key: gateway.name,
        match: { gateway, state },
        affects: { gateway: true },
        effect: trouble ? (health.allUnknown ? "hides-health" : "impairs") : "threatens",
        basis: "observed-possible",
      },
    ];
  },
  say: ({ gateway, state }): Statement => ({
    summary: `Application gateway ${gateway.name} is being changed (${state}): what is seen now may pass with the update`,
    subjects: [gatewaySubject(gateway)],
    evidence: [evidence(`the provisioning state is ${state}`, gateway.source.at("provisioningState"))],
  }),
  fix: ({ gateway }) => ({
    summary: `Wait until the provisioning state of ${gateway.name} is Succeeded, then export and diagnose again.`,
    changes: [],
    sideEffects: [],
  }),
});
