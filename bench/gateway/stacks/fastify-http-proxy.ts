import { backTls, frontTls, inTurn, keepAliveMs, logDestination, packageOf, serve } from "./common.ts";

interface Fastify {
  register(plugin: unknown, options: Readonly<Record<string, unknown>>): void;
  listen(options: Readonly<Record<string, unknown>>): Promise<string>;
}

serve(async (plan) => {
  const fastify = packageOf(plan, "fastify") as (options: Readonly<Record<string, unknown>>) => Fastify;
  const back = backTls(plan);
  const front = frontTls(plan);
  const app = fastify({
    logger: { level: "info", stream: logDestination(plan) },
    keepAliveTimeout: keepAliveMs,
    bodyLimit: 16 * 1024 * 1024,
    ...(front === undefined ? {} : { https: front }),
  });
  const protocol = back === undefined ? "http" : "https";
  const next = inTurn(plan.servers.map(({ address, port }) => `${protocol}://${address}:${port}`));
  const timeoutMs = plan.serverTimeoutMs ?? 30_000;
  app.register(packageOf(plan, "@fastify/http-proxy"), {
    upstream: "",
    undici: {
      connections: 256,
      pipelining: 1,
      bodyTimeout: timeoutMs,
      headersTimeout: timeoutMs,
      ...(back === undefined ? {} : { connect: back }),
    },
    replyOptions: { getUpstream: next },
  });
  await app.listen({ port: plan.port, host: "127.0.0.1", backlog: 4096 });
});
