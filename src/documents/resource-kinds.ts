/** What a resource type is called, and how little of it is still worth reading. */
export interface ResourceKind {
  readonly label: string;
  /** Its existence alone says something: it has no settings that matter, or none at all. */
  readonly bare?: boolean;
}

/** Every resource type that is read, lower case, sorted. Parts of resources may be exported apart from them. */
export const resourceKinds: Readonly<Record<string, ResourceKind>> = {
  "microsoft.apimanagement/service": { label: "API Management service" },
  "microsoft.app/managedenvironments": { label: "Container Apps environment" },
  "microsoft.compute/virtualmachines": { label: "virtual machine" },
  "microsoft.compute/virtualmachinescalesets": { label: "scale set" },
  "microsoft.compute/virtualmachinescalesets/virtualmachines": { label: "scale set instance" },
  "microsoft.compute/virtualmachinescalesets/virtualmachines/networkinterfaces": {
    label: "network interface",
  },
  "microsoft.network/applicationgateways": { label: "application gateway" },
  "microsoft.network/applicationsecuritygroups": { label: "application security group", bare: true },
  "microsoft.network/azurefirewalls": { label: "Azure Firewall" },
  "microsoft.network/loadbalancers": { label: "load balancer" },
  "microsoft.network/natgateways": { label: "NAT gateway", bare: true },
  "microsoft.network/networkinterfaces": { label: "network interface" },
  "microsoft.network/networkinterfaces/ipconfigurations": { label: "IP configuration" },
  "microsoft.network/networksecuritygroups": { label: "network security group" },
  "microsoft.network/networksecuritygroups/defaultsecurityrules": { label: "default security rule" },
  "microsoft.network/networksecuritygroups/securityrules": { label: "security rule" },
  "microsoft.network/privatednszones": { label: "private DNS zone", bare: true },
  "microsoft.network/privatednszones/virtualnetworklinks": { label: "private DNS zone link" },
  "microsoft.network/privateendpoints": { label: "private endpoint" },
  "microsoft.network/publicipaddresses": { label: "public IP address" },
  "microsoft.network/routetables": { label: "route table" },
  "microsoft.network/routetables/routes": { label: "route" },
  "microsoft.network/virtualnetworkgateways": { label: "virtual network gateway" },
  "microsoft.network/virtualnetworks": { label: "virtual network" },
  "microsoft.network/virtualnetworks/subnets": { label: "subnet" },
  "microsoft.network/virtualnetworks/virtualnetworkpeerings": { label: "peering" },
  "microsoft.web/sites": { label: "App Service site" },
  "microsoft.web/sites/config": { label: "App Service configuration" },
  "microsoft.web/sites/slots": { label: "App Service slot" },
  "microsoft.web/sites/slots/config": { label: "App Service configuration" },
};

const families: readonly (readonly [prefix: string, label: string])[] = [
  ["microsoft.network/applicationgateways/", "application gateway part"],
  ["microsoft.network/privatednszones/", "private DNS record set"],
];

/** The kind of a lower-case resource type, or undefined when nothing is read from it. */
export function resourceKind(type: string): ResourceKind | undefined {
  if (Object.hasOwn(resourceKinds, type)) return resourceKinds[type];
  const family = families.find(([prefix]) => type.startsWith(prefix));
  return family && { label: family[1] };
}

/** "1 subnet", "3 subnets", "2 private DNS zones" */
export function countOf(count: number, label: string): string {
  if (count === 1) return `1 ${label}`;
  if (label.endsWith("y")) return `${count} ${label.slice(0, -1)}ies`;
  return `${count} ${label}${/(s|x)$/.test(label) ? "es" : "s"}`;
}
