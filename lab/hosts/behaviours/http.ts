import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { createServer as createSecureServer } from "node:https";
import type { Behaviour } from "../behaviour.ts";

/** One answer, and the requests it is for; fields that are not given fit every request. */
export interface Answer {
  readonly path?: string;
  /** Every path that begins so. */
  readonly under?: string;
  readonly host?: string;
  readonly method?: string;
  /** Every nth of the requests that fit. */
  readonly every?: number;
  /** The sender's address begins so. */
  readonly from?: string;
  /** A header that has to be there, in lower case. */
  readonly header?: string;
  /** Default 200. */
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
  /** Before the head of the answer. */
  readonly delayMs?: number;
  /** Ends the connection instead of answering. */
  readonly hangUp?: boolean;
}

export interface HttpOptions {
  /** The first that fits; none = `otherwise`. */
  readonly answers?: readonly Answer[];
  /** Default: 200 with a short text. */
  readonly otherwise?: Answer;
  /** Idle connections are closed after so long; the server does not announce it. Default 75 s. */
  readonly keepAliveMs?: number;
}

/** An HTTP server whose answers are listed. */
const http: Behaviour = (options, tls) => {
  const { answers = [], otherwise = {}, keepAliveMs = 75_000 } = (options ?? {}) as HttpOptions;
  const seen = new Map<Answer, number>();
  const listener = (request: IncomingMessage, response: ServerResponse): void => {
    request.resume();
    const fitting = answers.find((answer) => {
      if (!fits(answer, request)) return false;
      const count = (seen.get(answer) ?? 0) + 1;
      seen.set(answer, count);
      return answer.every === undefined || count % answer.every === 0;
    });
    send(fitting ?? otherwise, request, response);
  };
  const server = tls === undefined ? createServer(listener) : createSecureServer(tls, listener);
  server.keepAliveTimeout = keepAliveMs;
  // Node adds a second of its own, and tells clients of the limit.
  if ("keepAliveTimeoutBuffer" in server) server.keepAliveTimeoutBuffer = 0;
  return server;
};

function fits({ path, under, host, method, from, header }: Answer, request: IncomingMessage): boolean {
  const [asked = ""] = (request.url ?? "").split("?");
  const [name = ""] = (request.headers.host ?? "").split(":");
  return (
    (path === undefined || path === asked) &&
    (under === undefined || asked.startsWith(under)) &&
    (host === undefined || host === name) &&
    (method === undefined || method === request.method) &&
    (from === undefined || (request.socket.remoteAddress ?? "").startsWith(from)) &&
    (header === undefined || request.headers[header] !== undefined)
  );
}

function send(answer: Answer, request: IncomingMessage, response: ServerResponse): void {
  const {
    status = 200,
    headers = {},
    body = `${status} ${request.url}\n`,
    delayMs = 0,
    hangUp = false,
  } = answer;
  const doing = (): void => {
    if (hangUp) return void request.socket.destroy();
    response.writeHead(status, { "content-type": "text/plain", server: "lab", ...headers });
    response.end(status === 204 || status === 304 ? undefined : body);
  };
  if (delayMs === 0) doing();
  else setTimeout(doing, delayMs);
}

export default http;
