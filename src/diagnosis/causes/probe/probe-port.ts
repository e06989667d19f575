import type { Gateway, Probe } from "../../../model/gateway.ts";
import type { Pair, Server } from "../../../routing/routes.ts";
import { type Decision, defineCause } from "../../cause.ts";
import type { Trial } from "../../experiment.ts";
import type { Facets, HealthEntry } from "../../facets.ts";
import type { FixProposal, Statement } from "../../finding.ts";
import type { Failing } from "../../live-evidence.ts";
import { evidence, exchangeEvidence, probeSubject, serverNames, settingSubject } from "../../statements.ts";
import { setOnSetting } from "../config/change-setting.ts";
import { seenEndpoints } from "../config/endpoints.ts";
import { hasNoSession, onPort } from "../config/other-ports.ts";
import { connectionCauses } from "../families.ts";
import { helpedBy, serversAmong } from "../helped.ts";
import { openWithoutReport, reportEvidence } from "./answers.ts";
import { changeProbe } from "./probe-change.ts";

interface Match {
  readonly gateway: Gateway;
  readonly pair: Pair;
  readonly probe: Probe;
  readonly servers: readonly Server[];
  readonly entry: HealthEntry | undefined;
  /** `probe`: its port is dead. `requests`: the probe's port answers and the setting's does not. */
  readonly dead: "probe" | "requests";
  /** Somebody was seen to answer on the other port. */
  readonly otherSeen: boolean;
  /** A request that was sent and got no connection. */
  readonly request: Failing | undefined;
}

export default defineCause({
  id: "probe-port",
  title: "Probe asks on another port than requests use",
  layer: "config",
  decidedBy: ["configuration", "health", "log", "live"],
  reads: ["gateway", "wiring", "plans", "health", "traffic", "live"],
  explainedBy: connectionCauses,
  about: `On v2 a probe can have a port of its own. When nothing listens there, servers are marked down although the port of the
setting works; the message says that no connection came about. The other way round is worse to see: the probe's port is
healthy, the port for requests is dead, and every request gets 502 from servers that are reported Healthy. A management
port on purpose is fine as long as both answer. Live, the probe asked on the other of the two ports is answered, or a
request gets no connection while the probe is healthy.`,
  trials: (_, failing) => otherOfTwo(failing),
  find: (facets) => {
    const { gateway, wiring } = facets;
    const differing = wiring.pairs.filter(({ setting }) => differs(setting.probe?.target, setting.port));
    const found = differing.flatMap((pair): Decision<Match>[] => {
      const match = { gateway, pair, probe: pair.setting.probe?.target as Probe };
      return probesUnanswered(match, facets) ?? requestsUnanswered(match, facets);
    });
    return [...found, ...openWithoutReport(facets, (pair) => differing.includes(pair))];
  },
  say: ({ pair, probe, servers, entry, dead, request }): Statement => ({
    summary:
      dead === "probe"
        ? `Probe ${probe.name} asks ${serverNames(servers)} on port ${probe.port}, where nothing answers, while requests go to port ${pair.setting.port}`
        : `Probe ${probe.name} finds ${serverNames(servers)} healthy on port ${probe.port}, but requests go to port ${pair.setting.port}, where none is answered`,
    subjects: dead === "probe" ? [probeSubject(probe)] : [settingSubject(pair.setting), probeSubject(probe)],
    evidence: [
      evidence(`the probe's port is ${probe.port}`, probe.source.at("port")),
      evidence(`the setting's port is ${pair.setting.port}`, pair.setting.source.at("port")),
      ...reportEvidence(entry),
      ...(request === undefined ? [] : [exchangeEvidence(request)]),
    ],
  }),
  fix: ({ gateway, pair, probe, dead, otherSeen, request }): FixProposal => {
    const { setting } = pair;
    if (setting.port === undefined || probe.port === undefined) {
      return { summary: "Let probe and setting use the same port.", changes: [], sideEffects: [] };
    }
    if (dead === "requests") {
      return {
        summary: `Set the port of backend setting ${setting.name} to ${probe.port}, on which the servers answer.`,
        changes: [setOnSetting(gateway, setting, "port", probe.port)],
        sideEffects: [`Everything that uses ${setting.name} goes to port ${probe.port}.`],
        ...(request === undefined
          ? {}
          : {
              notVerifiable: `that the application itself answers on port ${probe.port} only a request shows`,
            }),
      };
    }
    return {
      summary: `Set the port of probe ${probe.name} to ${setting.port}, to which requests go.`,
      changes: changeProbe(gateway, probe, [setting], { port: setting.port }),
      sideEffects: [],
      ...(otherSeen
        ? {}
        : {
            notVerifiable: `that the servers answer on port ${setting.port} only a probe or a request shows`,
          }),
    };
  },
});

type Reads = Pick<Facets, "gateway" | "wiring" | "plans" | "health" | "traffic" | "live">;
type Differing = Pick<Match, "gateway" | "pair" | "probe">;

/** Nobody answers on the probe's port. */
function probesUnanswered(match: Differing, facets: Reads): Decision<Match>[] | undefined {
  const { plans, health, traffic, live } = facets;
  const { pair } = match;
  const endpoints = seenEndpoints(health, plans);
  const silent = pair.servers.flatMap((server) => {
    const entry = health.of(server);
    const down = entry?.observation.health === "unhealthy";
    return down && (entry.message.phase === "tcp" || entry.message.phase === "timeout") ? [entry] : [];
  });
  const [entry] = silent;
  if (entry === undefined) return undefined;
  const servers = silent.map(({ server }) => server);
  const helped = helpedBy(live, otherOfTwo).some(({ members }) =>
    members.some(({ server, plan }) => plan.purpose === "probe" && servers.includes(server)),
  );
  const otherSeen =
    helped ||
    servedIn(traffic, pair) > 0 ||
    servers.some((server) => endpoints.at(server).some(({ port }) => port === pair.setting.port));
  return [
    {
      is: "found",
      key: pair.id,
      match: { ...match, servers, entry, dead: "probe", otherSeen, request: undefined },
      affects: { servers },
      effect: "stops-probes",
      basis: otherSeen ? "observed-likely" : "observed-possible",
    },
  ];
}

/** The probe's port is healthy, and nobody answers requests on the setting's. */
function requestsUnanswered(match: Differing, { health, traffic, live }: Reads): Decision<Match>[] {
  const { pair } = match;
  const dead = live.failing.filter(
    (failing) =>
      failing.server.pair === pair &&
      failing.plan.purpose === "request" &&
      hasNoSession(failing) &&
      health.of(failing.server)?.observation.health === "healthy",
  );
  const logged = health.pair(pair).healthy > 0 && unanswered(traffic, pair);
  if (dead.length === 0 && !logged) return [];
  const servers = dead.length > 0 ? serversAmong(dead) : pair.servers;
  const refused = dead.length > 0 && dead.every(({ kind }) => kind === "tcp-refused");
  return [
    {
      is: "found",
      key: `${pair.id}/requests`,
      match: { ...match, servers, entry: undefined, dead: "requests", otherSeen: true, request: dead[0] },
      affects: { servers },
      effect: "stops-requests",
      basis: refused ? "state" : "observed-likely",
    },
  ];
}

/** The probe as it would be asked on the port of requests, where it has another. */
function otherOfTwo(failing: Failing): Trial[] {
  const { setting } = failing.server.pair;
  const probe = setting.probe?.target;
  if (failing.plan.purpose !== "probe" || !differs(probe, setting.port) || setting.port === undefined)
    return [];
  if (failing.plan.port === setting.port) return [];
  if (!hasNoSession(failing) && failing.kind !== "http-timed-out" && failing.kind !== "http-invalid")
    return [];
  return [onPort(failing, setting.port, { proof: "fine", risk: "safe" })];
}

function differs(probe: Probe | undefined, port: number | undefined): boolean {
  return probe?.port !== undefined && port !== undefined && probe.port !== port;
}

function servedIn(traffic: Facets["traffic"], pair: Pair): number {
  return traffic.ofPair(pair).reduce((sum, seen) => sum + (seen.readings.get("served") ?? 0), 0);
}

/** Fewer rows than this may be one restart. */
const enoughRows = 5;

/** Requests that reached for a server and got nothing, and none that got something. */
function unanswered(traffic: Facets["traffic"], pair: Pair): boolean {
  let failed = 0;
  for (const { readings } of traffic.ofPair(pair)) {
    if (readings.has("served") || readings.has("backend-error")) return false;
    for (const reading of [
      "upstream-closed",
      "unreached",
      "gateway-error",
      "timeout-v1",
      "timeout-v2",
    ] as const) {
      failed += readings.get(reading) ?? 0;
    }
  }
  return failed >= enoughRows;
}
