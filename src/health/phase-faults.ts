import { isShortage } from "../model/own-shortage.ts";
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
import { isToleratedFault } from "./tolerated-faults.ts";

/** What keeps an exchange from an answer, each phase's ends apart. */
export type PhaseFaultKind =
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
  | "http-invalid";

export interface PhaseFault {
  /** False: what was seen from here does not tell what the gateway would make of it. */
  readonly decided: boolean;
  readonly kind: PhaseFaultKind;
  /** What backend health would show if it were a probe; see `ProbeVerdict`. */
  readonly messages: readonly HealthMessageKey[];
  /** What it really is, in one sentence. */
  readonly says: string;
}

/** What stops an exchange before HTTP; the first phase that fails decides. */
export function faultBeforeHttp(
  { sent, dns, tcp, tls, http }: ProbeObservation,
  chain: JudgedChain | undefined,
): PhaseFault | undefined {
  if (tcp === undefined) return ofName(dns, sent.target);
  if (tcp.outcome !== "connected") return ofTcp(tcp);
  return tls === undefined ? undefined : ofTls(tls, chain, sent.sni, http);
}

function failing(kind: PhaseFaultKind, messages: readonly HealthMessageKey[], says: string): PhaseFault {
  return { decided: true, kind, messages, says };
}

function undecided(kind: PhaseFaultKind, says: string): PhaseFault {
  return { decided: false, kind, messages: [], says };
}

function ofName(dns: DnsPhase | undefined, target: string): PhaseFault {
  if (dns === undefined) return undecided("name-unanswered", `No address of ${target} is known.`);
  if (dns.unaskable !== undefined) {
    return failing("name-unaskable", ["dns"], `${target} is no name that DNS can be asked for.`);
  }
  const own = dns.answers.filter(({ role }) => role === "gateway");
  const deciding = own.length > 0 ? own : dns.answers.filter(({ role }) => role === "system");
  const missing = deciding.find(({ rcode, errno }) => rcode === "NXDOMAIN" || errno === "ENOTFOUND");
  if (missing !== undefined) {
    const says = `The name ${target} does not exist, says ${serverWords(missing.server)}.`;
    return failing("name-not-found", ["dns"], says);
  }
  const empty = deciding.find(({ rcode, errno }) => rcode === "NOERROR" || errno === "ENODATA");
  if (empty !== undefined) {
    const says = `The name ${target} exists, but has no address that can be used, says ${serverWords(empty.server)}.`;
    return failing("name-without-address", ["dns"], says);
  }
  const refused = deciding.find(({ rcode }) => rcode !== undefined);
  const short = refused === undefined && deciding.find(({ errno }) => isShortage(errno))?.errno;
  if (short) return undecided("name-unanswered", `This machine could not ask for ${target} (${short}).`);
  const why = refused === undefined ? "" : `; ${serverWords(refused.server)} answers ${refused.rcode}`;
  const says = `No DNS server gave an answer for ${target}${why}.`;
  // The servers of the gateway are known: silence there is what it would meet, unless it is our way that is cut.
  return own.length > 0 && refused !== undefined
    ? failing("name-unanswered", ["dns"], says)
    : undecided("name-unanswered", says);
}

function serverWords(server: string): string {
  return server === "system" ? "the resolver of this machine" : server;
}

function ofTcp({ outcome, address, port, errno }: TcpPhase): PhaseFault {
  const place = `${address} port ${port}`;
  switch (outcome) {
    case "refused":
      return failing("tcp-refused", ["tcp-new"], `Nothing listens on ${place}: the connection is refused.`);
    case "timed-out":
      return failing(
        "tcp-timed-out",
        ["tcp-new", "probe-timeout"],
        `No connection to ${place} came about in time: something on the way, or the server, drops it silently.`,
      );
    case "reset":
      return failing("tcp-reset", ["tcp-new"], `The connection to ${place} was reset while it was made.`);
    case "unreachable":
      return failing("tcp-unreachable", ["tcp-new"], `There is no way from here to ${place}.`);
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
): PhaseFault | undefined {
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
    return failing("certificate", messages, `The gateway does not accept the certificate: ${clause}.`);
  }
  // `close_notify` is how every server of TLS ends a connection: whatever it ends is told of the phase after this one.
  const refused = tls.lateAlert !== undefined && tls.lateAlert !== "close_notify";
  return refused && http?.outcome !== "answered"
    ? alerted(tls.lateAlert, tls.clientCertificateRequested)
    : undefined;
}

function ofHandshake({ outcome, alert, clientCertificateRequested, fault, errno }: TlsPhase): PhaseFault {
  switch (outcome) {
    case "alert":
      return alerted(alert ?? "an alert it does not name", clientCertificateRequested);
    case "not-tls":
      return failing("tls-not-tls", handshakeMessages, "The server does not speak TLS on this port.");
    case "timed-out":
      return failing("tls-timed-out", ["probe-timeout"], "The TLS handshake did not end in time.");
    case "reset":
    case "closed": {
      const ended = outcome === "reset" ? "reset" : "closed";
      return failing(
        "tls-cut",
        handshakeMessages,
        `The server ${ended} the connection in the TLS handshake.`,
      );
    }
    default: {
      const why = fault ?? errno;
      const says = `The TLS handshake failed${why === undefined ? "" : `: ${why}`}.`;
      return failing("tls-failed", handshakeMessages, says);
    }
  }
}

function alerted(alert: string, clientCertificateRequested: boolean): PhaseFault {
  if (clientCertificateRequested) {
    const says = `The server wants a client certificate, which the gateway does not have, and refuses with ${alert}.`;
    return failing("client-certificate-wanted", handshakeMessages, says);
  }
  return failing("tls-alert", handshakeMessages, `The server refuses the TLS handshake with ${alert}.`);
}

/** Undefined = there is a valid answer with a status. `timeoutS`: how long the gateway waits for it. */
export function faultOfHttp(http: HttpPhase, timeoutS: number): PhaseFault | undefined {
  if (http.outcome === "answered" && http.status !== undefined) return undefined;
  if (http.outcome === "timed-out-before-first-byte" || http.outcome === "timed-out-midway") {
    const what =
      http.outcome === "timed-out-midway" ? "begins an answer and does not end it" : "does not answer";
    const says = `The server takes the request and ${what} within ${timeoutS} s.`;
    return failing("http-timed-out", ["probe-timeout"], says);
  }
  if (http.outcome === "invalid" || http.outcome === "answered") {
    const where = http.fault === undefined ? "" : ` (${http.fault.kind} at byte ${http.fault.offset})`;
    if (isToleratedFault(http.fault?.kind ?? "")) {
      const says = `The server's answer breaks a rule of HTTP/1.1 that common proxies do not insist on${where}.`;
      return undecided("http-invalid", says);
    }
    return failing("http-invalid", [], `What the server answers is no valid HTTP/1.1${where}.`);
  }
  const [what, midway] = [/^[a-z]+/.exec(http.outcome)?.[0], http.outcome.endsWith("midway")];
  const ended = { reset: "was reset", closed: "was closed by the server" }[what ?? ""] ?? "broke";
  const when = midway ? "in the middle of the answer" : "before any answer";
  return failing("http-cut", [], `The connection ${ended} ${when}.`);
}
