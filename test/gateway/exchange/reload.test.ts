import { connect } from "node:net";
import { describe, expect, test } from "vitest";
import type { RoutingWish } from "../../support/routing-gateway.ts";
import { answers, Backends, freePort, preparedFor, Scene, talkTo } from "./scene.ts";

const ok = answers("HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nfine");

/** No response at all. */
const bad = answers("HTTP/1.1 200 OK\r\nContent-Length: 1, 2\r\n\r\n");

const close = "GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n";

const wish = (port: number, ports: readonly number[] = [80]): RoutingWish => ({
  listeners: ports.map((one) => ({ name: `l${one}`, protocol: "Http", port: one, to: "app" })),
  members: ["127.30.3.1", "127.30.3.2"],
  setting: { port, requestTimeout: 20 },
});

/** Sends one request after the other over one connection until told to stop; gives the statuses. */
async function keepAsking(port: number, isOver: () => boolean): Promise<string[]> {
  const socket = connect(port, "127.0.0.1");
  const statuses: string[] = [];
  const request = "GET / HTTP/1.1\r\nHost: a\r\n\r\n";
  socket.write(request);
  let text = "";
  for await (const chunk of socket) {
    text += String(chunk);
    if (!text.endsWith("fine")) continue;
    statuses.push(text.slice(9, 12));
    text = "";
    if (isOver()) break;
    socket.write(request);
  }
  socket.destroy();
  return statuses;
}

describe("another configuration", () => {
  test("is taken on under load without a failed request or a cut connection", async () => {
    await using backends = await Backends.of({ "127.30.3.1": ok, "127.30.3.2": ok });
    const port = await freePort();
    await using scene = await Scene.of(preparedFor(wish(backends.port), [port]));
    let over = false;
    const asking = Promise.all(Array.from({ length: 8 }, () => keepAsking(port, () => over)));
    for (let round = 0; round < 20; round++) {
      await scene.server.reload(preparedFor(wish(backends.port), [port]));
      await scene.recorded(scene.records.length + 10);
    }
    over = true;
    const statuses = (await asking).flat();
    expect(statuses.length).toBeGreaterThan(200);
    expect(new Set(statuses)).toEqual(new Set(["200"]));
    expect(scene.records.filter(({ ending }) => ending !== "--")).toEqual([]);
  });

  test("opens new doors and closes those that are gone", async () => {
    await using backends = await Backends.of({ "127.30.3.1": ok, "127.30.3.2": ok });
    const [first, second] = [await freePort(), await freePort()];
    await using scene = await Scene.of(preparedFor(wish(backends.port), [first]));
    await scene.server.reload(preparedFor(wish(backends.port, [81]), [second]));
    const get = "GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n";
    expect(await talkTo(second, get)).toContain("fine");
    expect(await talkTo(first, get)).toBe("");
  });

  test("whose door is taken is refused; the old one goes on", async () => {
    await using backends = await Backends.of({ "127.30.3.1": ok, "127.0.0.1": ok });
    const port = await freePort();
    await using scene = await Scene.of(preparedFor(wish(backends.port), [port]));
    const next = preparedFor(wish(backends.port, [80, 81]), [port, backends.port]);
    await expect(scene.server.reload(next)).rejects.toThrow(/cannot listen on .*EADDRINUSE/);
    expect(await talkTo(port, "GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")).toContain("fine");
  });

  test("an end lets what is under way be answered", async () => {
    let answer: (() => void) | undefined;
    let came: () => void = () => {};
    const asked = new Promise<void>((resolve) => (came = resolve));
    await using backends = await Backends.of({
      "127.30.3.1": (_text, socket) => {
        answer = () => socket.write("HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nfine");
        came();
      },
    });
    const port = await freePort();
    const one = { ...wish(backends.port), members: ["127.30.3.1"] };
    await using scene = await Scene.of(preparedFor(one, [port]));
    const got = talkTo(port, "GET / HTTP/1.1\r\nHost: a\r\n\r\n");
    await asked;
    const stopped = scene.server.stop(5_000);
    answer?.();
    expect(await got).toMatch(/Connection: close\r\n\r\nfine$/);
    await stopped;
  });

  test("leaves connections to servers, and what is known of them, as they are; others are closed", async () => {
    await using backends = await Backends.of({ "127.30.3.1": ok, "127.30.3.2": bad });
    const port = await freePort();
    await using scene = await Scene.of(preparedFor(wish(backends.port), [port]));
    for (let times = 0; times < 4; times++) await talkTo(port, close);
    const connections = (address: string) => backends.connections(address).length;
    const before = connections("127.30.3.1");
    await scene.server.reload(preparedFor(wish(backends.port), [port]));
    const known = () => [...(scene.assembly.current?.upstreams.known() ?? [])];
    expect(known().flatMap(({ lastInvalid }) => lastInvalid ?? [])).toHaveLength(1);
    for (let times = 0; times < 4; times++) await talkTo(port, close);
    expect(connections("127.30.3.1")).toBe(before);
    const dedicated = { port: backends.port, requestTimeout: 20, dedicatedBackendConnection: true };
    await scene.server.reload(preparedFor({ ...wish(backends.port), setting: dedicated }, [port]));
    expect(known()).toHaveLength(0);
  });

  test("that is only made ready, and may yet be refused, changes nothing for the one that is served", async () => {
    await using backends = await Backends.of({ "127.30.3.1": ok, "127.30.3.2": ok });
    const port = await freePort();
    const of = (...members: string[]) => preparedFor({ ...wish(backends.port), members }, [port]);
    await using scene = await Scene.of(of("127.30.3.1"));
    // Not one request has asked yet which of its servers are there.
    const staged = await scene.server.stage(of("127.30.3.2"));
    expect(await talkTo(port, close)).toContain("fine");
    await staged.abandon();
    expect(await talkTo(port, close)).toContain("fine");
    expect(backends.connections("127.30.3.2")).toEqual([]);
  });
});
