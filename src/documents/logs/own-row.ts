import type { AnsweredBy, LoggedExchange } from "../../model/attempt.ts";
import { type OwnMember, ownMember, readAttempt } from "../../model/own-member.ts";
import { ShapeFault } from "../../model/shape.ts";
import { isObject, Source } from "../../model/source.ts";
import { ofText } from "./cell-fields.ts";
import { cleanText } from "./clean-text.ts";
import { logTimeMs } from "./log-time.ts";

/** A row that `causeway run` wrote: what its member `causeway` says, checked like a line of a recording. */
export type OwnRow = OwnFacts | "unreadable";

export interface OwnFacts {
  /** A server failed, or answered an error of another product; undefined also where the row does not tell what was sent. */
  readonly failure: LoggedExchange | undefined;
  readonly answer: OwnAnswer | undefined;
  /** Where the row is to be read otherwise than by the vendor's fields, which have one word for many endings. */
  readonly reading: "upstream-closed" | "unreached" | "drained" | undefined;
  readonly answeredBy: AnsweredBy | undefined;
}

/** A server's whole answer. */
export interface OwnAnswer {
  readonly timeMs: number;
  readonly route: string;
  /** `ip:port`, or the address alone in v1 rows. */
  readonly server: string;
  readonly method: string;
  /** As `LoggedExchange.target`. */
  readonly target: string;
  /** Below 500. */
  readonly fine: boolean;
}

/** Undefined where the row is not one that `causeway run` wrote. */
export function ownRowOf(row: object, document: string, line: number): OwnRow | undefined {
  if (!isObject(row) || !isObject(row.causeway) || !isObject(row.properties)) return undefined;
  if (!textIn(row.properties, "instanceId").includes("_causeway_")) return undefined;
  const member = checked(row.causeway);
  if (member === undefined) return "unreadable";
  const timeMs = ofText(textIn(row, "timeStamp") || textIn(row, "time"), logTimeMs);
  const { route } = member;
  const told = { reading: readingBy(member), answeredBy: cleanMaker(member.answeredBy) };
  if (route === undefined || Number.isNaN(timeMs)) return { failure: undefined, answer: undefined, ...told };
  const { properties } = row;
  const asked = askedBy(properties);
  const answer = member.ending === "--" ? answerOf(properties, { timeMs, route, ...asked }) : undefined;
  const startedAtMs = timeMs - tookMs(properties);
  // What is not as it was sent was not what the server was asked.
  const whole = [asked.host, asked.target, asked.method, route].every((one) => cleanText(one) === one);
  if (!isFailure(member) || !whole || Number.isNaN(startedAtMs))
    return { failure: undefined, answer, ...told };
  const failure: LoggedExchange = {
    source: new Source(document, `line ${line}`, null),
    gatewayId: cleanText(textIn(row, "resourceId")) || undefined,
    ...{ timeMs, startedAtMs, route, ...asked },
    attempts: (member.attempts ?? []).map(readAttempt),
    answeredBy: told.answeredBy,
  };
  return { failure, answer, ...told };
}

function readingBy({ ending, attempts = [] }: OwnMember): OwnFacts["reading"] {
  const failed = attempts.at(-1)?.failure;
  if (ending === "--" || failed === undefined) return undefined;
  if (failed === "response-drained" || failed === "relay-drained") return "drained";
  if (/^(send|response)-(reset|closed)$/.test(failed)) return "upstream-closed";
  return failed === "dns" || /^(connect|tls)-/.test(failed) ? "unreached" : undefined;
}

/** What a server says of itself may end up in a report. */
function cleanMaker(answeredBy: AnsweredBy | undefined): AnsweredBy | undefined {
  if (answeredBy === undefined) return undefined;
  const { server, via, pageOf } = answeredBy;
  return {
    server: server && cleanText(server),
    via: via && cleanText(via),
    pageOf: pageOf && cleanText(pageOf),
  };
}

/** A server's doing. */
function isFailure({ ending, attempts = [], answeredBy }: OwnMember): boolean {
  const last = attempts.at(-1);
  if (ending === "--") return answeredBy !== undefined && (last?.status ?? 0) >= 500;
  return last?.failure !== undefined && last.failure !== "aborted";
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

function answerOf(
  properties: Fields,
  { timeMs, route, method, target }: Pick<OwnAnswer, "timeMs" | "route" | "method" | "target">,
): OwnAnswer | undefined {
  const routed =
    textIn(properties, "serverRouted") ||
    /(?<=SERVER-ROUTED=)[^&]*/.exec(textIn(properties, "requestQuery").slice(-512))?.[0];
  const server = routed?.split(", ").at(-1);
  if (server === undefined || server === "") return undefined;
  const { httpStatus } = properties;
  return { timeMs, route, server, method, target, fine: typeof httpStatus !== "number" || httpStatus < 500 };
}

/** v2 has seconds, v1 milliseconds; NaN where nothing says. */
function tookMs(properties: Fields): number {
  const { timeTaken, sessionTime, clientResponseTime } = properties;
  const took = timeTaken ?? sessionTime;
  if (typeof took !== "number" || !(took >= 0 && took < 1e9)) return Number.NaN;
  return sessionTime === undefined && clientResponseTime === undefined ? took : took * 1000;
}
