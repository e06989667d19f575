import type { Gateway } from "../../../model/gateway.ts";
import type { ApplianceHop, NetworkPath, RouteHop } from "../../../network/path.ts";
import type { Server } from "../../../routing/routes.ts";
import { type Decision, defineCause } from "../../cause.ts";
import type { Facets } from "../../facets.ts";
import type { FixProposal, Statement } from "../../finding.ts";
import { evidence, gatewaySubject, serverNames, subject } from "../../statements.ts";
import { unsettledAt } from "../open-paths.ts";
import { unsupportedDefaultRoute } from "./default-route.ts";
import { routeOf, stoppedBy, stoppingAppliance, symmetryOf } from "./hops.ts";
import { otherSubnets, removeRoute, routeSubject, sharedTableEffect } from "./route-change.ts";

interface Blackhole {
  readonly route: RouteHop;
  /** The next hop that nobody has; undefined = the route drops by itself. */
  readonly appliance: ApplianceHop | undefined;
}

interface Match extends Blackhole {
  readonly gateway: Gateway;
  readonly servers: readonly Server[];
  readonly sideEffects: readonly string[];
  /** The one firewall or appliance exported that could be meant. */
  readonly meant: { readonly name: string; readonly address: string } | undefined;
}

const missingTypes: ReadonlySet<string> = new Set([
  "microsoft.network/networkinterfaces",
  "microsoft.network/routetables",
]);

export default defineCause({
  id: "route-gw-blackhole",
  title: "Route of the gateway subnet leads nowhere",
  layer: "route",
  decidedBy: ["configuration"],
  reads: ["gateway", "reach", "health", "network"],
  explainedBy: [],
  about: `The longest route of the gateway subnet that covers the servers has the next hop None, or a virtual appliance with an
address that nobody has any more, e.g. after a firewall was rebuilt. Packets vanish without an answer, so probes time
out. Shorter routes that would work do not matter: the longest prefix wins, and user-defined routes win over others.`,
  find: (facets) => {
    const { gateway, reach, network } = facets;
    const elsewhere = unsupportedDefaultRoute(gateway)?.route;
    const found = stoppedBy(
      reach.blocked,
      (path) => blackholeOf(path, elsewhere),
      ({ route, appliance }) =>
        `${route.table?.name ?? "effective"}/${route.route?.name ?? route.prefix}/${appliance?.address ?? "None"}`,
    ).map(
      ({ key, hop, servers }): Decision<Match> => ({
        is: "found",
        key,
        match: {
          ...hop,
          gateway,
          servers,
          sideEffects: sharedBy(hop.route, network),
          meant: meantBy(network),
        },
        affects: { servers },
        effect: "stops",
        basis: hop.appliance?.verdict === "unknown" ? "observed-possible" : "configuration",
      }),
    );
    return [...found, ...unsettledAt(facets, isOpen, missingTypes)];
  },
  say: ({ gateway, route, appliance, servers }, affects): Statement => ({
    summary: `${routeName(route)} on the subnet of gateway ${gateway.name} sends ${serverNames(affects.servers ?? servers)} to ${
      appliance === undefined
        ? "None: the packets are dropped"
        : `${appliance.address}, ${appliance.reason === "unreachable" ? "which lies in no network it can reach" : appliance.verdict === "unknown" ? "an address that nothing exported has" : "an address that nothing has"}`
    }`,
    subjects: [
      ...(route.table !== undefined && route.route !== undefined
        ? [routeSubject(route.table, route.route)]
        : []),
      route.table === undefined ? gatewaySubject(gateway) : subject("routeTable", route.table),
    ],
    evidence: [route, appliance].flatMap((hop) =>
      hop?.origin === undefined ? [] : [evidence(hop.says, hop.origin)],
    ),
  }),
  fix: fixBlackhole,
});

/** The default route of v2 gateways is `route-gw-default-nva`'s, whatever it leads to. */
function blackholeOf(path: NetworkPath, elsewhere: RouteHop["route"]): Blackhole | undefined {
  const route = routeOf(path, "forward");
  if (route === undefined || (route.route !== undefined && route.route === elsewhere)) return undefined;
  if (route.verdict === "no" && route.reason === "none-next-hop") return { route, appliance: undefined };
  const appliance =
    stoppingAppliance(path, "no-such-address") ??
    stoppingAppliance(path, "unreachable") ??
    nobodysAddress(path);
  return appliance?.direction === "forward" ? { route, appliance } : undefined;
}

/**
 * Nothing that was exported has the address, and whoever has it would not see the replies: the route stops requests in any
 * case.
 */
function nobodysAddress(path: NetworkPath): ApplianceHop | undefined {
  if (symmetryOf(path)?.verdict !== "no") return undefined;
  return path.hops.find(
    (hop): hop is ApplianceHop =>
      hop.kind === "appliance" && hop.direction === "forward" && hop.reason === "no-such-address",
  );
}

function isOpen(path: NetworkPath): boolean {
  return path.hops.some(
    (hop) =>
      (hop.kind === "route" && hop.direction === "forward" && hop.chosenFrom === "unknown") ||
      (hop.kind === "appliance" && hop.direction === "forward" && hop.reason === "no-such-address"),
  );
}

function sharedBy({ table, subnet }: RouteHop, network: Facets["network"]): readonly string[] {
  return table === undefined || subnet === undefined
    ? []
    : sharedTableEffect(otherSubnets(table, subnet, network), table);
}

function meantBy({ azureFirewalls }: Facets["network"]): Match["meant"] {
  const [only, ...more] = azureFirewalls.filter(({ privateIpAddress }) => privateIpAddress !== undefined);
  return only === undefined || more.length > 0
    ? undefined
    : { name: only.name, address: only.privateIpAddress as string };
}

function routeName({ route, table, prefix }: RouteHop): string {
  return route === undefined
    ? `The route ${prefix}`
    : `Route ${route.name} (${prefix}) of table ${table?.name}`;
}

function fixBlackhole({ route, appliance, meant, sideEffects }: Match): FixProposal | undefined {
  const { table, route: row, prefix } = route;
  if (table === undefined || row === undefined) return undefined;
  if (appliance !== undefined && meant !== undefined) {
    return {
      summary: `Let route ${row.name} of table ${table.name} lead to ${meant.address}, the address firewall ${meant.name} has.`,
      changes: [
        {
          action: "set",
          resourceId: `${table.id}/routes/${row.name}`,
          path: "nextHopIpAddress",
          value: meant.address,
        },
      ],
      sideEffects: [...sideEffects, `Traffic to ${prefix} then passes ${meant.name} and its rules.`],
    };
  }
  return {
    summary: `Remove route ${row.name} (${prefix}) from table ${table.name}.`,
    changes: [removeRoute(table, row)],
    sideEffects: [
      ...sideEffects,
      `Traffic to ${prefix} takes the next longest route instead of being dropped.`,
    ],
  };
}
