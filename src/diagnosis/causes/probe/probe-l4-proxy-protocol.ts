import type { BackendSetting, Gateway } from "../../../model/gateway.ts";
import type { Server } from "../../../routing/routes.ts";
import { type Decision, defineCause } from "../../cause.ts";
import type { Provocation, Trial } from "../../experiment.ts";
import { healthExport } from "../../exports.ts";
import type { Facets, HealthEntry } from "../../facets.ts";
import type { Statement } from "../../finding.ts";
import type { Failing, JudgedExchange, Live } from "../../live-evidence.ts";
import { evidence, exchangeEvidence, seenEvidence, serverNames, settingSubject } from "../../statements.ts";
import { serversOf } from "../../weigh.ts";
import { setOnSetting } from "../config/change-setting.ts";
import { experimentsByServer, healedProbes } from "./failing-probe.ts";
import { changeProbe } from "./probe-change.ts";

interface Match {
  readonly gateway: Gateway;
  readonly setting: BackendSetting;
  readonly entry: HealthEntry | undefined;
  /** The handshake that failed once the header of clients' connections went before it; the probe goes without. */
  readonly shown: JudgedExchange | undefined;
}

export default defineCause({
  id: "probe-l4-proxy-protocol",
  title: "Server does not understand the Proxy protocol header",
  layer: "http",
  decidedBy: ["configuration", "health", "live"],
  reads: ["gateway", "wiring", "health", "live"],
  explainedBy: ["gateway-stopped"],
  about: `A layer 4 setting that preserves the client's address puts a Proxy protocol header in front of every connection, and the
probe can do the same. A server that does not expect it takes the header for a broken request and closes; the health
message speaks of the Proxy protocol header. Either the server is set up to read the header or the option goes off. Live, the
same TLS handshake is tried without the header, or with it where only the connections of clients have it; over plain TCP
nothing answers that would show it.`,
  find: ({ gateway, wiring, health, live }) => {
    const healed = experimentsByServer(healedProbes(live, withoutHeader));
    const sending = wiring.pairs.filter(({ setting }) => sendsHeader(setting));
    return [...Map.groupBy(sending, ({ setting }) => setting)].flatMap(
      ([setting, pairs]): Decision<Match>[] => {
        const servers = pairs.flatMap((pair) => pair.servers);
        const match = { gateway, setting };
        const refusing = servers.filter(
          (server) => healed.has(server) || health.of(server)?.message.key === "proxy-proto",
        );
        const [first] = refusing;
        if (first !== undefined) {
          return [
            {
              is: "found",
              key: setting.name,
              match: { ...match, entry: health.of(first), shown: undefined },
              affects: { servers: refusing },
              effect: "stops",
              basis: "configuration",
            },
          ];
        }
        const shown = servers.flatMap((server) => refusesOfClients(live, server) ?? []);
        if (shown.length > 0) {
          return [
            {
              is: "found",
              key: `${setting.name}/connections`,
              match: { ...match, entry: undefined, shown: shown[0] },
              affects: { servers: shown.map(({ server }) => server) },
              effect: "stops-requests",
              basis: "state",
            },
          ];
        }
        const unseen = servers.filter((server) => !isTold(server, { health, live }));
        if (unseen.length === 0) return [];
        const needs = {
          what: "whether the servers take the Proxy protocol header",
          command: healthExport(gateway.id),
        };
        return [{ is: "undecided", needs, affects: { servers: unseen } }];
      },
    );
  },
  trials: (_facets, failing) => withoutHeader(failing),
  provocations: ({ live }) => live.probes.flatMap((probe) => withHeader(probe) ?? []),
  say: ({ setting, entry, shown }, affects): Statement => ({
    summary: `Backend setting ${setting.name} sends a Proxy protocol header that ${serverNames(serversOf(affects))} do${serversOf(affects).length === 1 ? "es" : ""} not understand`,
    subjects: [settingSubject(setting)],
    evidence: [
      setting.enableL4ClientIpPreservation
        ? evidence(
            "the setting preserves the client's address",
            setting.source.at("enableL4ClientIpPreservation"),
          )
        : evidence(
            "the probe sends the header",
            setting.probe?.target?.source.at("enableProbeProxyProtocolHeader") ?? setting.source,
          ),
      ...(entry === undefined ? [] : [seenEvidence(entry)]),
      ...(shown === undefined ? [] : [exchangeEvidence(shown)]),
    ],
  }),
  fix: ({ gateway, setting }) => {
    const probe = setting.probe?.target;
    return {
      summary: `Switch the Proxy protocol header of setting ${setting.name} off, or let the servers read it.`,
      changes: [
        ...(setting.enableL4ClientIpPreservation
          ? [setOnSetting(gateway, setting, "enableL4ClientIpPreservation", false)]
          : []),
        ...(probe?.enableProbeProxyProtocolHeader
          ? changeProbe(gateway, probe, [setting], { enableProbeProxyProtocolHeader: false })
          : []),
      ],
      sideEffects: ["The servers then see the gateway's address instead of the client's."],
    };
  },
});

function withoutHeader({ plan, kind }: Failing): readonly Trial[] {
  if (
    !plan.manner.proxyHeader ||
    !["tls-alert", "tls-not-tls", "tls-cut", "tls-failed", "tls-timed-out"].includes(kind)
  )
    return [];
  const manner = { ...plan.manner, proxyHeader: false };
  return [
    {
      what: "PROXY header",
      from: "sent",
      to: "not sent",
      plan: { ...plan, manner },
      proof: "later",
      risk: "safe",
      costMs: kind === "tls-timed-out" ? plan.timeoutMs : 200,
    },
  ];
}

/** A handshake that goes well without the header, with the one that connections of clients get. */
function withHeader(from: JudgedExchange): Provocation | undefined {
  const { plan, server, outcome } = from;
  const { setting } = server.pair;
  const asClients = sendsHeader(setting) && setting.enableL4ClientIpPreservation;
  if (!asClients || outcome !== "fine" || plan.protocol !== "Tls" || plan.port !== setting.port)
    return undefined;
  if (plan.manner.proxyHeader) return undefined;
  const trial: Trial = {
    what: "PROXY header",
    from: "not sent",
    to: "sent",
    plan: { ...plan, manner: { ...plan.manner, proxyHeader: true } },
    proof: "fine",
    risk: "safe",
    costMs: 200,
  };
  return { from, trial };
}

/** What a server made of the header, where its probe goes well without it; undefined = not sent, or it went well. */
function refusesOfClients(live: Live, server: Server): JudgedExchange | undefined {
  const made = sentWithHeader(live, server);
  return made?.outcome === "failing" ? made : undefined;
}

function sentWithHeader(live: Live, server: Server): JudgedExchange | undefined {
  const probe = live.probe(server);
  const provocation = probe && withHeader(probe);
  return provocation && live.outcome(provocation.from, provocation.trial.plan);
}

/** Only a handshake behind the header tells: over plain TCP, and where the probe goes without it, it is not looked at. */
function isTold(server: Server, { health, live }: Pick<Facets, "health" | "live">): boolean {
  if ((health.of(server)?.observation.health ?? "unknown") === "unknown") return false;
  const { setting } = server.pair;
  const probe = setting.probe?.target;
  const behindHeader =
    probe?.enableProbeProxyProtocolHeader === true && (probe.protocol ?? setting.protocol) === "Tls";
  return behindHeader || sentWithHeader(live, server) !== undefined;
}

function sendsHeader({ collection, enableL4ClientIpPreservation, probe }: BackendSetting): boolean {
  if (collection !== "backendSettingsCollection") return false;
  return enableL4ClientIpPreservation || (probe?.target?.enableProbeProxyProtocolHeader ?? false);
}
