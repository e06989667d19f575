import { a } from "../../support/dns-message.ts";
import { dnsServer, nxdomain, type Reaction } from "../../support/dns-server.ts";
import { gatewayOf, type LiveBackend } from "./gateway.ts";
import { diagnoseLive, type LiveDiagnosis } from "./live-case.ts";

const group = "/subscriptions/s1/resourceGroups/rg-live";
const network = `${group}/providers/Microsoft.Network`;
const networkId = `${network}/virtualNetworks/vnet-live`;
const groupId = `${network}/networkSecurityGroups/nsg-agw`;
const gatewayId = `${network}/applicationGateways/agw-live`;

/** What a DNS server of the test has: addresses by name, or another reaction. All else does not exist. */
export type Names = Readonly<Record<string, readonly string[] | Exclude<Reaction, readonly unknown[]>>>;

export interface DnsWorld {
  readonly backends: readonly LiveBackend[];
  /** The servers the gateway asks, in its order. */
  readonly own?: readonly Names[];
  /** Those it is said to have in the documents; as many as it asks unless given. */
  readonly configured?: readonly string[];
  readonly compare?: readonly Names[];
  /** What this machine's resolver knows. */
  readonly system?: Readonly<Record<string, readonly string[]>>;
  /** The gateway's subnet; far from here unless given. */
  readonly subnet?: string;
  /** Documents beside gateway and network. */
  readonly more?: Readonly<Record<string, unknown>>;
  readonly words?: readonly string[];
}

/** Diagnoses a gateway whose servers have names, with DNS servers of this test in the place of the gateway's. */
export async function diagnoseNames(world: DnsWorld): Promise<LiveDiagnosis> {
  const { own = [], compare = [], system = {}, words = [] } = world;
  await using stack = new AsyncDisposableStack();
  const started = async (option: string, servers: readonly Names[]): Promise<string[]> => {
    const list: string[] = [];
    for (const names of servers) {
      const { address, port } = stack.use(await dnsServer(({ name }) => reactionOf(names, name)));
      list.push(option, `${address}:${port}`);
    }
    return list;
  };
  const options = [...(await started("--dns", own)), ...(await started("--compare-dns", compare)), ...words];
  return await diagnoseLive(documentsOf(world), options, {
    systemLookup: async (name) => {
      const addresses = system[name];
      return addresses === undefined ? { failed: "ENOTFOUND" } : { addresses };
    },
  });
}

function reactionOf(names: Names, name: string): Reaction {
  const known = names[name.toLowerCase()];
  if (known === undefined) return nxdomain;
  return isList(known) ? known.map((address) => a(name, address)) : known;
}

function isList(known: Names[string]): known is readonly string[] {
  return Array.isArray(known);
}

function documentsOf({ backends, own = [], configured, subnet = "10.10.1.0/24", more }: DnsWorld) {
  const dnsServers = configured ?? own.map((_, index) => `10.10.5.${4 + index}`);
  const subnetId = `${networkId}/subnets/agw`;
  const gateway = gatewayOf(backends, {
    gatewayIPConfigurations: [
      { id: `${gatewayId}/gatewayIPConfigurations/gw`, name: "gw", subnet: { id: subnetId } },
    ],
  });
  const virtualNetwork = {
    id: networkId,
    name: "vnet-live",
    type: "Microsoft.Network/virtualNetworks",
    addressSpace: { addressPrefixes: ["10.10.0.0/16"] },
    dhcpOptions: { dnsServers },
    subnets: [
      {
        id: subnetId,
        name: "agw",
        addressPrefix: subnet,
        ...(more !== undefined && "nsg.json" in more ? { networkSecurityGroup: { id: groupId } } : {}),
      },
      { id: `${networkId}/subnets/dns`, name: "dns", addressPrefix: "10.10.5.0/24" },
    ],
    virtualNetworkPeerings: [],
  };
  return { "gateway.json": gateway, "network.json": [virtualNetwork], ...more };
}

/** A private zone with its links and records, as documents. */
export function zoneDocuments(
  zoneName: string,
  { records, linked }: { readonly records: Readonly<Record<string, string>>; readonly linked: boolean },
): Readonly<Record<string, unknown>> {
  const type = "Microsoft.Network/privateDnsZones";
  const id = `${network}/privateDnsZones/${zoneName}`;
  const target = linked ? networkId : `${network}/virtualNetworks/vnet-other`;
  return {
    "zones.json": [{ id, name: zoneName, type, location: "global" }],
    "zone-links.json": [
      {
        id: `${id}/virtualNetworkLinks/one`,
        name: "one",
        type: `${type}/virtualNetworkLinks`,
        location: "global",
        registrationEnabled: false,
        virtualNetwork: { id: target },
        virtualNetworkLinkState: "Completed",
      },
    ],
    "zone-records.json": [
      { id: `${id}/SOA/@`, name: "@", type: `${type}/SOA`, ttl: 3600 },
      ...Object.entries(records).map(([name, ipv4Address]) => ({
        id: `${id}/A/${name}`,
        name,
        type: `${type}/A`,
        ttl: 300,
        aRecords: [{ ipv4Address }],
      })),
    ],
  };
}

/** The private endpoint of a service. */
export function endpointDocuments(fqdn: string, address: string): Readonly<Record<string, unknown>> {
  const name = fqdn.split(".")[0] ?? "";
  return {
    "endpoint.json": {
      id: `${network}/privateEndpoints/pe-${name}`,
      name: `pe-${name}`,
      type: "Microsoft.Network/privateEndpoints",
      customDnsConfigs: [{ fqdn, ipAddresses: [address] }],
      privateLinkServiceConnections: [
        {
          name: "one",
          privateLinkServiceId: `${group}/providers/Microsoft.AppConfiguration/configurationStores/${name}`,
          groupIds: ["configurationStores"],
          privateLinkServiceConnectionState: { status: "Approved" },
        },
      ],
    },
  };
}

/** A security group of the gateway's subnet that decides about DNS alone. */
export function groupDocuments(access: "Allow" | "Deny"): Readonly<Record<string, unknown>> {
  return {
    "nsg.json": {
      id: groupId,
      name: "nsg-agw",
      type: "Microsoft.Network/networkSecurityGroups",
      securityRules: [
        {
          id: `${groupId}/securityRules/dns-out`,
          name: "dns-out",
          priority: 100,
          direction: "Outbound",
          access,
          protocol: "*",
          sourceAddressPrefix: "*",
          sourcePortRange: "*",
          destinationAddressPrefix: "10.10.5.0/24",
          destinationPortRange: "53",
        },
        {
          id: `${groupId}/securityRules/gateway-manager`,
          name: "gateway-manager",
          priority: 100,
          direction: "Inbound",
          access: "Allow",
          protocol: "*",
          sourceAddressPrefix: "*",
          sourcePortRange: "*",
          destinationAddressPrefix: "*",
          destinationPortRange: "*",
        },
      ],
    },
  };
}

/** The gateway's own report: one server of a backend, and the text beside it. */
export function healthReport(
  backend: string,
  address: string,
  health: string,
  healthProbeLog: string,
): Readonly<Record<string, unknown>> {
  const part = (collection: string, name: string) => ({ id: `${gatewayId}/${collection}/${name}` });
  return {
    "health.json": {
      backendAddressPools: [
        {
          backendAddressPool: part("backendAddressPools", `pool-${backend}`),
          backendHttpSettingsCollection: [
            {
              backendHttpSettings: part("backendHttpSettingsCollection", `set-${backend}`),
              servers: [{ address, health, healthProbeLog }],
            },
          ],
        },
      ],
    },
  };
}

/** An activity log in which the network's DNS servers were written after the gateway was last started, or before. */
export function dnsServersWritten(
  dnsServers: readonly string[],
  { restarted }: { readonly restarted: boolean },
): Readonly<Record<string, unknown>> {
  const properties = { addressSpace: { addressPrefixes: ["10.10.0.0/16"] }, dhcpOptions: { dnsServers } };
  const event = (eventTimestamp: string, value: string, resourceId: string) => ({
    eventTimestamp,
    operationName: { value, localizedValue: value },
    status: { value: "Succeeded", localizedValue: "Succeeded" },
    resourceId,
    caller: "ops@contoso.example",
  });
  const started = restarted ? "2026-05-30T12:00:00Z" : "2026-03-02T06:00:00Z";
  return {
    "activity.json": [
      {
        ...event("2026-05-30T09:15:00Z", "Microsoft.Network/virtualNetworks/write", networkId),
        properties: { requestbody: JSON.stringify({ properties }) },
      },
      event(started, "Microsoft.Network/applicationGateways/start/action", gatewayId),
    ],
  };
}
