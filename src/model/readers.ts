import { readApplicationSecurityGroup } from "./read/application-security-group.ts";
import { readAzureFirewall } from "./read/azure-firewall.ts";
import type { Draft } from "./read/draft.ts";
import { readEffectiveGroups, readEffectiveRoutes } from "./read/effective.ts";
import { readGateway } from "./read/gateway.ts";
import { readNatGateway, readVirtualNetworkGateway } from "./read/gateways-beside.ts";
import { readLoadBalancer } from "./read/load-balancer.ts";
import { readNetworkInterface } from "./read/network-interface.ts";
import { readNetworkSecurityGroup } from "./read/network-security-group.ts";
import { readApiManagement, readContainerAppsEnvironment } from "./read/platform-services.ts";
import { readPrivateDnsZone } from "./read/private-dns-zone.ts";
import { readPrivateEndpoint } from "./read/private-endpoint.ts";
import { readPublicIpAddress } from "./read/public-ip-address.ts";
import { readRouteTable } from "./read/route-table.ts";
import { readScaleSet } from "./read/scale-set.ts";
import { readServiceTags } from "./read/service-tags.ts";
import { readVirtualMachine } from "./read/virtual-machine.ts";
import { readLoneSubnet, readVirtualNetwork } from "./read/virtual-network.ts";
import { readWebSite } from "./read/web-site.ts";
import type { ResourceRecord } from "./resource.ts";

export type Reader = (record: ResourceRecord, draft: Draft) => unknown;

/** Lower-case resource type → reader, sorted: everything that is understood of a configuration. */
export const readers: ReadonlyMap<string, Reader> = new Map<string, Reader>([
  [
    "microsoft.apimanagement/service",
    (r, { network }) => network.apiManagementServices.push(readApiManagement(r)),
  ],
  [
    "microsoft.app/managedenvironments",
    (r, { network }) => network.containerAppsEnvironments.push(readContainerAppsEnvironment(r)),
  ],
  [
    "microsoft.compute/virtualmachines",
    (r, { network, links }) => network.virtualMachines.push(readVirtualMachine(r, links)),
  ],
  ["microsoft.compute/virtualmachinescalesets", (r, { network }) => network.scaleSets.push(readScaleSet(r))],
  ["microsoft.compute/virtualmachinescalesets/virtualmachines/networkinterfaces", pushNetworkInterface],
  ["microsoft.network/applicationgateways", (r, { gateways, links }) => gateways.push(readGateway(r, links))],
  [
    "microsoft.network/applicationsecuritygroups",
    (r, { network, links }) => network.applicationSecurityGroups.push(readApplicationSecurityGroup(r, links)),
  ],
  ["microsoft.network/azurefirewalls", (r, { network }) => network.azureFirewalls.push(readAzureFirewall(r))],
  ["microsoft.network/loadbalancers", (r, { network }) => network.loadBalancers.push(readLoadBalancer(r))],
  [
    "microsoft.network/natgateways",
    (r, { network, links }) => network.natGateways.push(readNatGateway(r, links)),
  ],
  ["microsoft.network/networkinterfaces", pushNetworkInterface],
  [
    "microsoft.network/networkinterfaces/effectivenetworksecuritygroups",
    (r, { network, links }) => network.effectiveSecurityGroups.push(readEffectiveGroups(r, links)),
  ],
  [
    "microsoft.network/networkinterfaces/effectiveroutetable",
    (r, { network, links }) => network.effectiveRoutes.push(readEffectiveRoutes(r, links)),
  ],
  [
    "microsoft.network/networksecuritygroups",
    (r, { network, links }) => network.networkSecurityGroups.push(readNetworkSecurityGroup(r, links)),
  ],
  [
    "microsoft.network/privatednszones",
    (r, { network, parts, links }) => network.privateDnsZones.push(readPrivateDnsZone(r, parts, links)),
  ],
  [
    "microsoft.network/privateendpoints",
    (r, { network, links }) => network.privateEndpoints.push(readPrivateEndpoint(r, links)),
  ],
  [
    "microsoft.network/publicipaddresses",
    (r, { network, links }) => network.publicIpAddresses.push(readPublicIpAddress(r, links)),
  ],
  [
    "microsoft.network/routetables",
    (r, { network, links }) => network.routeTables.push(readRouteTable(r, links)),
  ],
  ["microsoft.network/servicetags", (r, { network }) => readServiceTags(r, network.serviceTags)],
  [
    "microsoft.network/virtualnetworkgateways",
    (r, { network }) => network.virtualNetworkGateways.push(readVirtualNetworkGateway(r)),
  ],
  ["microsoft.network/virtualnetworks", readVirtualNetwork],
  ["microsoft.web/sites", (r, { network }) => network.webSites.push(readWebSite(r))],
  ["microsoft.web/sites/slots", (r, { network }) => network.webSites.push(readWebSite(r))],
]);

/** Parts that say something even when the resource they belong to was not exported. */
export const loneReaders: ReadonlyMap<string, Reader> = new Map<string, Reader>([
  ["microsoft.network/virtualnetworks/subnets", readLoneSubnet],
]);

/**
 * Resources that are known well enough by their parts alone: whenever a part was exported, or only when the parts are a
 * whole list (a single security rule says nothing about what the rest of its group does).
 */
export const knownByParts: ReadonlyMap<string, "any part" | "whole list"> = new Map([
  ["microsoft.compute/virtualmachinescalesets", "any part"],
  ["microsoft.network/networksecuritygroups", "whole list"],
  ["microsoft.network/privatednszones", "any part"],
  ["microsoft.network/routetables", "whole list"],
]);

function pushNetworkInterface(record: ResourceRecord, { network, links }: Draft): void {
  network.networkInterfaces.push(readNetworkInterface(record, links));
}
