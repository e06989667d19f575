import type { HealthMessage, HealthMessagePhase } from "../../health/message.ts";
import type { HealthObservation } from "../../model/observations.ts";
import type { Server } from "../../routing/routes.ts";
import type { HealthEntry } from "../facets.ts";
import type { Layer } from "../finding.ts";
import type { JudgedExchange } from "../live-evidence.ts";

/** What each phase of a probe has behind it when it reports. A time-out may be any silent drop: it proves nothing. */
const passedBefore: Readonly<Record<HealthMessagePhase, readonly Layer[]>> = {
  ok: ["dns", "nsg", "route", "tcp", "tls", "http"],
  dns: [],
  tcp: ["dns"],
  timeout: [],
  tls: ["dns", "nsg", "route", "tcp"],
  http: ["dns", "nsg", "route", "tcp", "tls"],
  unknown: [],
};

/** An entry of the gateway's own report. */
export function reportedEntry(
  server: Server,
  observation: HealthObservation,
  message: HealthMessage,
): HealthEntry {
  const passed = message.phase === undefined ? [] : passedBefore[message.phase];
  return {
    server,
    observation,
    message,
    passed,
    live: undefined,
    reported: { health: observation.health, message },
  };
}

/** A live probe as an entry; undefined where the report tells more, or the probe tells nothing. */
export function liveEntry(probe: JudgedExchange, reported: HealthEntry | undefined): HealthEntry | undefined {
  const { server, outcome, passed } = probe;
  if (outcome === "undecided" && !isSilentDnsThere(probe)) return undefined;
  if (reported !== undefined && tellsMore(reported, probe)) return undefined;
  const { pair, address = "", member } = server;
  return {
    server,
    observation: {
      source: probe.source,
      poolId: pair.pool.id,
      settingId: pair.setting.id,
      address,
      health: healthOfOutcome[outcome],
      log: reported?.observation.health === "unhealthy" ? reported.observation.log : "",
      ipConfigurationId: member.ipConfiguration?.id,
    },
    message: messageOf(probe),
    passed,
    live: probe,
    reported: reported?.reported,
  };
}

const healthOfOutcome = {
  fine: "healthy",
  failing: "unhealthy",
  partial: "partial",
  undecided: "unknown",
} as const;

/** Silence of DNS servers may be our own way's; in the gateway's place it is what the gateway meets. */
function isSilentDnsThere({ kind, vantage }: JudgedExchange): boolean {
  return kind === "name-unanswered" && vantage === "gateway";
}

/**
 * The gateway's report is older, and its place is the one that counts. Sent from elsewhere, silence may be our own way's,
 * and a server that answers us may still not answer the gateway: there the report stands, where it knows the server.
 */
function tellsMore({ observation, message }: HealthEntry, probe: JudgedExchange): boolean {
  if (probe.vantage === "gateway" || observation.health === "unknown") return false;
  const { tcp } = probe.observation;
  if (tcp === undefined || (tcp.outcome !== "connected" && tcp.outcome !== "refused")) return true;
  if (probe.outcome === "partial" && observation.health === "healthy") return !isHeard(probe);
  if (observation.health !== "unhealthy" || probe.outcome === "failing") return false;
  // Names, ways and access by address differ from place to place.
  const { phase, received } = message;
  return phase === "dns" || phase === "tcp" || phase === "timeout" || received === 403;
}

/** Whether anything came back from an address that fails. */
function isHeard({ byAddress }: JudgedExchange): boolean {
  return byAddress.some(
    ({ outcome, observation: { tcp } }) =>
      outcome === "failing" && (tcp?.outcome === "connected" || tcp?.outcome === "refused"),
  );
}

/** What the report would say of it; the text itself is the vendor's and is not made up. */
function messageOf({ kind, status, message }: JudgedExchange): HealthMessage {
  return { key: message, phase: phases[kind], received: status, verifyError: undefined };
}

const phases: Readonly<Record<JudgedExchange["kind"], HealthMessagePhase>> = {
  healthy: "ok",
  "name-unaskable": "dns",
  "name-not-found": "dns",
  "name-without-address": "dns",
  "name-unanswered": "dns",
  "tcp-refused": "tcp",
  "tcp-timed-out": "tcp",
  "tcp-unreachable": "tcp",
  "tcp-reset": "tcp",
  "tcp-not-tried": "tcp",
  "tls-alert": "tls",
  "client-certificate-wanted": "tls",
  "tls-not-tls": "tls",
  "tls-timed-out": "timeout",
  "tls-cut": "tls",
  "tls-failed": "tls",
  certificate: "tls",
  "http-timed-out": "timeout",
  "http-cut": "http",
  "http-invalid": "http",
  status: "http",
  "backend-error": "http",
  body: "http",
  "body-too-long": "http",
};
