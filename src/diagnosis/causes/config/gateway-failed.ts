import type { Gateway, GatewayPart } from "../../../model/gateway.ts";
import { type Decision, defineCause } from "../../cause.ts";
import type { FixProposal, Statement } from "../../finding.ts";
import { evidence, gatewaySubject, listed } from "../../statements.ts";
import { signsOfTrouble } from "./signs-of-trouble.ts";

interface Match {
  readonly gateway: Gateway;
  /** The gateway itself, or parts of it. */
  readonly failed: readonly GatewayPart[];
}

export default defineCause({
  id: "gateway-failed",
  title: "Gateway's last update failed",
  layer: "config",
  decidedBy: ["configuration"],
  reads: ["gateway", "health", "traffic"],
  explainedBy: [
    "dns-top-level-zone",
    "subnet-full",
    "limit-exceeded",
    "nsg-infra-ports",
    "nsg-lb-denied",
    "nsg-gw-out",
    "route-gw-default-nva",
    "reference-missing",
    "probe-pick-without-host",
    "probe-out-of-range",
    "probe-protocol-differs",
    "tls-root-on-http",
    "gateway-stopped",
  ],
  about: `The last change to the gateway ended in the provisioning state \`Failed\`: its instances may run with an older
configuration, or with half of the new one, and answer 502 to all or some requests until an update succeeds. A gateway
can also serve well in this state, so it is the reason only where something was seen to fail. The activity log names the
error of the failed operation; an NSG, a route, DNS or a full subnet is the usual reason behind it.`,
  find: ({ gateway, health, traffic }): Decision<Match>[] => {
    const failed = failedParts(gateway);
    if (failed.length === 0) return [];
    const signs = signsOfTrouble(health, traffic);
    return [
      {
        is: "found",
        key: gateway.name,
        match: { gateway, failed },
        affects: { gateway: true },
        effect: signs === "trouble" ? "impairs" : "threatens",
        basis: signs === "trouble" && health.entries.length > 0 ? "observed-likely" : "observed-possible",
      },
    ];
  },
  say: ({ gateway, failed }): Statement => {
    const whole = failed.includes(gateway);
    const parts = failed.filter((part) => part !== gateway).map(({ name }) => name);
    return {
      summary: whole
        ? `The last update of application gateway ${gateway.name} failed: what its instances run with is not certain`
        : `Parts of application gateway ${gateway.name} failed to be provisioned: ${listed(parts)}`,
      subjects: [gatewaySubject(gateway)],
      evidence: failed
        .slice(0, 5)
        .map((part) =>
          evidence(`provisioning state of ${part.name}: Failed`, part.source.at("provisioningState")),
        ),
    };
  },
  fix: ({ gateway, failed }): FixProposal => ({
    summary: `Undo the last change to ${gateway.name} if its error says so, then update the gateway without a change, so that the configuration is applied again.`,
    changes: [
      {
        action: "operate",
        resourceId: gateway.id,
        operation: "reapply",
        becomes: failed.includes(gateway) ? [{ path: "provisioningState", value: "Succeeded" }] : [],
      },
    ],
    sideEffects: [
      "The update takes minutes; names of servers are resolved again, so DNS has to work before it starts.",
    ],
    notVerifiable: "whether Azure accepts the configuration this time only the update itself shows",
  }),
});

function failedParts(gateway: Gateway): GatewayPart[] {
  const parts: readonly GatewayPart[] = [
    gateway,
    ...gateway.listeners,
    ...gateway.rules,
    ...gateway.urlPathMaps,
    ...gateway.pools,
    ...gateway.settings,
    ...gateway.probes,
    ...gateway.sslCertificates,
    ...gateway.frontendIpConfigurations,
  ];
  return parts.filter(({ provisioningState }) => /^failed$/i.test(provisioningState ?? ""));
}
