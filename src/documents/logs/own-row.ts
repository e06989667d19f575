import type {
  AttemptFailureKind,
  LoggedAttempt,
  LoggedExchange,
  LoggedFailure,
} from "../../model/attempt-failure.ts";
import { keptFirstBytes } from "../../model/kept-values.ts";
import { isObject, Source } from "../../model/source.ts";
import {
  base64,
  integer,
  keeping,
  list,
  number,
  object,
  optional,
  type Shape,
  ShapeFault,
  text,
  word,
  yesNo,
} from "../observations/shape.ts";
import { ofText } from "./cell-fields.ts";
import { cleanText } from "./clean-text.ts";
import { logTimeMs } from "./log-time.ts";

/** A row that `causeway run` wrote: what its member `causeway` says, checked like a line of a recording. */
export type OwnRow =
  /** A server failed; `exchange` is undefined where the row does not hold enough to tell what was sent. */
  | { readonly tells: "failure"; readonly exchange: LoggedExchange | undefined }
  | { readonly tells: "answer"; readonly answer: OwnAnswer }
  | { readonly tells: "nothing" }
  | { readonly tells: "unreadable" };

/** A server's whole answer. */
export interface OwnAnswer {
  readonly timeMs: number;
  readonly route: string;
  /** `ip:port`, or the address alone in v1 rows. */
  readonly server: string;
  readonly method: string;
  /** As `LoggedExchange.target`. */
  readonly target: string;
}

/** What the gateway writes into a row (docs/gateway-log.md), as far as it is looked at; the rest is checked alone. */
interface OwnMember {
  readonly ending: string;
  readonly cause: string | undefined;
  readonly fault: string | undefined;
  readonly offset: number | undefined;
  readonly limit: string | undefined;
  readonly route: string | undefined;
  readonly connection: "fresh" | "reused" | undefined;
  readonly attempts: readonly WrittenAttempt[] | undefined;
  readonly transactionId: string | undefined;
  readonly clientPort: number | undefined;
  readonly endedFor: "idle" | "drained" | undefined;
}

/** A failure stands among the fields of its attempt. */
interface WrittenAttempt extends Omit<LoggedAttempt, "failure"> {
  readonly failure: AttemptFailureKind | undefined;
  readonly detail: string | undefined;
  readonly offset: number | undefined;
  /** Base64, as recordings keep them. */
  readonly firstBytes: string | undefined;
  readonly cause: string | undefined;
  readonly nothingSent: boolean | undefined;
  readonly stale: boolean | undefined;
}

/** Eleven days: no exchange takes that long; a carried connection may, and tells nothing then. */
const durationMs = number(0, 1e9);
const count = integer(0, Number.MAX_SAFE_INTEGER);
const term = text(64);
const connection = word<LoggedAttempt["connection"]>({ fresh: true, reused: true });

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
  cause: optional(term),
  nothingSent: optional(yesNo),
  stale: optional(yesNo),
});

const ownMember: Shape<OwnMember> = object<OwnMember>({
  ending: text(2),
  cause: optional(term),
  fault: optional(term),
  offset: optional(count),
  limit: optional(term),
  route: optional(text(512)),
  connection: optional(connection),
  attempts: optional(list(attempt, 32)),
  transactionId: optional(term),
  clientPort: optional(integer(0, 65535)),
  endedFor: optional(word({ idle: true, drained: true })),
});

const nothing: OwnRow = { tells: "nothing" };

/** Undefined where the row is not one that `causeway run` wrote. */
export function ownRowOf(row: object, document: string, line: number): OwnRow | undefined {
  if (!isObject(row) || !isObject(row.causeway) || !isObject(row.properties)) return undefined;
  if (!textIn(row.properties, "instanceId").includes("_causeway_")) return undefined;
  const member = checked(row.causeway);
  if (member === undefined) return { tells: "unreadable" };
  const timeMs = ofText(textIn(row, "timeStamp") || textIn(row, "time"), logTimeMs);
  const { route, attempts = [] } = member;
  if (route === undefined || Number.isNaN(timeMs)) return nothing;
  const asked = askedBy(row.properties);
  if (member.ending === "--") return answerOf(row.properties, { timeMs, route, ...asked });
  const failed = attempts.at(-1)?.failure;
  if (failed === undefined || failed === "aborted") return nothing;
  const startedAtMs = timeMs - tookMs(row.properties);
  // What is not as it was sent was not what the server was asked.
  const whole = [asked.host, asked.target, asked.method, route].every((one) => cleanText(one) === one);
  if (!whole || Number.isNaN(startedAtMs)) return { tells: "failure", exchange: undefined };
  const exchange: LoggedExchange = {
    source: new Source(document, `line ${line}`, null),
    gatewayId: cleanText(textIn(row, "resourceId")) || undefined,
    ...{ timeMs, startedAtMs, route, ...asked },
    attempts: attempts.map(attemptOf),
  };
  return { tells: "failure", exchange };
}

function checked(member: unknown): OwnMember | undefined {
  try {
    return ownMember.read(member, "");
  } catch (error) {
    if (error instanceof ShapeFault) return undefined;
    throw error;
  }
}

type Fields = Readonly<Record<string, unknown>>;

function textIn(fields: Fields, name: string): string {
  const value = fields[name];
  return typeof value === "string" ? value : "";
}

function askedBy(properties: Fields): Pick<LoggedExchange, "carried" | "method" | "host" | "target"> {
  if (textIn(properties, "protocol") !== "") return { carried: true, method: "", host: "", target: "" };
  const target = textIn(properties, "originalRequestUriWithArgs") || v1Target(properties);
  return {
    carried: false,
    method: textIn(properties, "httpMethod"),
    host: textIn(properties, "originalHost") || textIn(properties, "host"),
    target: target.replace(/[?#;].*$/s, (rest) => `${rest.charAt(0)}(withheld)`),
  };
}

/** v1 rewrites nothing, and writes its own words behind the query (logs-and-metrics.md §3). */
function v1Target(properties: Fields): string {
  const plain = /^(X-AzureApplicationGateway-|$)/.test(textIn(properties, "requestQuery"));
  return textIn(properties, "requestUri") + (plain ? "" : "?");
}

function answerOf(properties: Fields, { timeMs, route, method, target }: Omit<OwnAnswer, "server">): OwnRow {
  const routed =
    textIn(properties, "serverRouted") ||
    /(?<=SERVER-ROUTED=)[^&]*/.exec(textIn(properties, "requestQuery").slice(-512))?.[0];
  const server = routed?.split(", ").at(-1);
  return server === undefined || server === ""
    ? nothing
    : { tells: "answer", answer: { timeMs, route, server, method, target } };
}

/** v2 has seconds, v1 milliseconds; NaN where nothing says. */
function tookMs(properties: Fields): number {
  const { timeTaken, sessionTime, clientResponseTime } = properties;
  const took = timeTaken ?? sessionTime;
  if (typeof took !== "number" || !(took >= 0 && took < 1e9)) return Number.NaN;
  return sessionTime === undefined && clientResponseTime === undefined ? took : took * 1000;
}

function attemptOf(written: WrittenAttempt): LoggedAttempt {
  const { failure: kind, detail, offset, cause: _, nothingSent = false, stale = false, ...more } = written;
  const { firstBytes: begins, ...rest } = more;
  const firstBytes = begins === undefined ? undefined : Buffer.from(begins, "base64");
  const failure: LoggedFailure | undefined = kind && { kind, detail, offset, nothingSent, stale, firstBytes };
  return { ...rest, failure };
}
