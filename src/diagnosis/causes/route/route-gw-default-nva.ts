import type { Gateway } from "../../../model/gateway.ts";
import type { Subnet } from "../../../model/network.ts";
import { nameOfId } from "../../../model/resource.ts";
import type { NetworkPath } from "../../../network/path.ts";
import type { Missing } from "../../../network/verdict.ts";
import type { Server } from "../../../routing/routes.ts";
import { type Decision, defineCause, type Found } from "../../cause.ts";
import { needOf } from "../../exports.ts";
import { isIsolated } from "../../facets/reach.ts";
import type { Facets } from "../../facets.ts";
import type { FixProposal, Statement } from "../../finding.ts";
import { evidence, serverNames, subject } from "../../statements.ts";
import { isReadable, mayBeUnreachable, missingNetwork } from "../open-paths.ts";
import { type DefaultRoute, unsupportedDefaultRoute } from "./default-route.ts";
import { routeOf } from "./hops.ts";
import { newTable, otherSubnets, routeSubject } from "./route-change.ts";

interface Match extends DefaultRoute {
  readonly gateway: Gateway;
  readonly others: readonly Subnet[];
  /** Servers that are cut off by it, beside the health that cannot be read. */
  readonly servers: readonly Server[];
}

export default defineCause({
  id: "route-gw-default-nva",
  title: "Default route of the gateway subnet does not lead to the Internet",
  layer: "route",
  decidedBy: ["configuration"],
  reads: ["gateway", "reach", "health", "network"],
  explainedBy: ["gateway-stopped", "vwan-secured-hub"],
  about: `A user-defined route sends 0.0.0.0/0 of the gateway subnet to an appliance, a virtual network gateway or nowhere. Azure
manages v2 gateways with a public frontend over that route: with another next hop than Internet it can no longer read
the health of the backends (Unknown), logs and metrics stop, and public backends are cut off when the appliance drops.
Requests to private backends may well go on. More specific routes, e.g. for the backend subnet, are not affected.`,
  find: (facets) => {
    const { gateway, network } = facets;
    const found = unsupportedDefaultRoute(gateway);
    if (found === undefined) return openTable(facets);
    const others = otherSubnets(found.table, found.subnet, network);
    const cut = cutOff(facets, found);
    const match: Match = { ...found, gateway, others, servers: cut.servers };
    return [{ is: "found", key: `${found.table.name}/${found.route.name}`, match, ...cut.claim }];
  },
  say: ({ gateway, subnet, table, route, servers }): Statement => ({
    summary: `Route ${route.name} of table ${table.name} sends 0.0.0.0/0 of the subnet of gateway ${gateway.name} to ${hopText(route)} instead of Internet${
      servers.length === 0 ? "" : `, so ${serverNames(servers)} cannot be reached`
    }`,
    subjects: [routeSubject(table, route), subject("routeTable", table)],
    evidence: [
      evidence(
        `0.0.0.0/0 → ${hopText(route)}: not supported on the subnet of a v2 gateway with a public frontend`,
        route.source,
      ),
      evidence(
        `subnet ${subnet.name} uses table ${table.name}`,
        subnet.routeTable?.source ?? subnet.source.at("routeTable"),
      ),
    ],
  }),
  fix: fixDefaultRoute,
});

/** The table of the gateway subnet was not exported, and health does not show that it does no harm. */
function openTable({ gateway, health }: Pick<Facets, "gateway" | "health">): Decision<Match>[] {
  const concerned = gateway.generation === "v2" && !isIsolated(gateway) && !isReadable(health);
  const missing = concerned ? missingTable(gateway) : undefined;
  return missing === undefined
    ? []
    : [{ is: "undecided", needs: needOf(missing), affects: { gateway: true } }];
}

function missingTable(gateway: Gateway): Missing | undefined {
  const reference = gateway.subnet?.target?.routeTable;
  if (gateway.subnet?.target === undefined) return missingNetwork(gateway);
  if (reference === undefined || reference.target !== undefined) return undefined;
  return {
    what: `which routes table ${nameOfId(reference.id)} of the gateway subnet has`,
    type: "microsoft.network/routetables",
    resourceId: reference.id,
  };
}

function hopText({ nextHopType, nextHopIpAddress }: DefaultRoute["route"]): string {
  return nextHopIpAddress === undefined ? nextHopType : `${nextHopType} ${nextHopIpAddress}`;
}

/**
 * Public servers that go by this route and are stopped on it. A firewall known to deny, or an appliance known not to
 * forward, has a cause of its own.
 */
function cutOff(
  { reach, health }: Pick<Facets, "reach" | "health">,
  { route }: DefaultRoute,
): { servers: readonly Server[]; claim: Pick<Found<Match>, "affects" | "effect" | "basis"> } {
  const byRoute = (path: NetworkPath) => routeOf(path, "forward")?.route === route;
  const stopped = reach.blocked.filter(({ path }) => byRoute(path) && !hasOtherCause(path));
  const silent = reach.unclear.filter(({ server, path }) => {
    const seen = health.of(server);
    return seen?.observation.health === "unhealthy" && mayBeUnreachable(seen) && byRoute(path);
  });
  const servers = [...stopped, ...silent].map(({ server }) => server);
  if (servers.length === 0) {
    return {
      servers,
      claim: { affects: { gateway: true }, effect: "hides-health", basis: "configuration" },
    };
  }
  const basis = stopped.length > 0 ? "configuration" : "observed-likely";
  return { servers, claim: { affects: { servers }, effect: "stops", basis } };
}

function hasOtherCause({ blocker }: NetworkPath): boolean {
  if (blocker === undefined) return false;
  if (blocker.kind === "route") return blocker.direction !== "forward";
  if (blocker.kind !== "appliance") return true;
  return blocker.reason === "firewall-denies" || blocker.reason === "no-ip-forwarding";
}

/** A table that other subnets use is not touched: the gateway subnet gets its own, with the other routes kept. */
function fixDefaultRoute({ gateway, subnet, table, route, others }: Match): FixProposal | undefined {
  const sideEffects = [
    `Traffic of gateway ${gateway.name} to public addresses no longer passes ${hopText(route)}.`,
  ];
  if (others.length === 0) {
    const resourceId = `${table.id}/routes/${route.name}`;
    return {
      summary: `Set the next hop of route ${route.name} in table ${table.name} to Internet.`,
      changes: [
        { action: "set", resourceId, path: "nextHopType", value: "Internet" },
        ...(route.nextHopIpAddress === undefined
          ? []
          : [{ action: "set", resourceId, path: "nextHopIpAddress", value: null } as const]),
      ],
      sideEffects,
    };
  }
  const copies = table.routes.map((one) => ({
    name: one.name,
    addressPrefix: one.addressPrefix,
    nextHopType: one === route ? "Internet" : one.nextHopType,
    ...(one === route || one.nextHopIpAddress === undefined
      ? {}
      : { nextHopIpAddress: one.nextHopIpAddress }),
  }));
  const made = newTable(subnet, copies, gateway.location);
  return made === undefined
    ? undefined
    : {
        summary: `Give subnet ${subnet.name} a route table of its own, ${made.table}, in which 0.0.0.0/0 leads to Internet; ${table.name} stays for the other subnets.`,
        changes: made.changes,
        sideEffects,
      };
}
