import type { CauseId } from "../../src/diagnosis/cause-ids.ts";
import { addressText, rangeText } from "./addresses.ts";
import type { Dice } from "./dice.ts";
import {
  gatewaySideRules,
  type RouteTable,
  routeTable,
  type SecurityGroup,
  type Subnet,
  securityGroup,
  securityRule,
} from "./healthy-network.ts";
import { add, type Exports, type Pool, type World } from "./healthy-world.ts";
import type { Json } from "./notation.ts";

/** Breaks a healthy world in one way: the cause that is to be found, and no other. */
export function breakWorld(dice: Dice, world: World): CauseId {
  const servers = world.pools.filter((pool): pool is Serving => pool.machines.length > 0);
  const pool = servers[dice.integer(0, Math.max(0, servers.length - 1))];
  const far = servers.find(({ subnet }) => subnet.network !== world.networks[0]);
  const ways: [() => CauseId, ...(() => CauseId)[]] = [
    () => stopGateway(world),
    () => emptyPool(dice, world),
  ];
  if (pool !== undefined) {
    ways.push(
      () => denyAtSubnet(dice, world, pool),
      () => denyAtInterfaces(dice, world, pool),
      () => denyOutbound(dice, world, pool),
      () => powerOff(dice, pool),
      () => blackhole(dice, world, pool),
    );
  }
  if (far !== undefined) ways.push(() => disconnect(dice, world, far));
  return dice.pick(...ways)();
}

type Serving = Pool & { readonly subnet: Subnet };

function stopGateway({ gateway }: World): CauseId {
  gateway.resource.operationalState = "Stopped";
  return "gateway-stopped";
}

function emptyPool(dice: Dice, { gateway, pools }: World): CauseId {
  const { name, machines } = dice.pick(...(pools as [Pool, ...Pool[]]));
  const emptied = (gateway.resource.backendAddressPools as Json[]).find((one) => one.name === name);
  Object.assign(emptied as Json, { backendAddresses: [], backendIPConfigurations: [] });
  for (const { nic } of machines) {
    for (const one of nic.ipConfigurations) one.applicationGatewayBackendAddressPools = [];
  }
  const uses = gateway.pairs.filter(({ pool }) => pool.name === name);
  return uses.every(({ asDefault }) => asDefault) ? "pathmap-default-empty" : "pool-empty";
}

function groupOf(
  dice: Dice,
  exports: Exports,
  owner: Json,
  name: string,
  rules: Parameters<typeof securityGroup>[1] = [],
): SecurityGroup {
  const id = (owner.networkSecurityGroup as Json | undefined | null)?.id;
  const known = exports.get("nsgs")?.find((one) => one.id === id);
  if (known !== undefined) return known as SecurityGroup;
  const made = securityGroup(name, rules, dice);
  owner.networkSecurityGroup = { id: made.id };
  add(exports, "nsgs", made);
  return made;
}

/** Before every other rule: the healthy world begins at 200. */
function denyFirst(dice: Dice, group: SecurityGroup, from: Subnet, ports: readonly string[]): void {
  const source = dice.pick("*", rangeText(from.range), rangeText(from.network.range), "VirtualNetwork");
  group.securityRules.push(
    securityRule(group.id, "broken", dice.integer(100, 199), {
      access: "Deny",
      direction: "Inbound",
      protocol: dice.pick("*", "Tcp"),
      source: { Prefix: source },
      destination: { Prefix: "*" },
      ports,
    }),
  );
}

function portsAround(dice: Dice, port: number): string[] {
  return dice.pick(["*"], [String(port)], [`${port - 1}-${port + 1}`], ["22", String(port)]);
}

function denyAtSubnet(dice: Dice, world: World, { subnet, port }: Serving): CauseId {
  const group = groupOf(dice, world.exports, subnet.resource, "nsg-broken");
  denyFirst(dice, group, world.gatewaySubnet, portsAround(dice, port));
  return "nsg-backend-subnet-in";
}

function denyAtInterfaces(dice: Dice, world: World, { machines, port }: Serving): CauseId {
  const [first] = machines as [Serving["machines"][number]];
  const group = groupOf(dice, world.exports, first.nic, "nsg-nic-broken");
  for (const { nic } of machines) nic.networkSecurityGroup = { id: group.id };
  denyFirst(dice, group, world.gatewaySubnet, portsAround(dice, port));
  return "nsg-backend-nic-in";
}

function denyOutbound(dice: Dice, world: World, { subnet, machines }: Serving): CauseId {
  const { gatewaySubnet, exports } = world;
  const rules = gatewaySideRules(dice, gatewaySubnet, [], world);
  const group = groupOf(dice, exports, gatewaySubnet.resource, "nsg-gateway-broken", rules);
  const [first] = machines as [Serving["machines"][number]];
  group.securityRules.push(
    securityRule(group.id, "broken", dice.integer(100, 199), {
      access: "Deny",
      direction: "Outbound",
      source: { Prefix: dice.pick("*", rangeText(gatewaySubnet.range), "VirtualNetwork") },
      destination: {
        Prefix: dice.pick(rangeText(subnet.range), rangeText(subnet.network.range), first.address),
      },
      ports: ["*"],
    }),
  );
  return "nsg-gw-out";
}

function powerOff(dice: Dice, { machines }: Serving): CauseId {
  for (const { machine } of machines) {
    const state = dice.pick("deallocated", "stopped");
    if ("instanceView" in machine) machine.instanceView = { statuses: [{ code: `PowerState/${state}` }] };
    else machine.powerState = `VM ${state}`;
  }
  return "backend-down";
}

function blackhole(dice: Dice, { gatewaySubnet, exports }: World, { subnet, machines }: Serving): CauseId {
  const id = (gatewaySubnet.resource.routeTable as Json | undefined)?.id;
  let table = exports.get("route-tables")?.find((one) => one.id === id) as RouteTable | undefined;
  if (table === undefined) {
    table = routeTable("rt-broken", [], true);
    gatewaySubnet.resource.routeTable = { id: table.id };
    add(exports, "route-tables", table);
  }
  const [first] = machines as [Serving["machines"][number]];
  table.routes.push({
    id: `${table.id}/routes/broken`,
    name: "broken",
    addressPrefix: dice.pick(
      rangeText(subnet.range),
      `${first.address}/32`,
      `${addressText(subnet.range.first)}/24`,
    ),
    nextHopType: "None",
  });
  return "route-gw-blackhole";
}

function disconnect(dice: Dice, { networks }: World, { subnet }: Serving): CauseId {
  const [home] = networks as [World["networks"][number]];
  const state = dice.pick("Disconnected", "Initiated");
  const sides = dice.pick<[World["networks"][number], string][]>(
    [
      [home, subnet.network.resource.id],
      [subnet.network, home.resource.id],
    ],
    [[home, subnet.network.resource.id]],
    [[subnet.network, home.resource.id]],
  );
  for (const [network, remoteId] of sides) {
    for (const peering of network.resource.virtualNetworkPeerings) {
      if ((peering.remoteVirtualNetwork as Json).id === remoteId) peering.peeringState = state;
    }
  }
  return "peering-broken";
}
