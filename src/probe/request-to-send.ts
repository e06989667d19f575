import { isLayer7 } from "../health/exchange.ts";
import { originFields, staysWithMessage } from "../health/forwarded-head.ts";
import type { ClientRequest, ExchangePlan } from "../model/exchange-plan.ts";
import type { FieldLine } from "../wire/http1/fields.ts";
import { requestHead, WriteRefused } from "../wire/http1/writer.ts";
import { webSocketFields, webSocketKey } from "./websocket.ts";

/** A request without a body, ready to be sent. */
export interface RequestToSend {
  readonly method: string;
  readonly target: string;
  /** In order; `Host` first. */
  readonly fields: readonly FieldLine[];
  /** All of it as HTTP/1.1. */
  readonly head: string;
  /** It asks the server to close. */
  readonly closes: boolean;
  /** The key, when it asks for a WebSocket. */
  readonly webSocketKey: string | undefined;
}

/** It cannot be written as HTTP; nothing was done. */
export interface NotWritable {
  readonly notSent: "not-writable";
  readonly detail: string;
}

export interface RequestMeans {
  readonly userAgent: string;
  /** Values of the fields a client gave, by lower-case name. */
  readonly clientFields?: ReadonlyMap<string, string> | undefined;
  /** Paths of the requests a client gave, whose queries are not to be seen in any answer. */
  readonly clientPaths?: readonly string[] | undefined;
}

/** Fields of a WebSocket handshake, which are of one connection as well. */
const webSocketOwn: ReadonlySet<string> = new Set([
  "sec-websocket-accept",
  "sec-websocket-extensions",
  "sec-websocket-key",
  "sec-websocket-version",
]);

const isOwn = (lower: string): boolean => staysWithMessage(lower) || webSocketOwn.has(lower);

/** The request that a plan says; undefined on layer 4. Values of a client's fields never stand in a refusal. */
export function requestToSend(
  plan: ExchangePlan,
  means: RequestMeans,
): RequestToSend | NotWritable | undefined {
  if (!isLayer7(plan.protocol)) return undefined;
  const refusal = refusalOf(plan, means);
  if (refusal !== undefined) return { notSent: "not-writable", detail: refusal };
  const key = isWebSocket(plan.client) ? webSocketKey() : undefined;
  const { afterIdleMs, withoutKeepAlive } = plan.manner;
  const closes = withoutKeepAlive || (plan.purpose === "probe" && afterIdleMs === undefined);
  const fields = [
    { name: "Host", value: plan.host ?? "" },
    ...endToEndFields(plan, means),
    ...(key === undefined ? [] : webSocketFields(key)),
    ...(closes ? [{ name: "Connection", value: "close" }] : []),
  ];
  const request = { method: plan.method ?? "GET", target: plan.path ?? "/", fields };
  try {
    return { ...request, head: requestHead(request), closes, webSocketKey: key };
  } catch (error) {
    if (error instanceof WriteRefused) return { notSent: "not-writable", detail: error.message };
    throw error;
  }
}

const isWebSocket = (client: ClientRequest | undefined): boolean =>
  client?.scheme === "ws" || client?.scheme === "wss";

/** What cannot be sent at all, in words. */
function refusalOf(
  { client, clientFields, manner, method }: ExchangePlan,
  means: RequestMeans,
): string | undefined {
  const own = clientFields.find((name) => isOwn(name.toLowerCase()));
  if (own !== undefined) return `${own} belongs to one connection or message and is not passed on`;
  const missing = clientFields.find((name) => means.clientFields?.get(name) === undefined);
  if (missing !== undefined) return `no value is given for ${missing}`;
  if (method === "CONNECT") return "CONNECT asks for a tunnel, which no server of a pool is asked for";
  if (isWebSocket(client) && method !== "GET") return "a WebSocket is asked for with GET";
  if (manner.httpVersion !== "HTTP/2") return undefined;
  if (isWebSocket(client)) return "a WebSocket is asked for over HTTP/1.1";
  if (manner.dripMs > 0) return "HTTP/2 has frames, not single bytes, to be sent one at a time";
  return manner.afterIdleMs === undefined ? undefined : "a connection is used again over HTTP/1.1";
}

/** Ours, the gateway's and the client's; where the client has one of the same name, its own stands. */
function endToEndFields(plan: ExchangePlan, means: RequestMeans): FieldLine[] {
  const ours = [
    { name: "User-Agent", value: means.userAgent },
    { name: "Accept", value: "*/*" },
    ...(plan.client === undefined ? [] : forwardedFields(plan.client)),
  ];
  const names = new Set(plan.clientFields.map((name) => name.toLowerCase()));
  return [
    ...ours.filter(({ name }) => !names.has(name.toLowerCase())),
    ...plan.clientFields.map((name) => ({ name, value: means.clientFields?.get(name) ?? "" })),
  ];
}

/**
 * What the gateway tells servers of the request it got (request-handling.md §6), as far as it follows from the request:
 * applications redirect and link by it. The client's address and the trace id are the gateway's own to know.
 */
function forwardedFields({ scheme, host }: ClientRequest): FieldLine[] {
  const secure = scheme === "https" || scheme === "wss";
  const [, port = secure ? "443" : "80"] = /:(\d+)$/.exec(host) ?? [];
  const origin = { scheme: secure ? "https" : "http", port: Number(port), host } as const;
  return originFields(origin).map(([name, value]) => ({ name, value }));
}
