import type { Pair, Server } from "../../../routing/routes.ts";
import { type Decision, defineCause } from "../../cause.ts";
import type { HealthEntry } from "../../facets.ts";
import { evidence, poolSubject, seenEvidence, serverNames, settingSubject } from "../../statements.ts";
import { serversOf } from "../../weigh.ts";
import { connectionCauses } from "../families.ts";

interface Match {
  readonly pair: Pair;
  readonly port: number;
  readonly service: string;
  readonly entry: HealthEntry;
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
  reads: ["wiring", "plans", "health"],
  explainedBy: [...connectionCauses, "port-wrong", "probe-port", "rule-wrong-target"],
  about: `The connection comes about, but what answers is a database, a mail server or a remote shell: no HTTP response ever
arrives, and the probe fails by time-out or with a broken answer. From the documents it can be suspected when the port is the
usual one of such a service; the first bytes the server sends prove it. Use the port of the web server, or a gateway for TCP.`,
  find: ({ wiring, plans, health }) =>
    wiring.pairs.flatMap((pair): Decision<Match>[] => {
      const { protocol } = pair.setting;
      const [first] = pair.servers;
      const port = first === undefined ? undefined : plans.probe(first).port.value;
      const service = port === undefined ? undefined : services[port];
      if ((protocol !== "Http" && protocol !== "Https") || port === undefined || service === undefined)
        return [];
      const silent = pair.servers.flatMap((server: Server) => {
        const entry = health.of(server);
        return entry !== undefined && isNoHttp(entry) ? [entry] : [];
      });
      const [entry] = silent;
      if (entry === undefined) return [];
      return [
        {
          is: "found",
          key: pair.id,
          match: { pair, port, service, entry },
          affects: { servers: silent.map(({ server }) => server) },
          effect: "stops",
          basis: "observed-possible",
        },
      ];
    }),
  say: ({ pair, port, service, entry }, affects) => ({
    summary: `${serverNames(serversOf(affects))} of pool ${pair.pool.name} are asked for HTTP on port ${port}, the usual port of ${service}`,
    subjects: [settingSubject(pair.setting), poolSubject(pair.pool)],
    evidence: [evidence(`the port is ${port}`, pair.setting.source.at("port")), seenEvidence(entry)],
  }),
  fix: ({ pair, service }) => ({
    summary: `Set backend setting ${pair.setting.name} to the port of the web server; for ${service} itself use a TCP listener or a load balancer.`,
    changes: [],
    sideEffects: [],
  }),
});

/** No message of an HTTP answer or of a certificate: those show that the server speaks HTTP or TLS after all. */
function isNoHttp({ observation, message }: HealthEntry): boolean {
  const { phase } = message;
  return (
    observation.health === "unhealthy" && (phase === undefined || phase === "timeout" || phase === "tcp")
  );
}
