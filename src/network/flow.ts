import type { IpConfiguration } from "../model/hosts.ts";
import type { NetworkSecurityGroup, SecurityRule } from "../model/network.ts";
import type { Reference } from "../model/resource.ts";
import type { AddressSet } from "./address-sets.ts";
import {
  type Address,
  type AddressRange,
  formatAddress,
  intersection,
  parseAddress,
  rangeContains,
  rangeOfAddress,
} from "./addresses.ts";
import { type Step, securityGroupStep, trafficLabel } from "./hops.ts";
import type { Area, Surroundings } from "./locate.ts";
import type { NetworkView } from "./network-view.ts";
import type { Destination, Hop, NetworkPath } from "./path.ts";
import { composePath, summary } from "./path-composition.ts";
import type { FlowContext, ServerFacts, Traffic } from "./path-facts.ts";
import { effectOf, type RouteChoice } from "./routes.ts";
import { grow, type IdentityTree, RuleCache } from "./rule-cache.ts";
import { type Segment, type Segments, segmentAt } from "./segments.ts";
import {
  type AskGroup,
  type GroupSide,
  interfaceSide,
  isPrivateEndpoint,
  type ServerEnd,
  subnetSide,
} from "./server-side.ts";

/**
 * One kind of traffic with everything compiled for it. Servers for which every rule, route and place is the same are a
 * class: their hops are made once and shared.
 */
export class Flow implements FlowContext {
  readonly traffic: Traffic;
  readonly view: NetworkView;
  readonly surroundings: Surroundings;
  readonly rules: RuleCache;
  private readonly routes: Segments<RouteChoice>;
  private readonly classes: IdentityTree<SharedPath> = new Map();
  private readonly places = new Map<Area, Destination>();
  private readonly applianceSources = new Map<string, AddressSet>();

  constructor(traffic: Traffic, view: NetworkView) {
    this.traffic = traffic;
    this.view = view;
    this.surroundings = view.surroundingsOf(traffic.from);
    this.routes = view.routesOf(traffic.from);
    this.rules = new RuleCache(traffic.protocol, traffic.port, view.tags);
  }

  path(address: Address, joined: Reference<IpConfiguration> | undefined): NetworkPath {
    if (isPlatformAddress(address)) return this.platformPath(address);
    const end = this.endOf(address, joined);
    const outbound = this.outboundSide(end);
    const forward = segmentAt(this.routes, address);
    const applianceAddress = applianceOf(forward.result);
    const server = end.area.joined ? this.serverFacts(end, applianceAddress) : undefined;
    const { branch, leaf } = this.classOf(end, outbound, forward, server);
    let shared = branch.get(leaf) as SharedPath | undefined;
    if (shared === undefined) {
      const sides = [outbound, ...(server === undefined ? [] : [server.subnet, server.networkInterface])];
      const range = commonRange(end, forward, sides);
      shared = composePath(this, { end, outbound, forward: forward.result, applianceAddress, server, range });
      branch.set(leaf, shared);
    }
    return { ...shared, destination: this.destinationOf(end) };
  }

  applianceSource(appliance: Address | undefined): AddressSet | undefined {
    if (appliance === undefined) return undefined;
    const key = String(appliance.value);
    const known = this.applianceSources.get(key);
    if (known !== undefined) return known;
    const source = [rangeOfAddress(appliance)];
    this.applianceSources.set(key, source);
    return source;
  }

  /**
   * The platform's own DNS, health and metadata addresses: no route leads elsewhere, and only rules that name their
   * tags apply (network.md §1.3).
   */
  private platformPath(address: Address): NetworkPath {
    const { from, protocol, port } = this.traffic;
    const end = this.endOf(address, undefined);
    const group = from.networkSecurityGroup?.target;
    const rules = group?.rules.filter(({ destinationPrefixes }) =>
      destinationPrefixes.some((prefix) => /^azureplatform/i.test(prefix)),
    );
    const steps: Step<Hop>[] = [];
    if (group !== undefined && rules !== undefined && rules.length > 0) {
      const { decision } = this.groupSide(group, rules, end);
      const label = trafficLabel(protocol, from.addressPrefixes, formatAddress(address), port);
      if (!decision.result.unmatched) {
        steps.push(
          securityGroupStep("gateway-subnet-outbound", group, `NSG ${group.name}`, decision.result, label),
        );
      }
    }
    return { ...summary(steps), destination: this.destinationOf(end) };
  }

  private endOf(address: Address, joined: Reference<IpConfiguration> | undefined): ServerEnd {
    const configuration = joined?.target;
    const here = this.surroundings.areaAt(address);
    const subnet = configuration?.subnet?.target;
    const named =
      subnet === undefined || subnet === here.subnet ? undefined : this.surroundings.areaOfSubnet(subnet);
    const area = named ?? here;
    const owner = this.view.owners.ownerOf(address, area, configuration);
    return { address, area, owner, isEndpoint: isPrivateEndpoint(owner), joinedId: joined?.id };
  }

  private outboundSide(end: ServerEnd): GroupSide {
    const reference = this.traffic.from.networkSecurityGroup;
    if (reference === undefined) return noSide;
    const group = reference.target;
    return group === undefined ? { kind: "missing", reference } : this.groupSide(group, group.rules, end);
  }

  private groupSide(
    group: NetworkSecurityGroup,
    rules: readonly SecurityRule[],
    { address, owner }: ServerEnd,
  ) {
    const { from, source } = this.traffic;
    const answerer = this.rules.answererFor({
      rules,
      place: this.view.placeOf(from),
      direction: "Outbound",
      source,
      otherSource: undefined,
      effective: false,
    });
    return { kind: "rules", group, decision: answerer(address, owner.ipConfiguration) } as const;
  }

  private serverFacts(end: ServerEnd, appliance: Address | undefined): ServerFacts {
    const networkInterface = end.owner.ipConfiguration?.networkInterface;
    const effective = networkInterface && this.view.effectiveGroupsOf(networkInterface);
    const effectiveRoutes = networkInterface && this.view.effectiveRoutesOf(networkInterface);
    if (effective !== undefined) {
      return { subnet: noSide, networkInterface: noSide, effective, effectiveRoutes };
    }
    const ask: AskGroup = (rules, subnet, configuration) =>
      this.rules.answererFor({
        rules,
        place: this.view.placeOf(subnet),
        direction: "Inbound",
        source: this.traffic.source,
        otherSource: this.applianceSource(appliance),
        effective: false,
      })(end.address, configuration);
    return {
      subnet: subnetSide(end, ask),
      networkInterface: interfaceSide(end, this.view, ask),
      effective,
      effectiveRoutes,
    };
  }

  /** Where the class of a server is kept: equal parts in the same order make the same class. */
  private classOf(
    { address, area, owner, isEndpoint }: ServerEnd,
    outbound: GroupSide,
    forward: Segment<RouteChoice>,
    server: ServerFacts | undefined,
  ): { branch: IdentityTree<SharedPath>; leaf: unknown } {
    let branch = grow(this.classes, area);
    branch = grow(branch, forward);
    branch = grow(branch, keyOfSide(outbound));
    if (server !== undefined) {
      branch = grow(branch, keyOfSide(server.subnet));
      branch = grow(branch, keyOfSide(server.networkInterface));
      branch = grow(branch, standIn(owner, isEndpoint));
    }
    if (area.range === undefined) return { branch, leaf: address.value };
    const hasOwnRules = server?.effective !== undefined || server?.effectiveRoutes !== undefined;
    return { branch, leaf: hasOwnRules ? owner.ipConfiguration : "" };
  }

  private destinationOf({ area, owner }: ServerEnd): Destination {
    const networkInterface = owner.ipConfiguration?.networkInterface;
    const { privateEndpoint } = owner;
    const known = this.places.get(area) ?? this.placeOf(area);
    if (networkInterface === undefined && privateEndpoint === undefined) return known;
    return { ...known, networkInterface, privateEndpoint };
  }

  private placeOf(area: Area): Destination {
    const isOpen = area.place === "private-elsewhere" && this.traffic.from.virtualNetwork === undefined;
    const place: Destination = {
      place: isOpen ? "unknown" : area.place,
      subnet: area.subnet,
      virtualNetwork: area.virtualNetwork,
      networkInterface: undefined,
      privateEndpoint: undefined,
    };
    this.places.set(area, place);
    return place;
  }
}

function isPlatformAddress({ family, value }: Address): boolean {
  return family === 4 && (value === platformDns || value === platformMetadata);
}

const platformDns = parseAddress("168.63.129.16")?.value;
const platformMetadata = parseAddress("169.254.169.254")?.value;

const noSide: GroupSide = { kind: "none" };

type SharedPath = Omit<NetworkPath, "destination">;

function keyOfSide(side: GroupSide): unknown {
  switch (side.kind) {
    case "none":
      return "none";
    case "missing":
      return side.reference.id;
    case "open":
      return side.why;
    case "rules":
      return side.decision;
  }
}

/** Which kind of thing stands at the address, where the rules of the subnet depend on it. */
function standIn({ ipConfiguration, loadBalancer }: ServerEnd["owner"], isEndpoint: boolean): string {
  if (isEndpoint) return "endpoint";
  if (ipConfiguration !== undefined) return "interface";
  return loadBalancer?.id ?? "?";
}

function applianceOf({ nextHopType, nextHopIpAddress }: RouteChoice): Address | undefined {
  if (nextHopIpAddress === undefined) return undefined;
  return effectOf(nextHopType, nextHopIpAddress).startsWith("appliance")
    ? parseAddress(nextHopIpAddress)
    : undefined;
}

/** What all the answers have in common; a server outside all known networks stands for itself alone. */
function commonRange(
  { address, area }: ServerEnd,
  forward: Segment<RouteChoice>,
  sides: readonly GroupSide[],
): AddressRange {
  const own = rangeOfAddress(address);
  const start = area.range !== undefined && rangeContains(area.range, address) ? area.range : own;
  const parts = [
    forward.range,
    ...sides.flatMap((side) => (side.kind === "rules" ? [side.decision.range] : [])),
  ];
  return parts.reduce<AddressRange>((range, part) => intersection(range, part) ?? own, start);
}
