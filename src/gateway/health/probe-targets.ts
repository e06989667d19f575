import { createHash } from "node:crypto";
import { exchangeOfProbe } from "../../health/exchange.ts";
import { exchangeKey } from "../../health/exchange-key.ts";
import type { Switches } from "../../health/switches.ts";
import type { BackendSetting, Generation } from "../../model/gateway.ts";
import { listProbes, type PlannedProbe } from "../../probe/probe-list.ts";
import type { Pair, Server, Wiring } from "../../routing/routes.ts";

/** One probe to be sent again and again. */
export interface ProbeTarget {
  readonly key: string;
  readonly probe: PlannedProbe;
}

/** What is probed for a configuration, and which probe tells how a server is. */
export interface ProbeTargets {
  readonly targets: readonly ProbeTarget[];
  /** Undefined = nobody can probe it: the server has no address. */
  keyOf(server: Server): string | undefined;
  /** So many are in service whatever the probes say. */
  minServersOf(pair: Pair): number;
}

/** `placeOf` tells where a server is reached instead; a server that moved is another one. */
export function probeTargetsOf(
  generation: Generation,
  { routes }: Pick<Wiring, "routes">,
  switches: Switches,
  placeOf: (server: Server, port: number) => unknown,
): ProbeTargets {
  const { probes } = listProbes(generation, routes, switches, ({ address }) => address !== undefined);
  const targets = probes.map((probe): ProbeTarget => ({ key: keyOfProbe(probe, placeOf), probe }));
  const byServer = new Map<Server, string>();
  const minServers = new Map<Pair, number>();
  for (const { key, probe } of targets) {
    for (const pair of probe.pairs) {
      minServers.set(pair, probe.plan.minServers);
      for (const server of pair.servers) if (isFor(probe, server)) byServer.set(server, key);
    }
  }
  return {
    targets,
    keyOf: (server) => byServer.get(server),
    minServersOf: (pair) => minServers.get(pair) ?? 0,
  };
}

function isFor({ server }: PlannedProbe, { address }: Server): boolean {
  return address !== undefined && address.toLowerCase() === server.address?.toLowerCase();
}

/** Everything that decides what a probe comes to: what is sent, where, and how the answer is judged. */
function keyOfProbe(
  { server, plan, generation }: PlannedProbe,
  placeOf: (server: Server, port: number) => unknown,
): string {
  const exchange = exchangeOfProbe(generation, plan);
  const asked =
    "notSent" in exchange ? exchange : [exchangeKey(server.address ?? "", exchange), exchange.timeoutMs];
  const place = plan.port.value === undefined ? undefined : placeOf(server, plan.port.value);
  const judged = [plan.healthyStatuses.value, plan.healthyBody.value, trustOf(server.pair.setting)];
  return createHash("sha256")
    .update(JSON.stringify([asked, place, judged]))
    .digest("hex")
    .slice(0, 32);
}

function trustOf(setting: BackendSetting): unknown {
  const { trustedRootCertificates, authenticationCertificates } = setting;
  const certificates = [...trustedRootCertificates, ...authenticationCertificates];
  return [
    setting.validateSni,
    setting.validateCertChainAndExpiry,
    certificates.map(({ id, target }) => target?.data ?? id),
  ];
}
