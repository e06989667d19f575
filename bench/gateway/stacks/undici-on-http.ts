/**
 * What one writes by hand who knows undici: `http` towards clients, `Pool.dispatch` towards servers; where a log is wanted,
 * a row a request by pino.
 */
import { createServer as createPlain, type IncomingMessage, type ServerResponse } from "node:http";
import { createServer as createTls } from "node:https";
import {
  backTls,
  frontTls,
  inTurn,
  keepAliveMs,
  logDestination,
  packageOf,
  type StackPlan,
  serve,
} from "./common.ts";

interface Controller {
  readonly rawHeaders?: readonly (Buffer | string)[] | null;
  pause(): void;
  resume(): void;
}

interface Pool {
  dispatch(options: Readonly<Record<string, unknown>>, handler: Handler): boolean;
}

interface Handler {
  onRequestStart(controller: Controller): void;
  onResponseStart(controller: Controller, status: number): void;
  onResponseData(controller: Controller, chunk: Buffer): void;
  onResponseEnd(): void;
  onResponseError(controller: Controller, error: Error): void;
}

const hopByHop = new Set([
  "connection",
  "keep-alive",
  "transfer-encoding",
  "upgrade",
  "te",
  "proxy-connection",
]);

serve((plan) => {
  const next = inTurn(poolsOf(plan));
  const logged = plan.logs ? rowsOf(plan) : undefined;
  const take = (request: IncomingMessage, response: ServerResponse) => {
    if (logged !== undefined) logged(request, response);
    forward(next(), request, response);
  };
  const front = frontTls(plan);
  const options = { keepAliveTimeout: keepAliveMs, requestTimeout: 0 };
  const server = front === undefined ? createPlain(options, take) : createTls({ ...options, ...front }, take);
  server.listen({ port: plan.port, host: "127.0.0.1", backlog: 4096 });
});

function poolsOf(plan: StackPlan): readonly Pool[] {
  const { Pool } = packageOf(plan, "undici") as {
    Pool: new (origin: string, options: Readonly<Record<string, unknown>>) => Pool;
  };
  const back = backTls(plan);
  const protocol = back === undefined ? "http" : "https";
  const timeoutMs = plan.serverTimeoutMs ?? 30_000;
  return plan.servers.map(
    ({ address, port }) =>
      new Pool(`${protocol}://${address}:${port}`, {
        connections: 256,
        pipelining: 1,
        headersTimeout: timeoutMs,
        bodyTimeout: timeoutMs,
        ...(back === undefined ? {} : { connect: back }),
      }),
  );
}

/** One row a request, when its response is done. */
function rowsOf(plan: StackPlan): (request: IncomingMessage, response: ServerResponse) => void {
  const pino = packageOf(plan, "pino") as (
    options: Readonly<Record<string, unknown>>,
    stream: unknown,
  ) => { info(row: Readonly<Record<string, unknown>>, text: string): void };
  const logger = pino({ level: "info" }, logDestination(plan));
  return (request, response) => {
    const sinceMs = performance.now();
    const { method, url, headers, socket } = request;
    const { remoteAddress, remotePort } = socket;
    response.once("finish", () => {
      const { statusCode } = response;
      const responseTime = performance.now() - sinceMs;
      const row = { method, url, host: headers.host, remoteAddress, remotePort, statusCode, responseTime };
      logger.info(row, "request completed");
    });
  };
}

function forward(pool: Pool, request: IncomingMessage, response: ServerResponse): void {
  const { method = "GET", url = "/", rawHeaders, socket } = request;
  const headers = endToEnd(rawHeaders);
  headers.push("X-Forwarded-For", socket.remoteAddress ?? "");
  const hasBody = request.headers["content-length"] !== undefined || "transfer-encoding" in request.headers;
  const options = { path: url, method, headers, body: hasBody ? request : null };
  pool.dispatch(options, {
    onRequestStart: () => {},
    onResponseStart: ({ rawHeaders: answered }, status) => {
      response.writeHead(status, endToEnd(answered ?? []));
    },
    onResponseData: (controller, chunk) => {
      if (response.write(chunk)) return;
      controller.pause();
      response.once("drain", () => controller.resume());
    },
    onResponseEnd: () => response.end(),
    onResponseError: () => {
      if (response.headersSent) {
        response.destroy();
        return;
      }
      response.writeHead(502, { "Content-Length": 0 });
      response.end();
    },
  });
}

function endToEnd(raw: readonly (Buffer | string)[]): string[] {
  const kept: string[] = [];
  for (let at = 0; at + 1 < raw.length; at += 2) {
    const name = raw[at]?.toString("latin1") ?? "";
    if (!hopByHop.has(name.toLowerCase())) kept.push(name, raw[at + 1]?.toString("latin1") ?? "");
  }
  return kept;
}
