import type { Gateway } from "../../../model/gateway.ts";
import type { NetworkPath, RouteHop } from "../../../network/path.ts";
import type { Server } from "../../../routing/routes.ts";
import { type Decision, defineCause } from "../../cause.ts";
import type { Facets } from "../../facets.ts";
import type { Statement, Subject } from "../../finding.ts";
import { evidence, serverNames, subject } from "../../statements.ts";
import { unsettledAt } from "../open-paths.ts";
import { routeOf, stoppedBy, symmetryOf } from "./hops.ts";
import { fixReturn } from "./return-fix.ts";
import { routeSubject } from "./route-change.ts";

export interface OneWay {
  readonly forward: RouteHop;
  readonly back: RouteHop;
  readonly says: string;
}

export interface AsymmetricMatch extends OneWay {
  readonly gateway: Gateway;
  readonly path: NetworkPath;
  readonly servers: readonly Server[];
  readonly network: Facets["network"];
}

const missingTypes: ReadonlySet<string> = new Set([
  "microsoft.network/networkinterfaces",
  "microsoft.network/routetables",
  "microsoft.network/virtualnetworks",
]);

export default defineCause({
  id: "route-return-asymmetric",
  title: "Replies take another way than requests",
  layer: "route",
  decidedBy: ["configuration"],
  reads: ["gateway", "reach", "health", "network"],
  explainedBy: [],
  about: `Packets reach the servers one way and the replies are routed another: through a firewall that never saw the
connection begin, to on-premises, or into nothing. A stateful appliance drops such replies, so the gateway waits until
the probe times out although the same server answers everybody else. Either the replies to the gateway subnet go
directly, or both directions lead through the same appliance.`,
  find: (facets) => {
    const { gateway, reach, network } = facets;
    const found = stoppedBy(
      reach.blocked,
      oneWay,
      ({ forward, back }) => `${routeKey(back)}<${routeKey(forward)}`,
    ).map(
      ({ key, hop, path, servers }): Decision<AsymmetricMatch> => ({
        is: "found",
        key,
        match: { ...hop, gateway, path, servers, network },
        affects: { servers },
        effect: "stops",
        basis: "configuration",
        // Replies that go past the appliance do arrive: the connection comes about, and what follows it is dropped.
        ...(isPast(hop) ? { showsAt: "tls" as const } : {}),
      }),
    );
    return [...found, ...unsettledAt(facets, isOpen, missingTypes)];
  },
  say: ({ gateway, forward, back, says, servers }, affects): Statement => ({
    summary: `Replies of ${serverNames(affects.servers ?? servers)} to gateway ${gateway.name} go to ${hopName(back)}, while its requests come by ${hopName(forward)}`,
    subjects: subjectsOf(back, forward),
    evidence: [
      ...[back, forward].flatMap((hop) => (hop.origin === undefined ? [] : [evidence(hop.says, hop.origin)])),
      evidence(says, back.origin ?? back.subnet?.source ?? gateway.source),
    ],
  }),
  fix: fixReturn,
});

/** The way there has to work by itself; a blocked one has its own cause. */
function oneWay(path: NetworkPath): OneWay | undefined {
  const stopped = path.hops.some(
    (hop) =>
      hop.kind === "appliance" &&
      hop.direction === "forward" &&
      (hop.verdict === "no" || hop.reason === "no-such-address"),
  );
  if (stopped) return undefined;
  const symmetry = symmetryOf(path);
  if (symmetry?.verdict === "no") {
    return { forward: symmetry.forward, back: symmetry.back, says: symmetry.says };
  }
  const forward = routeOf(path, "forward");
  const back = routeOf(path, "return");
  if (forward === undefined || forward.verdict === "no" || back?.verdict !== "no") return undefined;
  // Without a way between the networks both directions fail; that is not about replies.
  return back.reason === "no-private-path" ? undefined : { forward, back, says: back.says };
}

/** Requests go through an appliance, replies do not. */
function isPast({ forward, back }: OneWay): boolean {
  return (
    forward.nextHopType === "VirtualAppliance" &&
    back.verdict !== "no" &&
    back.nextHopType !== "VirtualAppliance"
  );
}

function isOpen(path: NetworkPath): boolean {
  return path.hops.some(
    (hop) =>
      hop.verdict === "unknown" &&
      (hop.kind === "symmetry" || (hop.kind === "route" && hop.direction === "return")),
  );
}

function routeKey({ table, route, prefix, nextHopType }: RouteHop): string {
  return route === undefined ? `${prefix}-${nextHopType}` : `${table?.name}/${route.name}`;
}

function hopName({ nextHopType, nextHopIpAddress, route, table }: RouteHop): string {
  const where = nextHopIpAddress === undefined ? nextHopType : `${nextHopType} ${nextHopIpAddress}`;
  return route === undefined ? where : `${where} (route ${route.name} of table ${table?.name})`;
}

function subjectsOf(...hops: readonly RouteHop[]): Subject[] {
  return hops.flatMap(({ route, table, subnet }) => {
    if (table !== undefined && route !== undefined) return [routeSubject(table, route)];
    return subnet === undefined ? [] : [subject("subnet", subnet)];
  });
}
