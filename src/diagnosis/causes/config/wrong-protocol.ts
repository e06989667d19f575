import { overProtocol } from "../../../health/exchange.ts";
import type { BackendSetting, Gateway, Protocol } from "../../../model/gateway.ts";
import type { Server } from "../../../routing/routes.ts";
import type { Decision, Found } from "../../cause.ts";
import type { Trial } from "../../experiment.ts";
import { healthExport } from "../../exports.ts";
import type { Facets, HealthEntry } from "../../facets.ts";
import type { Evidence } from "../../finding.ts";
import type { Failing, JudgedExchange } from "../../live-evidence.ts";
import { evidence, exchangeEvidence, seenEvidence } from "../../statements.ts";
import { effectSeen, helpedBy, serversAmong } from "../helped.ts";
import { type SeenEndpoint, seenEndpoints } from "./endpoints.ts";

/** A setting whose protocol is not the one spoken at its port. */
export interface WrongProtocol {
  readonly gateway: Gateway;
  readonly setting: BackendSetting;
  readonly servers: readonly Server[];
  /** Where the same port of the same server was seen healthy with the other protocol. */
  readonly seen: SeenEndpoint | undefined;
  readonly entry: HealthEntry | undefined;
  /** What was sent and shows it, when that was not the probe of the entry. */
  readonly shown: Failing | undefined;
  /** What came back with the other protocol, where that was tried. */
  readonly otherwise: JudgedExchange | undefined;
}

export interface Wrong {
  readonly has: "Http" | "Https";
  /** Ports at which this protocol is certainly not meant. */
  readonly certain: ReadonlySet<number>;
  /** Ports at which it is only unusual: a failing probe has to agree. */
  readonly unusual: ReadonlySet<number>;
  /** What a probe with the wrong protocol gets. */
  readonly fails: (entry: HealthEntry) => boolean;
  /** Whether an exchange that was really sent ended as it does with the wrong protocol. */
  readonly endsSo: (failing: Failing) => boolean;
  /** Whether what came back is the other protocol itself. */
  readonly answersSo: (failing: Failing) => boolean;
  readonly proof: Trial["proof"];
}

type Reads = Pick<Facets, "gateway" | "wiring" | "plans" | "health" | "live">;

export function wrongProtocols(wrong: Wrong, facets: Reads): Decision<WrongProtocol>[] {
  const live = shownLive(wrong, facets);
  const shown = new Set(live.map(({ match }) => match.setting));
  return [...live, ...byConfiguration(wrong, facets, shown)];
}

/** The same over the other protocol, where the exchange ended as it does with the wrong one. */
export function otherProtocolTrials(
  wrong: Wrong,
  { gateway }: Pick<Facets, "gateway">,
  failing: Failing,
): Trial[] {
  const { plan, server } = failing;
  if (plan.protocol !== wrong.has || server.pair.setting.protocol !== wrong.has) return [];
  if (!wrong.endsSo(failing)) return [];
  return [protocolTrial(gateway, failing, other(wrong.has), wrong.proof)];
}

export function protocolTrial(
  { generation }: Gateway,
  { plan }: Failing,
  protocol: Protocol,
  proof: Trial["proof"],
): Trial {
  const changed = overProtocol(generation, plan, protocol);
  return {
    what: "protocol",
    from: plan.protocol,
    to: protocol,
    plan: changed,
    proof,
    risk: "safe",
    costMs: 300,
  };
}

/** Settings whose servers answered in the other protocol, or to it. */
function shownLive(wrong: Wrong, facets: Reads): Found<WrongProtocol>[] {
  const { gateway, live } = facets;
  const certain = live.failing.filter(
    (failing) => failing.server.pair.setting.protocol === wrong.has && wrong.answersSo(failing),
  );
  const helped = helpedBy(live, (failing) => otherProtocolTrials(wrong, facets, failing));
  const members = [...certain, ...helped.flatMap((item) => item.members)];
  return [...Map.groupBy(members, ({ server }) => server.pair.setting)].map(([setting, own]) => {
    const servers = serversAmong(own);
    return {
      is: "found",
      key: setting.name,
      match: {
        ...{ gateway, setting, servers, seen: undefined, entry: undefined, shown: own[0] },
        otherwise: helped.find(({ members: [one] }) => one?.server.pair.setting === setting)?.experiment
          .after,
      },
      affects: { servers },
      effect: effectSeen(own),
      basis: own.every((failing) => certain.includes(failing)) ? "state" : "observed-likely",
    };
  });
}

function byConfiguration(
  wrong: Wrong,
  { gateway, wiring, plans, health }: Reads,
  shown: ReadonlySet<BackendSetting>,
): Decision<WrongProtocol>[] {
  const endpoints = seenEndpoints(health, plans);
  const pairs = wiring.pairs.filter(
    ({ setting, servers }) => setting.protocol === wrong.has && servers.length > 0,
  );
  const bySetting = Map.groupBy(pairs, ({ setting }) => setting);
  return [...bySetting].flatMap(([setting, own]): Decision<WrongProtocol>[] => {
    const { port } = setting;
    if (port === undefined || shown.has(setting)) return [];
    const all = own.flatMap((pair) => pair.servers);
    // What was sent and ended otherwise does not come from the protocol, whatever the port is.
    const fitting = all.filter((server) => mayBeSo(wrong, health.of(server)));
    const servers = fitting.length > 0 ? fitting : all;
    const failing = servers.flatMap((server) => {
      const entry = health.of(server);
      return entry?.observation.health === "unhealthy" && fitting.includes(server) && wrong.fails(entry)
        ? [entry]
        : [];
    });
    const seen = failing
      .flatMap(({ server }) => endpoints.at(server))
      .find((one) => one.port === port && one.protocol === other(wrong.has));
    const certain = wrong.certain.has(port) || seen !== undefined;
    // Who can be asked can be asked by the other protocol too: until then the port only makes it likely.
    const isSent = seen === undefined && failing.some(({ live }) => live !== undefined);
    if (!certain && !wrong.unusual.has(port)) return [];
    if (!certain && failing.length === 0) return openUnlessSeen(gateway, servers, health);
    return [
      {
        is: "found",
        key: setting.name,
        match: {
          ...{ gateway, setting, servers, seen, entry: failing[0] },
          ...{ shown: undefined, otherwise: undefined },
        },
        affects: { servers: certain ? servers : failing.map(({ server }) => server) },
        effect: fitting.length > 0 ? "stops" : "threatens",
        basis: !certain ? "observed-possible" : isSent ? "observed-likely" : "configuration",
      },
    ];
  });
}

function mayBeSo(wrong: Wrong, entry: HealthEntry | undefined): boolean {
  if (entry?.live === undefined || entry.observation.health !== "unhealthy") return true;
  return wrong.endsSo(entry.live);
}

function openUnlessSeen(
  gateway: Gateway,
  servers: readonly Server[],
  health: Facets["health"],
): Decision<never>[] {
  const unseen = servers.filter((server) => {
    const seen = health.of(server)?.observation.health;
    return seen === undefined || seen === "unknown";
  });
  if (unseen.length === 0) return [];
  const needs = { what: "what the servers answer on this port", command: healthExport(gateway.id) };
  return [{ is: "undecided", needs, affects: { servers: unseen } }];
}

function other(protocol: Wrong["has"]): "Http" | "Https" {
  return protocol === "Http" ? "Https" : "Http";
}

export function protocolEvidence({ setting, seen, entry, shown }: WrongProtocol): Evidence[] {
  return [
    evidence(`the setting's protocol is ${setting.protocol}`, setting.source.at("protocol")),
    evidence(`its port is ${setting.port}`, setting.source.at("port")),
    ...(seen === undefined
      ? []
      : [
          evidence(
            `setting ${seen.server.pair.setting.name} speaks ${seen.protocol} to the same port and is healthy`,
            seen.server.pair.setting.source.at("protocol"),
          ),
        ]),
    ...(entry === undefined ? [] : [seenEvidence(entry)]),
    ...(shown === undefined ? [] : [exchangeEvidence(shown)]),
  ];
}
