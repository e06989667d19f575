import { Agent, createServer as createPlain, type IncomingMessage, type ServerResponse } from "node:http";
import { createServer as createTls, Agent as TlsAgent } from "node:https";
import { backTls, frontTls, inTurn, keepAliveMs, packageOf, serve } from "./common.ts";

interface Proxy {
  web(request: IncomingMessage, response: ServerResponse, options: { readonly target: string }): void;
  on(event: "error", then: (error: Error, request: IncomingMessage, response: ServerResponse) => void): void;
}

interface HttpProxy3 {
  createProxyServer(options: Readonly<Record<string, unknown>>): Proxy;
}

serve((plan) => {
  const { createProxyServer } = packageOf(plan, "http-proxy-3") as HttpProxy3;
  const back = backTls(plan);
  const agent =
    back === undefined ? new Agent({ keepAlive: true }) : new TlsAgent({ keepAlive: true, ...back });
  const proxy = createProxyServer({ agent, xfwd: true, proxyTimeout: plan.serverTimeoutMs ?? keepAliveMs });
  proxy.on("error", (_error, _request, response) => {
    if (!response.headersSent) response.writeHead(502, { "Content-Length": 0 });
    response.end();
  });
  const protocol = back === undefined ? "http" : "https";
  const next = inTurn(
    plan.servers.map(({ address, port }) => ({ target: `${protocol}://${address}:${port}` })),
  );
  const take = (request: IncomingMessage, response: ServerResponse) => proxy.web(request, response, next());
  const front = frontTls(plan);
  const options = { keepAliveTimeout: keepAliveMs, requestTimeout: 0 };
  const server = front === undefined ? createPlain(options, take) : createTls({ ...options, ...front }, take);
  server.listen({ port: plan.port, host: "127.0.0.1", backlog: 4096 });
});
