import { type HealthMessage, readHealthMessage } from "../../health/message.ts";
import type { Gateway } from "../../model/gateway.ts";
import type { HealthObservation, HealthReport } from "../../model/observations.ts";
import { idKey, nameOfId } from "../../model/resource.ts";
import type { Pair, Server, Wiring } from "../../routing/routes.ts";
import type { Health, HealthEntry } from "../facets.ts";
import type { JudgedExchange } from "../live-evidence.ts";
import { liveEntry, reportedEntry } from "./health-entry.ts";

/**
 * Joins health reports and live probes to the servers of a gateway; the last report given wins where several speak, and
 * a live probe where it tells more than the report.
 */
export function healthOf(
  gateway: Gateway,
  wiring: Wiring,
  reports: readonly HealthReport[],
  probes: readonly JudgedExchange[],
): Health {
  const own = reports.filter((report) => isReportOf(report, gateway));
  const observed = indexReports(own);
  const messages = new Map<string, HealthMessage>();
  const read = (log: string): HealthMessage => {
    const known = messages.get(log) ?? readHealthMessage(log);
    messages.set(log, known);
    return known;
  };
  const byServer = new Map<Server, HealthEntry>();
  for (const pair of wiring.pairs) {
    const entries = observed.get(pairKey(pair.pool.name, pair.setting.name));
    if (entries === undefined) continue;
    for (const server of pair.servers) {
      const observation = observationOf(server, entries);
      if (observation !== undefined) {
        byServer.set(server, reportedEntry(server, observation, read(observation.log)));
      }
    }
  }
  for (const probe of probes) {
    const entry = liveEntry(probe, byServer.get(probe.server));
    if (entry !== undefined) byServer.set(probe.server, entry);
  }
  const entries = [...byServer.values()];
  return {
    exported: own.length > 0 || isAllProbed(wiring, byServer),
    of: (server) => byServer.get(server),
    entries,
    unhealthy: entries.filter(({ observation }) => observation.health === "unhealthy"),
    allUnknown:
      entries.length > 0 &&
      entries.every(({ observation }) => observation.health === "unknown") &&
      // That it has no address for any of them is something the gateway knows, and says.
      !entries.every(({ message }) => message.phase === "dns"),
    pair: (pair) => countPair(pair, byServer),
    reported: ({ pool, setting }) => {
      const listed = observed.get(pairKey(pool.name, setting.name));
      return listed === undefined ? undefined : new Set(listed.values()).size;
    },
  };
}

/** Reports name their gateway only in the ids inside; one without any id belongs to whichever gateway is asked. */
function isReportOf(report: HealthReport, gateway: Gateway): boolean {
  if (report.gatewayId === undefined) return true;
  return (
    idKey(report.gatewayId) === idKey(gateway.id) ||
    nameOfId(report.gatewayId).toLowerCase() === gateway.name.toLowerCase()
  );
}

function pairKey(pool: string, setting: string): string {
  return `${pool}~${setting}`.toLowerCase();
}

function indexReports(reports: readonly HealthReport[]): Map<string, Map<string, HealthObservation>> {
  const index = new Map<string, Map<string, HealthObservation>>();
  for (const pair of reports.flatMap((report) => report.pairs)) {
    const key = pairKey(nameOfId(pair.poolId), nameOfId(pair.settingId));
    const servers = index.get(key) ?? new Map<string, HealthObservation>();
    index.set(key, servers);
    for (const server of pair.servers) {
      servers.set(server.address.toLowerCase(), server);
      if (server.ipConfigurationId !== undefined) servers.set(idKey(server.ipConfigurationId), server);
    }
  }
  return index;
}

function observationOf(
  server: Server,
  entries: ReadonlyMap<string, HealthObservation>,
): HealthObservation | undefined {
  const { ipConfiguration } = server.member;
  const byAddress = server.address === undefined ? undefined : entries.get(server.address.toLowerCase());
  return byAddress ?? (ipConfiguration === undefined ? undefined : entries.get(idKey(ipConfiguration.id)));
}

function isAllProbed(wiring: Wiring, entries: ReadonlyMap<Server, HealthEntry>): boolean {
  const servers = wiring.pairs.flatMap((pair) => pair.servers);
  return servers.length > 0 && servers.every((server) => entries.get(server)?.live !== undefined);
}

function countPair(
  pair: Pair,
  byServer: ReadonlyMap<Server, HealthEntry>,
): { healthy: number; unhealthy: number; unknown: number } {
  const counts = { healthy: 0, unhealthy: 0, unknown: 0 };
  for (const server of pair.servers) {
    const health = byServer.get(server)?.observation.health;
    if (health === "healthy") counts.healthy++;
    else if (health === "unhealthy") counts.unhealthy++;
    else counts.unknown++;
  }
  return counts;
}
