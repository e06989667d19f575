import type { Gateway } from "../../model/gateway.ts";
import type { Network } from "../../model/model.ts";
import { NameResolver } from "../../network/name-resolution.ts";
import type { NameAnswer } from "../../network/names.ts";
import type { NetworkPath } from "../../network/path.ts";
import type { GatewaySource, PathAnalyser } from "../../network/path-analysis.ts";
import type { Server, Wiring } from "../../routing/routes.ts";
import type { AskedName, Names, Plans, Reach } from "../facets.ts";
import { remembered } from "./plans.ts";

/** What the gateway would get for names, from the VNet of its subnet (network.md §3). */
export function namesOf(gateway: Gateway, network: Network, paths: PathAnalyser, wiring: Wiring): Names {
  const resolver = new NameResolver(network, paths);
  const options = { networkIsolated: isIsolated(gateway) };
  const known = new Map<string, NameAnswer>();
  const resolve = (name: string): NameAnswer =>
    remembered(known, name.toLowerCase(), () => resolver.resolve(gateway.subnet, name, options));
  const of = (server: Server): NameAnswer | undefined =>
    server.member.kind === "fqdn" && server.address !== undefined ? resolve(server.address) : undefined;
  let asked: AskedName[] | undefined;
  return {
    resolve,
    of,
    get asked() {
      asked ??= namesAsked(wiring, of);
      return asked;
    },
  };
}

function namesAsked(wiring: Wiring, of: Names["of"]): AskedName[] {
  const byAnswer = new Map<NameAnswer, Server[]>();
  for (const { servers } of wiring.pairs) {
    for (const server of servers) {
      const answer = of(server);
      if (answer === undefined) continue;
      const same = byAnswer.get(answer);
      if (same === undefined) byAnswer.set(answer, [server]);
      else same.push(server);
    }
  }
  return [...byAnswer].map(([answer, servers]) => ({ answer, servers }));
}

/** A v2 gateway with only a private frontend runs isolated from the management network (network.md §1.5). */
export function isIsolated(gateway: Gateway): boolean {
  return (
    gateway.generation === "v2" &&
    gateway.frontendIpConfigurations.length > 0 &&
    gateway.frontendIpConfigurations.every(({ publicIpAddress }) => publicIpAddress === undefined)
  );
}

type ServerPath = Reach["paths"][number];

/** Paths from the gateway subnet to every server, worked out together once. */
export function reachOf(
  gateway: Gateway,
  analyser: PathAnalyser,
  wiring: Wiring,
  plans: Plans,
  names: Names,
): Reach {
  const from = sourceOf(gateway);
  const addresses = (server: Server): readonly string[] => {
    if (server.address === undefined) return [];
    return server.member.kind === "fqdn" ? (names.of(server)?.addresses ?? []) : [server.address];
  };
  const isPublicName = (server: Server): boolean => {
    const answer = names.of(server);
    return answer?.answeredBy === "public-dns" && answer.verdict === "unknown" && answer.reason === undefined;
  };
  const publicPaths = new Map<number, NetworkPath | null>();
  const publicPath = (port: number): NetworkPath | undefined =>
    remembered(publicPaths, port, () => blockedForAll(analyser, from, port) ?? null) ?? undefined;
  const pathAt = (server: Server, port: number | undefined): NetworkPath | undefined => {
    if (port === undefined) return undefined;
    const address = server.member.kind === "fqdn" ? addresses(server)[0] : server.address;
    if (address === undefined) return isPublicName(server) ? publicPath(port) : undefined;
    return analyser.path(from, { address, port, ipConfiguration: server.member.ipConfiguration });
  };
  const byServer = new Map<Server, NetworkPath>();
  const elsewhere = new Map<Server, NetworkPath>();
  const paths: ServerPath[] = [];
  for (const { servers } of wiring.pairs) {
    for (const server of servers) {
      const probePort = plans.probe(server).port.value;
      const path = pathAt(server, probePort);
      if (path !== undefined) {
        byServer.set(server, path);
        paths.push({ server, path });
      }
      const port = plans.request(server).port.value;
      const requested = port === probePort ? undefined : pathAt(server, port);
      if (requested !== undefined) elsewhere.set(server, requested);
    }
  }
  return {
    of: (server) => byServer.get(server),
    atRequestPort: (server) => elsewhere.get(server) ?? byServer.get(server),
    addresses,
    paths,
    blocked: paths.filter(({ path }) => path.verdict === "no"),
    unclear: paths.filter(({ path }) => path.verdict === "unknown"),
    unaddressed: wiring.pairs.flatMap(({ servers }) =>
      servers.filter(({ member, address }) => member.kind === "ipConfiguration" && address === undefined),
    ),
    requestsBlocked: [...elsewhere]
      .map(([server, path]): ServerPath => ({ server, path }))
      .filter(({ server, path }) => path.verdict === "no" && byServer.get(server)?.verdict !== "no"),
    to: (address, port, protocol = "tcp") => analyser.path(from, { address, port, protocol }),
  };
}

/** Public addresses far apart: what stops the way to all of them stops it to any. */
export const anyPublicAddress = ["1.0.0.1", "23.50.0.1", "93.184.216.34", "152.199.0.1", "203.0.113.7"];

/**
 * The way to a public server whose address is not known, when it is blocked whatever the address is. Service endpoints
 * make exceptions for addresses nobody can tell, so with them nothing is certain.
 */
function blockedForAll(
  analyser: PathAnalyser,
  from: GatewaySource | undefined,
  port: number,
): NetworkPath | undefined {
  if ((from?.target?.serviceEndpoints.length ?? 0) > 0) return undefined;
  const paths = anyPublicAddress.map((address) => analyser.path(from, { address, port }));
  return paths.every(({ verdict }) => verdict === "no") ? paths[0] : undefined;
}

/** Private targets are reached from the subnet, public ones from the public frontend (health-probes.md §1). */
function sourceOf(gateway: Gateway): GatewaySource | undefined {
  if (gateway.subnet === undefined) return undefined;
  const publicAddresses = publicAddressesOf(gateway);
  return { id: gateway.subnet.id, target: gateway.subnet.target, publicAddresses };
}

/** The public addresses of the frontends, as far as they were exported: what public servers see. */
export function publicAddressesOf(gateway: Gateway): readonly string[] {
  return gateway.frontendIpConfigurations.flatMap(
    ({ publicIpAddress }) => publicIpAddress?.target?.ipAddress ?? [],
  );
}
