import { once } from "node:events";
import { describe, expect, test } from "vitest";
import { loopClock } from "../../../src/gateway/loop-clock.ts";
import { TimerWheel } from "../../../src/gateway/timer-wheel.ts";
import { AddressBook } from "../../../src/gateway/upstream/address-book.ts";
import type { Clock } from "../../../src/probe/clock.ts";
import { Caller, echo, prepared, Servers, served } from "./scene.ts";

const here = "127.41.1.1";
const there = "127.41.1.2";

const noNames = (clock: Clock) => new AddressBook(() => Promise.reject(new Error("no names here")), clock);

describe("a connection of layer 4", () => {
  test("carries bytes both ways and ends as both sides end it", async () => {
    await using servers = await Servers.of({ [here]: echo });
    await using scene = await served({ members: [here], port: servers.port });
    using caller = Caller.to(scene.port);
    caller.socket.write("EHLO contoso\r\n");
    await caller.got("EHLO contoso\r\n");
    caller.socket.end("QUIT\r\n");
    expect(await caller.closed()).toBe("EHLO contoso\r\nQUIT\r\n");
    const [record] = await scene.recorded(1);
    expect(record).toMatchObject({
      ending: "--",
      status: 200,
      cause: undefined,
      receivedBytes: 20,
      sentBytes: 20,
      layer4: { upstreamReceivedBytes: 20, endedFor: undefined },
      attempts: [{ member: here, bytesSent: 20, failure: undefined }],
    });
    expect(record?.route?.id).toBe("mail/mail");
    expect(record?.transactionId).toMatch(/^[0-9a-f]{32}$/);
  });

  test("passes on what the server says first", async () => {
    await using servers = await Servers.of({ [here]: (socket) => void socket.end("220 ready\r\n") });
    await using scene = await served({ members: [here], port: servers.port });
    using caller = Caller.to(scene.port);
    await once(caller.socket, "end");
    expect(caller.text).toBe("220 ready\r\n");
    // Its own side is still open.
    caller.socket.write("late");
    const [socket] = servers.sockets.get(here) ?? [];
    if (socket === undefined) throw new Error("no connection");
    const [late] = await once(socket, "data");
    expect(String(late)).toBe("late");
    caller.socket.end();
    expect((await scene.recorded(1))[0]).toMatchObject({ ending: "--", receivedBytes: 4, sentBytes: 11 });
  });

  test("the end of the client's side is passed on, and the answer still comes", async () => {
    let all = "";
    await using servers = await Servers.of({
      [here]: (socket) => {
        socket.on("data", (chunk) => {
          all += String(chunk);
        });
        socket.on("end", () => socket.end(`got ${all.length}`));
      },
    });
    await using scene = await served({ members: [here], port: servers.port });
    using caller = Caller.to(scene.port);
    caller.socket.end("x".repeat(200_000));
    expect(await caller.closed()).toBe("got 200000");
    expect((await scene.recorded(1))[0]).toMatchObject({ ending: "--", receivedBytes: 200_000 });
  });

  test("a reader that takes nothing holds the server up instead of filling memory", async () => {
    const part = Buffer.alloc(64 * 1024, 7);
    const wanted = 256 * 1024 * 1024;
    let written = 0;
    await using servers = await Servers.of({
      [here]: (socket) => {
        const fill = (): void => {
          while (written < wanted) {
            written += part.length;
            if (!socket.write(part)) return void socket.once("drain", fill);
          }
          socket.end();
        };
        fill();
      },
    });
    await using scene = await served({ members: [here], port: servers.port });
    using caller = Caller.to(scene.port);
    caller.socket.pause();
    await once(caller.socket, "connect");
    let before = -1;
    while (written !== before || written === 0) {
      before = written;
      await new Promise((resolve) => setTimeout(resolve, 150));
    }
    // What the two connections of the system hold, and 64 KiB of ours each.
    expect(written).toBeLessThan(64 * 1024 * 1024);
    caller.socket.destroy();
    expect((await scene.recorded(1))[0]).toMatchObject({ ending: "CU", status: 200 });
  });

  test("a client that resets is gone for the server too", async () => {
    await using servers = await Servers.of({ [here]: echo });
    await using scene = await served({ members: [here], port: servers.port });
    using caller = Caller.to(scene.port);
    caller.socket.write("a");
    await caller.got("a");
    const [socket] = servers.sockets.get(here) ?? [];
    if (socket === undefined) throw new Error("no connection");
    const gone = once(socket, "close");
    caller.socket.resetAndDestroy();
    await gone;
    expect((await scene.recorded(1))[0]).toMatchObject({ ending: "CU", cause: undefined });
  });

  test("a server that resets is a reset for the client; nothing tells why", async () => {
    await using servers = await Servers.of({
      [here]: (socket) => void socket.on("data", () => socket.resetAndDestroy()),
    });
    await using scene = await served({ members: [here], port: servers.port });
    using caller = Caller.to(scene.port);
    caller.socket.write("a");
    await caller.closed();
    expect(caller.socket.errored).toMatchObject({ code: "ECONNRESET" });
    expect((await scene.recorded(1))[0]).toMatchObject({ ending: "SU", status: 200, cause: undefined });
  });

  test("ends when nothing comes either way for the time-out of the setting", async () => {
    await using servers = await Servers.of({ [here]: echo });
    await using scene = await served({ members: [here], port: servers.port, setting: { timeout: 1 } });
    using caller = Caller.to(scene.port);
    caller.socket.write("a");
    expect(await caller.closed()).toBe("a");
    expect((await scene.recorded(1))[0]).toMatchObject({ ending: "PU", layer4: { endedFor: "idle" } });
  });
});

describe("servers of layer 4", () => {
  test("take turns; one that refuses is passed over, as nothing was sent", async () => {
    await using servers = await Servers.of({ [there]: (socket) => void socket.end("there") });
    await using scene = await served({ members: [here, there], port: servers.port });
    for (const _ of [1, 2]) {
      using caller = Caller.to(scene.port);
      caller.socket.end("x");
      expect(await caller.closed()).toBe("there");
    }
    const records = await scene.recorded(2);
    expect(records.map(({ ending }) => ending)).toEqual(["--", "--"]);
    expect(records[0]?.attempts).toMatchObject([
      { member: here, failure: { kind: "connect-refused", nothingSent: true } },
      { member: there, failure: undefined, bytesSent: 1 },
    ]);
  });

  test.each([
    ["that refuse", [here, there], { ending: "SC", cause: "tcp-refused", attempts: [{}, {}] }],
    ["that the pool does not have", [], { ending: "PQ", cause: "pool-empty", noServer: "pool-empty" }],
  ])("none but those %s: the connection is closed with its cause", async (_, members, expected) => {
    await using servers = await Servers.of({});
    await using scene = await served({ members, port: servers.port });
    using caller = Caller.to(scene.port);
    expect(await caller.closed()).toBe("");
    expect((await scene.recorded(1))[0]).toMatchObject({ status: 502, ...expected });
  });

  test("a server that is taken out gets no new connections and keeps those it has", async () => {
    await using servers = await Servers.of({ [here]: echo });
    await using scene = await served({ members: [here], port: servers.port });
    using first = Caller.to(scene.port);
    first.socket.write("one");
    await first.got("one");
    const balancer = scene.assembly.current?.balancer;
    expect(balancer?.setAdmin("mail~mail", here, "draining")).toBe(true);
    expect(balancer?.view()).toMatchObject([{ busy: 1, admin: "draining" }]);
    using second = Caller.to(scene.port);
    expect(await second.closed()).toBe("");
    expect((await scene.recorded(1))[0]).toMatchObject({ ending: "PQ", noServer: "taken-out" });
    first.socket.end("two");
    expect(await first.closed()).toBe("onetwo");
    expect(balancer?.view()).toMatchObject([{ busy: 0 }]);
  });

  test("a new configuration is for new connections", async () => {
    await using servers = await Servers.of({ [here]: echo, [there]: (socket) => void socket.end("there") });
    await using scene = await served({ members: [here], port: servers.port });
    using first = Caller.to(scene.port);
    first.socket.write("one");
    await first.got("one");
    await scene.server.reload(await prepared({ members: [there], port: servers.port }, scene.port));
    scene.allUp();
    using second = Caller.to(scene.port);
    second.socket.end();
    expect(await second.closed()).toBe("there");
    first.socket.end("two");
    expect(await first.closed()).toBe("onetwo");
    expect((await scene.recorded(2)).map(({ ending }) => ending)).toEqual(["--", "--"]);
  });

  test("a server that left the pool keeps its connections for 30 s, and they are ended then", async () => {
    let aheadMs = 0;
    const clock = { ...loopClock, nowMs: () => loopClock.nowMs() + aheadMs };
    const upstream = { clock, wheel: new TimerWheel(clock), addresses: noNames(clock) };
    await using servers = await Servers.of({ [here]: echo, [there]: echo });
    const lasting = { port: servers.port, setting: { timeout: 300 } };
    await using scene = await served({ members: [here, there], ...lasting }, { upstream });
    using first = Caller.to(scene.port);
    first.socket.write("one");
    await first.got("one");
    using second = Caller.to(scene.port);
    second.socket.write("two");
    await second.got("two");
    await scene.server.reload(await prepared({ members: [there], ...lasting }, scene.port));
    aheadMs = 25_000;
    first.socket.write("still");
    await first.got("onestill");
    aheadMs = 31_000;
    expect(await first.closed()).toBe("onestill");
    expect((await scene.recorded(1))[0]).toMatchObject({
      ...{ ending: "OU", status: 200, cause: "drain-too-short" },
      attempts: [{ member: here, failure: { kind: "relay-drained" } }],
    });
    second.socket.end("more");
    expect(await second.closed()).toBe("twomore");
  });

  test("at the end, connections have the drain time and are ended after it", async () => {
    await using servers = await Servers.of({ [here]: echo });
    await using scene = await served({ members: [here], port: servers.port });
    using quick = Caller.to(scene.port);
    using slow = Caller.to(scene.port);
    quick.socket.write("q");
    slow.socket.write("s");
    await Promise.all([quick.got("q"), slow.got("s")]);
    const stopped = scene.server.stop(700);
    quick.socket.end("Q");
    expect(await quick.closed()).toBe("qQ");
    await stopped;
    await slow.closed();
    const endings = (await scene.recorded(2)).map(({ ending, layer4 }) => [ending, layer4?.endedFor]);
    expect(endings).toEqual([
      ["--", undefined],
      ["PU", "drained"],
    ]);
  });

  test("are told of the client where the setting says so", async () => {
    let got = "";
    await using servers = await Servers.of({
      [here]: (socket) => {
        socket.on("data", (chunk) => {
          got += String(chunk);
        });
        socket.on("end", () => socket.end());
      },
    });
    const setting = { enableL4ClientIpPreservation: true };
    await using scene = await served({ members: [here], port: servers.port, setting });
    using caller = Caller.to(scene.port);
    await once(caller.socket, "connect");
    const { localPort } = caller.socket;
    caller.socket.end("hello");
    await caller.closed();
    expect(got).toBe(`PROXY TCP4 127.0.0.1 127.0.0.1 ${localPort} 4025\r\nhello`);
  });
});
