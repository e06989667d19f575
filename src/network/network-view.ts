import type { NetworkInterface } from "../model/hosts.ts";
import type { Network } from "../model/model.ts";
import type { EffectiveRoutes, EffectiveSecurityGroups, Subnet } from "../model/network.ts";
import { idKey } from "../model/resource.ts";
import { AddressOwners } from "./address-owners.ts";
import { learnedRoutesSeen } from "./learned-routes.ts";
import { Surroundings } from "./locate.ts";
import { compileEffectiveRoutes, compileRoutes, type RouteChoice } from "./routes.ts";
import type { Segments } from "./segments.ts";
import { ServiceTags, type TagPlace } from "./service-tags.ts";

/** Everything about a network that is worked out once and asked often. Nothing in it depends on the traffic. */
export class NetworkView {
  readonly network: Network;
  readonly tags: ServiceTags;
  readonly owners: AddressOwners;
  private readonly places = new Map<string, TagPlace>();
  private readonly placeBySubnet = new Map<Subnet, TagPlace>();
  private readonly routes = new Map<Subnet, Segments<RouteChoice>>();
  private readonly systemRoutes = new Map<Subnet, Segments<RouteChoice>>();
  private readonly effectiveRoutes = new Map<EffectiveRoutes, Segments<RouteChoice>>();
  private readonly surroundings = new Map<Subnet, Surroundings>();
  private readonly groupsOfInterface: ReadonlyMap<string, EffectiveSecurityGroups>;
  private readonly routesOfInterface: ReadonlyMap<string, EffectiveRoutes>;

  constructor(network: Network) {
    this.network = network;
    this.tags = new ServiceTags(network);
    this.owners = new AddressOwners(network);
    this.groupsOfInterface = byInterface(network.effectiveSecurityGroups, interfaceOfGroups);
    this.routesOfInterface = byInterface(
      network.effectiveRoutes,
      ({ networkInterface }) => networkInterface?.id,
    );
  }

  placeOf(subnet: Subnet): TagPlace {
    const known = this.placeBySubnet.get(subnet);
    if (known !== undefined) return known;
    const { virtualNetwork, routeTable } = subnet;
    const owner = virtualNetwork === undefined ? subnet.id : virtualNetwork.id;
    const key = `${idKey(owner)} ${routeTable === undefined ? "" : idKey(routeTable.id)}`;
    const place = this.places.get(key) ?? {
      virtualNetwork,
      loneSubnet: virtualNetwork === undefined ? subnet : undefined,
      routeTable,
      learned: virtualNetwork && learnedRoutesSeen(virtualNetwork, this.network.effectiveRoutes),
    };
    this.places.set(key, place);
    this.placeBySubnet.set(subnet, place);
    return place;
  }

  /** The routes of a subnet; without its table for what the table does not apply to. */
  routesOf(subnet: Subnet, withTable = true): Segments<RouteChoice> {
    const cache = withTable ? this.routes : this.systemRoutes;
    const known = cache.get(subnet);
    if (known !== undefined) return known;
    const place = this.placeOf(subnet);
    const compiled = compileRoutes({
      place: withTable ? place : { ...place, routeTable: undefined },
      serviceEndpoints: subnet.serviceEndpoints,
      privateEndpoints: this.network.privateEndpoints,
      tags: this.tags,
    });
    cache.set(subnet, compiled);
    return compiled;
  }

  surroundingsOf(subnet: Subnet): Surroundings {
    const known = this.surroundings.get(subnet);
    if (known !== undefined) return known;
    const made = new Surroundings(this.network, subnet);
    this.surroundings.set(subnet, made);
    return made;
  }

  effectiveGroupsOf(networkInterface: NetworkInterface): EffectiveSecurityGroups | undefined {
    if (this.groupsOfInterface.size === 0) return undefined;
    return this.groupsOfInterface.get(idKey(networkInterface.id));
  }

  effectiveRoutesOf(networkInterface: NetworkInterface): Segments<RouteChoice> | undefined {
    if (this.routesOfInterface.size === 0) return undefined;
    const effective = this.routesOfInterface.get(idKey(networkInterface.id));
    if (effective === undefined) return undefined;
    const known = this.effectiveRoutes.get(effective);
    if (known !== undefined) return known;
    const compiled = compileEffectiveRoutes(effective);
    this.effectiveRoutes.set(effective, compiled);
    return compiled;
  }
}

function byInterface<T>(items: readonly T[], idOf: (item: T) => string | undefined): ReadonlyMap<string, T> {
  return new Map(
    items.flatMap((item): [string, T][] => {
      const id = idOf(item);
      return id === undefined ? [] : [[idKey(id), item]];
    }),
  );
}

/** A document that does not say which interface it is of may still name it in an association. */
function interfaceOfGroups({ networkInterface, groups }: EffectiveSecurityGroups): string | undefined {
  return (
    networkInterface?.id ??
    groups.find(({ association }) => association === "networkInterface")?.associationId
  );
}
