import { defineCause } from "../../cause.ts";
import { isIsolated } from "../../facets/reach.ts";
import type { Facets } from "../../facets.ts";
import type { Affects, Effect } from "../../finding.ts";
import { allowRuleAbove } from "./allow-rule.ts";
import { infrastructurePorts, platformDenied } from "./gateway-subnet-inbound.ts";
import { sayPlatformDenied } from "./platform-statement.ts";

export default defineCause({
  id: "nsg-infra-ports",
  title: "NSG of the gateway subnet denies Azure's management ports",
  layer: "nsg",
  decidedBy: ["configuration"],
  reads: ["gateway", "health"],
  explainedBy: ["gateway-stopped"],
  about: `Azure watches and configures the gateway's instances on ports 65200–65535 (v1: 65503–65534), coming from the service
tag GatewayManager. Where the gateway subnet's security group denies that, the health of the backends cannot be read
any more and shows as Unknown, and configuration changes may fail; v2 normally refuses such a group when it is saved.
Gateways without a public frontend (network isolation) do not need the rule.`,
  find: ({ gateway, health }) =>
    isIsolated(gateway)
      ? []
      : platformDenied(
          { gateway, health },
          { tag: "GatewayManager", ports: infrastructurePorts(gateway) },
          claimOf({ gateway, health }),
        ),
  say: (denial) => sayPlatformDenied(denial, "backend health is Unknown without it"),
  fix: ({ gateway, group, rule, traffic }) =>
    allowRuleAbove({
      holder: group,
      rule,
      direction: "Inbound",
      from: [traffic.tag],
      to: ["*"],
      ports: [`${traffic.ports.first}-${traffic.ports.last}`],
      protocol: "Tcp",
      purpose: `${gateway.name}-manager`,
    }),
});

/** v1 gateways that nobody can manage report servers as unhealthy, too (health-probes.md §10). */
function claimOf({ gateway, health }: Pick<Facets, "gateway" | "health">): {
  effect: Effect;
  affects: Affects;
} {
  const { entries } = health;
  const allDown =
    entries.length > 0 && entries.every(({ observation }) => observation.health === "unhealthy");
  return gateway.generation === "v1" && allDown
    ? { effect: "stops-probes", affects: { servers: entries.map(({ server }) => server) } }
    : { effect: "hides-health", affects: { gateway: true } };
}
