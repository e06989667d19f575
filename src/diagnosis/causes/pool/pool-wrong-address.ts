import type { Gateway } from "../../../model/gateway.ts";
import type { NetworkInterface } from "../../../model/hosts.ts";
import type { Origin } from "../../../model/source.ts";
import type { Server } from "../../../routing/routes.ts";
import { type Decision, defineCause } from "../../cause.ts";
import type { Facets } from "../../facets.ts";
import type { FixProposal, Statement } from "../../finding.ts";
import { evidence, groupedBy, poolSubject } from "../../statements.ts";
import { replaceAddresses } from "./replace-addresses.ts";
import { ReservedAddresses } from "./reserved-addresses.ts";

/** Why nothing can serve at an address. */
interface Wrong {
  readonly why: "gateway-subnet" | "reserved" | "secondary";
  readonly says: string;
  readonly at: Origin;
  /** The address meant instead, where the documents show one. */
  readonly instead: string | undefined;
}

interface Match extends Wrong {
  readonly gateway: Gateway;
  readonly servers: readonly Server[];
  readonly address: string;
}

type Reads = Pick<Facets, "gateway" | "reach" | "hosts" | "health">;

export default defineCause({
  id: "pool-wrong-address",
  title: "Pool address belongs to something that cannot serve",
  layer: "pool",
  decidedBy: ["configuration", "health"],
  reads: ["gateway", "reach", "hosts", "health"],
  explainedBy: [],
  about: `The address in the pool is in use or reserved, but no application can answer there: it lies in the gateway's own
subnet, which holds nothing but gateways; it is one of the five addresses Azure keeps of every subnet; or it is a second
IP configuration of an interface, which the system of the machine and the service on it have to be set up for. Health
reports a failed connection while the address meant answers.`,
  find: (facets) => {
    const reserved = new ReservedAddresses();
    const wrong = facets.reach.paths.flatMap(({ server }) => {
      if (server.member.kind === "fqdn" || facets.health.of(server)?.observation.health === "healthy")
        return [];
      const found = wrongness(facets, server, reserved);
      return found === undefined ? [] : [{ server, found }];
    });
    const byAddress = groupedBy(wrong, ({ server }) => `${server.pair.pool.name}/${server.address}`);
    return byAddress.map(([key, items]): Decision<Match> => {
      const [{ server, found }] = items as [(typeof items)[0]];
      const servers = items.map((item) => item.server);
      return {
        is: "found",
        key,
        match: { ...found, gateway: facets.gateway, servers, address: server.address ?? "" },
        affects: { servers },
        effect: "stops",
        basis: found.why === "secondary" ? "observed-possible" : "configuration",
      };
    });
  },
  say: ({ servers, address, says, at, why }): Statement => {
    const [server] = servers as [Server];
    return {
      summary:
        why === "secondary"
          ? `Pool ${server.pair.pool.name} contains ${address}, which accepts no connection: ${says}`
          : `Pool ${server.pair.pool.name} contains ${address}, where no server can answer: ${says}`,
      subjects: [poolSubject(server.pair.pool)],
      evidence: [evidence(`the pool contains ${address}`, server.member.source), evidence(says, at)],
    };
  },
  fix: ({ gateway, servers, address, instead, why }): FixProposal => {
    const [server] = servers as [Server];
    if (instead === undefined || server.member.kind !== "address") {
      return {
        summary: `Replace ${address} in pool ${server.pair.pool.name} by the address of the server that was meant.`,
        changes: [],
        sideEffects: [],
      };
    }
    return {
      ...replaceAddresses(gateway, server.pair.pool, [{ from: server.member, to: instead }]),
      ...(why === "secondary"
        ? { notVerifiable: `only a new probe shows that the service answers on ${instead}` }
        : {}),
    };
  },
});

function wrongness(facets: Reads, server: Server, reserved: ReservedAddresses): Wrong | undefined {
  const { address } = server;
  const destination = facets.reach.of(server)?.destination;
  if (address === undefined || destination === undefined) return undefined;
  const { subnet, place } = destination;
  if (subnet !== undefined && reserved.has(address, subnet)) {
    const says = `${address} is one of the addresses Azure keeps for itself in subnet ${subnet.name}`;
    return { why: "reserved", says, at: subnet.source.at("addressPrefix"), instead: undefined };
  }
  if (
    place === "gateway-subnet" &&
    !facets.hosts.of(server).some(({ kind }) => kind === "applicationGateway")
  ) {
    if (subnet !== undefined && hasOtherGateways(subnet.source.list("applicationGatewayIPConfigurations"))) {
      return undefined;
    }
    const says = `${address} lies in the gateway's own subnet ${subnet?.name ?? ""}, which holds only gateways`;
    const at = subnet?.source ?? facets.gateway.source.at("gatewayIPConfigurations");
    return { why: "gateway-subnet", says, at, instead: undefined };
  }
  return secondary(facets, server, address);
}

/** Several gateways in one subnet: the address may be the frontend of one that was not exported. */
function hasOtherGateways(configurations: readonly unknown[]): boolean {
  return configurations.length > 1;
}

/** More IP configurations than this mean containers or appliances, which use them on purpose. */
const most = 4;

/** A second address of an interface that does not accept connections, while the interface has a primary one. */
function secondary({ hosts, health }: Reads, server: Server, address: string): Wrong | undefined {
  const entry = health.of(server);
  if (entry?.observation.health !== "unhealthy" || entry.message.phase !== "tcp") return undefined;
  const [owner, ...others] = hosts.of(server);
  if (owner?.kind !== "ipConfiguration" || others.length > 0) return undefined;
  const { ipConfiguration, networkInterface } = owner;
  const primary = primaryOf(networkInterface);
  if (ipConfiguration.primary !== false || primary === undefined) return undefined;
  return {
    why: "secondary",
    says: `${address} is IP configuration ${ipConfiguration.name} of interface ${networkInterface.name}, beside the primary ${primary}`,
    at: ipConfiguration.source,
    instead: primary,
  };
}

function primaryOf({ ipConfigurations }: NetworkInterface): string | undefined {
  if (ipConfigurations.length > most) return undefined;
  return ipConfigurations.find(({ primary }) => primary === true)?.privateIpAddress;
}
