import type { BackendSetting, Gateway } from "../../../model/gateway.ts";
import type { Server } from "../../../routing/routes.ts";
import type { Decision } from "../../cause.ts";
import { healthExport } from "../../exports.ts";
import type { Facets, HealthEntry } from "../../facets.ts";
import type { Evidence } from "../../finding.ts";
import { evidence, seenEvidence } from "../../statements.ts";
import { type SeenEndpoint, seenEndpoints } from "./endpoints.ts";

/** A setting whose protocol is not the one spoken at its port. */
export interface WrongProtocol {
  readonly gateway: Gateway;
  readonly setting: BackendSetting;
  readonly servers: readonly Server[];
  /** Where the same port of the same server was seen healthy with the other protocol. */
  readonly seen: SeenEndpoint | undefined;
  readonly entry: HealthEntry | undefined;
}

interface Wrong {
  readonly has: "Http" | "Https";
  /** Ports at which this protocol is certainly not meant. */
  readonly certain: ReadonlySet<number>;
  /** Ports at which it is only unusual: a failing probe has to agree. */
  readonly unusual: ReadonlySet<number>;
  /** What a probe with the wrong protocol gets. */
  readonly fails: (entry: HealthEntry) => boolean;
}

type Reads = Pick<Facets, "gateway" | "wiring" | "plans" | "health">;

export function wrongProtocols(
  wrong: Wrong,
  { gateway, wiring, plans, health }: Reads,
): Decision<WrongProtocol>[] {
  const endpoints = seenEndpoints(wiring, health, plans);
  const pairs = wiring.pairs.filter(
    ({ setting, servers }) => setting.protocol === wrong.has && servers.length > 0,
  );
  const bySetting = Map.groupBy(pairs, ({ setting }) => setting);
  return [...bySetting].flatMap(([setting, own]): Decision<WrongProtocol>[] => {
    const { port } = setting;
    if (port === undefined) return [];
    const servers = own.flatMap((pair) => pair.servers);
    const failing = servers.flatMap((server) => {
      const entry = health.of(server);
      return entry?.observation.health === "unhealthy" && wrong.fails(entry) ? [entry] : [];
    });
    const seen = failing
      .flatMap(({ server }) => endpoints.at(server))
      .find((one) => one.port === port && one.protocol === other(wrong.has));
    const certain = wrong.certain.has(port) || seen !== undefined;
    if (!certain && !wrong.unusual.has(port)) return [];
    if (!certain && failing.length === 0) return openUnlessSeen(gateway, servers, health);
    return [
      {
        is: "found",
        key: setting.name,
        match: { gateway, setting, servers, seen, entry: failing[0] },
        affects: { servers: certain ? servers : failing.map(({ server }) => server) },
        effect: "stops",
        basis: certain ? "configuration" : "observed-possible",
      },
    ];
  });
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

export function protocolEvidence({ setting, seen, entry }: WrongProtocol): Evidence[] {
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
  ];
}
