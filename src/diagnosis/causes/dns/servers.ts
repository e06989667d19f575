import type { Gateway } from "../../../model/gateway.ts";
import { parseAddress } from "../../../network/addresses.ts";
import type { NetworkPath } from "../../../network/path.ts";
import type { SeenName } from "../../facets/live-names.ts";
import type { Facets } from "../../facets.ts";

/** The platform's own DNS: part of every network, reached without a path. */
export const azureProvided = "168.63.129.16";

export interface DnsPath {
  readonly server: string;
  readonly path: NetworkPath;
}

/** The DNS servers that the gateway's network names, without the platform's own. */
export function customServers({ gateway }: Pick<Facets, "gateway">): readonly string[] {
  const servers = gateway.subnet?.target?.virtualNetwork?.dnsServers ?? [];
  return servers.filter((server) => server !== azureProvided);
}

/** The way to each custom DNS server. */
export function dnsPaths(facets: Pick<Facets, "gateway" | "reach">): readonly DnsPath[] {
  return customServers(facets).map((server) => ({ server, path: facets.reach.to(server, 53, "udp") }));
}

/**
 * The servers that were asked in the gateway's place are none of those that its network names now. One at another port
 * than DNS has stands in for one of the network's.
 */
export function asksOthers(seen: SeenName | undefined, { subnet }: Gateway): boolean {
  const network = subnet?.target?.virtualNetwork;
  if (network === undefined || seen === undefined || seen.own.length === 0) return false;
  const named = network.dnsServers.length === 0 ? [azureProvided] : network.dnsServers;
  return seen.own.every(({ server }) => parseAddress(server) !== undefined && !named.includes(server));
}
