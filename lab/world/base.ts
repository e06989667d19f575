import { dayMs, makeCertificate, type TestCertificate } from "../../test/support/certificates.ts";
import { Draft } from "./draft.ts";
import { computeId, networkId, networkResource } from "./resource.ts";
import type { Host, LabWorld, Program, ServerTls } from "./world.ts";

/** A healthy world, by what matters to a family. Every field has the commonest value as default. */
export interface BaseWish {
  readonly generation?: "v1" | "v2";
  /** Between gateway and servers. `Https`: certificates of a private authority, whose root the setting trusts. */
  readonly protocol?: "Http" | "Https";
  /** How the pool names its servers; `nic` = joined by their interfaces. */
  readonly members?: "ip" | "fqdn" | "nic";
  /** Where they stand: the gateway's network, a peered one, or on premises. */
  readonly place?: "same" | "peered" | "on-premises";
  /** Default 2. */
  readonly servers?: number;
  /** Default 8080, or 8443 with `Https`. */
  readonly port?: number;
  /** Of every server; default: a Node server that answers everything with 200. */
  readonly program?: (server: ServerPlace) => Program | readonly Program[];
  /** Fields of the probe; false = the gateway's default probe. */
  readonly probe?: Readonly<Record<string, unknown>> | false;
  /** Fields of the backend setting. */
  readonly setting?: Readonly<Record<string, unknown>>;
  /** The gateway's instances. Default 1. */
  readonly instances?: number;
  /** Traffic from the gateway's subnet to the servers goes through this appliance, and back. */
  readonly appliance?: boolean;
}

export interface ServerPlace {
  /** `app-1` … */
  readonly name: string;
  readonly address: string;
  /** `app-1.internal.contoso.example` */
  readonly fqdn: string;
  readonly port: number;
  /** Undefined with `Http`. */
  readonly tls: ServerTls | undefined;
}

/** Names and addresses of the base worlds. */
export const names = {
  host: "shop.contoso.example",
  url: "http://shop.contoso.example/",
  route: "web/app",
  zone: "internal.contoso.example",
  hub: "vnet-hub",
  spoke: "vnet-spoke",
  gatewaySubnet: "10.10.1.0/24",
  gatewayAddress: "10.10.1.4",
  appSubnet: "10.10.2.0/24",
  spokeSubnet: "10.20.1.0/24",
  premisesPrefix: "10.30.0.0/16",
  appliance: "10.10.9.4",
  publicAddress: "203.0.113.10",
} as const;

const firstAddress = { same: "10.10.2", peered: "10.20.1", "on-premises": "10.30.1" } as const;

/** Subnet of the servers, and the network it is in. */
export function serverSubnet(place: BaseWish["place"] = "same"): {
  network: string;
  subnet: string;
  group: string;
} {
  return place === "peered"
    ? { network: names.spoke, subnet: "snet-web", group: "nsg-web" }
    : { network: names.hub, subnet: "snet-app", group: "nsg-app" };
}

export const httpProgram = (port: number, tls?: ServerTls, options: unknown = {}): Program => ({
  kind: "node",
  behaviour: "http",
  options,
  port,
  ...(tls === undefined ? {} : { tls }),
});

/** The authority of the base worlds' servers; made once, as it is costly and the same everywhere. */
let authority: TestCertificate | undefined;
export function labAuthority(): TestCertificate {
  authority ??= makeCertificate({ commonName: "Contoso Lab Root", ca: true, ...validNow() });
  return authority;
}

/** A certificate valid now, by the lab's authority unless another issuer is given. */
export function labCertificate(wish: Parameters<typeof makeCertificate>[0]): TestCertificate {
  return makeCertificate({ issuer: labAuthority(), ...validNow(), ...wish });
}

function validNow(): { notBeforeMs: number; notAfterMs: number } {
  return { notBeforeMs: Date.now() - 30 * dayMs, notAfterMs: Date.now() + 365 * dayMs };
}

export function baseWorld(wish: BaseWish = {}): LabWorld {
  const { place = "same", servers = 2, protocol = "Http", instances = 1 } = wish;
  const port = wish.port ?? (protocol === "Https" ? 8443 : 8080);
  const places = Array.from({ length: servers }, (_, index) => serverPlace(index, port, place, protocol));
  const draft = new Draft({
    resources: [gatewayResource(wish, places, port), publicAddress(), ...networks(wish)],
    hosts: [],
    gateway: { instances: Array.from({ length: instances }, (_, index) => `10.10.1.${4 + index}`) },
    publicNames: { [names.host]: [names.publicAddress] },
    ...(place === "on-premises"
      ? { onPremises: { network: names.hub, announces: [names.premisesPrefix] } }
      : {}),
  });
  securityGroups(draft, port);
  privateZone(draft, places);
  for (const one of places) addServer(draft, one, wish);
  if (wish.appliance === true) addAppliance(draft, place);
  return draft.world;
}

function serverPlace(
  index: number,
  port: number,
  place: NonNullable<BaseWish["place"]>,
  protocol: "Http" | "Https",
): ServerPlace {
  const name = `app-${index + 1}`;
  const fqdn = `${name}.${names.zone}`;
  return {
    ...{ name, fqdn, port },
    address: `${firstAddress[place]}.${4 + index}`,
    tls: protocol === "Http" ? undefined : tlsFor([names.host, fqdn]),
  };
}

/** A good certificate for these names, by the authority that the base worlds' settings trust. */
export function tlsFor(hosts: readonly string[]): ServerTls {
  const leaf = labCertificate({ commonName: hosts[0] ?? "", names: hosts });
  return { certificate: leaf.pem, key: leaf.keyPem };
}

function addServer(
  draft: Draft,
  server: ServerPlace,
  { place = "same", members = "ip", program }: BaseWish,
): void {
  const programs = [program?.(server) ?? httpProgram(server.port, server.tls)].flat();
  if (place === "on-premises") {
    draft.addHost({ name: server.name, at: { onPremises: server.address }, programs });
    return;
  }
  const { network, subnet } = serverSubnet(place);
  const joined = members === "nic" ? [draft.partLink("backendAddressPools", "pool-app")] : [];
  addMachine(draft, { name: server.name, address: server.address, network, subnet, programs, joined });
}

export interface MachineWish {
  readonly name: string;
  readonly address: string;
  readonly network: string;
  readonly subnet: string;
  readonly programs: readonly Program[];
  /** Backend pools it is joined to by its interface. */
  readonly joined?: readonly { readonly id: string }[];
  readonly nic?: Readonly<Record<string, unknown>>;
  readonly host?: Partial<Host>;
}

/** A machine as Azure has it: a virtual machine `vm-NAME`, its interface `nic-NAME`, and what runs there. */
export function addMachine(draft: Draft, wish: MachineWish): void {
  const { name, address, network, subnet, programs, joined = [], nic = {}, host = {} } = wish;
  const machine = computeId("virtualMachines", `vm-${name}`);
  draft.resource("networkInterfaces", `nic-${name}`, {
    enableIPForwarding: false,
    virtualMachine: { id: machine },
    ipConfigurations: [
      {
        id: networkId("networkInterfaces", `nic-${name}`, "ipConfigurations", "ipconfig1"),
        name: "ipconfig1",
        primary: true,
        privateIPAddress: address,
        privateIPAllocationMethod: "Static",
        subnet: { id: networkId("virtualNetworks", network, "subnets", subnet) },
        ...(joined.length > 0 ? { applicationGatewayBackendAddressPools: joined } : {}),
      },
    ],
    ...nic,
  });
  draft.add({
    id: machine,
    name: `vm-${name}`,
    type: "Microsoft.Compute/virtualMachines",
    location: "westeurope",
    resourceGroup: "rg-lab",
    powerState: "VM running",
    networkProfile: { networkInterfaces: [{ id: networkId("networkInterfaces", `nic-${name}`) }] },
  });
  draft.addHost({ name, at: { nic: `nic-${name}` }, programs, ...host });
}

/** Both ways lead through it: it is stateful. */
function addAppliance(draft: Draft, place: NonNullable<BaseWish["place"]>): void {
  const { network, subnet } = serverSubnet(place);
  addMachine(draft, {
    name: "appliance",
    address: names.appliance,
    network: names.hub,
    subnet: "snet-nva",
    programs: [],
    nic: { enableIPForwarding: true },
    host: { forwards: true },
  });
  draft.route("rt-gateway", {
    name: "to-servers",
    prefix: place === "peered" ? names.spokeSubnet : names.appSubnet,
    hop: { appliance: names.appliance },
  });
  draft.route("rt-servers", {
    name: "to-gateway",
    prefix: names.gatewaySubnet,
    hop: { appliance: names.appliance },
  });
  draft.subnet(names.hub, "snet-gateway", { routeTable: { id: networkId("routeTables", "rt-gateway") } });
  draft.subnet(network, subnet, { routeTable: { id: networkId("routeTables", "rt-servers") } });
  if (place === "peered") {
    draft.peering(names.hub, "hub-to-spoke", { allowForwardedTraffic: true });
    draft.peering(names.spoke, "spoke-to-hub", { allowForwardedTraffic: true });
  }
}

function gatewayResource(
  { generation = "v2", ...wish }: BaseWish,
  places: readonly ServerPlace[],
  port: number,
) {
  const id = networkId("applicationGateways", "agw-lab");
  const link = (collection: string, name: string) => ({ id: `${id}/${collection}/${name}` });
  const part = (collection: string, name: string) => ({ ...link(collection, name), name });
  const { protocol = "Http", members = "ip", probe = {}, setting = {} } = wish;
  const root = protocol === "Https" && generation === "v2";
  return networkResource("applicationGateways", "agw-lab", {
    sku:
      generation === "v2"
        ? { name: "Standard_v2", tier: "Standard_v2", capacity: 2 }
        : { name: "Standard_Medium", tier: "Standard", capacity: 2 },
    operationalState: "Running",
    gatewayIPConfigurations: [
      {
        ...part("gatewayIPConfigurations", "gateway"),
        subnet: { id: networkId("virtualNetworks", names.hub, "subnets", "snet-gateway") },
      },
    ],
    frontendIPConfigurations: [
      {
        ...part("frontendIPConfigurations", "public"),
        publicIPAddress: { id: networkId("publicIPAddresses", "pip-agw") },
      },
    ],
    frontendPorts: [{ ...part("frontendPorts", "port-80"), port: 80 }],
    httpListeners: [
      {
        ...part("httpListeners", "web"),
        protocol: "Http",
        frontendIPConfiguration: link("frontendIPConfigurations", "public"),
        frontendPort: link("frontendPorts", "port-80"),
        hostName: names.host,
      },
    ],
    backendAddressPools: [
      {
        ...part("backendAddressPools", "pool-app"),
        backendAddresses:
          members === "nic"
            ? []
            : places.map(({ address, fqdn }) => (members === "fqdn" ? { fqdn } : { ipAddress: address })),
      },
    ],
    probes:
      probe === false
        ? []
        : [
            {
              ...part("probes", "probe-app"),
              protocol,
              host: names.host,
              path: "/health",
              interval: 1,
              timeout: 1,
              unhealthyThreshold: 1,
              pickHostNameFromBackendHttpSettings: false,
              minServers: 0,
              ...probe,
            },
          ],
    ...(root
      ? {
          trustedRootCertificates: [
            { ...part("trustedRootCertificates", "lab-root"), data: labAuthority().der.toString("base64") },
          ],
        }
      : {}),
    backendHttpSettingsCollection: [
      {
        ...part("backendHttpSettingsCollection", "set-app"),
        ...{ port, protocol },
        cookieBasedAffinity: "Disabled",
        pickHostNameFromBackendAddress: false,
        requestTimeout: 3,
        ...(protocol === "Https" ? { hostName: names.host } : {}),
        ...(root ? { trustedRootCertificates: [link("trustedRootCertificates", "lab-root")] } : {}),
        ...(probe === false ? {} : { probe: link("probes", "probe-app") }),
        ...setting,
      },
    ],
    requestRoutingRules: [
      {
        ...part("requestRoutingRules", "app"),
        ruleType: "Basic",
        ...(generation === "v2" ? { priority: 100 } : {}),
        httpListener: link("httpListeners", "web"),
        backendAddressPool: link("backendAddressPools", "pool-app"),
        backendHttpSettings: link("backendHttpSettingsCollection", "set-app"),
      },
    ],
  });
}

function publicAddress() {
  return networkResource("publicIPAddresses", "pip-agw", {
    ipAddress: names.publicAddress,
    publicIPAllocationMethod: "Static",
    sku: { name: "Standard", tier: "Regional" },
  });
}

function networks({ place = "same" }: BaseWish) {
  const premises = place === "on-premises";
  const hub = network(names.hub, "10.10.0.0/16", [
    ["snet-gateway", names.gatewaySubnet, "nsg-gateway"],
    ["snet-app", names.appSubnet, "nsg-app"],
    ["snet-nva", "10.10.9.0/24", undefined],
    ["GatewaySubnet", "10.10.255.0/27", undefined],
  ]);
  const spoke = network(names.spoke, "10.20.0.0/16", [
    ["snet-web", names.spokeSubnet, "nsg-web"],
    ["snet-endpoints", "10.20.9.0/24", undefined],
  ]);
  return [
    {
      ...hub,
      virtualNetworkPeerings: [peering(names.hub, "hub-to-spoke", names.spoke, "10.20.0.0/16")],
    },
    {
      ...spoke,
      virtualNetworkPeerings: [peering(names.spoke, "spoke-to-hub", names.hub, "10.10.0.0/16")],
    },
    ...(premises
      ? [
          networkResource("virtualNetworkGateways", "vpn-hub", {
            gatewayType: "Vpn",
            ipConfigurations: [
              {
                name: "default",
                subnet: { id: networkId("virtualNetworks", names.hub, "subnets", "GatewaySubnet") },
              },
            ],
          }),
        ]
      : []),
  ];
}

function network(
  name: string,
  prefix: string,
  subnets: readonly (readonly [string, string, string | undefined])[],
) {
  return networkResource("virtualNetworks", name, {
    addressSpace: { addressPrefixes: [prefix] },
    dhcpOptions: { dnsServers: [] },
    subnets: subnets.map(([subnet, addressPrefix, group]) => ({
      id: networkId("virtualNetworks", name, "subnets", subnet),
      name: subnet,
      addressPrefix,
      delegations: [],
      serviceEndpoints: [],
      privateEndpointNetworkPolicies: "Disabled",
      ...(group === undefined
        ? {}
        : { networkSecurityGroup: { id: networkId("networkSecurityGroups", group) } }),
    })),
  });
}

function peering(network: string, name: string, remote: string, prefix: string) {
  return {
    id: networkId("virtualNetworks", network, "virtualNetworkPeerings", name),
    name,
    remoteVirtualNetwork: { id: networkId("virtualNetworks", remote) },
    remoteAddressSpace: { addressPrefixes: [prefix] },
    ...{ allowVirtualNetworkAccess: true, allowForwardedTraffic: false },
    ...{ allowGatewayTransit: false, useRemoteGateways: false },
    peeringState: "Connected",
  };
}

function securityGroups(draft: Draft, port: number): void {
  draft
    .group("nsg-gateway")
    .rule("nsg-gateway", {
      ...{ name: "allow-clients", priority: 100, direction: "Inbound", access: "Allow" },
      ...{ from: "Internet", ports: ["80", "443"] },
    })
    .rule("nsg-gateway", {
      ...{ name: "allow-gateway-manager", priority: 110, direction: "Inbound", access: "Allow" },
      ...{ from: "GatewayManager", ports: "65200-65535" },
    })
    .rule("nsg-gateway", {
      ...{ name: "allow-balancer", priority: 120, direction: "Inbound", access: "Allow", protocol: "*" },
      from: "AzureLoadBalancer",
    });
  for (const group of ["nsg-app", "nsg-web"]) {
    draft.group(group).rule(group, {
      ...{ name: "allow-gateway", priority: 100, direction: "Inbound", access: "Allow" },
      ...{ from: names.gatewaySubnet, ports: `${port}` },
    });
  }
}

/** A zone with the servers' names, linked to both networks. */
function privateZone(draft: Draft, places: readonly ServerPlace[]): void {
  draft.resource("privateDnsZones", names.zone, { numberOfRecordSets: places.length });
  for (const linked of [names.hub, names.spoke]) linkZone(draft, names.zone, linked);
  for (const { name, address } of places) addRecord(draft, names.zone, name, address);
}

export function linkZone(draft: Draft, zone: string, network: string): void {
  draft.add({
    id: networkId("privateDnsZones", zone, "virtualNetworkLinks", `link-${network}`),
    name: `link-${network}`,
    type: "Microsoft.Network/privateDnsZones/virtualNetworkLinks",
    registrationEnabled: false,
    virtualNetwork: { id: networkId("virtualNetworks", network) },
    virtualNetworkLinkState: "Completed",
  });
}

/** An address record of a private zone; one name may have several records made in one call only. */
export function addRecord(draft: Draft, zone: string, name: string, ...addresses: readonly string[]): void {
  draft.add({
    id: networkId("privateDnsZones", zone, "A", name),
    name,
    type: "Microsoft.Network/privateDnsZones/A",
    fqdn: `${name}.${zone}.`,
    ttl: 300,
    isAutoRegistered: false,
    aRecords: addresses.map((ipv4Address) => ({ ipv4Address })),
  });
}
