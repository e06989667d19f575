import { dayMs, makeCertificate, type TestCertificate } from "../../test/support/certificates.ts";
import { gatewayResource } from "./base-gateway.ts";
import { networks, publicAddress } from "./base-network.ts";
import { Draft } from "./draft.ts";
import { names } from "./names.ts";
import { computeId, networkId } from "./resource.ts";
import type { Host, LabWorld, Program, ServerTls } from "./world.ts";

export { names } from "./names.ts";

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

/** From a month ago, for a year. */
export function validNow(): { notBeforeMs: number; notAfterMs: number } {
  return { notBeforeMs: Date.now() - 30 * dayMs, notAfterMs: Date.now() + 365 * dayMs };
}

/** A good certificate for these names, by the authority that the base worlds' settings trust. */
export function tlsFor(hosts: readonly string[]): ServerTls {
  const leaf = labCertificate({ commonName: hosts[0] ?? "", names: hosts });
  return { certificate: leaf.pem, key: leaf.keyPem };
}

export function baseWorld(wish: BaseWish = {}): LabWorld {
  const { place = "same", servers = 2, protocol = "Http", instances = 1 } = wish;
  const port = wish.port ?? (protocol === "Https" ? 8443 : 8080);
  const places = Array.from({ length: servers }, (_, index) => serverPlace(index, port, place, protocol));
  const draft = new Draft({
    resources: [
      gatewayResource(wish, places, port, protocol === "Https" ? labAuthority().der : undefined),
      publicAddress(),
      ...networks(wish),
    ],
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
  addZone(draft, names.zone);
  for (const linked of [names.hub, names.spoke]) linkZone(draft, names.zone, linked);
  for (const { name, address } of places) addRecord(draft, names.zone, name, address);
}

/** A zone, with the start of authority that every list of its records begins with. */
export function addZone(draft: Draft, zone: string): void {
  draft.resource("privateDnsZones", zone, {}).add({
    id: networkId("privateDnsZones", zone, "SOA", "@"),
    name: "@",
    type: "Microsoft.Network/privateDnsZones/SOA",
    fqdn: `${zone}.`,
    ttl: 3600,
    soaRecord: { host: "azureprivatedns.net", email: "azureprivatedns-host.example", serialNumber: 1 },
  });
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
