import type { BackendSetting, Gateway, Probe } from "../../../model/gateway.ts";
import type { Missing } from "../../../network/verdict.ts";
import { routingPath } from "../../../routing/path-match.ts";
import type { Pair, Server } from "../../../routing/routes.ts";
import { type Decision, defineCause } from "../../cause.ts";
import type { Experiment, Trial } from "../../experiment.ts";
import { needOf } from "../../exports.ts";
import type { Facets, HealthEntry } from "../../facets.ts";
import type { FixProposal, Statement } from "../../finding.ts";
import type { Failing } from "../../live-evidence.ts";
import { evidence, groupedBy, probeSubject, serverNames, settingSubject } from "../../statements.ts";
import { serversOf } from "../../weigh.ts";
import { connectionCauses, wrongServerCauses } from "../families.ts";
import { byProbe, openWithoutReport, reportEvidence } from "./answers.ts";
import { experimentsByServer, healedProbes } from "./failing-probe.ts";
import { addProbe, changeProbe, hostLikeDefault } from "./probe-change.ts";

interface Times {
  readonly min: number;
  readonly max: number;
  readonly seenIn: "the access log" | "an experiment";
}

interface Match {
  readonly gateway: Gateway;
  readonly probe: Probe | undefined;
  readonly settings: readonly BackendSetting[];
  readonly timeoutS: number;
  /** How long the probed path was seen to take. */
  readonly takesS: Times | undefined;
  readonly entry: HealthEntry | undefined;
}

export default defineCause({
  id: "probe-timeout-short",
  title: "Probe gives up before the server answers",
  layer: "http",
  decidedBy: ["health", "log", "configuration", "live"],
  reads: ["gateway", "wiring", "plans", "reach", "names", "services", "health", "traffic", "live"],
  explainedBy: [
    ...connectionCauses,
    "host-firewall",
    "timeout-network",
    "nsg-infra-ports",
    "route-bgp-default",
    "vwan-secured-hub",
    "protocol-http-to-tls",
    ...wrongServerCauses,
  ],
  about: `The server takes the connection but answers the probe later than the probe's time-out, so it is marked down while it
works, often only under load. The message about the time-out alone proves little, because packets that are dropped
silently look the same: everything on the way has to be ruled out first. The access log shows how long the path really
takes. A time-out longer than the interval is only untidy.`,
  find: (facets) => {
    const { gateway, reach, health } = facets;
    const healed = experimentsByServer(healedProbes(facets.live, trials(facets)));
    const late = health.unhealthy.filter(isLate);
    const able: Server[] = [];
    const unclear: { server: Server; missing: Missing }[] = [];
    for (const { server, live } of late) {
      if (live !== undefined) {
        able.push(server);
        continue;
      }
      const path = reach.of(server);
      if (path?.verdict === "no") continue;
      const missing = path === undefined ? missingName(server, facets) : path.missing[0];
      if (missing === undefined || slowInLog(server.pair, facets) !== undefined) able.push(server);
      else unclear.push({ server, missing });
    }
    const open = groupedBy(unclear, ({ missing }) => missing.what).map(
      ([, items]): Decision<Match> => ({
        is: "undecided",
        needs: needOf((items[0] as (typeof items)[0]).missing),
        affects: { servers: items.map(({ server }) => server) },
      }),
    );
    const found = byProbe(able).map(({ key, probe, settings, servers }): Decision<Match> => {
      const [first] = servers as [Server];
      const takesS = slowestSeen(servers, healed) ?? slowInLog(first.pair, facets);
      return {
        is: "found",
        key,
        match: {
          gateway,
          probe,
          settings,
          timeoutS: facets.plans.probe(first).timeoutS,
          takesS,
          entry: health.of(first),
        },
        affects: { servers },
        effect: "stops-probes",
        basis: takesS === undefined ? "observed-possible" : "observed-likely",
      };
    });
    return [
      ...found,
      ...slowerThanProbe(facets),
      ...open,
      ...openWithoutReport(facets, (pair) => !isInTime(pair, facets)),
    ];
  },
  trials: (facets, failing) => trials(facets)(failing),
  say: ({ probe, settings, timeoutS, takesS, entry }, affects): Statement => ({
    summary: `${probe === undefined ? "The default probe" : `Probe ${probe.name}`} waits ${timeoutS} s and ${serverNames(serversOf(affects))} answer${serversOf(affects).length === 1 ? "s" : ""} later${takesS === undefined ? "" : timesWords(takesS)}`,
    subjects: probe === undefined ? settings.slice(0, 1).map(settingSubject) : [probeSubject(probe)],
    evidence: [
      probe === undefined
        ? evidence(
            "no probe is attached: the default probe waits 30 s",
            settings[0]?.source.at("probe") ?? { document: "", pointer: "" },
          )
        : evidence(`the probe's time-out is ${timeoutS} s`, probe.source.at("timeout")),
      ...reportEvidence(entry),
    ],
  }),
  fix: ({ gateway, probe, settings, timeoutS, takesS }): FixProposal => {
    const wanted = takesS === undefined ? undefined : Math.ceil(takesS.max * 1.5);
    if (wanted === undefined || wanted > 300) {
      return {
        summary: `Find out why the probed path takes longer than ${timeoutS} s, or let the probe ask for a quick one; a longer time-out comes after that.`,
        changes: [],
        sideEffects: [],
      };
    }
    const fields = { timeout: wanted, interval: Math.max(wanted, probe?.intervalS ?? 30) };
    return {
      summary: `Raise the time-out of ${probe === undefined ? "the probe" : `probe ${probe.name}`} to ${wanted} s.`,
      changes:
        probe === undefined
          ? addProbe(gateway, settings, `${settings[0]?.name ?? "slow"}-probe`, {
              ...hostLikeDefault(settings),
              ...fields,
            })
          : changeProbe(gateway, probe, settings, fields),
      sideEffects: ["A server that hangs is noticed later."],
    };
  },
});

/** Silence in a report may be anything on the way; a live probe tells whether the server took the request. */
function isLate({ message, live }: HealthEntry): boolean {
  return live === undefined ? message.key === "probe-timeout" : live.kind === "http-timed-out";
}

const longestS = 60;

/** As long as a request to these servers would be given. */
function trials({ plans }: Pick<Facets, "plans">): (failing: Failing) => readonly Trial[] {
  return ({ plan, kind, server }) => {
    const timeoutMs = Math.min(plans.request(server).requestTimeoutS.value, longestS) * 1000;
    if (plan.purpose !== "probe" || kind !== "http-timed-out" || timeoutMs <= plan.timeoutMs) return [];
    return [
      {
        what: "time-out",
        from: `${plan.timeoutMs / 1000} s`,
        to: `${timeoutMs / 1000} s`,
        plan: { ...plan, timeoutMs },
        proof: "fine",
        risk: "safe",
        costMs: timeoutMs,
      },
    ];
  };
}

/** How long the answers took that came once there was time for them. */
function slowestSeen(servers: readonly Server[], healed: ReadonlyMap<Server, Experiment>): Times | undefined {
  const tookS = servers.flatMap((server) => {
    const http = healed.get(server)?.after.observation.http;
    return http === undefined ? [] : [(http.completeMs ?? http.endedMs) / 1000];
  });
  if (tookS.length === 0) return undefined;
  return { min: Math.min(...tookS), max: Math.max(...tookS), seenIn: "an experiment" };
}

function timesWords({ min, max, seenIn }: Times): string {
  const [from, to] = [min, max].map((seconds) => String(Math.round(seconds * 10) / 10));
  const times = from === to ? from : `${from} to ${to}`;
  return `: the probed path takes ${times} s in ${seenIn}`;
}

/** What would tell where a name leads; for the platform's own services it need not be known. */
function missingName(
  server: Server,
  { names, services }: Pick<Facets, "names" | "services">,
): Missing | undefined {
  return services.of(server) === undefined ? names.of(server)?.missing[0] : undefined;
}

/** How long the probed path itself took in the log. */
function timesInLog(pair: Pair, { plans, traffic, gateway }: Pick<Facets, "plans" | "traffic" | "gateway">) {
  const [server] = pair.servers;
  const path = server === undefined ? undefined : plans.probe(server).path.value;
  if (path === undefined) return undefined;
  const wanted = routingPath(path, gateway.generation);
  for (const { uris } of traffic.ofPair(pair)) {
    const latency = uris.get(wanted)?.servedLatency;
    if (latency !== undefined) return latency;
  }
  return undefined;
}

/** The same, when even the quickest answer was later than the probe waits. */
function slowInLog(pair: Pair, facets: Pick<Facets, "plans" | "traffic" | "gateway">): Times | undefined {
  const times = timesInLog(pair, facets);
  if (times === undefined || times.minS <= timeoutOf(pair, facets)) return undefined;
  return { min: Math.floor(times.minS), max: Math.ceil(times.maxS), seenIn: "the access log" };
}

/** Every answer the log knows was in time. */
function isInTime(pair: Pair, facets: Pick<Facets, "plans" | "traffic" | "gateway">): boolean {
  const times = timesInLog(pair, facets);
  return times !== undefined && times.maxS <= timeoutOf(pair, facets);
}

function timeoutOf({ servers: [server] }: Pair, { plans }: Pick<Facets, "plans">): number {
  return server === undefined ? Number.POSITIVE_INFINITY : plans.probe(server).timeoutS;
}

/** Nobody reported, but the log shows that the probe cannot succeed. */
function slowerThanProbe(
  facets: Pick<Facets, "gateway" | "wiring" | "plans" | "traffic" | "health">,
): Decision<Match>[] {
  const { gateway, wiring, plans, traffic, health } = facets;
  if (traffic.log === undefined) return [];
  const slow = wiring.pairs.filter((pair) => {
    const { healthy, unhealthy } = health.pair(pair);
    return healthy + unhealthy === 0 && slowInLog(pair, facets) !== undefined;
  });
  return byProbe(slow.flatMap(({ servers }) => servers)).map(
    ({ key, probe, settings, servers }): Decision<Match> => {
      const [first] = servers as [Server];
      const { timeoutS } = plans.probe(first);
      const takesS = slowInLog(first.pair, facets);
      return {
        is: "found",
        key,
        match: { gateway, probe, settings, timeoutS, takesS, entry: undefined },
        affects: { servers },
        effect: "stops-probes",
        basis: "observed-likely",
      };
    },
  );
}
