import type { BackendSetting, Gateway, Protocol } from "../../../model/gateway.ts";
import type { Server } from "../../../routing/routes.ts";
import { type Decision, defineCause } from "../../cause.ts";
import type { Facets, HealthEntry, Service } from "../../facets.ts";
import type { FixProposal, Statement } from "../../finding.ts";
import { evidence, seenEvidence, serverNames, settingSubject } from "../../statements.ts";
import { connectionCauses } from "../families.ts";
import { hostRoutedServers, serviceName } from "../probe/host-routed.ts";
import { setOnSetting } from "./change-setting.ts";
import { type SeenEndpoint, seenEndpoints } from "./endpoints.ts";

interface Match {
  readonly gateway: Gateway;
  readonly setting: BackendSetting;
  readonly servers: readonly Server[];
  readonly entry: HealthEntry | undefined;
  /** The port somebody certainly answers on, and how that is known. */
  readonly right:
    | { readonly by: "service"; readonly port: number; readonly service: Service }
    | { readonly by: "health"; readonly port: number; readonly seen: SeenEndpoint };
}

export default defineCause({
  id: "port-wrong",
  title: "Backend setting with the wrong port",
  layer: "config",
  decidedBy: ["configuration", "health"],
  reads: ["gateway", "wiring", "plans", "services", "health"],
  explainedBy: [...connectionCauses, "probe-port", "rule-wrong-target"],
  about: `The backend setting sends to a port on which the application does not listen: connections are refused or swallowed
and every server is marked down. Which port is right stands in no Azure document, but it can show: the service behind
the pool takes requests on 80 and 443 only, or the same servers are healthy on another port under another setting.`,
  find: (facets) => [...atServices(facets), ...atSeenServers(facets)],
  say: ({ setting, servers, right, entry }): Statement => ({
    summary:
      right.by === "service"
        ? `Backend setting ${setting.name} sends to port ${setting.port} of ${serverNames(servers)}, but ${serviceName(right.service)} answers on 80 and 443 only`
        : `Backend setting ${setting.name} sends to port ${setting.port}, where ${serverNames(servers)} accept${servers.length === 1 ? "s" : ""} no connection; on port ${right.port} the same servers are healthy`,
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
      ...(entry === undefined ? [] : [seenEvidence(entry)]),
    ],
  }),
  fix: ({ gateway, setting, right }): FixProposal => ({
    summary: `Set the port of backend setting ${setting.name} to ${right.port}.`,
    changes: [setOnSetting(gateway, setting, "port", right.port)],
    sideEffects: [`Everything that uses ${setting.name} goes to port ${right.port}.`],
    ...(right.by === "service"
      ? {}
      : {
          notVerifiable: `that the application of this route is the one on port ${right.port} only a probe or a request shows`,
        }),
  }),
});

type Reads = Pick<Facets, "gateway" | "wiring" | "plans" | "services" | "health">;

/** Services that take HTTP on the two well-known ports and on no other. */
const twoPorts: ReadonlySet<Service["kind"]> = new Set(["app-service", "front-door", "storage"]);

function atServices({ gateway, wiring, services, health }: Reads): Decision<Match>[] {
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
function atSeenServers({ gateway, wiring, plans, health }: Reads): Decision<Match>[] {
  const endpoints = seenEndpoints(wiring, health, plans);
  const fineSettings = new Set(
    health.entries.flatMap(({ server, observation }) =>
      observation.health === "healthy" ? [server.pair.setting] : [],
    ),
  );
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

function foundFor(
  gateway: Gateway,
  setting: BackendSetting,
  servers: readonly Server[],
  right: Match["right"],
  health: Facets["health"],
  basis: "configuration" | "observed-possible",
): Decision<Match> {
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
