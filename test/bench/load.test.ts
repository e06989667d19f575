import { createServer, type Server, type Socket } from "node:net";
import { expect, test } from "vitest";
import { type LoadPlan, runLoad } from "../../bench/gateway/load/load.ts";
import { failures, Tally } from "../../bench/gateway/load/tally.ts";
import { closedPort } from "../support/listener.ts";

const ok = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";

interface Counting extends AsyncDisposable {
  readonly port: number;
  requests: number;
  connections: number;
}

/** A server that is told about each request with its number from 1 on; requests come in one piece here. */
async function counting(answer: (socket: Socket, nth: number) => void): Promise<Counting> {
  const sockets = new Set<Socket>();
  const server: Server = createServer({ noDelay: true }, (socket) => {
    seen.connections++;
    sockets.add(socket);
    socket.on("error", () => {});
    socket.on("data", () => answer(socket, ++seen.requests));
  });
  const seen = {
    port: 0,
    requests: 0,
    connections: 0,
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy();
      await new Promise((done) => server.close(done));
    },
  };
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  const bound = server.address();
  seen.port = typeof bound === "object" && bound !== null ? bound.port : 0;
  return seen;
}

const plan = (port: number, more: Partial<LoadPlan> = {}): LoadPlan => ({
  ...{ address: "127.0.0.1", port, connections: 4, durationMs: 100, method: "GET", host: "localhost" },
  ...{ paths: ["/"], bodyBytes: 0, timeoutMs: 5000, ...more },
});

test("every request that a server saw is counted once, over as many connections as wanted", async () => {
  await using server = await counting((socket) => socket.write(ok));
  const result = await runLoad(plan(server.port));
  expect(result.answered).toBeGreaterThan(0);
  expect(result).toMatchObject({ answered: server.requests, statuses: { 200: server.requests } });
  expect(server.connections).toBe(4);
  expect(failures(result)).toBe(0);
  expect(result.p50Ms).toBeLessThanOrEqual(result.p99Ms);
  expect(result.p99Ms).toBeLessThanOrEqual(result.maxMs);
});

test("connections that end without, or in, an answer are told apart, and statuses from 500 on fail", async () => {
  const bad = "HTTP/1.1 502 Bad Gateway\r\nContent-Length: 0\r\n\r\n";
  await using server = await counting((socket, nth) => {
    if (nth % 4 === 1) socket.destroy();
    else if (nth % 4 === 2) socket.end(ok.slice(0, -1));
    else socket.write(nth % 4 === 3 ? bad : ok);
  });
  const result = await runLoad(plan(server.port, { thinkMs: [1, 2] }));
  const { answered, unanswered, cut, statuses } = result;
  expect(answered + unanswered + cut).toBe(server.requests);
  expect(unanswered).toBe(Math.ceil(server.requests / 4));
  expect(cut).toBe(Math.ceil((server.requests - 1) / 4));
  expect(failures(result)).toBe(unanswered + cut + (statuses[502] ?? 0));
});

test("a connection that is closed while nothing is asked costs no request", async () => {
  await using server = await counting((socket) => {
    socket.write(ok);
    setTimeout(() => socket.end(), 5);
  });
  const result = await runLoad(plan(server.port, { durationMs: 300, thinkMs: [60, 70] }));
  expect(result.answered).toBe(server.requests);
  expect(server.connections).toBeGreaterThan(4);
  expect(failures(result)).toBe(0);
});

test("silence ends with the time-out, refusals are counted", async () => {
  await using server = await counting(() => {});
  const silent = await runLoad(plan(server.port, { timeoutMs: 50, connections: 1, durationMs: 10 }));
  expect(silent).toMatchObject({ answered: 0, timedOut: 1 });
  const refused = await runLoad(plan(await closedPort(), { durationMs: 30 }));
  expect(refused.refused).toBeGreaterThan(0);
  expect(refused.answered).toBe(0);
});

test("quantiles lie within a step of the truth", () => {
  const tally = new Tally();
  for (let ms = 1; ms <= 1000; ms++) tally.answer(200, ms);
  const { p50Ms, p99Ms, maxMs } = tally.result(1);
  expect(p50Ms / 500).toBeCloseTo(1.02, 1);
  expect(p99Ms / 990).toBeCloseTo(1.0, 1);
  expect(maxMs).toBe(1000);
});
