import type { IpConfiguration, NetworkInterface } from "../hosts.ts";
import { nameOfId, type ResourceRecord } from "../resource.ts";
import type { Source } from "../source.ts";
import type { Links } from "./links.ts";

/** Reads a network interface of a machine or of a scale-set instance (network.md §6). */
export function readNetworkInterface(record: ResourceRecord, links: Links): NetworkInterface {
  const { source } = record;
  const ipConfigurations: IpConfiguration[] = [];
  const networkInterface: NetworkInterface = {
    id: record.id,
    name: source.text("name") ?? nameOfId(record.id),
    source,
    networkSecurityGroup: links.reference("networkSecurityGroup", source, "networkSecurityGroup"),
    enableIpForwarding: source.boolean("enableIPForwarding") ?? false,
    virtualMachine: links.reference("virtualMachine", source, "virtualMachine"),
    dnsServers: source.object("dnsSettings")?.texts("dnsServers") ?? [],
    ipConfigurations,
  };
  for (const item of source.objects("ipConfigurations")) {
    ipConfigurations.push(readIpConfiguration(item, networkInterface, links));
  }
  links.define("networkInterface", record.id, networkInterface);
  return networkInterface;
}

function readIpConfiguration(item: Source, owner: NetworkInterface, links: Links): IpConfiguration {
  const id = item.text("id") ?? `${owner.id}/ipConfigurations/${item.text("name") ?? ""}`;
  const ipConfiguration: IpConfiguration = {
    id,
    name: item.text("name") ?? nameOfId(id),
    source: item,
    networkInterface: owner,
    privateIpAddress: item.text("privateIPAddress") || undefined,
    primary: item.boolean("primary"),
    subnet: links.reference("subnet", item, "subnet"),
    publicIpAddress: links.reference("publicIpAddress", item, "publicIPAddress"),
    applicationSecurityGroups: links.references(
      "applicationSecurityGroup",
      item,
      "applicationSecurityGroups",
    ),
    gatewayPoolIds: idsIn(item, "applicationGatewayBackendAddressPools"),
  };
  links.define("ipConfiguration", id, ipConfiguration);
  return ipConfiguration;
}

/** The ids in a list of references. */
export function idsIn(source: Source, field: string): string[] {
  return source.list(field).flatMap((item) => {
    const id = typeof item.value === "string" ? item.value : item.text("id");
    return id ? [id] : [];
  });
}
