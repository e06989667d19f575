import type { AnsweredBy, Attempt, AttemptFailure, AttemptFailureKind } from "./attempt.ts";
import { keptFirstBytes } from "./kept-values.ts";
import {
  base64,
  integer,
  keeping,
  list,
  number,
  object,
  optional,
  type Shape,
  text,
  word,
  yesNo,
} from "./shape.ts";

/**
 * What `causeway run` says in a row of its access log beyond the vendor's fields: the member `causeway`
 * (docs/gateway-log.md). The gateway writes by these tables, and the diagnosis reads by them.
 */
export interface OwnMember {
  readonly ending: string;
  readonly cause: string | undefined;
  readonly fault: string | undefined;
  readonly offset: number | undefined;
  readonly limit: string | undefined;
  readonly noServer: NoServer | undefined;
  readonly route: string | undefined;
  readonly connection: Attempt["connection"] | undefined;
  readonly answeredBy: AnsweredBy | undefined;
  readonly attempts: readonly WrittenAttempt[] | undefined;
  readonly transactionId: string | undefined;
  readonly clientPort: number | undefined;
  readonly endedFor: "idle" | "drained" | undefined;
}

/** Why no server could be chosen. */
export type NoServer =
  /** The pool has no members. */
  | "pool-empty"
  /** No member is healthy of those that the operator did not take out. */
  | "none-healthy"
  /** The operator took out all of them. */
  | "taken-out"
  /** There were healthy ones, and this request has tried them all. */
  | "all-tried";

/** A failure stands among the fields of its attempt. */
export interface WrittenAttempt extends Omit<Attempt, "failure"> {
  readonly failure: AttemptFailureKind | undefined;
  readonly detail: string | undefined;
  readonly offset: number | undefined;
  /** Base64, as recordings keep them. */
  readonly firstBytes: string | undefined;
  /** Each certificate as base64 of its DER. */
  readonly chain: readonly string[] | undefined;
  /** What the gateway calls the cause; whoever reads judges anew. */
  readonly cause: string | undefined;
  readonly nothingSent: boolean | undefined;
  readonly stale: boolean | undefined;
}

/** The last ones: they decide how the exchange ends. */
const mostAttempts = 32;
/** Real chains are 2 to 6 KiB; a longer one is not written. */
export const mostChainBytes = 12 * 1024;
const mostCertificates = 10;

/** Eleven days: no exchange takes that long; a carried connection that does is written as if it had not. */
const durationMs = keeping(number(0, 1e9), (ms) => Math.round(ms * 1000) / 1000);
const count = integer(0, Number.MAX_SAFE_INTEGER);
const term = text(64);
const connection = word<Attempt["connection"]>({ fresh: true, reused: true });

const failureKind = word<AttemptFailureKind>({
  dns: true,
  "connect-refused": true,
  "connect-timeout": true,
  "connect-unreachable": true,
  "connect-reset": true,
  "connect-failed": true,
  "tls-alert": true,
  "tls-not-tls": true,
  "tls-timeout": true,
  "tls-closed": true,
  "tls-certificate": true,
  "tls-failed": true,
  "send-reset": true,
  "response-timeout": true,
  "response-reset": true,
  "response-closed": true,
  "response-invalid": true,
  "relay-timeout": true,
  "relay-reset": true,
  "relay-closed": true,
  "relay-invalid": true,
  "response-drained": true,
  "relay-drained": true,
  aborted: true,
});

const attempt = object<WrittenAttempt>({
  server: text(320),
  member: text(255),
  connection,
  idleMs: optional(durationMs),
  startedMs: durationMs,
  dnsMs: optional(durationMs),
  connectedMs: optional(durationMs),
  tlsMs: optional(durationMs),
  sentMs: optional(durationMs),
  firstByteMs: optional(durationMs),
  endedMs: durationMs,
  status: optional(integer(0, 999)),
  bytesSent: count,
  failure: optional(failureKind),
  detail: optional(term),
  offset: optional(count),
  firstBytes: optional(keeping(base64(64), keptFirstBytes)),
  chain: optional(list(base64(mostChainBytes), mostCertificates)),
  cause: optional(term),
  nothingSent: optional(yesNo),
  stale: optional(yesNo),
});

const answeredBy = object<AnsweredBy>({
  server: optional(text(128)),
  via: optional(text(128)),
  pageOf: optional(term),
});

export const ownMember: Shape<OwnMember> = object<OwnMember>({
  ending: text(2),
  cause: optional(term),
  fault: optional(term),
  offset: optional(count),
  limit: optional(term),
  noServer: optional(
    word<NoServer>({ "pool-empty": true, "none-healthy": true, "taken-out": true, "all-tried": true }),
  ),
  route: optional(text(512)),
  connection: optional(connection),
  answeredBy: optional(answeredBy),
  attempts: optional(keeping(list(attempt, mostAttempts), (all) => all.slice(-mostAttempts))),
  transactionId: optional(term),
  clientPort: optional(integer(0, 65535)),
  endedFor: optional(word({ idle: true, drained: true })),
});

/** An attempt as a row has it; `cause`: what its failure alone tells. */
export function writtenAttempt({ failure, ...rest }: Attempt, cause: string | undefined): WrittenAttempt {
  const { kind, detail, offset, firstBytes, chain, nothingSent, stale } = failure ?? {};
  return {
    ...rest,
    failure: kind,
    detail,
    offset,
    firstBytes: firstBytes?.subarray(0, 64).toString("base64"),
    chain: chain && fitting(chain)?.map((der) => der.toString("base64")),
    cause,
    nothingSent,
    stale,
  };
}

/** A part of a chain would tell of another fault than the whole. */
function fitting(chain: readonly Buffer[]): readonly Buffer[] | undefined {
  const bytes = chain.reduce((sum, { length }) => sum + length, 0);
  return chain.length <= mostCertificates && bytes <= mostChainBytes ? chain : undefined;
}

/** The attempt that was written. */
export function readAttempt(written: WrittenAttempt): Attempt {
  const { failure: kind, detail, offset, firstBytes, chain, cause: _, nothingSent, stale, ...rest } = written;
  const failure: AttemptFailure | undefined = kind && {
    kind,
    detail,
    offset,
    nothingSent: nothingSent === true,
    stale: stale === true,
    ...(firstBytes !== undefined && { firstBytes: Buffer.from(firstBytes, "base64") }),
    ...(chain !== undefined && { chain: chain.map((der) => Buffer.from(der, "base64")) }),
  };
  return { ...rest, failure };
}
