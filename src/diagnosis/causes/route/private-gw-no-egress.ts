import type { Change } from "../../../model/change.ts";
import type { Gateway } from "../../../model/gateway.ts";
import type { Subnet } from "../../../model/network.ts";
import type { Server } from "../../../routing/routes.ts";
import { type Decision, defineCause } from "../../cause.ts";
import { isIsolated } from "../../facets/reach.ts";
import type { Facets } from "../../facets.ts";
import type { FixProposal, Statement } from "../../finding.ts";
import { evidence, gatewaySubject, serverNames, subject } from "../../statements.ts";
import { defaultRouteOf } from "./default-route.ts";

interface Match {
  readonly gateway: Gateway;
  readonly subnet: Subnet;
  readonly servers: readonly Server[];
}

export default defineCause({
  id: "private-gw-no-egress",
  title: "Private gateway has no way out to public servers",
  layer: "route",
  decidedBy: ["configuration"],
  reads: ["gateway", "reach", "names", "services", "health"],
  explainedBy: [],
  about: `A gateway without a public frontend has no way out to the Internet of its own. Servers with public addresses, an App
Service without private endpoint among them, can then only be reached when the gateway subnet has a NAT gateway or a
route through a firewall. Without either, connections to them time out, while private servers work.`,
  find: (facets): Decision<Match>[] => {
    const { gateway } = facets;
    const subnet = gateway.subnet?.target;
    if (!isIsolated(gateway) || subnet === undefined || hasEgress(gateway, subnet)) return [];
    const certain = addressedPublicly(facets);
    const likely = certain.length > 0 ? [] : namedPublicly(facets);
    const servers = certain.length > 0 ? certain : likely;
    if (servers.length === 0) return [];
    return [
      {
        is: "found",
        key: subnet.name,
        match: { gateway, subnet, servers },
        affects: { servers },
        effect: "stops",
        basis: certain.length > 0 ? "configuration" : "observed-likely",
      },
    ];
  },
  say: ({ gateway, subnet, servers }, affects): Statement => ({
    summary: `Gateway ${gateway.name} has no public frontend and its subnet ${subnet.name} neither a NAT gateway nor a route out, so ${serverNames(affects.servers ?? servers)} cannot be reached`,
    subjects: [subject("subnet", subnet), gatewaySubject(gateway)],
    evidence: [
      evidence("the gateway has private frontends only", gateway.source.at("frontendIPConfigurations")),
      evidence("the subnet has no NAT gateway", subnet.source.at("natGateway")),
    ],
  }),
  fix: attachNatGateway,
});

/** A NAT gateway, or a route to something that may lead out; what that something does is not judged here. */
function hasEgress(gateway: Gateway, subnet: Subnet): boolean {
  const route = defaultRouteOf(gateway)?.route;
  const tableUnknown = subnet.routeTable !== undefined && subnet.routeTable.target === undefined;
  const learned = subnet.virtualNetwork?.subnets.some(({ name }) => /^gatewaysubnet$/i.test(name));
  const borrowed = subnet.virtualNetwork?.peerings.some(({ useRemoteGateways }) => useRemoteGateways);
  const led = route?.nextHopType === "VirtualAppliance" || route?.nextHopType === "VirtualNetworkGateway";
  return subnet.natGateway !== undefined || led || tableUnknown || learned === true || borrowed === true;
}

function addressedPublicly({ reach }: Pick<Facets, "reach">): readonly Server[] {
  return reach.paths
    .filter(
      ({ path }) =>
        path.destination.place === "public" &&
        !path.hops.some((hop) => hop.kind === "route" && hop.nextHopType === "VirtualNetworkServiceEndpoint"),
    )
    .map(({ server }) => server);
}

/** Names that nothing private answers, of services that are public then, and that were seen to fail. */
function namedPublicly({
  names,
  services,
  health,
}: Pick<Facets, "names" | "services" | "health">): readonly Server[] {
  return names.asked.flatMap(({ answer, servers }) =>
    answer.answeredBy === "public-dns" && answer.reason === undefined && answer.addresses.length === 0
      ? servers.filter((server) => {
          const seen = health.of(server);
          const silent = seen?.message.phase === "tcp" || seen?.message.phase === "timeout";
          return services.of(server) !== undefined && silent;
        })
      : [],
  );
}

function attachNatGateway({ gateway, subnet }: Match): FixProposal | undefined {
  const network = /^(.*\/providers\/Microsoft\.Network)\//i.exec(subnet.id)?.[1];
  const location = gateway.location ?? subnet.virtualNetwork?.location;
  if (network === undefined || location === undefined) return undefined;
  const address = `${network}/publicIPAddresses/pip-nat-${gateway.name}`;
  const nat = `${network}/natGateways/nat-${gateway.name}`;
  const changes: Change[] = [
    {
      action: "create",
      resourceId: address,
      body: { location, sku: { name: "Standard" }, publicIPAllocationMethod: "Static" },
    },
    {
      action: "create",
      resourceId: nat,
      body: { location, sku: { name: "Standard" }, publicIpAddresses: [{ id: address }] },
    },
    { action: "set", resourceId: subnet.id, path: "natGateway", value: { id: nat } },
  ];
  return {
    summary: `Attach a NAT gateway with a public address to subnet ${subnet.name}.`,
    changes,
    sideEffects: [
      "Everything the gateway sends to public addresses leaves from the NAT gateway's address, which costs money by the hour and by volume.",
      "Servers that only let known addresses in have to let that address in.",
    ],
  };
}
