import { healthRulesOf } from "../health/server-state.ts";
import { plainJson } from "../model/plain-json.ts";
import { healthyWhen, noServerSays, notSentSays, requestOf, routesOfProbe } from "./content/probe.ts";
import type { ProbePlans, ProbeShown } from "./probe-report.ts";
import {
  allUp,
  isNews,
  type KeptShown,
  type ProbedShown,
  type WatchEndShown,
  type WatchedShown,
  type WatchWriter,
} from "./probe-watch-report.ts";

const format = "causeway/probe-watch/v1";

/**
 * `causeway probe --watch --format json`: one JSON object a line, published as `schema/probe-watch.v1.schema.json`. What
 * is not known is `null`, never absent. Quiet: no probes but those by which a server goes up or down.
 */
export function watchJson(gateways: readonly ProbePlans[], quiet: boolean): WatchWriter {
  return {
    start: (atMs) => line("start", atMs, startJson(gateways)),
    event: (event) => {
      if (quiet && !isNews(event)) return "";
      return event.kind === "kept"
        ? line("min-servers", event.atMs, keptJson(event))
        : line("probe", event.atMs, probedJson(event));
    },
    end: (end, atMs) => line("end", atMs, endJson(end)),
  };
}

function line(event: string, atMs: number, rest: object): string {
  const value = { format, event, at: timeOf(atMs), ...rest };
  return `${plainJson(JSON.stringify(value, (_, inner) => (inner === undefined ? null : inner)))}\n`;
}

const timeOf = (atMs: number): string => new Date(atMs).toISOString();

function startJson(gateways: readonly ProbePlans[]) {
  const probes = gateways.flatMap(({ gateway, probes: own }) => own.map((probe) => ({ gateway, probe })));
  return {
    fromAddress: gateways[0]?.fromAddress,
    gateways: gateways.map(({ gateway: { id, name, sku, generation } }) => {
      return { id, name, sku: sku.name, generation };
    }),
    servers: probes.map(({ gateway, probe }, index) => {
      const { intervalMs, unhealthyThreshold } = healthRulesOf(gateway.generation, probe.plan);
      return {
        ...placeJson(index + 1, probe),
        gateway: gateway.id,
        ipConfiguration: probe.server.member.ipConfiguration?.id,
        routes: routesOfProbe(probe),
        pairs: pairsOf(probe),
        request: requestOf(probe.plan),
        healthyWhen: healthyWhen(probe.plan),
        intervalS: intervalMs / 1000,
        unhealthyThreshold,
        minServers: probe.plan.minServers,
      };
    }),
    withoutServer: gateways.flatMap(({ gateway, withoutServer }) =>
      withoutServer.map(({ route, why }) => {
        return { gateway: gateway.id, route: route.id, why, says: noServerSays(why) };
      }),
    ),
  };
}

function placeJson(server: number, probe: ProbeShown) {
  return { server, address: probe.server.address, port: probe.plan.port.value };
}

const pairsOf = ({ pairs }: ProbeShown): string[] => pairs.map(({ id }) => id);
const stateOf = ({ state }: WatchedShown): "up" | "down" => (state.up ? "up" : "down");

function probedJson({ server, result, change }: ProbedShown) {
  return {
    ...placeJson(server.number, server.probe),
    pairs: pairsOf(server.probe),
    state: stateOf(server),
    change: change?.to,
    failuresInRow: server.state.failuresInRow,
    unhealthyThreshold: server.rules.unhealthyThreshold,
    httpStatus: result.sent ? result.observation.http?.status : undefined,
    verdict: result.sent ? result.verdict : undefined,
    noResult: result.sent ? undefined : { why: result.why, says: notSentSays(result.why) },
  };
}

function keptJson({ server, pair, minServers, kept }: KeptShown) {
  return {
    ...placeJson(server.number, server.probe),
    pair: pair.id,
    state: stateOf(server),
    minServers,
    treatedAsHealthy: kept,
  };
}

function endJson(end: WatchEndShown) {
  return {
    why: end.why,
    allUp: allUp(end),
    servers: end.servers.map((server) => ({
      ...placeJson(server.number, server.probe),
      pairs: pairsOf(server.probe),
      state: stateOf(server),
      probes: server.probes,
      failures: server.failures,
      changes: server.state.changes.map(({ atMs, to, kind, says }) => ({ at: timeOf(atMs), to, kind, says })),
    })),
  };
}
