import { defineCause } from "../../cause.ts";
import { allowRuleAbove } from "./allow-rule.ts";
import { infrastructurePorts, platformDenied } from "./gateway-subnet-inbound.ts";
import { sayPlatformDenied } from "./platform-statement.ts";

export default defineCause({
  id: "nsg-lb-denied",
  title: "NSG of the gateway subnet denies Azure's load balancer",
  layer: "nsg",
  decidedBy: ["configuration"],
  reads: ["gateway", "health"],
  explainedBy: ["gateway-stopped"],
  about: `In front of the gateway's instances stands Azure's own load balancer, which checks them from the address behind the
service tag AzureLoadBalancer. A rule of the gateway subnet's security group that denies it, usually a "deny everything"
with a smaller priority number than the default rules, takes the instances out of rotation: the gateway becomes
unreachable or goes into a failed state, whatever its backends do. This rule is needed by isolated gateways, too.`,
  find: (facets) =>
    platformDenied(
      facets,
      { tag: "AzureLoadBalancer", ports: infrastructurePorts(facets.gateway) },
      { effect: "hides-health", affects: { gateway: true } },
    ),
  say: (denial) => sayPlatformDenied(denial, "instances are taken out of rotation without it"),
  fix: ({ gateway, group, rule, traffic }) =>
    allowRuleAbove({
      holder: group,
      rule,
      direction: "Inbound",
      from: [traffic.tag],
      to: ["*"],
      ports: ["*"],
      protocol: "*",
      purpose: `${gateway.name}-load-balancer`,
    }),
});
