import { readCertificate } from "../../health/certificates/certificate.ts";
import type {
  DnsAnswer,
  DnsPhase,
  HttpPhase,
  SentCertificate,
  TcpPhase,
  TlsPhase,
} from "../../model/probe-observation.ts";
import { joined } from "./wording.ts";

/** A certificate as the server sent it; undefined where the bytes are none. */
export interface ShownCertificate {
  readonly subject: string;
  readonly issuer: string;
  readonly notBefore: string;
  readonly notAfter: string;
}

export function shownCertificate({ derBase64 }: SentCertificate): ShownCertificate | undefined {
  const read = readCertificate(Buffer.from(derBase64, "base64"));
  if (read === undefined) return undefined;
  return {
    subject: read.subject.replaceAll("\n", ", "),
    issuer: read.issuer.replaceAll("\n", ", "),
    notBefore: new Date(read.notBeforeMs).toISOString(),
    notAfter: new Date(read.notAfterMs).toISOString(),
  };
}

/** `3 ms` */
export function took(ms: number): string {
  return ms < 1 ? "less than 1 ms" : `${Math.round(ms)} ms`;
}

/** One line for every server asked, and one where they differ. */
export function dnsLines(dns: DnsPhase): string[] {
  if (dns.unaskable !== undefined) return [`${dns.name} cannot be asked for: ${dns.unaskable}`];
  const differ = [
    ...(dns.differing.amongGatewayServers ? ["the servers of the gateway do not agree"] : []),
    ...(dns.differing.withOthers ? ["the resolver of this machine says something else"] : []),
  ];
  return [...dns.answers.map(answerLine), ...differ];
}

function answerLine(answer: DnsAnswer): string {
  const who = answer.role === "system" ? "resolver of this machine" : answer.server;
  const asked = answer.type === undefined ? "" : ` (${answer.type})`;
  return `${who}${asked}: ${answerSays(answer)}, ${took(answer.tookMs)}`;
}

function answerSays({
  outcome,
  rcode,
  errno,
  fault,
  addresses,
  canonicalNames,
  chain,
  ttlS,
}: DnsAnswer): string {
  if (outcome === "malformed") return `an answer that is malformed${fault ? ` (${fault.kind})` : ""}`;
  if (outcome !== "answered")
    return `${outcome === "unreachable" ? "unreachable" : "no answer"}${errno ? ` (${errno})` : ""}`;
  const via = canonicalNames.length > 0 ? ` by way of ${joined(canonicalNames)}` : "";
  if (addresses.length > 0) return `${joined(addresses)}${via}${ttlS === undefined ? "" : `, TTL ${ttlS} s`}`;
  const open = chain === "complete" ? "" : `, aliases ${chain}`;
  const said = rcode ?? errno ?? "nothing";
  return `${said === "NOERROR" ? "NOERROR without address" : said}${via}${open}`;
}

export function tcpLine({ address, port, outcome, errno, localAddress, tookMs }: TcpPhase): string {
  const from = localAddress === undefined ? "" : ` from ${localAddress}`;
  const code = errno === undefined ? "" : ` (${errno})`;
  return `${address} port ${port}${from}: ${outcome.replaceAll("-", " ")}${code}, ${took(tookMs)}`;
}

/** What the handshake came to, then the chain in the server's own order. */
export function tlsLines(tls: TlsPhase): string[] {
  const { outcome, version, cipher, alert, lateAlert, fault, errno, tookMs } = tls;
  const parts = [
    outcome.replaceAll("-", " "),
    ...[version, cipher].filter((one) => one !== undefined),
    ...(alert === undefined ? [] : [`alert ${alert}`]),
    ...(lateAlert === undefined ? [] : [`alert ${lateAlert} after the handshake`]),
    ...(fault === undefined ? [] : [fault]),
    ...(errno === undefined ? [] : [errno]),
    ...(tls.clientCertificateRequested ? ["asks for a client certificate"] : []),
    took(tookMs),
  ];
  const chain = (tls.chain ?? []).map((sent, index) => {
    const certificate = shownCertificate(sent);
    if (certificate === undefined) return `${index + 1}. not a certificate`;
    const { subject, issuer, notAfter } = certificate;
    return `${index + 1}. ${subject || "(no subject)"}, by ${issuer || "(no issuer)"}, until ${notAfter.slice(0, 10)}`;
  });
  return [parts.join(", "), ...chain];
}

/** What was answered, then the first header lines. */
export function httpLines(http: HttpPhase, mostHeaders: number): string[] {
  const { version, status, reason, fault, errno, firstByteMs, completeMs } = http;
  const parts = [
    status === undefined
      ? http.outcome.replaceAll("-", " ")
      : `${version} ${status} ${reason ?? ""}`.trimEnd(),
    ...(status !== undefined && http.outcome !== "answered" ? [http.outcome.replaceAll("-", " ")] : []),
    ...(fault === undefined ? [] : [`${fault.kind} at byte ${fault.offset}`]),
    ...(errno === undefined ? [] : [errno]),
    ...(firstByteMs === undefined ? [] : [`first byte after ${took(firstByteMs)}`]),
    completeMs === undefined
      ? `given up or ended after ${took(http.endedMs)}`
      : `complete after ${took(completeMs)}`,
  ];
  const headers = http.headers.slice(0, mostHeaders).map(({ name, value }) => `${name}: ${value}`);
  const more = http.headers.length - headers.length;
  const first = http.firstBytesBase64 === undefined ? [] : [`begins ${quoted(http.firstBytesBase64)}`];
  return [
    parts.join(", "),
    ...first,
    ...headers,
    ...(more > 0 ? [`and ${more} more ${more === 1 ? "header" : "headers"}`] : []),
  ];
}

function quoted(base64: string): string {
  return JSON.stringify(Buffer.from(base64, "base64").toString("latin1"));
}
