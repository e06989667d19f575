import type { Gateway } from "../../../model/gateway.ts";
import type { PrivateEndpoint } from "../../../model/hosts.ts";
import type { NetworkPath } from "../../../network/path.ts";
import type { Server } from "../../../routing/routes.ts";
import { type Decision, defineCause } from "../../cause.ts";
import { isIsolated } from "../../facets/reach.ts";
import type { Statement } from "../../finding.ts";
import { evidence, gatewaySubject, groupedBy, serverNames, subject } from "../../statements.ts";

interface Match {
  readonly gateway: Gateway;
  readonly endpoint: PrivateEndpoint;
  readonly region: string;
  readonly servers: readonly Server[];
}

export default defineCause({
  id: "pe-global-peering-isolated",
  title: "Isolated gateway reaches a private endpoint over global peering",
  layer: "route",
  decidedBy: ["configuration"],
  reads: ["gateway", "reach"],
  explainedBy: [],
  about: `A gateway without a public frontend (network isolation) cannot reach private endpoints in a virtual network of another
region: traffic to them over global peering is dropped, a documented limitation of the platform. Servers there are
Unhealthy although names, routes and security rules are all right. The endpoint has to be in the gateway's region.`,
  find: ({ gateway, reach }) => {
    if (!isIsolated(gateway)) return [];
    const far = reach.paths.flatMap(({ server, path }) => {
      const region = otherRegion(gateway, path);
      const endpoint = path.destination.privateEndpoint;
      return endpoint === undefined || region === undefined ? [] : [{ server, endpoint, region }];
    });
    return groupedBy(far, ({ endpoint }) => endpoint.id).map(([, items]): Decision<Match> => {
      const [{ endpoint, region }] = items as [(typeof items)[0]];
      const servers = items.map(({ server }) => server);
      return {
        is: "found",
        key: endpoint.name,
        match: { gateway, endpoint, region, servers },
        affects: { servers },
        effect: "stops",
        basis: "configuration",
      };
    });
  },
  say: ({ gateway, endpoint, region, servers }, affects): Statement => ({
    summary: `Private endpoint ${endpoint.name} (${serverNames(affects.servers ?? servers)}) is in ${region}, and gateway ${gateway.name}, which has no public frontend, cannot reach it over global peering`,
    subjects: [subject("privateEndpoint", endpoint), gatewaySubject(gateway)],
    evidence: [
      evidence(`the endpoint's network is in ${region}`, endpoint.source.at("location")),
      evidence("the gateway has private frontends only", gateway.source.at("frontendIPConfigurations")),
    ],
  }),
  fix: ({ gateway, endpoint }) => ({
    summary: `Make a second private endpoint for the service behind ${endpoint.name} in the gateway's region, ${gateway.subnet?.target?.virtualNetwork?.location ?? gateway.location}, and let its name resolve there.`,
    changes: [],
    sideEffects: [],
  }),
});

/** The region of the server's network when it is another than the gateway's. */
function otherRegion(gateway: Gateway, { destination }: NetworkPath): string | undefined {
  const own = gateway.subnet?.target?.virtualNetwork?.location ?? gateway.location;
  const other = destination.virtualNetwork?.location ?? destination.privateEndpoint?.location;
  if (destination.place !== "peered-virtual-network" || own === undefined || other === undefined) {
    return undefined;
  }
  return plain(own) === plain(other) ? undefined : other;
}

/** `West Europe` and `westeurope` are the same region. */
function plain(region: string): string {
  return region.replaceAll(" ", "").toLowerCase();
}
