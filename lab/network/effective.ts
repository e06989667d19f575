import { networkId } from "../world/resource.ts";
import type { LabWorld } from "../world/world.ts";
import { networksOf, portsOf } from "./facts.ts";
import { effectiveRoutes, type Hop, type SubnetRoute } from "./routing.ts";

/** What `az network nic show-effective-route-table` prints of an interface, with the interface named. */
export function effectiveRouteTable(world: LabWorld, nic: string): unknown {
  const { resources, onPremises } = world;
  const networks = networksOf(resources);
  const ports = portsOf(world);
  const host = world.hosts.find(({ at }) => "nic" in at && at.nic === nic);
  const port = ports.find((one) => one.host === host?.name);
  const network = networks.find(({ subnets }) => subnets.some(({ id }) => id === port?.subnet));
  const subnet = network?.subnets.find(({ id }) => id === port?.subnet);
  if (network === undefined || subnet === undefined) throw new Error(`no host has the interface ${nic}`);
  const routes = effectiveRoutes(subnet, network, { networks, ports, resources, onPremises });
  return { networkInterface: { id: networkId("networkInterfaces", nic) }, value: routes.map(rowOf) };
}

function rowOf({ prefix, hop, source }: SubnetRoute): unknown {
  return {
    addressPrefix: [prefix],
    nextHopIpAddress: hop.kind === "appliance" ? [hop.address] : [],
    nextHopType: source === "VirtualNetworkGateway" ? "VirtualNetworkGateway" : hopTypes[hop.kind],
    source,
    state: "Active",
  };
}

const hopTypes: Readonly<Record<Hop["kind"], string>> = {
  local: "VnetLocal",
  internet: "Internet",
  none: "None",
  "on-premises": "VirtualNetworkGateway",
  peer: "VNetPeering",
  appliance: "VirtualAppliance",
};
