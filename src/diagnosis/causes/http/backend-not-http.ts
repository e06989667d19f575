import { firstBytes, isHttp2, isTlsAlert, serviceOf } from "../../../health/first-bytes.ts";
import type { Pair, Server } from "../../../routing/routes.ts";
import { defineCause, type Found } from "../../cause.ts";
import type { Facets, HealthEntry } from "../../facets.ts";
import type { Evidence } from "../../finding.ts";
import type { Failing } from "../../live-evidence.ts";
import {
  evidence,
  exchangeEvidence,
  groupedBy,
  poolSubject,
  seenEvidence,
  serverNames,
  settingSubject,
} from "../../statements.ts";
import { serversOf } from "../../weigh.ts";
import { connectionCauses } from "../families.ts";
import { effectSeen, serversAmong } from "../helped.ts";

interface Match {
  readonly pair: Pair;
  readonly port: number;
  /** Undefined = what answered is known by no sign. */
  readonly service: string | undefined;
  /** What the server said, or what its probe came to where the port alone makes it suspect. */
  readonly shown: Failing | HealthEntry;
}

/** Ports on which by custom something answers that is not HTTP (IANA service names). */
const services: Readonly<Record<number, string>> = {
  21: "FTP",
  22: "SSH",
  23: "Telnet",
  25: "SMTP",
  53: "DNS",
  110: "POP3",
  143: "IMAP",
  389: "LDAP",
  445: "SMB",
  587: "SMTP",
  636: "LDAP over TLS",
  993: "IMAP over TLS",
  1433: "SQL Server",
  1521: "Oracle",
  3306: "MySQL",
  3389: "Remote Desktop",
  5432: "PostgreSQL",
  5671: "AMQP over TLS",
  5672: "AMQP",
  6379: "Redis",
  6380: "Redis over TLS",
  9092: "Kafka",
  27017: "MongoDB",
};

export default defineCause({
  id: "backend-not-http",
  title: "Server speaks another protocol than HTTP on that port",
  layer: "http",
  decidedBy: ["configuration", "health", "live"],
  showsInHealthOf: "every-server",
  reads: ["wiring", "plans", "health", "live"],
  explainedBy: [...connectionCauses, "port-wrong", "probe-port", "rule-wrong-target"],
  about: `The connection comes about, but what answers is a database, a mail server or a remote shell: no HTTP response ever
arrives, and the probe fails by time-out or with a broken answer. From the documents it can be suspected when the port is the
usual one of such a service; the first bytes the server sends prove it. Use the port of the web server, or a gateway for TCP.`,
  find: (facets) => {
    const said = bySpeech(facets);
    const known = new Set(said.map(({ match }) => match.pair));
    return [...said, ...byPort(facets, known)];
  },
  say: ({ pair, port, service, shown }, affects) => {
    const servers = serverNames(serversOf(affects));
    const where = `${servers} of pool ${pair.pool.name}`;
    return {
      summary:
        "kind" in shown
          ? `What answers on port ${port} of ${where} ${service === undefined ? "does not speak HTTP" : `speaks ${service}, not HTTP`}`
          : `${where} are asked for HTTP on port ${port}, the usual port of ${service ?? "a protocol that is not HTTP"}`,
      subjects: [settingSubject(pair.setting), poolSubject(pair.pool)],
      evidence: [
        evidence(`the port is ${port}`, pair.setting.source.at("port")),
        ...("kind" in shown ? [exchangeEvidence(shown), ...bytesEvidence(shown)] : [seenEvidence(shown)]),
      ],
    };
  },
  fix: ({ pair, service }) => ({
    summary: `Set backend setting ${pair.setting.name} to the port of the web server; for ${service ?? "what answers there"} itself use a TCP listener or a load balancer.`,
    changes: [],
    sideEffects: [],
  }),
});

type Reads = Pick<Facets, "wiring" | "plans" | "health" | "live">;

/** Servers whose first bytes are those of another protocol. */
function bySpeech({ live }: Reads): Found<Match>[] {
  const speaking = live.failing.flatMap((failing) => {
    const bytes = otherBytes(failing);
    return bytes === undefined ? [] : [{ failing, service: serviceOf(bytes) }];
  });
  const alike = groupedBy(speaking, ({ failing, service }) =>
    [failing.server.pair.id, failing.plan.port, service].join(" "),
  );
  return alike.flatMap(([key, items]): Found<Match>[] => {
    const [first] = items;
    if (first === undefined) return [];
    const { failing: shown, service } = first;
    const members = items.map(({ failing }) => failing);
    return [
      {
        is: "found",
        key,
        match: { pair: shown.server.pair, port: shown.plan.port, service, shown },
        affects: { servers: serversAmong(members) },
        effect: effectSeen(members),
        basis: service === undefined ? "observed-likely" : "state",
      },
    ];
  });
}

/** What came instead of HTTP or TLS, where it is neither of them nor HTTP/2. */
function otherBytes({ kind, observation }: Failing): string | undefined {
  if (kind !== "http-invalid" && kind !== "tls-not-tls") return undefined;
  const bytes = firstBytes(observation);
  if (bytes === undefined || bytes.length < 3) return undefined;
  return /^HTTP\//i.test(bytes) || isTlsAlert(bytes) || isHttp2(bytes) ? undefined : bytes;
}

function bytesEvidence(shown: Failing): Evidence[] {
  const bytes = firstBytes(shown.observation) ?? "";
  const printed = bytes.slice(0, 32).replace(/[^\x20-\x7e]/g, "·");
  return [evidence(`its first bytes are "${printed}"`, shown.source)];
}

/** Servers without an HTTP answer on the usual port of something else. */
function byPort({ wiring, plans, health }: Reads, known: ReadonlySet<Pair>): Found<Match>[] {
  return wiring.pairs.flatMap((pair): Found<Match>[] => {
    const { protocol } = pair.setting;
    const [first] = pair.servers;
    const port = first === undefined ? undefined : plans.probe(first).port.value;
    const service = port === undefined ? undefined : services[port];
    if ((protocol !== "Http" && protocol !== "Https") || port === undefined || service === undefined)
      return [];
    if (known.has(pair)) return [];
    const silent = pair.servers.flatMap((server: Server) => {
      const entry = health.of(server);
      return entry !== undefined && isNoHttp(entry) ? [entry] : [];
    });
    const [shown] = silent;
    if (shown === undefined) return [];
    return [
      {
        is: "found",
        key: pair.id,
        match: { pair, port, service, shown },
        affects: { servers: silent.map(({ server }) => server) },
        effect: "stops",
        basis: "observed-possible",
      },
    ];
  });
}

/** No message of an HTTP answer or of a certificate: those show that the server speaks HTTP or TLS after all. */
function isNoHttp({ observation, message, live }: HealthEntry): boolean {
  const { phase } = message;
  if (live !== undefined && live.observation.tcp?.outcome !== "connected") return false;
  return (
    observation.health === "unhealthy" && (phase === undefined || phase === "timeout" || phase === "tcp")
  );
}
