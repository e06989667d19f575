import type { Socket } from "node:net";
import { describe, expect, test } from "vitest";
import { TimerWheel } from "../../../src/gateway/timer-wheel.ts";
import { AddressBook } from "../../../src/gateway/upstream/address-book.ts";
import { listen } from "../../support/listener.ts";
import { ManualClock } from "../../support/manual-clock.ts";
import { eventually, ok, type Taking, TestUpstream, type Wish } from "./support.ts";

const answering =
  (fields = "") =>
  (socket: Socket): void => {
    socket.on("data", () => socket.write(ok("x", fields)));
  };

/** Time stands still unless told otherwise. */
function onManualClock(port: number, wish: Wish = {}): { clock: ManualClock; upstream: TestUpstream } {
  const clock = new ManualClock();
  const addresses = new AddressBook(() => Promise.reject(new Error("not to be asked")), clock);
  const means = { clock, wheel: new TimerWheel(clock), addresses };
  return { clock, upstream: new TestUpstream(port, { ...wish, means }) };
}

const usedAgain = ({ attempt }: Taking): boolean => attempt?.record().connection === "reused";

describe("which connection is used", () => {
  test("the one used last, and no more are kept than wanted", async () => {
    await using server = await listen(answering());
    using upstream = new TestUpstream(server.port, { limits: { idleConnections: 3 } });
    await Promise.all(Array.from({ length: 8 }, () => upstream.send().over));
    await eventually(() => upstream.counters.open === 3);
    expect(upstream.counters).toMatchObject({ idle: 3, requests: 8, reused: 0 });
    await upstream.send().over;
    await upstream.send({}, { fresh: true }).over;
    await eventually(() => upstream.counters.open === 3);
    expect(upstream.counters).toMatchObject({ idle: 3, reused: 1 });
  });

  test("none that was idle for too long; those are closed in time", async () => {
    await using server = await listen(answering());
    const { clock, upstream } = onManualClock(server.port, { limits: { idleMs: 5_000 } });
    await upstream.send().over;
    await clock.advance(4_900);
    expect(usedAgain(await upstream.send().over)).toBe(true);
    await clock.advance(5_001);
    expect(usedAgain(await upstream.send().over)).toBe(false);
    await clock.advance(8_000);
    await eventually(() => upstream.counters.open === 0);
    expect(upstream.counters).toMatchObject({ idle: 0, endedIdle: 0 });
    expect(clock.pending).toBe(0);
  });

  test("the server's word on its limit counts, with a margin", async () => {
    await using server = await listen(answering("Keep-Alive: timeout=5, max=100\r\n"));
    const { clock, upstream } = onManualClock(server.port);
    await upstream.send().over;
    expect(upstream.counters.idleLimitMs).toBe(4_000);
    await clock.advance(3_900);
    expect(usedAgain(await upstream.send().over)).toBe(true);
    await clock.advance(4_100);
    expect(usedAgain(await upstream.send().over)).toBe(false);
    upstream.close();
  });

  test("what must not be sent twice goes only over one that was just used", async () => {
    await using server = await listen(answering());
    const { clock, upstream } = onManualClock(server.port);
    const post = { method: "POST", body: "length", content: Buffer.from("x") } as const;
    await upstream.send().over;
    await clock.advance(15);
    expect(usedAgain(await upstream.send(post).over)).toBe(true);
    await clock.advance(100);
    expect(usedAgain(await upstream.send(post).over)).toBe(false);
    expect(usedAgain(await upstream.send().over)).toBe(true);
    upstream.close();
  });

  test("a limit is learnt from idle connections that the server ends, and forgotten if that was the only one", async () => {
    await using server = await listen(answering());
    const { clock, upstream } = onManualClock(server.port);
    await upstream.send().over;
    await clock.advance(1_000);
    server.accepted[0]?.end();
    await eventually(() => upstream.counters.endedIdle === 1);
    expect(upstream.counters.idleLimitMs).toBe(800);
    await upstream.send().over;
    await clock.advance(900);
    expect(usedAgain(await upstream.send().over)).toBe(false);
    await clock.advance(20_000);
    expect(upstream.counters.idleLimitMs).toBe(30_000);
    upstream.close();
  });

  test("dedicated: only for the client it was made for, and closed when that is gone", async () => {
    await using server = await listen(answering());
    const { clock, upstream } = onManualClock(server.port, { target: { dedicated: true } });
    const [one, other] = [{ gone: false }, { gone: false }];
    await upstream.send({}, { owner: one }).over;
    expect(usedAgain(await upstream.send({}, { owner: other }).over)).toBe(false);
    expect(usedAgain(await upstream.send({}, { owner: one }).over)).toBe(true);
    await clock.advance(900);
    const post = { method: "POST", body: "length", content: Buffer.from("x") } as const;
    expect(usedAgain(await upstream.send(post, { owner: one }).over)).toBe(true);
    one.gone = true;
    await clock.advance(2_000);
    await eventually(() => upstream.counters.open === 1);
    expect(upstream.counters.idle).toBe(1);
    const late = upstream.send({}, { owner: other });
    other.gone = true;
    await late.over;
    await eventually(() => upstream.counters.open === 0);
  });

  test("draining: idle ones are closed now, others when they are done", async () => {
    let answer = (): void => {};
    await using server = await listen((socket) =>
      socket.on("data", () => {
        answer = () => socket.write(ok("x"));
        if (server.accepted.length === 1) answer();
      }),
    );
    using upstream = new TestUpstream(server.port);
    await upstream.send().over;
    const busy = upstream.send({}, { fresh: true });
    await eventually(() => server.accepted.length === 2 && busy.attempt?.record().sentMs !== undefined);
    upstream.close();
    await eventually(() => upstream.counters.open === 1);
    await new Promise((resolve) => setTimeout(resolve, 10));
    answer();
    await busy.over;
    expect(busy.text).toBe("x");
    await eventually(() => upstream.counters.open === 0);
  });
});

describe("a connection that the server ended while it was idle", () => {
  test.each(["end", "resetAndDestroy"] as const)("seen before it is used: %s", async (how) => {
    await using server = await listen(answering());
    using upstream = new TestUpstream(server.port);
    await upstream.send().over;
    server.accepted[0]?.[how]();
    await eventually(() => upstream.counters.open === 0);
    expect(usedAgain(await upstream.send().over)).toBe(false);
    expect(upstream.counters).toMatchObject({ endedIdle: 1, stale: 0 });
  });

  test.each([
    ["closed", "destroy", false],
    ["reset", "resetAndDestroy", true],
  ] as const)(
    "in the very moment it is used, %s: stale, and its age is learnt",
    async (_, how, nothingSent) => {
      await using server = await listen(answering());
      using upstream = new TestUpstream(server.port);
      await upstream.send().over;
      await new Promise((resolve) => setTimeout(resolve, 30));
      // After the system was asked what there is to read, and before the request goes out: nobody can see it.
      setImmediate(() => server.accepted[0]?.[how]());
      const taking = upstream.send();
      await taking.over;
      expect(taking.failure).toMatchObject({ stale: true, nothingSent });
      expect(["send-reset", "response-reset", "response-closed"]).toContain(taking.failure?.kind);
      const { idleMs } = taking.attempt?.record() ?? {};
      expect(idleMs).toBeGreaterThan(20);
      expect(upstream.counters).toMatchObject({ stale: 1 });
      expect(upstream.counters.idleLimitMs).toBeLessThan(idleMs ?? 0);
      expect((await upstream.send({}, { fresh: true }).over).text).toBe("x");
    },
  );

  test("ended after one byte of a response it is not called stale", async () => {
    await using server = await listen((socket) => {
      let requests = 0;
      socket.on("data", () => {
        requests += 1;
        if (requests === 1) socket.write(ok("x"));
        else socket.end("H");
      });
    });
    using upstream = new TestUpstream(server.port);
    await upstream.send().over;
    const { failure } = await upstream.send().over;
    expect(failure).toMatchObject({ kind: "response-closed", stale: false, nothingSent: false });
  });
});

describe("a server that ends connections 50 ms after its answer", () => {
  test("clients that pause for about as long never see it", async () => {
    await using server = await listen((socket) => {
      let timer: NodeJS.Timeout | undefined;
      // In steps: while this process stands still, neither side's time goes on.
      const endAfter = (steps: number): void => {
        timer = setTimeout(() => (steps > 1 ? endAfter(steps - 1) : socket.end()), 10);
      };
      socket.on("data", () => {
        clearTimeout(timer);
        socket.write(ok("x"));
        endAfter(5);
      });
      socket.on("close", () => clearTimeout(timer));
    });
    using upstream = new TestUpstream(server.port);
    const endMs = performance.now() + 1_500;
    const lost: unknown[] = [];
    let [sent, stale] = [0, 0];
    const client = async (index: number): Promise<void> => {
      const post = index % 4 === 0;
      const request = post ? ({ method: "POST", body: "length", content: Buffer.from("x") } as const) : {};
      while (performance.now() < endMs) {
        sent += 1;
        const taking = await upstream.send(request).over;
        if (taking.failure !== undefined) {
          stale += 1;
          const again = taking.failure.nothingSent || (taking.failure.stale && !post);
          if (!again) lost.push(taking.failure);
          else if ((await upstream.send(request, { fresh: true }).over).failure !== undefined)
            lost.push("again");
        }
        await new Promise((resolve) => setTimeout(resolve, 47 + ((index + sent) % 7)));
      }
    };
    await Promise.all(Array.from({ length: 24 }, (_, index) => client(index)));
    expect(sent).toBeGreaterThan(100);
    expect(lost).toEqual([]);
    expect(upstream.counters.stale).toBe(stale);
    expect(stale).toBeLessThan(sent / 10);
  });
});
