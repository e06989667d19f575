import type { DocumentInput } from "../../src/documents/document-set.ts";
import { documentOf } from "../../src/documents/read-documents.ts";
import { addressText } from "./addresses.ts";
import type { Dice } from "./dice.ts";
import { type GatewayPlan, gatewayOf } from "./healthy-gateway.ts";
import {
  addSubnet,
  computeId,
  type Flow,
  gatewaySideRoutes,
  gatewaySideRules,
  layOutNetworks,
  type Network,
  networkId,
  resource,
  routeTable,
  type Subnet,
  securityGroup,
  serverSideRoutes,
  serverSideRules,
  takeAddress,
  webId,
} from "./healthy-network.ts";
import { type Json, rawArm } from "./notation.ts";

export interface Machine {
  readonly address: string;
  readonly nic: Json & { ipConfigurations: Json[] };
  /** A virtual machine, or an instance of a scale set. */
  readonly machine: Json;
}

export interface Pool {
  readonly name: string;
  readonly kind: "address" | "interface" | "load-balancer" | "name" | "scale-set" | "site";
  readonly port: number;
  readonly protocol: "Http" | "Https";
  /** Undefined for sites: they are nobody's network. */
  readonly subnet: Subnet | undefined;
  readonly machines: readonly Machine[];
  /** Of a load balancer's frontend. */
  readonly address?: string;
  readonly fqdn: string | undefined;
}

/** What one export command prints, under the name of its file. */
export type Exports = Map<string, Json[]>;

export interface World {
  readonly v1: boolean;
  readonly isolated: boolean;
  readonly gateway: GatewayPlan;
  readonly networks: readonly Network[];
  readonly gatewaySubnet: Subnet;
  readonly pools: readonly Pool[];
  /** The resources of every document, to be changed by who wants to break something. */
  readonly exports: Exports;
  readonly healthReport: Json;
  readonly accessLog: string;
}

/** A gateway where everything works, with as much harmless clutter around it as chance likes. */
export function healthyWorld(dice: Dice): World {
  const v1 = dice.chance(4);
  const isolated = !v1 && dice.chance(4);
  const networks = layOutNetworks(dice);
  const [home] = networks as [Network];
  const gatewaySubnet = addSubnet(dice, home, "snet-gateway", [24, 26]);
  const asg = networkId("applicationSecurityGroups", "asg-servers");
  const exports: Exports = new Map();
  const subnets = networks.flatMap((network, index) =>
    Array.from({ length: dice.integer(1, 2) }, (_, place) =>
      addSubnet(dice, network, `snet-app-${index}-${place}`, [24, 25, 27]),
    ),
  );
  const pools = Array.from({ length: dice.integer(1, 6) }, (_, index) =>
    makePool(dice, index, subnets, { v1, isolated, asg, exports }),
  );
  guardServers(dice, subnets, pools, gatewaySubnet, asg, exports);
  guardGateway(dice, gatewaySubnet, pools, { v1, isolated }, exports);
  addClutter(dice, home, subnets, exports);
  add(exports, "vnets", ...networks.map((network) => network.resource));
  if (pools.some(({ machines }) => machines.length > 0)) {
    add(
      exports,
      "asgs",
      resource("Microsoft.Network/applicationSecurityGroups", asg, { provisioningState: "Succeeded" }),
    );
  }
  const gateway = gatewayOf(dice, { v1, isolated, subnet: gatewaySubnet, pools });
  if (!isolated) {
    const address = resource(
      "Microsoft.Network/publicIPAddresses",
      networkId("publicIPAddresses", "pip-gateway"),
      {
        ipAddress: "203.0.113.20",
        publicIPAllocationMethod: "Static",
        idleTimeoutInMinutes: 4,
        sku: { name: "Standard", tier: "Regional" },
      },
    );
    add(exports, "public-ips", address);
  }
  return {
    v1,
    isolated,
    gateway,
    networks,
    gatewaySubnet,
    pools,
    exports,
    healthReport: healthReportOf(gateway),
    accessLog: accessLogOf(dice, gateway),
  };
}

export function add(exports: Exports, document: string, ...resources: readonly Json[]): void {
  exports.set(document, [...(exports.get(document) ?? []), ...resources]);
}

interface Making {
  readonly v1: boolean;
  readonly isolated: boolean;
  readonly asg: string;
  readonly exports: Exports;
}

type Scheme = readonly ["Http" | "Https", number];
const plainSchemes: readonly [Scheme, ...Scheme[]] = [
  ["Http", 80],
  ["Http", 8080],
  ["Http", 5000],
  ["Http", 9200],
];
const schemes: readonly [Scheme, ...Scheme[]] = [...plainSchemes, ["Https", 443], ["Https", 8443]];

function makePool(dice: Dice, index: number, subnets: readonly Subnet[], making: Making): Pool {
  const { v1, isolated, exports } = making;
  const name = `pool-${index}`;
  const kind = dice.pick<Pool["kind"]>(
    "address",
    "interface",
    "name",
    "scale-set",
    "load-balancer",
    ...(isolated ? [] : (["site"] as const)),
  );
  if (kind === "site") {
    const fqdn = `fabrikam-mill-${index}.azurewebsites.net`;
    add(exports, "sites", siteOf(`fabrikam-mill-${index}`, fqdn));
    return { name, kind, port: 443, protocol: "Https", subnet: undefined, machines: [], fqdn };
  }
  // v1 asks for the servers' own certificates where they speak TLS: left to the cases.
  const [protocol, port] = dice.pick(...(v1 ? plainSchemes : schemes));
  const subnet = dice.pick(...(subnets as [Subnet]));
  if (kind === "load-balancer") {
    const balancer = loadBalancer(index, subnet, port);
    add(exports, "load-balancers", balancer);
    const address = addressText(subnet.range.first + 4 + subnet.taken - 1);
    return { name, kind, port, protocol, subnet, machines: [], address, fqdn: undefined };
  }
  const count = dice.integer(1, 3);
  const machines = Array.from({ length: count }, (_, place) =>
    kind === "scale-set"
      ? scaleSetInstance(index, place, subnet, making)
      : virtualMachine(index, place, subnet, making),
  );
  if (kind === "scale-set") add(exports, "scale-sets", scaleSetOf(index, subnet));
  const fqdn = kind === "name" ? `app-${index}.mill.fabrikam.example` : undefined;
  if (fqdn !== undefined) addRecord(`app-${index}`, machines, subnets, exports);
  return { name, kind, port, protocol, subnet, machines, fqdn };
}

function siteOf(name: string, fqdn: string): Json {
  return resource("Microsoft.Web/sites", webId(name), {
    kind: "app,linux",
    state: "Running",
    enabled: true,
    defaultHostName: fqdn,
    hostNames: [fqdn],
    enabledHostNames: [fqdn, fqdn.replace(".", ".scm.")],
    httpsOnly: true,
    publicNetworkAccess: "Enabled",
    siteConfig: { healthCheckPath: null, ipSecurityRestrictions: null },
  });
}

function virtualMachine(
  pool: number,
  place: number,
  subnet: Subnet,
  { asg, exports }: Pick<Making, "asg" | "exports">,
): Machine {
  const name = `mill-${pool}-${place}`;
  const machineId = computeId("virtualMachines", `vm-${name}`);
  const address = takeAddress(subnet);
  const nic = nicOf(networkId("networkInterfaces", `nic-${name}`), machineId, address, subnet, asg);
  const machine = resource("Microsoft.Compute/virtualMachines", machineId, {
    provisioningState: "Succeeded",
    powerState: "VM running",
    hardwareProfile: { vmSize: "Standard_D2s_v5" },
    networkProfile: { networkInterfaces: [{ id: nic.id }] },
  });
  add(exports, "nics", nic);
  add(exports, "vms", machine);
  return { address, nic, machine };
}

function scaleSetInstance(
  pool: number,
  place: number,
  subnet: Subnet,
  { asg, exports }: Pick<Making, "asg" | "exports">,
): Machine {
  const id = `${computeId("virtualMachineScaleSets", `ss-${pool}`)}/virtualMachines/${place}`;
  const address = takeAddress(subnet);
  const nic = nicOf(`${id}/networkInterfaces/nic-ss`, id, address, subnet, asg);
  nic.type = "Microsoft.Compute/virtualMachineScaleSets/virtualMachines/networkInterfaces";
  const machine = resource("Microsoft.Compute/virtualMachineScaleSets/virtualMachines", id, {
    name: `ss-${pool}_${place}`,
    instanceId: String(place),
    latestModelApplied: true,
    provisioningState: "Succeeded",
    instanceView: { statuses: [{ code: "PowerState/running" }] },
  });
  add(exports, "scale-set-nics", nic);
  add(exports, "scale-set-instances", machine);
  return { address, nic, machine };
}

function loadBalancer(pool: number, subnet: Subnet, port: number): Json {
  const id = networkId("loadBalancers", `lb-${pool}`);
  const frontend = `${id}/frontendIPConfigurations/front`;
  return resource("Microsoft.Network/loadBalancers", id, {
    sku: { name: "Standard", tier: "Regional" },
    frontendIPConfigurations: [
      {
        id: frontend,
        name: "front",
        privateIPAddress: takeAddress(subnet),
        subnet: { id: subnet.resource.id },
      },
    ],
    loadBalancingRules: [
      {
        id: `${id}/loadBalancingRules/all`,
        name: "all",
        protocol: "Tcp",
        frontendPort: port,
        backendPort: port,
        frontendIPConfiguration: { id: frontend },
      },
    ],
    inboundNatRules: [],
  });
}

function scaleSetOf(pool: number, subnet: Subnet): Json {
  return resource(
    "Microsoft.Compute/virtualMachineScaleSets",
    computeId("virtualMachineScaleSets", `ss-${pool}`),
    {
      sku: { name: "Standard_D2s_v5", capacity: 2 },
      upgradePolicy: { mode: "Automatic" },
      virtualMachineProfile: {
        networkProfile: {
          networkInterfaceConfigurations: [
            {
              name: "nic-ss",
              primary: true,
              ipConfigurations: [
                {
                  name: "ipc",
                  subnet: { id: subnet.resource.id },
                  applicationGatewayBackendAddressPools: [{ id: poolId(`pool-${pool}`) }],
                },
              ],
            },
          ],
        },
      },
    },
  );
}

export function poolId(name: string): string {
  return `${networkId("applicationGateways", "agw-mill")}/backendAddressPools/${name}`;
}

function nicOf(id: string, machineId: string, address: string, subnet: Subnet, asg: string): Machine["nic"] {
  return {
    ...resource("Microsoft.Network/networkInterfaces", id, {}),
    enableIPForwarding: false,
    networkSecurityGroup: null,
    virtualMachine: { id: machineId },
    ipConfigurations: [
      {
        id: `${id}/ipConfigurations/ipc`,
        name: "ipc",
        privateIPAddress: address,
        primary: true,
        subnet: { id: subnet.resource.id },
        applicationSecurityGroups: [{ id: asg }],
        applicationGatewayBackendAddressPools: [],
      },
    ],
  };
}

const zoneId = networkId("privateDnsZones", "mill.fabrikam.example");

function addRecord(
  name: string,
  machines: readonly Machine[],
  subnets: readonly Subnet[],
  exports: Exports,
): void {
  if (!exports.has("zones")) {
    const zone = resource("Microsoft.Network/privateDnsZones", zoneId, { location: "global" });
    const link = resource(
      "Microsoft.Network/privateDnsZones/virtualNetworkLinks",
      `${zoneId}/virtualNetworkLinks/home`,
      {
        location: "global",
        registrationEnabled: false,
        // The gateway's network is the first that has subnets.
        virtualNetwork: { id: subnets[0]?.network.resource.id },
        virtualNetworkLinkState: "Completed",
      },
    );
    const start = resource("Microsoft.Network/privateDnsZones/SOA", `${zoneId}/SOA/@`, { ttl: 3600 });
    add(exports, "zones", zone);
    add(exports, "zone-links", link);
    add(exports, "zone-records", start);
  }
  const aRecords = machines.map(({ address }) => ({ ipv4Address: address }));
  const record = resource("Microsoft.Network/privateDnsZones/A", `${zoneId}/A/${name}`, {
    ttl: 300,
    aRecords,
  });
  add(exports, "zone-records", record);
}

function flowTo(subnet: Subnet, pools: readonly Pool[], from: Subnet): Flow {
  const here = pools.filter((pool) => pool.subnet === subnet);
  return {
    from,
    addresses: here.flatMap(addressesOf),
    ports: [...new Set(here.map(({ port }) => port))],
  };
}

export function addressesOf({ machines, address }: Pool): string[] {
  return [...machines.map((machine) => machine.address), ...(address === undefined ? [] : [address])];
}

function guardServers(
  dice: Dice,
  subnets: readonly Subnet[],
  pools: readonly Pool[],
  from: Subnet,
  asg: string,
  exports: Exports,
): void {
  for (const subnet of subnets) {
    const here = pools.filter((pool) => pool.subnet === subnet);
    const name = String(subnet.resource.name);
    const flow = flowTo(subnet, pools, from);
    // The frontend of a load balancer is no member of a security group: its servers are.
    const allMembers = here.every(({ machines }) => machines.length > 0);
    if (dice.chance()) {
      const rules =
        flow.addresses.length === 0 ? [] : serverSideRules(dice, flow, allMembers ? asg : undefined);
      const group = securityGroup(`nsg-${name}`, rules, dice);
      subnet.resource.networkSecurityGroup = { id: group.id };
      add(exports, "nsgs", group);
    }
    if (dice.chance()) {
      const table = routeTable(`rt-${name}`, serverSideRoutes(dice, subnet), dice.chance());
      subnet.resource.routeTable = { id: table.id };
      add(exports, "route-tables", table);
    }
    for (const { name: poolName, machines, port } of here) {
      if (machines.length === 0 || !dice.chance(3)) continue;
      const own = { from, addresses: machines.map(({ address }) => address), ports: [port] };
      const group = securityGroup(`nsg-nic-${poolName}`, serverSideRules(dice, own, asg), dice);
      for (const { nic } of machines) nic.networkSecurityGroup = { id: group.id };
      add(exports, "nsgs", group);
    }
  }
}

function guardGateway(
  dice: Dice,
  subnet: Subnet,
  pools: readonly Pool[],
  kind: { readonly v1: boolean; readonly isolated: boolean },
  exports: Exports,
): void {
  if (dice.chance()) {
    const used = [...new Set(pools.flatMap((pool) => pool.subnet ?? []))];
    const flows = used.map((one) => flowTo(one, pools, subnet));
    const group = securityGroup("nsg-gateway", gatewaySideRules(dice, subnet, flows, kind), dice);
    subnet.resource.networkSecurityGroup = { id: group.id };
    add(exports, "nsgs", group);
  }
  if (dice.chance()) {
    const table = routeTable("rt-gateway", gatewaySideRoutes(dice, subnet), dice.chance());
    subnet.resource.routeTable = { id: table.id };
    add(exports, "route-tables", table);
  }
}

/** Things that stand around and have nothing to do with the gateway. */
function addClutter(dice: Dice, home: Network, subnets: readonly Subnet[], exports: Exports): void {
  const [subnet] = subnets as [Subnet];
  if (dice.chance(3)) {
    const asg = networkId("applicationSecurityGroups", "asg-servers");
    const { machine, nic } = virtualMachine(99, 0, subnet, { asg, exports });
    machine.powerState = "VM deallocated";
    (nic.ipConfigurations[0] as Json).applicationSecurityGroups = [];
  }
  if (dice.chance(3)) {
    const id = networkId("privateDnsZones", "legacy.fabrikam.example");
    add(
      exports,
      "zones",
      resource("Microsoft.Network/privateDnsZones", id, {
        location: "global",
        numberOfRecordSets: 1,
        numberOfVirtualNetworkLinks: 0,
      }),
    );
  }
  if (dice.chance(4)) addNetworkGateway(dice, home, exports);
  if (dice.chance(4)) {
    const table = routeTable("rt-unused", [{ addressPrefix: "0.0.0.0/0", nextHopType: "None" }], true);
    add(exports, "route-tables", table);
    const unused = addSubnet(dice, home, "snet-unused", [24]);
    if (dice.chance()) unused.resource.routeTable = { id: table.id };
  }
  if (dice.chance(4)) {
    const deny = {
      access: "Deny",
      direction: "Inbound",
      source: { Prefix: "*" },
      destination: { Prefix: "*" },
      ports: ["*"],
    } as const;
    add(exports, "nsgs", securityGroup("nsg-unused", [deny], dice));
  }
}

/** It may teach routes, and nothing shows that it does. */
function addNetworkGateway(dice: Dice, home: Network, exports: Exports): void {
  const subnet = addSubnet(dice, home, "GatewaySubnet", [27]);
  const id = networkId("virtualNetworkGateways", "vng-mill");
  const one = resource("Microsoft.Network/virtualNetworkGateways", id, {
    gatewayType: "Vpn",
    vpnType: "RouteBased",
    ipConfigurations: [{ id: `${id}/ipConfigurations/ipc`, name: "ipc", subnet: { id: subnet.resource.id } }],
  });
  add(exports, "network-gateways", one);
}

function healthReportOf({ resource: { id }, pairs }: GatewayPlan): Json {
  return {
    backendAddressPools: pairs.map(({ pool, setting }) => ({
      backendAddressPool: { id: poolId(pool.name) },
      backendHttpSettingsCollection: [
        {
          backendHttpSettings: { id: `${id}/backendHttpSettingsCollection/${setting}` },
          servers: serversOf(pool).map((server) => ({
            ...server,
            health: "Healthy",
            healthProbeLog: "Success. Received 200 status code",
          })),
        },
      ],
    })),
  };
}

function serversOf({ fqdn, machines, kind, address: frontend }: Pool): Json[] {
  const only = fqdn ?? frontend;
  if (only !== undefined) return [{ address: only }];
  return machines.map(({ address, nic }) =>
    kind === "address"
      ? { address }
      : { address, ipConfiguration: { id: (nic.ipConfigurations[0] as Json).id } },
  );
}

function accessLogOf(dice: Dice, { resource: { id }, pairs }: GatewayPlan): string {
  const rows = pairs.flatMap(({ pool, setting, listener, rule }, index) =>
    Array.from({ length: dice.integer(1, 4) }, (_, place) => ({
      timeStamp: `2026-05-31T10:${String(index).padStart(2, "0")}:0${place}Z`,
      resourceId: id.toUpperCase(),
      listenerName: listener,
      ruleName: rule,
      backendPoolName: pool.name,
      backendSettingName: setting,
      operationName: "ApplicationGatewayAccess",
      category: "ApplicationGatewayAccessLog",
      properties: {
        instanceId: "appgw_0",
        clientIP: "198.51.100.7",
        httpMethod: "GET",
        requestUri: "/",
        originalRequestUriWithArgs: "/",
        httpStatus: 200,
        timeTaken: 0.04,
        serverRouted: `${addressesOf(pool)[0] ?? "198.51.100.80"}:${pool.port}`,
        serverStatus: "200",
        serverResponseLatency: "0.03",
        originalHost: "mill.fabrikam.example",
        host: "mill.fabrikam.example",
        error_info: "ERRORINFO_NO_ERROR",
      },
    })),
  );
  return rows.map((row) => JSON.stringify(row)).join("\n");
}

/** The documents that an operator exports: the gateway's always, of the others those named. */
export function documentsOf(
  dice: Dice,
  { gateway, exports, healthReport, accessLog }: World,
  wanted: ReadonlySet<string>,
): DocumentInput[] {
  const written = (one: Json): Json => (dice.chance() ? rawArm(one) : one);
  const json = (name: string, value: unknown): DocumentInput =>
    documentOf(`${name}.json`, JSON.stringify(value, null, 1));
  const lists = [...exports]
    .filter(([name]) => wanted.has(name))
    .map(([name, resources]) => {
      // Machines are flattened only: their power state stands nowhere in the raw form without the instance view.
      const list = name === "vms" ? resources : resources.map(written);
      return json(name, dice.chance() ? { value: list } : list);
    });
  return [
    json("gateway", written(gateway.resource)),
    ...lists,
    ...(wanted.has("health") ? [json("health", healthReport)] : []),
    ...(wanted.has("log") ? [documentOf("access-log.ndjson", `${accessLog}\n`)] : []),
  ];
}

/** What a whole export has, empty lists too: "there is none" is said only of what was listed. */
export function everything({ exports }: World): Set<string> {
  for (const name of ["nics", "vms", "nsgs", "route-tables", "vnets"]) add(exports, name);
  return new Set(exports.keys());
}
