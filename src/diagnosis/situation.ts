import type { NetworkPath } from "../network/path.ts";
import type { Route, Server } from "../routing/routes.ts";
import type { Facets } from "./facets.ts";

/**
 * Everything in the configuration on which the answer of one server depends. When a change leaves it as it was, what
 * was seen before still holds; when it alters it, a failure seen before says nothing about afterwards.
 */
export function serverSituation(facets: Facets, server: Server): string {
  const known = situations.get(facets)?.get(server);
  if (known !== undefined) return known;
  const situation = describeServer(facets, server);
  const remembered = situations.get(facets) ?? new Map<Server, string>();
  situations.set(facets, remembered.set(server, situation));
  return situation;
}

/** The situations before any change are asked again for every fix that is tried. */
const situations = new WeakMap<Facets, Map<Server, string>>();

function describeServer(facets: Facets, server: Server): string {
  const { setting } = server.pair;
  const paths = new Set([facets.reach.of(server), facets.reach.atRequestPort(server)]);
  const name = facets.names.of(server);
  return JSON.stringify([
    gatewaySituation(facets),
    setting.source.value,
    withoutMatch(setting.probe?.target?.source.value),
    setting.trustedRootCertificates.map(({ target }) => target?.data),
    setting.authenticationCertificates.map(({ target }) => target?.data),
    server.address,
    [...paths].map((path) => (path === undefined ? null : pathSituation(path))),
    name === undefined ? null : [name.verdict, name.addresses, name.reason],
    ownersBehind(facets, server).map(ownerSituation),
    serviceSituation(facets, server),
  ]);
}

/** The same for what decides a route beside its servers: rule, path rule, listener. */
export function routeSituation(facets: Facets, route: Route): string {
  return JSON.stringify([
    gatewaySituation(facets),
    route.rule.source.value,
    route.listener?.source.value,
    route.pathMap?.source.value,
    route.pair?.setting.source.value,
    route.pair?.servers.map((server) => serverSituation(facets, server)),
  ]);
}

function gatewaySituation({ gateway, activities }: Facets): unknown {
  return [
    gateway.sku,
    gateway.autoscale,
    gateway.operationalState,
    gateway.provisioningState,
    gateway.subnet?.target?.source.value,
    activities.length,
  ];
}

/** What decides whether the health of a gateway can be read at all: its subnet's groups, routes and name servers. */
export function subnetSituation({ gateway }: Facets): string {
  const subnet = gateway.subnet?.target;
  return JSON.stringify([
    subnet?.source.value,
    subnet?.networkSecurityGroup?.target?.rules.map(({ source }) => source.value),
    subnet?.routeTable?.target?.routes.map(({ source }) => source.value),
    subnet?.routeTable?.target?.disableBgpRoutePropagation,
    subnet?.virtualNetwork?.dnsServers,
  ]);
}

/** The match is left out: which answers count as healthy is judged anew, the answer itself does not change. */
function withoutMatch(probe: unknown): unknown {
  return JSON.parse(
    JSON.stringify(probe ?? null, (key, value) => (key.toLowerCase() === "match" ? undefined : value)),
  );
}

function pathSituation(path: NetworkPath): unknown {
  return [path.verdict, path.hops.map((hop) => [hop.kind, hop.verdict, hop.says])];
}

/** Who answers at the server's address, or at what its name leads to. */
function ownersBehind({ hosts, reach }: Facets, server: Server) {
  if (server.member.kind !== "fqdn") return hosts.of(server);
  return reach.addresses(server).flatMap((address) => hosts.ownersOf(address));
}

function ownerSituation(owner: ReturnType<Facets["hosts"]["of"]>[number]): unknown {
  switch (owner.kind) {
    case "ipConfiguration":
      return [owner.networkInterface.id, owner.machine?.powerState];
    case "scaleSetInstance":
      return [owner.networkInterface.id, owner.instance?.powerState, owner.instance?.latestModelApplied];
    default:
      return owner.kind;
  }
}

function serviceSituation(facets: Facets, server: Server): unknown {
  const service = facets.services.of(server);
  if (service === undefined) return null;
  switch (service.kind) {
    case "app-service":
      return [service.kind, service.site?.source.value];
    case "api-management":
      return [service.kind, service.service?.source.value];
    case "container-apps":
      return [service.kind, service.environment?.source.value];
    default:
      return service.kind;
  }
}
