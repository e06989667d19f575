import type {
  DnsPhase,
  HttpPhase,
  ProbeObservation,
  TcpPhase,
  TlsPhase,
} from "../model/probe-observation.ts";
import { certificateFaultSays } from "./certificates/fault-words.ts";
import type { CertificateFaultKind } from "./certificates/faults.ts";
import type { HealthMessageKey } from "./message.ts";
import type { JudgedChain } from "./probe-chain.ts";
import type { ProbePlan } from "./probe-plan.ts";
import { formatStatusRanges, statusMatches } from "./status-match.ts";

/** What a probe came to, each phase's ends apart. */
export type ProbeVerdictKind =
  | "healthy"
  | "name-unaskable"
  | "name-not-found"
  | "name-without-address"
  | "name-unanswered"
  | "tcp-refused"
  | "tcp-timed-out"
  | "tcp-unreachable"
  | "tcp-reset"
  /** This machine could not even try. */
  | "tcp-not-tried"
  | "tls-alert"
  | "client-certificate-wanted"
  | "tls-not-tls"
  | "tls-timed-out"
  | "tls-cut"
  | "tls-failed"
  | "certificate"
  | "http-timed-out"
  | "http-cut"
  | "http-invalid"
  | "status"
  | "body"
  /** The text was not in the part of the body that was read. */
  | "body-too-long";

export interface ProbeVerdict {
  /** `undecided`: what was seen from here does not tell what the gateway would make of it. */
  readonly outcome: "healthy" | "unhealthy" | "undecided";
  readonly kind: ProbeVerdictKind;
  /**
   * Which messages backend health would show for it (health-probes.md §8), the likeliest first: the vendor's text for
   * some faults varies. Empty = none is documented.
   */
  readonly messages: readonly HealthMessageKey[];
  /** What it really is, in one sentence. */
  readonly says: string;
}

/**
 * What the gateway makes of a probe that went like this (health-probes.md §4, §5): the first phase that fails decides.
 * `chain` is undefined when there was no certificate to judge.
 */
export function verdictOfProbe(
  plan: ProbePlan,
  observation: ProbeObservation,
  chain: JudgedChain | undefined,
): ProbeVerdict {
  const { sent, dns, tcp, tls, http } = observation;
  if (tcp === undefined) return ofName(dns, sent.target);
  if (tcp.outcome !== "connected") return ofTcp(tcp);
  if (tls !== undefined) {
    const fault = ofTls(tls, chain, sent.sni, http);
    if (fault !== undefined) return fault;
  }
  if (http !== undefined) return ofHttp(plan, http);
  const spoken = tls === undefined ? "takes connections" : "takes connections and speaks TLS";
  return healthy(`The server ${spoken}, which is all that a probe of layer 4 asks for.`);
}

function healthy(says: string): ProbeVerdict {
  return { outcome: "healthy", kind: "healthy", messages: ["ok"], says };
}

function unhealthy(
  kind: ProbeVerdictKind,
  messages: readonly HealthMessageKey[],
  says: string,
): ProbeVerdict {
  return { outcome: "unhealthy", kind, messages, says };
}

function undecided(kind: ProbeVerdictKind, says: string): ProbeVerdict {
  return { outcome: "undecided", kind, messages: [], says };
}

function ofName(dns: DnsPhase | undefined, target: string): ProbeVerdict {
  if (dns === undefined) return undecided("name-unanswered", `No address of ${target} is known.`);
  if (dns.unaskable !== undefined) {
    return unhealthy("name-unaskable", ["dns"], `${target} is no name that DNS can be asked for.`);
  }
  const own = dns.answers.filter(({ role }) => role === "gateway");
  const deciding = own.length > 0 ? own : dns.answers.filter(({ role }) => role === "system");
  const missing = deciding.find(({ rcode, errno }) => rcode === "NXDOMAIN" || errno === "ENOTFOUND");
  if (missing !== undefined) {
    const says = `The name ${target} does not exist, says ${serverWords(missing.server)}.`;
    return unhealthy("name-not-found", ["dns"], says);
  }
  const empty = deciding.find(({ rcode, errno }) => rcode === "NOERROR" || errno === "ENODATA");
  if (empty !== undefined) {
    const says = `The name ${target} exists, but has no address that can be used, says ${serverWords(empty.server)}.`;
    return unhealthy("name-without-address", ["dns"], says);
  }
  const refused = deciding.find(({ rcode }) => rcode !== undefined);
  const why = refused === undefined ? "" : `; ${serverWords(refused.server)} answers ${refused.rcode}`;
  const says = `No DNS server gave an answer for ${target}${why}.`;
  // The servers of the gateway are known: silence there is what it would meet, unless it is our way that is cut.
  return own.length > 0 && refused !== undefined
    ? unhealthy("name-unanswered", ["dns"], says)
    : undecided("name-unanswered", says);
}

function serverWords(server: string): string {
  return server === "system" ? "the resolver of this machine" : server;
}

function ofTcp({ outcome, address, port, errno }: TcpPhase): ProbeVerdict {
  const place = `${address} port ${port}`;
  switch (outcome) {
    case "refused":
      return unhealthy("tcp-refused", ["tcp-new"], `Nothing listens on ${place}: the connection is refused.`);
    case "timed-out":
      return unhealthy(
        "tcp-timed-out",
        ["tcp-new", "probe-timeout"],
        `No connection to ${place} came about in time: something on the way, or the server, drops it silently.`,
      );
    case "reset":
      return unhealthy("tcp-reset", ["tcp-new"], `The connection to ${place} was reset while it was made.`);
    case "unreachable":
      return unhealthy("tcp-unreachable", ["tcp-new"], `There is no way from here to ${place}.`);
    default:
      return undecided(
        "tcp-not-tried",
        `This machine could not open a connection to ${place}${errno === undefined ? "" : ` (${errno})`}.`,
      );
  }
}

/** The vendor names no message for handshakes that fail; what it shows varies (causes-of-502.md §C, §F). */
const handshakeMessages: readonly HealthMessageKey[] = ["verify", "tcp-new"];

/** Faults that another uploaded certificate would mend. */
const ofTrust: ReadonlySet<CertificateFaultKind> = new Set([
  "intermediate-missing",
  "private-ca-no-root",
  "wrong-root",
  "not-an-authentication-certificate",
]);

function ofTls(
  tls: TlsPhase,
  chain: JudgedChain | undefined,
  name: string | undefined,
  http: HttpPhase | undefined,
): ProbeVerdict | undefined {
  if (tls.outcome !== "established") return ofHandshake(tls);
  const fault = chain?.faults.find(({ enforced }) => enforced);
  if (fault !== undefined) {
    const clause = certificateFaultSays(fault, name);
    if (chain?.trustUnknown && ofTrust.has(fault.kind)) {
      return undecided(
        "certificate",
        `It depends on certificates of the backend setting that are not among the documents: without them, ${clause}.`,
      );
    }
    const messages = fault.message === undefined ? [] : [fault.message];
    return unhealthy("certificate", messages, `The gateway does not accept the certificate: ${clause}.`);
  }
  return tls.lateAlert !== undefined && http?.outcome !== "answered"
    ? alerted(tls.lateAlert, tls.clientCertificateRequested)
    : undefined;
}

function ofHandshake({ outcome, alert, clientCertificateRequested, fault, errno }: TlsPhase): ProbeVerdict {
  switch (outcome) {
    case "alert":
      return alerted(alert ?? "an alert it does not name", clientCertificateRequested);
    case "not-tls":
      return unhealthy("tls-not-tls", handshakeMessages, "The server does not speak TLS on this port.");
    case "timed-out":
      return unhealthy("tls-timed-out", ["probe-timeout"], "The TLS handshake did not end in time.");
    case "reset":
    case "closed": {
      const ended = outcome === "reset" ? "reset" : "closed";
      return unhealthy(
        "tls-cut",
        handshakeMessages,
        `The server ${ended} the connection in the TLS handshake.`,
      );
    }
    default: {
      const why = fault ?? errno;
      const says = `The TLS handshake failed${why === undefined ? "" : `: ${why}`}.`;
      return unhealthy("tls-failed", handshakeMessages, says);
    }
  }
}

function alerted(alert: string, clientCertificateRequested: boolean): ProbeVerdict {
  if (clientCertificateRequested) {
    const says = `The server wants a client certificate, which the gateway does not have, and refuses with ${alert}.`;
    return unhealthy("client-certificate-wanted", handshakeMessages, says);
  }
  return unhealthy("tls-alert", handshakeMessages, `The server refuses the TLS handshake with ${alert}.`);
}

function ofHttp(plan: ProbePlan, http: HttpPhase): ProbeVerdict {
  if (http.outcome === "answered" && http.status !== undefined) return ofAnswer(plan, http, http.status);
  if (http.outcome === "timed-out-before-first-byte" || http.outcome === "timed-out-midway") {
    const what =
      http.outcome === "timed-out-midway" ? "begins an answer and does not end it" : "does not answer";
    const says = `The server takes the request and ${what} within ${plan.timeoutS} s.`;
    return unhealthy("http-timed-out", ["probe-timeout"], says);
  }
  if (http.outcome === "invalid" || http.outcome === "answered") {
    const where = http.fault === undefined ? "" : ` (${http.fault.kind} at byte ${http.fault.offset})`;
    return unhealthy("http-invalid", [], `What the server answers is no valid HTTP/1.1${where}.`);
  }
  const [what, midway] = [/^[a-z]+/.exec(http.outcome)?.[0], http.outcome.endsWith("midway")];
  const ended = { reset: "was reset", closed: "was closed by the server" }[what ?? ""] ?? "broke";
  const when = midway ? "in the middle of the answer" : "before any answer";
  return unhealthy("http-cut", [], `The connection ${ended} ${when}.`);
}

function ofAnswer(plan: ProbePlan, http: HttpPhase, status: number): ProbeVerdict {
  const wanted = formatStatusRanges(plan.healthyStatuses.value);
  if (!statusMatches(plan.healthyStatuses.value, status)) {
    return unhealthy("status", ["status"], `The server answers ${status}, and the probe takes ${wanted}.`);
  }
  const text = plan.healthyBody.value;
  if (text === undefined || text === "") {
    return healthy(`The server answers ${status}, and the probe takes ${wanted}.`);
  }
  if (http.bodyHolds) return healthy(`The server answers ${status} with the text the probe looks for.`);
  const lacking = `The server answers ${status}, but the text the probe looks for is not in`;
  if (http.bodyHolds === undefined) {
    return undecided("body-too-long", `${lacking} the part of its body that was read.`);
  }
  return unhealthy("body", ["body"], `${lacking} its body.`);
}
