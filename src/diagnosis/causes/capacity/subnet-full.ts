import type { Gateway } from "../../../model/gateway.ts";
import type { Subnet } from "../../../model/network.ts";
import { idKey } from "../../../model/resource.ts";
import { parseRange } from "../../../network/addresses.ts";
import { type Decision, defineCause } from "../../cause.ts";
import { exportCommand } from "../../exports.ts";
import type { FixProposal, Statement } from "../../finding.ts";
import { evidence, gatewaySubject, listed, subject } from "../../statements.ts";
import { signsOfTrouble } from "../config/signs-of-trouble.ts";
import { undecided } from "../log-evidence.ts";
import { instancesOf } from "./gateway-size.ts";

interface Match {
  readonly gateway: Gateway;
  readonly subnet: Subnet;
  readonly neighbours: readonly Gateway[];
  readonly usable: number;
  readonly needed: number;
}

/** Addresses Azure keeps in every subnet. */
const reserved = 5;

export default defineCause({
  id: "subnet-full",
  title: "Gateway subnet too small for its instances",
  layer: "capacity",
  decidedBy: ["configuration"],
  reads: ["gateway", "gateways", "health", "traffic"],
  explainedBy: [],
  about: `Every instance takes an address of the gateway subnet, every private frontend another, and Azure keeps five. When the
most instances of all gateways in the subnet do not fit, scaling out and upgrades fail at the worst moment, and the
gateway may end in a failed state. Vendor's advice is a /24 for v2 and a /26 for v1.`,
  find: ({ gateway, gateways, health, traffic }) => {
    const reference = gateway.subnet;
    if (reference === undefined) return [];
    const subnet = reference.target;
    if (subnet === undefined) {
      const what = `how many addresses subnet ${reference.id.split("/").at(-1)} of the gateway has`;
      const command = exportCommand("Microsoft.Network/virtualNetworks", vnetOf(reference.id));
      return [undecided(what, command, { gateway: true })];
    }
    const neighbours = gateways.filter((one) => one.subnet !== undefined && sameSubnet(one, reference.id));
    const usable = usableAddresses(subnet);
    const needed = neighbours.reduce((sum, one) => sum + addressesOf(one, reference.id), 0);
    if (usable === undefined || needed <= usable) return [];
    const failed = /^failed$/i.test(gateway.provisioningState ?? "");
    const harms = failed && signsOfTrouble(health, traffic) !== "well";
    const decision: Decision<Match> = {
      is: "found",
      key: subnet.name,
      match: { gateway, subnet, neighbours, usable, needed },
      affects: { gateway: true },
      effect: harms ? "impairs" : "threatens",
      basis: harms ? "observed-likely" : "configuration",
    };
    return [decision];
  },
  say: ({ gateway, subnet, neighbours, usable, needed }): Statement => ({
    summary: `Subnet ${subnet.name} (${listed(subnet.addressPrefixes)}) has ${usable} usable addresses; ${neighbours.length === 1 ? `gateway ${gateway.name}` : `gateways ${listed(neighbours.map(({ name }) => name))}`} can need ${needed}`,
    subjects: [subject("subnet", subnet), gatewaySubject(gateway)],
    evidence: [
      evidence(
        `${listed(subnet.addressPrefixes)}: ${usable} addresses without the ${reserved} reserved ones`,
        subnet.source.at(
          subnet.source.peek("addressPrefix") === undefined ? "addressPrefixes" : "addressPrefix",
        ),
      ),
      ...neighbours.map((one) =>
        evidence(`${one.name}: up to ${addressesOf(one, gateway.subnet?.id ?? "")} addresses`, sizeOf(one)),
      ),
      ...(/^failed$/i.test(gateway.provisioningState ?? "")
        ? [evidence("the last operation on the gateway failed", gateway.source.at("provisioningState"))]
        : []),
    ],
  }),
  fix: ({ gateway, usable, needed }) => fixSubnet(gateway, needed - usable),
});

/** Lowering the maximum by what is missing is the only change that moves nothing. */
function fixSubnet(gateway: Gateway, missing: number): FixProposal {
  const instances = instancesOf(gateway);
  const most = (instances?.most ?? 0) - missing;
  if (instances?.autoscales !== true || most < Math.max(2, instances.least)) {
    return {
      summary: `Move gateway ${gateway.name} to a larger subnet: stop it, set the new subnet, start it.`,
      changes: [],
      sideEffects: [],
    };
  }
  return {
    summary: `Lower the maximum of gateway ${gateway.name} to ${most} instances, or move it to a larger subnet.`,
    changes: [
      { action: "set", resourceId: gateway.id, path: "autoscaleConfiguration/maxCapacity", value: most },
    ],
    sideEffects: [`The gateway cannot grow beyond ${most} instances under load.`],
  };
}

function sameSubnet(gateway: Gateway, id: string): boolean {
  return gateway.subnet !== undefined && idKey(gateway.subnet.id) === idKey(id);
}

/** At most: instances and private frontends. Where autoscaling names no maximum, the minimum is all that is certain. */
function addressesOf(gateway: Gateway, subnetId: string): number {
  const instances = instancesOf(gateway);
  const frontends = gateway.frontendIpConfigurations.filter(
    ({ subnet }) => subnet !== undefined && idKey(subnet.id) === idKey(subnetId),
  );
  return Math.max(instances?.most ?? instances?.least ?? 1, 1) + frontends.length;
}

/** Undefined when the prefixes are not readable. Instances have IPv4 addresses whatever else they have. */
function usableAddresses({ addressPrefixes }: Subnet): number | undefined {
  let usable: number | undefined;
  for (const prefix of addressPrefixes) {
    const range = parseRange(prefix);
    if (range?.family !== 4) continue;
    usable = (usable ?? 0) + Math.max(0, Number(range.last) - Number(range.first) + 1 - reserved);
  }
  return usable;
}

function sizeOf(gateway: Gateway) {
  return gateway.autoscale === undefined
    ? gateway.source.at("sku").at("capacity")
    : gateway.source.at("autoscaleConfiguration").at("maxCapacity");
}

function vnetOf(subnetId: string): string {
  return subnetId.replace(/\/subnets\/[^/]+\/?$/i, "");
}
