import { defineCause } from "../../cause.ts";
import type { Statement, Subject } from "../../finding.ts";
import { evidence, subject } from "../../statements.ts";
import { unreadableHealth } from "../families.ts";
import type { Teacher } from "./learned-default.ts";
import { fixLearnedDefault, learnedDefault, unknownTeacher } from "./learned-default-check.ts";

export default defineCause({
  id: "route-bgp-default",
  title: "Default route learned over BGP reaches the gateway subnet",
  layer: "route",
  decidedBy: ["configuration", "health"],
  reads: ["gateway", "network", "health"],
  explainedBy: unreadableHealth,
  about: `A VPN or ExpressRoute gateway (in the network, or used over a peering) teaches the gateway subnet a default route from
on-premises. A v2 gateway with a public frontend is then managed over a way that does not lead back to Azure: backend
health shows as Unknown, while requests to private backends may go on. The effective routes of any network interface in
the same network show a 0.0.0.0/0 from VirtualNetworkGateway.`,
  find: (facets) => [...learnedDefault(facets, ({ via }) => via.kind !== "hub"), ...unknownTeacher(facets)],
  say: ({ gateway, teacher }): Statement => ({
    summary: `The subnet of gateway ${gateway.name} ${
      teacher.seen === undefined ? "may take" : "takes"
    } a default route learned from ${teacherName(teacher)}, so Azure cannot read its backend health`,
    subjects: [...teacherSubjects(teacher), subject("virtualNetwork", teacher.network)],
    evidence: [
      ...(teacher.seen === undefined
        ? []
        : [
            evidence(
              `0.0.0.0/0 → ${teacher.seen.nextHopType} is in effect in ${teacher.network.name}`,
              teacher.seen.source,
            ),
          ]),
      teacher.via.kind === "gateway"
        ? evidence(`${teacher.network.name} has a gateway subnet for VPN or ExpressRoute`, teacher.via.origin)
        : evidence(
            `peering ${teacher.via.peering.name} uses the remote network's gateway`,
            teacher.via.peering.source.at("useRemoteGateways"),
          ),
      evidence(
        "route propagation is on and no own default route stands against it",
        gateway.subnet?.target?.source.at("routeTable") ?? gateway.source,
      ),
    ],
  }),
  fix: fixLearnedDefault,
});

function teacherName({ via, network }: Teacher): string {
  if (via.kind !== "gateway") return `the gateway behind peering ${via.peering.name}`;
  return via.gateway === undefined ? `the gateway in ${network.name}` : via.gateway.name;
}

function teacherSubjects({ via }: Teacher): Subject[] {
  if (via.kind !== "gateway") return [subject("virtualNetworkPeering", via.peering)];
  return via.gateway === undefined ? [] : [subject("virtualNetworkGateway", via.gateway)];
}
