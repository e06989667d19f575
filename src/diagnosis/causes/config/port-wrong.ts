import type { BackendSetting, Gateway, Protocol } from "../../../model/gateway.ts";
import type { Server } from "../../../routing/routes.ts";
import { defineCause, type Found } from "../../cause.ts";
import type { Experiment, Trial } from "../../experiment.ts";
import type { Facets, HealthEntry, Service } from "../../facets.ts";
import type { FixProposal, Statement } from "../../finding.ts";
import type { Failing } from "../../live-evidence.ts";
import { evidence, exchangeEvidence, seenEvidence, serverNames, settingSubject } from "../../statements.ts";
import { connectionCauses } from "../families.ts";
import { effectSeen, type Helped, helpedBy, serversAmong } from "../helped.ts";
import { hostRoutedServers, serviceName } from "../probe/host-routed.ts";
import { changeProbe } from "../probe/probe-change.ts";
import { setOnSetting } from "./change-setting.ts";
import { type SeenEndpoint, seenEndpoints } from "./endpoints.ts";
import { configuredPorts, hasNoSession, onPort } from "./other-ports.ts";

interface Match {
  readonly gateway: Gateway;
  readonly setting: BackendSetting;
  readonly servers: readonly Server[];
  readonly entry: HealthEntry | undefined;
  /** The port somebody certainly answers on, and how that is known. */
  readonly right:
    | { readonly by: "service"; readonly port: number; readonly service: Service }
    | { readonly by: "health"; readonly port: number; readonly seen: SeenEndpoint }
    | { readonly by: "experiment"; readonly port: number; readonly experiment: Experiment };
}

export default defineCause({
  id: "port-wrong",
  title: "Backend setting with the wrong port",
  layer: "config",
  decidedBy: ["configuration", "health", "live"],
  reads: ["gateway", "wiring", "plans", "services", "health", "live"],
  explainedBy: [...connectionCauses, "probe-port", "rule-wrong-target"],
  about: `The backend setting sends to a port on which the application does not listen: connections are refused or swallowed
and every server is marked down. Which port is right stands in no Azure document, but it can show: the service behind
the pool takes requests on 80 and 443 only, or the same servers are healthy on another port under another setting. Live,
the same question asked on another port that the configuration names, or on a well-known one, gets its answer there.`,
  find: (facets) => {
    const tried = atTriedPorts(facets);
    const certain = new Set(tried.map(({ match }) => match.setting));
    const seen = atSeenServers(facets).filter(({ match }) => !certain.has(match.setting));
    return [...atServices(facets), ...seen, ...tried];
  },
  trials: triedPorts,
  say: ({ setting, servers, right, entry }): Statement => ({
    summary: summaryOf(setting, servers, right),
    subjects: [settingSubject(setting)],
    evidence: [
      evidence(`the setting's port is ${setting.port}`, setting.source.at("port")),
      ...(right.by === "health"
        ? [
            evidence(
              `setting ${right.seen.server.pair.setting.name} reaches the same server on port ${right.port}`,
              right.seen.server.pair.setting.source.at("port"),
            ),
          ]
        : []),
      ...(right.by === "experiment" ? [exchangeEvidence(right.experiment.before)] : []),
      ...(right.by !== "experiment" && entry !== undefined ? [seenEvidence(entry)] : []),
    ],
  }),
  fix: ({ gateway, setting, right }): FixProposal => ({
    summary: `Set the port of backend setting ${setting.name} to ${right.port}.`,
    changes: [
      setOnSetting(gateway, setting, "port", right.port),
      ...(setting.probe?.target?.port === setting.port && setting.probe?.target !== undefined
        ? changeProbe(gateway, setting.probe.target, [setting], { port: right.port })
        : []),
    ],
    sideEffects: [`Everything that uses ${setting.name} goes to port ${right.port}.`],
    ...(right.by !== "health"
      ? {}
      : {
          notVerifiable: `that the application of this route is the one on port ${right.port} only a probe or a request shows`,
        }),
  }),
});

type Reads = Pick<Facets, "gateway" | "wiring" | "plans" | "services" | "health" | "live">;

function summaryOf(setting: BackendSetting, servers: readonly Server[], right: Match["right"]): string {
  const sends = `Backend setting ${setting.name} sends to port ${setting.port}`;
  if (right.by === "service") {
    return `${sends} of ${serverNames(servers)}, but ${serviceName(right.service)} answers on 80 and 443 only`;
  }
  const deaf = `where ${serverNames(servers)} ${servers.length === 1 ? "does" : "do"} not serve this application`;
  return right.by === "experiment"
    ? `${sends}, ${deaf}; asked the same on port ${right.port}, the answer is right`
    : `${sends}, where ${serverNames(servers)} accept${servers.length === 1 ? "s" : ""} no connection; on port ${right.port} the same servers are healthy`;
}

/** Services that take HTTP on the two well-known ports and on no other. */
const twoPorts: ReadonlySet<Service["kind"]> = new Set(["app-service", "front-door", "storage"]);

function atServices({ gateway, wiring, services, health }: Reads): Found<Match>[] {
  const wrong = hostRoutedServers(wiring, services).filter(({ server, service }) => {
    const { port, protocol } = server.pair.setting;
    return (
      twoPorts.has(service.kind) && isHttp(protocol) && port !== undefined && port !== 80 && port !== 443
    );
  });
  return [...Map.groupBy(wrong, ({ server }) => server.pair.setting)].map(([setting, items]) => {
    const [{ service }] = items as [(typeof items)[0]];
    const servers = items.map(({ server }) => server);
    const port = setting.protocol === "Https" ? 443 : 80;
    const right = { by: "service", port, service } as const;
    return foundFor(gateway, setting, servers, right, health, "configuration");
  });
}

function isHttp(protocol: Protocol): boolean {
  return protocol === "Http" || protocol === "Https";
}

/** Servers without a TCP session here that answer on another port under another setting. */
function atSeenServers({ gateway, plans, health }: Reads): Found<Match>[] {
  const endpoints = seenEndpoints(health, plans);
  const fineSettings = settingsSeenFine(health);
  const silent = health.unhealthy.flatMap(({ server, message }) => {
    const { setting } = server.pair;
    if (message.phase !== "tcp" && message.phase !== "timeout") return [];
    // The port is right for other servers, or the probe has a port of its own: other causes.
    if (fineSettings.has(setting) || plans.probe(server).port.value !== setting.port) return [];
    const elsewhere = endpoints.at(server).filter(({ port }) => port !== setting.port);
    const [seen] = elsewhere;
    return seen === undefined || elsewhere.some(({ port }) => port !== seen.port) ? [] : [{ server, seen }];
  });
  return [...Map.groupBy(silent, ({ server }) => server.pair.setting)].map(([setting, items]) => {
    const [{ seen }] = items as [(typeof items)[0]];
    const servers = items.map(({ server }) => server);
    const right = { by: "health", port: seen.port, seen } as const;
    return foundFor(gateway, setting, servers, right, health, "observed-possible");
  });
}

/** Settings whose port is right for some server. */
function settingsSeenFine(health: Facets["health"]): ReadonlySet<BackendSetting> {
  const healthy = health.entries.filter(({ observation }) => observation.health === "healthy");
  return new Set(healthy.map(({ server }) => server.pair.setting));
}

const wellKnown = { Http: [80, 8080], Https: [443, 8443] } as const;

const mostTrials = 6;

/**
 * The same question on ports where the application may be. What answers on a port that nobody configured may be anything:
 * only an answer to a path or with a text of the application's own tells that it is it.
 */
function triedPorts({ wiring, health }: Pick<Facets, "wiring" | "health">, failing: Failing): Trial[] {
  const { plan, server, kind } = failing;
  const { setting } = server.pair;
  const { protocol } = plan;
  if (protocol !== "Http" && protocol !== "Https") return [];
  if (!hasNoSession(failing) && kind !== "http-invalid") return [];
  const ownPort = setting.probe?.target?.port;
  if (plan.port !== setting.port || (ownPort !== undefined && ownPort !== setting.port)) return [];
  if (settingsSeenFine(health).has(setting)) return [];
  // The probe tells more: any answer to a request is one, were it that there is nothing of that name.
  if (plan.purpose === "request" && health.of(server)?.observation.health === "unhealthy") return [];
  const telling = (plan.path ?? "/") !== "/" || plan.lookFor !== undefined;
  const usual = telling ? wellKnown[protocol].filter((port) => port !== plan.port) : [];
  const { near, far } = configuredPorts({ wiring }, failing);
  const ports = [...new Set([...near, ...usual, ...far])];
  return ports.slice(0, mostTrials).map((port) => onPort(failing, port, { proof: "fine", risk: "safe" }));
}

function atTriedPorts(facets: Reads): Found<Match>[] {
  const { gateway, live } = facets;
  const helped = helpedBy(live, (failing) => triedPorts(facets, failing)).filter(
    ({ experiment: { after } }) => (after.status ?? 500) < 400,
  );
  const bySetting = Map.groupBy(helped, ({ experiment }) => experiment.before.server.pair.setting);
  return [...bySetting].map(([setting, items]): Found<Match> => {
    const [{ experiment }] = items as [Helped];
    const same = items.filter((item) => item.experiment.plan.port === experiment.plan.port);
    const members = same.flatMap((item) => item.members);
    const servers = serversAmong(members);
    const right = { by: "experiment", port: experiment.plan.port, experiment } as const;
    return {
      is: "found",
      key: `${setting.name}/experiment`,
      match: { gateway, setting, servers, entry: undefined, right },
      affects: { servers },
      effect: effectSeen(members),
      basis: "observed-likely",
    };
  });
}

function foundFor(
  gateway: Gateway,
  setting: BackendSetting,
  servers: readonly Server[],
  right: Match["right"],
  health: Facets["health"],
  basis: "configuration" | "observed-possible",
): Found<Match> {
  const entry = servers.map((server) => health.of(server)).find((one) => one !== undefined);
  return {
    is: "found",
    key: `${setting.name}/${right.by}`,
    match: { gateway, setting, servers, entry, right },
    affects: { servers },
    effect: "stops",
    basis,
  };
}
