import type { PrivateDnsZone, VirtualNetworkLink } from "../../../model/dns.ts";
import type { Gateway } from "../../../model/gateway.ts";
import { idKey } from "../../../model/resource.ts";
import { privateLinkSuffixes } from "../../../network/private-link-suffixes.ts";
import { type Decision, defineCause } from "../../cause.ts";
import type { FixProposal, Statement } from "../../finding.ts";
import { evidence, gatewaySubject, subject } from "../../statements.ts";
import { signsOfTrouble } from "../config/signs-of-trouble.ts";

interface Match {
  readonly gateway: Gateway;
  readonly zone: PrivateDnsZone;
  readonly link: VirtualNetworkLink;
  readonly failed: boolean;
}

/** Domains Azure itself is managed under, beside those of its services (network.md §3). */
const azureDomains: ReadonlySet<string> = new Set([
  "azure.com",
  "azure.net",
  "azure.us",
  "azure.cn",
  "core.windows.net",
  "windows.net",
  "microsoft.com",
  "microsoftonline.com",
  "azurewebsites.net",
  "trafficmanager.net",
  "cloudapp.azure.com",
  "chinacloudapi.cn",
  "usgovcloudapi.net",
  ...privateLinkSuffixes.map(({ suffix }) => suffix.replace("{region}.", "")),
]);

export default defineCause({
  id: "dns-top-level-zone",
  title: "Private DNS zone takes over a whole Azure domain",
  layer: "dns",
  decidedBy: ["configuration"],
  reads: ["gateway", "network", "health", "traffic"],
  explainedBy: [],
  about: `A private zone with the name of an Azure domain itself, e.g. vaultcore.azure.net, is linked to the gateway's network.
Every name under it that the zone lacks stops to exist there, also those the gateway needs for its own management, for
Key Vault and for storage: updates fail and the gateway goes into the state Failed. Zones for private endpoints have to
be named privatelink.… .`,
  find: ({ gateway, network, health, traffic }) => {
    const own = gateway.subnet?.target?.virtualNetwork;
    if (own === undefined) return [];
    return network.privateDnsZones.flatMap((zone): Decision<Match>[] => {
      if (!azureDomains.has(zone.zoneName)) return [];
      const link = zone.links.find(({ virtualNetworkId }) => idKey(virtualNetworkId) === idKey(own.id));
      if (link === undefined || /^nxdomainredirect$/i.test(link.resolutionPolicy ?? "")) return [];
      const failed = /^failed$/i.test(gateway.provisioningState ?? "");
      return [
        {
          is: "found",
          key: zone.zoneName,
          match: { gateway, zone, link, failed },
          affects: { gateway: true },
          // A gateway whose update failed may serve well by its former configuration.
          effect: failed && signsOfTrouble(health, traffic) !== "well" ? "impairs" : "threatens",
          basis: failed ? "observed-likely" : "configuration",
        },
      ];
    });
  },
  say: ({ gateway, zone, link, failed }): Statement => ({
    summary: `Private zone ${zone.zoneName}, linked to the network of gateway ${gateway.name}, hides all names under that Azure domain from it${failed ? ", and the gateway is in the state Failed" : ""}`,
    subjects: [subject("privateDnsZone", zone), gatewaySubject(gateway)],
    evidence: [
      evidence(`link ${link.name} joins zone ${zone.zoneName} to the gateway's network`, link.source),
      ...(failed ? [evidence("the gateway's state is Failed", gateway.source.at("provisioningState"))] : []),
    ],
  }),
  fix: ({ zone, link, failed, gateway }): FixProposal => ({
    summary: `Take the link ${link.name} away from zone ${zone.zoneName}, and use privatelink.${zone.zoneName} for private endpoints instead${failed ? `; then update gateway ${gateway.name} without a change` : ""}.`,
    changes: [
      {
        action: "remove",
        resourceId: zone.id,
        list: "virtualNetworkLinks",
        value: { name: link.name },
      },
      ...(failed
        ? [
            {
              action: "operate",
              resourceId: gateway.id,
              operation: "reapply",
              becomes: [{ path: "provisioningState", value: "Succeeded" }],
            } as const,
          ]
        : []),
    ],
    sideEffects: [
      `Names that only this zone has no longer resolve in the gateway's network until privatelink.${zone.zoneName} has them.`,
    ],
  }),
});
