import { nameOfId, parseResourceId } from "../model/resource.ts";
import type { Missing } from "../network/verdict.ts";
import type { Need } from "./finding.ts";
import { quoteShell } from "./quoting.ts";

/** The az noun and options that export one resource type, and those that list it. */
const commands: Readonly<
  Record<string, { readonly show: string; readonly list: string; readonly file: string }>
> = {
  "microsoft.network/applicationgateways": {
    show: "network application-gateway show",
    list: "network application-gateway list",
    file: "gateways",
  },
  "microsoft.network/applicationsecuritygroups": {
    show: "network asg show",
    list: "network asg list",
    file: "asgs",
  },
  "microsoft.network/azurefirewalls": {
    show: "network firewall show",
    list: "network firewall list",
    file: "firewalls",
  },
  "microsoft.network/loadbalancers": {
    show: "network lb show",
    list: "network lb list",
    file: "load-balancers",
  },
  "microsoft.network/natgateways": {
    show: "network nat gateway show",
    list: "network nat gateway list",
    file: "nat-gateways",
  },
  "microsoft.network/networkinterfaces": { show: "network nic show", list: "network nic list", file: "nics" },
  "microsoft.network/networksecuritygroups": {
    show: "network nsg show",
    list: "network nsg list",
    file: "nsgs",
  },
  "microsoft.network/privatednszones": {
    show: "network private-dns zone show",
    list: "network private-dns zone list",
    file: "zones",
  },
  "microsoft.network/privateendpoints": {
    show: "network private-endpoint show",
    list: "network private-endpoint list",
    file: "private-endpoints",
  },
  "microsoft.network/publicipaddresses": {
    show: "network public-ip show",
    list: "network public-ip list",
    file: "public-ips",
  },
  "microsoft.network/routetables": {
    show: "network route-table show",
    list: "network route-table list",
    file: "route-tables",
  },
  "microsoft.network/firewallpolicies": {
    show: "network firewall policy show",
    list: "network firewall policy list",
    file: "firewall-policies",
  },
  "microsoft.network/virtualnetworks/subnets": {
    show: "network vnet subnet show",
    list: "network vnet list",
    file: "vnets",
  },
  "microsoft.network/virtualnetworks": {
    show: "network vnet show",
    list: "network vnet list",
    file: "vnets",
  },
  "microsoft.compute/virtualmachines": {
    show: "vm show --show-details",
    list: "vm list --show-details",
    file: "vms",
  },
  "microsoft.compute/virtualmachinescalesets": { show: "vmss show", list: "vmss list", file: "scale-sets" },
  "microsoft.web/sites": { show: "webapp show", list: "webapp list", file: "webapps" },
  "microsoft.apimanagement/service": { show: "apim show", list: "apim list", file: "apim" },
  "microsoft.app/managedenvironments": {
    show: "containerapp env show",
    list: "containerapp env list",
    file: "container-apps",
  },
};

/** Types whose `show` takes no `--ids`, or did not always. */
const withoutIds: ReadonlySet<string> = new Set([
  "microsoft.apimanagement/service",
  "microsoft.app/managedenvironments",
  "microsoft.compute/virtualmachinescalesets",
  "microsoft.network/natgateways",
  "microsoft.network/privatednszones",
]);

/** Exports that take other arguments than a resource's id. For parts of a zone the id is the zone's. */
const special: Readonly<Record<string, (resourceId: string | undefined) => string>> = {
  "microsoft.network/privatednszones/virtualnetworklinks": (zone) =>
    `az network private-dns link vnet list ${inZone(zone)} > zone-links.json`,
  "microsoft.network/privatednszones/a": (zone) =>
    `az network private-dns record-set list ${inZone(zone)} > zone-records.json`,
  "microsoft.network/virtualnetworkgateways": (resourceId) =>
    resourceId === undefined
      ? "az network vnet-gateway list --resource-group <resource-group> > vnet-gateways.json"
      : `az network vnet-gateway show ${groupAndName(resourceId)} > vnet-gateway.json`,
  "microsoft.network/servicetags": () =>
    "az network list-service-tags --location <region> > service-tags.json",
};

function inZone(zoneId: string | undefined): string {
  if (zoneId === undefined) return "--resource-group <resource-group> --zone-name <zone>";
  const { resourceGroup, names } = parseResourceId(zoneId);
  return `--resource-group ${quoteShell(resourceGroup ?? "<resource-group>")} --zone-name ${quoteShell(names[0] ?? "<zone>")}`;
}

/** The command that exports one resource, by id, or all of a type when it is not known which. */
export function exportCommand(type: string, resourceId?: string): string {
  const otherwise = special[type.toLowerCase()];
  if (otherwise !== undefined) return otherwise(resourceId);
  const known = commands[type.toLowerCase()];
  if (resourceId !== undefined) {
    const file = `${nameOfId(resourceId).replace(/[^A-Za-z0-9._-]/g, "-")}.json`;
    const show = known?.show ?? "resource show";
    const which = withoutIds.has(type.toLowerCase())
      ? subscriptionGroupAndName(resourceId)
      : `--ids ${quoteShell(resourceId)}`;
    return `az ${show} ${which} > ${file}`;
  }
  const file = `${known?.file ?? type.split("/").at(-1) ?? "resources"}.json`;
  return known === undefined
    ? `az resource list --resource-type ${quoteShell(type)} > ${file}`
    : `az ${known.list} > ${file}`;
}

/** What a path or name analysis lacks, as a need with its export. */
export function needOf(missing: Missing): Need {
  return { what: missing.what, command: exportCommand(missing.type, missing.resourceId) };
}

/** The backend-health report of a gateway. */
export function healthExport(gatewayId: string): string {
  return `az network application-gateway show-backend-health ${groupAndName(gatewayId)} > backend-health.json`;
}

/** The access log of a gateway, from Log Analytics, in whichever of its two tables the diagnostic setting writes. */
export function accessLogExport(gatewayId: string): string {
  const query = `union isfuzzy=true AGWAccessLogs, (AzureDiagnostics | where Category == "ApplicationGatewayAccessLog") | where column_ifexists("_ResourceId", "") =~ ${JSON.stringify(gatewayId)} and TimeGenerated > ago(1d)`;
  return `az monitor log-analytics query --workspace <workspace-id> --analytics-query ${quoteShell(query)} > access-log.json`;
}

/** What was done to a resource, for as long as Azure keeps it. */
export function activityExport(resourceId: string): string {
  return `az monitor activity-log list --resource-id ${quoteShell(resourceId)} --offset 89d --max-events 1000 > activity-log.json`;
}

/** The routes in effect at one network interface of a virtual network; any running machine in it will do. */
export function effectiveRoutesExport(networkName: string): string {
  return `az network nic show-effective-route-table --resource-group <resource-group> --name ${quoteShell(`<interface-in-${networkName}>`)} > effective-routes.json`;
}

/** Metrics of a resource by the minute. No diagnosis reads them: they are for people to look at. */
export function metricsExport(resourceId: string, metrics: readonly string[]): string {
  return `az monitor metrics list --resource ${quoteShell(resourceId)} --metrics ${metrics.join(" ")} --interval PT1M --aggregation Average Maximum`;
}

/** The same as `--ids`, for the commands that have no such option. */
export function subscriptionGroupAndName(resourceId: string): string {
  const { subscription } = parseResourceId(resourceId);
  const where = subscription === undefined ? "" : `--subscription ${quoteShell(subscription)} `;
  return `${where}${groupAndName(resourceId)}`;
}

/** `--resource-group G --name N` of a resource. */
export function groupAndName(resourceId: string): string {
  const { resourceGroup, names } = parseResourceId(resourceId);
  return `--resource-group ${quoteShell(resourceGroup ?? "<resource-group>")} --name ${quoteShell(names[0] ?? "<name>")}`;
}
