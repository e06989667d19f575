import type { Peering, VirtualNetwork } from "../model/network.ts";
import { nameOfId } from "../model/resource.ts";
import type { AddressRange } from "./addresses.ts";
import { parseRange } from "./addresses.ts";
import type { ApplianceJudgement } from "./appliances.ts";
import type { Step } from "./hops.ts";
import type { Area } from "./locate.ts";
import type { AdminRuleHop, PeeringHop, SecurityGroupHop } from "./path.ts";
import type { Composition } from "./path-facts.ts";
import { judgePeering, peeringBack } from "./peerings.ts";
import type { GroupSide } from "./server-side.ts";
import type { TagPlace } from "./service-tags.ts";

type FilterStep = Step<SecurityGroupHop | AdminRuleHop>;

/** The peerings the traffic crosses: to the server's network, or by way of the appliance's (network.md §5). */
export function peeringSteps(
  composition: Composition,
  appliance: ApplianceJudgement | undefined,
  filters: readonly FilterStep[],
): Step<PeeringHop>[] {
  const home = composition.flow.traffic.from.virtualNetwork;
  if (home === undefined) return [];
  const { end, range } = composition;
  const steps: Step<PeeringHop>[] = [];
  const between = appliance?.area;
  if (between !== undefined && between.networkId !== end.area.networkId) {
    const own = parseRange(appliance?.hop.address ?? "");
    if (own !== undefined) steps.push(...crossing(home, between, own, composition));
    steps.push(...onward(between, end.area));
    // What the appliance forwards does not use a direct peering between the two networks.
    if (between.networkId !== undefined) return steps;
  }
  const direct = crossing(home, end.area, range, composition);
  return [...steps, ...direct.map((step) => withAccess(step, composition, filters))];
}

/** The gateway network's own peering towards an area. */
function crossing(
  home: VirtualNetwork,
  area: Area,
  range: AddressRange,
  { flow }: Composition,
): Step<PeeringHop>[] {
  const { peering } = area;
  if (peering === undefined) return [];
  const state = judgePeering(home, peering, range, flow.traffic.source);
  return [
    {
      hop: {
        kind: "peering",
        verdict: state.verdict,
        peering: state.peering,
        virtualNetwork: home,
        reason: state.reason,
        says: state.says,
        origin: state.peering.source,
      },
      missing: state.missing,
    },
  ];
}

/** From the appliance's network to the server's: a peering there has to exist and to take forwarded traffic. */
function onward(between: Area, target: Area): Step<PeeringHop>[] {
  const hub = between.virtualNetwork;
  const spoke = target.virtualNetwork;
  if (hub === undefined || spoke === undefined) return [];
  const receiving = peeringBack(spoke, hub);
  if (receiving === undefined || receiving.allowForwardedTraffic) return [];
  const says = `peering ${receiving.name} of ${spoke.name} does not take traffic that ${hub.name} forwards (allowForwardedTraffic is off)`;
  return [
    {
      hop: {
        kind: "peering",
        verdict: "unknown",
        peering: receiving,
        virtualNetwork: spoke,
        reason: "forwarded-traffic-not-allowed",
        says,
        origin: receiving.source.at("allowForwardedTraffic"),
      },
      missing: [],
    },
  ];
}

/**
 * `allowVirtualNetworkAccess` off on either side takes the other network out of the tag VirtualNetwork. It is at fault
 * when a group denies that would not deny otherwise; with groups that allow by address, traffic passes.
 */
function withAccess(
  step: Step<PeeringHop>,
  composition: Composition,
  filters: readonly FilterStep[],
): Step<PeeringHop> {
  const { peering } = composition.end.area;
  const home = composition.flow.traffic.from.virtualNetwork;
  const remote = peering?.remoteVirtualNetwork?.target;
  const back = remote && home && peeringBack(remote, home);
  const closed = [peering, back].find((side) => side !== undefined && !side.allowVirtualNetworkAccess);
  if (step.hop.verdict === "no") return step;
  if (closed === undefined) {
    return peering === undefined || remote !== undefined ? step : withUnseenSide(step, peering, filters);
  }
  const fact = `peering ${closed.name} has allowVirtualNetworkAccess off`;
  const at = { peering: closed, reason: "access-not-allowed", origin: closed.source } as const;
  const denied = filters.some(({ hop }) => hop.verdict === "no");
  if (denied && !deniesAnyway(composition)) {
    const says = `${fact}: VirtualNetwork leaves out the other side, and no rule allows ${composition.label} by address`;
    return { hop: { ...step.hop, ...at, verdict: "no", says }, missing: [] };
  }
  if (filters.length > 0 && filters.every(({ hop }) => hop.verdict === "yes")) {
    return { ...step, hop: { ...step.hop, ...at, says: `${fact}, but security rules allow the traffic` } };
  }
  const says = `${fact}: traffic passes only where security rules allow it by address`;
  return { hop: { ...step.hop, ...at, verdict: "unknown", says }, missing: step.missing };
}

/** Whether the other side gives access was not exported: an open question unless every group is known to allow. */
function withUnseenSide(
  step: Step<PeeringHop>,
  peering: Peering,
  filters: readonly FilterStep[],
): Step<PeeringHop> {
  const other = peering.remoteVirtualNetwork?.id;
  if (other === undefined || step.hop.verdict !== "yes") return step;
  if (filters.length > 0 && filters.every(({ hop }) => hop.verdict === "yes")) return step;
  const name = nameOfId(other);
  const says = `${step.hop.says}; whether ${name} gives access over it was not exported`;
  const missing = {
    what: `the virtual network ${name}`,
    type: "microsoft.network/virtualnetworks",
    resourceId: other,
  };
  return { hop: { ...step.hop, verdict: "unknown", says }, missing: [...step.missing, missing] };
}

/** Whether a group would still deny if the peering let each side count as VirtualNetwork of the other. */
function deniesAnyway(composition: Composition): boolean {
  const { outbound, server, flow, end } = composition;
  const sides: readonly (readonly [GroupSide, TagPlace | undefined, "Inbound" | "Outbound"])[] = [
    [outbound, flow.view.placeOf(flow.traffic.from), "Outbound"],
    ...(server === undefined || end.area.subnet === undefined
      ? []
      : [server.subnet, server.networkInterface].map(
          (side) =>
            [side, flow.view.placeOf(end.area.subnet as NonNullable<Area["subnet"]>), "Inbound"] as const,
        )),
  ];
  return sides.some(([side, place, direction]) => {
    if (side.kind !== "rules" || place === undefined) return false;
    const question = {
      rules: side.group.rules,
      place: opened(place),
      direction,
      source: flow.traffic.source,
      otherSource: undefined,
      effective: false,
    };
    const answerer = flow.rules.answererFor(question);
    return answerer(end.address, end.owner.ipConfiguration).result.verdict === "no";
  });
}

/** The same place with every peering open. */
function opened(place: TagPlace): TagPlace {
  const { virtualNetwork } = place;
  if (virtualNetwork === undefined) return place;
  const peerings = virtualNetwork.peerings.map((peering) => ({
    ...peering,
    allowVirtualNetworkAccess: true,
  }));
  return { ...place, virtualNetwork: { ...virtualNetwork, peerings } };
}
