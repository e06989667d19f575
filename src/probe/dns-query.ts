import { randomInt } from "node:crypto";
import { isIPv6 } from "node:net";
import type { DnsFaultKind } from "../wire/dns/fault.ts";
import type { DnsMessage } from "../wire/dns/message.ts";
import type { NameFault } from "../wire/dns/name.ts";
import { type AddressQuery, type Extension, encodeQuery } from "../wire/dns/query.ts";
import type { Clock } from "./clock.ts";
import { askByTcp } from "./dns-tcp.ts";
import { askByUdp } from "./dns-udp.ts";

/** A server to ask. */
export interface DnsServer {
  /** IPv4 or IPv6 literal. */
  readonly address: string;
  readonly port: number;
}

/** How one server is asked. */
export interface AskOptions {
  /** For each message sent over UDP, and for the whole of the attempt over TCP. */
  readonly timeoutMs: number;
  /** Undefined = as the system routes. */
  readonly localAddress: string | undefined;
  readonly clock: Clock;
  readonly signal: AbortSignal | undefined;
}

/** Why what came is no answer: no message at all, one that ends early, or one cut short where nothing need be. */
export interface ReplyFault {
  readonly kind: DnsFaultKind | "ended-early" | "truncated-over-tcp";
  readonly offset: number;
}

export type DnsOutcome =
  | { readonly outcome: "answered"; readonly message: DnsMessage }
  | { readonly outcome: "malformed"; readonly fault: ReplyFault }
  | { readonly outcome: "unreachable"; readonly errno: string }
  /** `errno` where a TCP connection broke; undefined where nothing that fits came in time, or it was just closed. */
  | { readonly outcome: "no-answer"; readonly errno: string | undefined };

/** What came of one transport. */
export interface TransportReply {
  readonly result: DnsOutcome;
  readonly sent: number;
  readonly ignored: number;
}

/** What one server made of one question, by the last transport used. */
export interface DnsReply {
  readonly result: DnsOutcome;
  readonly transport: "udp" | "tcp";
  /** Messages sent, over both transports. */
  readonly sent: number;
  /** Messages received that answer something else. */
  readonly ignored: number;
  readonly tookMs: number;
}

/** What both transports ask. */
export interface Asked {
  readonly query: AddressQuery;
  readonly bytes: Uint8Array;
  readonly server: DnsServer;
}

/** What a server answers to a query that it cannot read (RFC 1035 §4.1.1). */
const formatError = 1;

/**
 * Asks one server one question: over UDP, once more if nothing comes in time (RFC 1035 §4.2.1), and over TCP if the
 * answer was truncated (RFC 7766 §5). A server that cannot read the question is asked again without EDNS (RFC 6891 §7).
 * Id and source port are unpredictable (RFC 5452 §9.2), and only what comes from that server to that port with that id
 * and question counts. Takes at most three times the time of a message. Rejects only when the signal is aborted, with its
 * reason.
 */
export async function queryDns(
  question: Question,
  server: DnsServer,
  options: AskOptions,
): Promise<DnsReply | NameFault> {
  const startedMs = options.clock.nowMs();
  const first = await attempt(question, "edns", server, options);
  if (typeof first === "string" || !isUnreadable(first.result)) return first;
  const elapsedMs = options.clock.nowMs() - startedMs;
  const timeoutMs = Math.max(0, (options.timeoutMs * maxMessages - elapsedMs) / maxMessages);
  const second = await attempt(question, "plain", server, { ...options, timeoutMs });
  if (typeof second === "string") return second;
  return {
    ...second,
    sent: first.sent + second.sent,
    ignored: first.ignored + second.ignored,
    tookMs: options.clock.nowMs() - startedMs,
  };
}

type Question = Pick<AddressQuery, "name" | "type">;

/** Two over UDP and one attempt over TCP. */
const maxMessages = 3;

function isUnreadable(result: DnsOutcome): boolean {
  return result.outcome === "answered" && result.message.rcode === formatError;
}

async function attempt(
  question: Question,
  extension: Extension,
  server: DnsServer,
  options: AskOptions,
): Promise<DnsReply | NameFault> {
  const query = { ...question, id: randomInt(0x1_0000) };
  const bytes = encodeQuery(query, extension);
  if (typeof bytes === "string") return bytes;
  const startedMs = options.clock.nowMs();
  const asked = { query, bytes, server };
  const udp = await askByUdp(asked, options);
  const truncated = udp.result.outcome === "answered" && udp.result.message.truncated;
  const tcp = truncated ? await askByTcp(asked, options) : undefined;
  return {
    result: tcp?.result ?? udp.result,
    transport: truncated ? "tcp" : "udp",
    sent: udp.sent + (tcp?.sent ?? 0),
    ignored: udp.ignored + (tcp?.ignored ?? 0),
    tookMs: options.clock.nowMs() - startedMs,
  };
}

/** `10.0.0.4`, or with a port that is not 53. */
export function serverLabel({ address, port }: DnsServer): string {
  if (port === 53) return address;
  return isIPv6(address) ? `[${address}]:${port}` : `${address}:${port}`;
}
