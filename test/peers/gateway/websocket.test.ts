import { randomBytes } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Peer } from "../support/peer.ts";
import { freePlace, type Place } from "../support/places.ts";
import { peerFolder } from "../support/scene.ts";
import { curl } from "./support/curl.ts";
import { type Served, serve } from "./support/served.ts";
import { startWebSocketServer, WebSocketClient } from "./support/websocket.ts";

const configuration = ({ address, port }: Place) => `
gateway:
  listeners: { web: { port: 80 } }
  rules:
    web: { listener: web, pool: sockets, paths: { /quiet*: { pool: sockets, setting: quick } } }
  pools: { sockets: [${address}] }
  settings:
    sockets: { port: ${port}, timeout: 30, probe: { path: /healthz, interval: 1 } }
    quick: { port: ${port}, timeout: 2, probe: { path: /healthz, interval: 1 } }
`;

describe("a WebSocket through the gateway", () => {
  const running = new AsyncDisposableStack();
  let gateway: Served | undefined;
  let server: Peer | undefined;
  let door: Place | undefined;

  beforeAll(async () => {
    const { path } = running.use(peerFolder());
    const behind = await freePlace();
    door = await freePlace();
    server = running.use(await startWebSocketServer(path, behind));
    gateway = running.use(await serve(configuration(behind), path, { 80: door }));
  });

  afterAll(() => running.disposeAsync());

  const client = (path: string, protocols: string[] = []) =>
    new WebSocketClient(`ws://${door?.text}${path}`, protocols).open();

  /** Until the server has said so. */
  const serverSays = async (what: string): Promise<void> => {
    for (let times = 0; times < 200 && server?.log().includes(what) !== true; times++) await sleep(20);
    expect(server?.log()).toContain(what);
  };

  test("carries texts and bytes both ways, in order, with the path and the subprotocol", async () => {
    using socket = await client("/chat?room=1", ["other.contoso", "chat.contoso"]);
    expect(socket.protocol).toBe("chat.contoso");
    for (let count = 0; count < 200; count++) socket.send(`message ${count}`);
    for (let count = 0; count < 200; count++)
      expect(await socket.next()).toBe(`/chat?room=1 message ${count}`);
    for (const length of [0, 1, 125, 126, 65_535, 65_536, 8 * 1024 * 1024]) {
      const bytes = randomBytes(length);
      socket.send(bytes);
      expect(bytes.equals(Buffer.from((await socket.next()) ?? "none"))).toBe(true);
    }
  });

  test("tells each side how the other closed it", async () => {
    using ours = await client("/ours");
    expect(await ours.close(4001, "enough")).toMatchObject({ code: 4001 });
    await serverSays("closed 4001 enough");
    using theirs = await client("/leave");
    expect(await theirs.closed).toEqual({ code: 4002, reason: "closed for today" });
  });

  test("goes on while something comes, and ends when nothing does for as long as the time-out", async () => {
    using socket = await client("/quiet");
    for (let times = 0; times < 6; times++) {
      await sleep(500);
      socket.send("still here");
      expect(await socket.next()).toBe("/quiet still here");
    }
    expect((await socket.closed).code).toBe(1006);
  });

  test("many at once, each with its own answers", async () => {
    const all = await Promise.all(Array.from({ length: 40 }, (_, at) => client(`/many/${at}`)));
    for (const socket of all) socket.send("hello");
    const answers = await Promise.all(all.map((socket) => socket.next()));
    for (const socket of all) socket[Symbol.dispose]();
    expect(answers).toEqual(all.map((_, at) => `/many/${at} hello`));
  });

  test("refused by the server is refused to the client, with its words", async () => {
    const { status, body } = await curl([`http://${door?.text}/plain`]);
    expect([status, body.toString()]).toEqual([426, "WebSocket only\n"]);
  });

  test("whose server dies is closed, and the log has a row of each", async () => {
    const socket = await client("/orphan");
    socket.send("before");
    expect(await socket.next()).toBe("/orphan before");
    await server?.end();
    expect((await socket.closed).code).toBeGreaterThan(1000);
    const rows = (await gateway?.end()) ?? [];
    const upgraded = rows.filter(({ properties }) => properties.httpStatus === 101);
    expect(upgraded).toHaveLength(45);
    expect(rows.filter(({ properties }) => properties.httpStatus >= 500)).toEqual([]);
    expect(upgraded.filter(({ causeway }) => causeway.cause === "websocket")).toMatchObject([
      { causeway: { ending: "sU" } },
    ]);
  });
});
