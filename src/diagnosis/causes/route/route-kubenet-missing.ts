import type { Gateway } from "../../../model/gateway.ts";
import type { RouteTable } from "../../../model/network.ts";
import type { NetworkPath } from "../../../network/path.ts";
import type { Server } from "../../../routing/routes.ts";
import { type Decision, defineCause } from "../../cause.ts";
import type { FixProposal, Statement } from "../../finding.ts";
import { evidence, groupedBy, serverNames, subject } from "../../statements.ts";
import { routeOf } from "./hops.ts";
import { type PodRoute, podRoutes } from "./kubenet.ts";
import { addRoutes } from "./route-change.ts";

interface Match {
  readonly gateway: Gateway;
  readonly table: RouteTable;
  readonly pods: readonly PodRoute[];
  readonly servers: readonly Server[];
}

export default defineCause({
  id: "route-kubenet-missing",
  title: "Gateway subnet lacks the cluster's pod routes",
  layer: "route",
  decidedBy: ["configuration"],
  reads: ["gateway", "reach", "network"],
  explainedBy: [],
  about: `The servers are pods of an AKS cluster with kubenet: their addresses exist only inside the cluster, and a route table
that AKS keeps leads each node's share of them to the node. A gateway in another subnet knows nothing of them unless the
same table is attached to its subnet, so the packets find no way. It shows when the ingress controller's pool holds
addresses that are in no subnet of the network.`,
  find: (facets) => {
    const { gateway, reach } = facets;
    const podRouteOf = podRoutes(facets);
    const cut = reach.paths.flatMap(({ server, path }) => {
      if (path.verdict === "yes" || path.destination.subnet !== undefined) return [];
      const pod = podRouteOf(server);
      return pod === undefined || isUsed(pod, path) ? [] : [{ server, pod }];
    });
    return groupedBy(cut, ({ pod }) => pod.table.id).map(([, items]): Decision<Match> => {
      const [{ pod }] = items as [(typeof items)[0]];
      const servers = items.map(({ server }) => server);
      const pods = [...new Map(items.map((item) => [item.pod.route.name, item.pod])).values()];
      return {
        is: "found",
        key: pod.table.name,
        match: { gateway, table: pod.table, pods, servers },
        affects: { servers },
        effect: "stops",
        basis: "configuration",
      };
    });
  },
  say: ({ gateway, table, pods, servers }, affects): Statement => ({
    summary: `${serverNames(affects.servers ?? servers)} are pod addresses that route table ${table.name} leads to cluster nodes, but the subnet of gateway ${gateway.name} does not use that table`,
    subjects: [
      ...(gateway.subnet?.target === undefined ? [] : [subject("subnet", gateway.subnet.target)]),
      subject("routeTable", table),
    ],
    evidence: [
      ...pods
        .slice(0, 3)
        .map(({ route }) =>
          evidence(`${route.addressPrefix} → ${route.nextHopIpAddress ?? route.nextHopType}`, route.source),
        ),
      ...(gateway.subnet?.target === undefined
        ? []
        : [
            evidence(
              "the gateway subnet uses another route table, or none",
              gateway.subnet.target.source.at("routeTable"),
            ),
          ]),
    ],
  }),
  fix: attachTable,
});

/** The gateway subnet has the same route from another table. */
function isUsed({ route }: PodRoute, path: NetworkPath): boolean {
  const chosen = routeOf(path, "forward");
  return chosen?.nextHopIpAddress !== undefined && chosen.nextHopIpAddress === route.nextHopIpAddress;
}

function attachTable({ gateway, table }: Match): FixProposal | undefined {
  const subnet = gateway.subnet?.target;
  if (subnet === undefined) return undefined;
  if (subnet.routeTable === undefined) {
    return {
      summary: `Attach route table ${table.name} to the gateway subnet ${subnet.name}.`,
      changes: [{ action: "set", resourceId: subnet.id, path: "routeTable", value: { id: table.id } }],
      sideEffects: [`All ${table.routes.length} routes of ${table.name} then hold for the gateway subnet.`],
    };
  }
  const routes = table.routes.map(({ name, addressPrefix, nextHopType, nextHopIpAddress }) => ({
    name,
    addressPrefix,
    nextHopType,
    ...(nextHopIpAddress === undefined ? {} : { nextHopIpAddress }),
  }));
  const added = addRoutes(subnet, routes, gateway.location);
  return added === undefined
    ? undefined
    : {
        summary: `Copy the pod routes of ${table.name} into route table ${added.table} of the gateway subnet.`,
        changes: added.changes,
        sideEffects: [
          "AKS does not keep the copy up to date: when nodes come and go, the routes have to be copied again.",
        ],
      };
}
