import type { Gateway } from "../../../model/gateway.ts";
import type { NetworkPath, RouteHop } from "../../../network/path.ts";
import type { Server } from "../../../routing/routes.ts";
import { type Decision, defineCause } from "../../cause.ts";
import type { FixProposal, Statement } from "../../finding.ts";
import { evidence, serverNames, subject } from "../../statements.ts";
import { unsettledAt } from "../open-paths.ts";
import { peeringOf, routeOf, stoppedBy } from "./hops.ts";
import { podRoutes } from "./kubenet.ts";
import { canPeer, peer } from "./peering-change.ts";

interface Match {
  readonly gateway: Gateway;
  readonly hop: RouteHop;
  readonly path: NetworkPath;
  readonly servers: readonly Server[];
}

const missingTypes: ReadonlySet<string> = new Set([
  "microsoft.network/routetables",
  "microsoft.network/virtualnetworkgateways",
  "microsoft.network/virtualnetworks",
]);

export default defineCause({
  id: "route-no-path-private",
  title: "No way from the gateway's network to a private address",
  layer: "route",
  decidedBy: ["configuration"],
  reads: ["gateway", "reach", "health", "network"],
  explainedBy: ["peering-broken", "route-kubenet-missing"],
  about: `The server has a private address that lies neither in the gateway's virtual network nor in a peered one, and no virtual
network gateway teaches a route to it. Azure drops packets to private addresses for which it has no route. Peerings are
not transitive: a network behind a peered one needs a peering of its own, or an appliance that routes between them.`,
  find: (facets) => {
    const { gateway, reach } = facets;
    const podRouteOf = podRoutes(facets);
    const lost = reach.blocked.filter(
      ({ server, path }) =>
        lostAt(path) !== undefined && peeringOf(path)?.verdict !== "no" && podRouteOf(server) === undefined,
    );
    const found = stoppedBy(
      lost,
      lostAt,
      ({ prefix }, { destination }) => destination.virtualNetwork?.name ?? prefix,
    ).map(
      ({ key, hop, path, servers }): Decision<Match> => ({
        is: "found",
        key,
        match: { gateway, hop, path, servers },
        affects: { servers },
        effect: "stops",
        basis: "configuration",
      }),
    );
    return [...found, ...unsettledAt(facets, isOpen, missingTypes)];
  },
  say: ({ gateway, hop, path, servers }, affects): Statement => ({
    summary: `The network of gateway ${gateway.name} has no route to ${serverNames(affects.servers ?? servers)}${
      path.destination.virtualNetwork === undefined
        ? ""
        : `, which is in ${path.destination.virtualNetwork.name}, a network it is not peered with`
    }`,
    subjects: [gateway.subnet?.target?.virtualNetwork, path.destination.virtualNetwork].flatMap((network) =>
      network === undefined ? [] : [subject("virtualNetwork", network)],
    ),
    evidence: [
      evidence(
        hop.says,
        hop.origin ??
          gateway.subnet?.target?.virtualNetwork?.source.at("virtualNetworkPeerings") ??
          gateway.source,
      ),
    ],
  }),
  fix: connect,
});

/**
 * The route at which the two networks turn out not to be connected. A learned route might still lead there while nothing
 * can lead back; only an appliance on the way there may answer for the other side with an address of its own.
 */
function lostAt(path: NetworkPath): RouteHop | undefined {
  const forward = routeOf(path, "forward");
  if (forward?.reason === "no-private-path") return forward;
  const back = routeOf(path, "return");
  return back?.reason === "no-private-path" && forward?.nextHopIpAddress === undefined ? back : undefined;
}

function isOpen(path: NetworkPath): boolean {
  const hop = routeOf(path, "forward");
  // A route to a gateway is a way, whatever lies behind.
  const led = /^virtualnetworkgateway$/i.test(hop?.nextHopType ?? "");
  return hop?.verdict === "unknown" && !led && path.destination.place === "private-elsewhere";
}

function connect({ gateway, path }: Match): FixProposal {
  const own = gateway.subnet?.target?.virtualNetwork;
  const other = path.destination.virtualNetwork;
  if (own === undefined || other === undefined || !canPeer(own, other)) {
    return {
      summary: `Connect the network of gateway ${gateway.name} with the network of the servers, by peering or VPN, or move the servers.`,
      changes: [],
      sideEffects: [],
    };
  }
  return {
    summary: `Peer ${own.name} with ${other.name}, on both sides.`,
    changes: [peer(own, other, undefined), peer(other, own, undefined)],
    sideEffects: [
      `Everything in ${own.name} and ${other.name} can reach each other as far as their security groups allow.`,
    ],
  };
}
