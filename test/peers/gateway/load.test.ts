import { Agent, request } from "node:http";
import { setTimeout as sleep } from "node:timers/promises";
import { expect, test } from "vitest";
import { startNginx } from "../support/nginx.ts";
import type { Peer } from "../support/peer.ts";
import { freePlace, type Place } from "../support/places.ts";
import { peerFolder } from "../support/scene.ts";
import { serve } from "./support/served.ts";

/** Statuses that clients got, with how often. */
type Seen = Map<number | string, number>;

async function send(door: Place, method: string, agent: Agent, seen: Seen): Promise<void> {
  const status = await new Promise<number | string>((resolve) => {
    const sent = request({ host: door.address, port: door.port, method, path: "/", agent, timeout: 20_000 });
    sent.on("error", (error: NodeJS.ErrnoException) => resolve(error.code ?? error.message));
    sent.on("timeout", () => sent.destroy());
    sent.on("response", (response) => {
      response.resume();
      response.on("end", () => resolve(response.statusCode ?? 0));
      response.on("error", (error) => resolve(error.message));
    });
    sent.end(method === "POST" ? "x=1" : undefined);
  });
  seen.set(status, (seen.get(status) ?? 0) + 1);
}

/** So many clients, each with one connection; `pauseMs` between two requests of one. */
async function load(
  door: Place,
  { clients, method, pauseMs }: { clients: number; method: string; pauseMs: () => number },
  signal: AbortSignal,
): Promise<Seen> {
  const seen: Seen = new Map();
  const agent = new Agent({ keepAlive: true, maxSockets: clients });
  const client = async (): Promise<void> => {
    while (!signal.aborted) {
      await send(door, method, agent, seen);
      await sleep(pauseMs());
    }
  };
  await Promise.all(Array.from({ length: clients }, client));
  agent.destroy();
  return seen;
}

const configuration = (port: number, addresses: readonly string[]) => `
gateway:
  listeners: { web: { port: 80 } }
  pools: { app: [${addresses.join(", ")}] }
  settings:
    app: { port: ${port}, timeout: 5, probe: { path: /healthz, interval: 1, unhealthyThreshold: 1 } }
`;

const server = (place: Place, more: string) => `server {
  listen ${place.text}; ${more}
  location / { return 200 "here\\n"; }
}`;

const onlyFine = (seen: Seen) => {
  expect([...seen.keys()]).toEqual([200]);
  expect(seen.get(200)).toBeGreaterThan(20);
};

test.concurrent.each([
  ["after three requests", "keepalive_requests 3;"],
  ["after a second", "keepalive_timeout 1s;"],
  ["after a second, which it tells", "keepalive_timeout 1s 1s;"],
])("nginx that closes connections %s costs no request, POST included", async (_, more) => {
  using folder = peerFolder();
  const [behind, door] = [await freePlace(), await freePlace()];
  await using _peer = await startNginx([server(behind, more)], folder.path, behind);
  await using gateway = await serve(configuration(behind.port, [behind.address]), folder.path, { 80: door });
  const stop = AbortSignal.timeout(5_000);
  // Around the moment at which the connection is closed, on both sides of it.
  const late = { clients: 24, pauseMs: () => 960 + Math.random() * 80 };
  const busy = { clients: 4, pauseMs: () => Math.random() * 5 };
  const all = await Promise.all(
    ["GET", "POST"].flatMap((method) => [
      load(door, { ...late, method }, stop),
      load(door, { ...busy, method }, stop),
    ]),
  );
  for (const seen of all) onlyFine(seen);
  const rows = await gateway.end();
  expect(rows.some(({ causeway }) => causeway.connection === "reused")).toBe(true);
});

test.concurrent("servers that are restarted in turn cost no GET", async () => {
  using folders = new DisposableStack();
  const places = [await freePlace()];
  const [{ port } = { port: 0 }] = places;
  const second = await freePlace();
  places.push({ ...second, port, text: `${second.address}:${port}` });
  const door = await freePlace();
  const start = (place: Place) => startNginx([server(place, "")], folders.use(peerFolder()).path, place);
  const peers: Peer[] = [];
  await using ended = new AsyncDisposableStack();
  ended.defer(async () => void (await Promise.all(peers.map((peer) => peer.end()))));
  for (const place of places) peers.push(await start(place));
  const yaml = configuration(
    port,
    places.map(({ address }) => address),
  );
  await using gateway = await serve(yaml, folders.use(peerFolder()).path, { 80: door });
  const stop = new AbortController();
  const loading = load(door, { clients: 8, method: "GET", pauseMs: () => Math.random() * 4 }, stop.signal);
  for (const [at, place] of [...places, ...places].entries()) {
    await sleep(700);
    await peers[at % 2]?.end();
    await sleep(200);
    peers[at % 2] = await start(place);
    // Until a probe has found it up again: the other one is the next.
    await sleep(1_300);
  }
  stop.abort();
  onlyFine(await loading);
  await gateway.end();
});
