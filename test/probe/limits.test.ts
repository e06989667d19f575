import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type Bounds, SendLimiter } from "../../src/probe/limits.ts";

interface Step {
  readonly server: string;
  readonly ends: "well" | "rejects" | "throws";
  readonly cancelled: boolean;
}

/** A send that runs until told to end. */
function gate(): { promise: Promise<void>; open: () => void; fail: (error: Error) => void } {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  return { promise, open: resolve, fail: reject };
}

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

describe("sends at once", () => {
  test("bounds of nothing are refused", () => {
    expect(() => new SendLimiter({ total: 0, perServer: 1 })).toThrow(RangeError);
    expect(() => new SendLimiter({ total: 1, perServer: 0.5 })).toThrow(RangeError);
  });

  test("those that only wait make room for others, but not for more than may wait", async () => {
    const limiter = new SendLimiter({ total: 2, perServer: 1, slow: { afterMs: 5, most: 3 } });
    const gates = Array.from({ length: 9 }, gate);
    let started = 0;
    const results = gates.map(({ promise }, index) =>
      limiter.run(`server ${index}`, () => {
        started += 1;
        return promise;
      }),
    );
    expect(started).toBe(2);
    await expect.poll(() => started).toBe(5);
    await new Promise((resolve) => setTimeout(resolve, 30));
    expect(started).toBe(5);
    for (const { open } of gates) open();
    await Promise.all(results);
    expect(started).toBe(9);
  });

  test("servers take turns; each is served in order", async () => {
    const limiter = new SendLimiter({ total: 1, perServer: 1 });
    const started: string[] = [];
    const send = (server: string, name: string): Promise<void> =>
      limiter.run(server, async () => {
        started.push(name);
      });
    await Promise.all([send("a", "a1"), send("a", "a2"), send("a", "a3"), send("b", "b1"), send("b", "b2")]);
    expect(started).toEqual(["a1", "b1", "a2", "b2", "a3"]);
  });

  test("a cancelled one that waits never starts, and does not hold the others up", async () => {
    const limiter = new SendLimiter({ total: 1, perServer: 1 });
    const first = gate();
    const running = limiter.run("a", () => first.promise);
    const controller = new AbortController();
    let ran = false;
    const cancelled = limiter.run(
      "a",
      async () => {
        ran = true;
      },
      controller.signal,
    );
    const after = limiter.run("a", async () => "after");
    controller.abort(new Error("enough"));
    await expect(cancelled).rejects.toThrow("enough");
    first.open();
    await running;
    expect(await after).toBe("after");
    expect(ran).toBe(false);
  });

  test("one that is cancelled before it is handed in never starts", async () => {
    const limiter = new SendLimiter({ total: 1, perServer: 1 });
    const send = limiter.run("a", async () => "ran", AbortSignal.abort(new Error("no")));
    await expect(send).rejects.toThrow("no");
  });

  test("one that is cancelled while it runs keeps its place until it has ended", async () => {
    const limiter = new SendLimiter({ total: 1, perServer: 1 });
    const first = gate();
    const controller = new AbortController();
    const running = limiter.run("a", () => first.promise, controller.signal);
    let started = false;
    const next = limiter.run("b", async () => {
      started = true;
    });
    controller.abort();
    await turn();
    expect(started).toBe(false);
    first.open();
    await Promise.all([running, next]);
    expect(started).toBe(true);
  });
});

describe("any sends, ended in any order", () => {
  const step: fc.Arbitrary<Step> = fc.record({
    server: fc.constantFrom("a", "b", "c", "d"),
    ends: fc.constantFrom("well", "well", "rejects", "throws"),
    cancelled: fc.boolean(),
  });
  const bounds = fc.record({
    total: fc.integer({ min: 1, max: 5 }),
    perServer: fc.integer({ min: 1, max: 3 }),
  });

  test("never exceed the bounds, leave no room unused, all settle, and start in order per server", async () => {
    await fc.assert(
      fc.asyncProperty(
        bounds,
        fc.array(step, { maxLength: 30 }),
        fc.infiniteStream(fc.nat(9)),
        async (limits, steps, picks) => {
          const run = new Run(limits);
          for (const one of steps) run.hand(one);
          await turn();
          run.check();
          for (const pick of picks) {
            if (run.open.length === 0) break;
            run.end(pick);
            await turn();
            run.check();
          }
          const settled = await Promise.allSettled(run.results);
          expect(settled.map(({ status }) => status)).toEqual(run.expected());
          for (const server of ["a", "b", "c", "d"]) {
            const order = run.started.filter((at) => steps[at]?.server === server);
            expect(order).toEqual([...order].sort((left, right) => left - right));
          }
        },
      ),
      { numRuns: 150 },
    );
  });

  test("sends that all wait are served in rounds, one of each server a round", async () => {
    const names = fc.array(fc.constantFrom("a", "b", "c", "d"), { maxLength: 40 });
    await fc.assert(
      fc.asyncProperty(names, async (servers) => {
        const limiter = new SendLimiter({ total: 1, perServer: 1 });
        const started: string[] = [];
        const first = gate();
        const blocker = limiter.run("blocker", () => first.promise);
        const all = servers.map((server) =>
          limiter.run(server, async () => {
            started.push(server);
          }),
        );
        first.open();
        await Promise.all([blocker, ...all]);
        expect(started).toEqual(inRounds(servers));
      }),
      { numRuns: 150 },
    );
  });
});

function inRounds(servers: readonly string[]): string[] {
  const left = new Map<string, number>();
  for (const server of servers) left.set(server, (left.get(server) ?? 0) + 1);
  const order: string[] = [];
  for (let round = 1; order.length < servers.length; round += 1) {
    for (const [server, count] of left) if (count >= round) order.push(server);
  }
  return order;
}

/** Sends handed to a limiter, and what may be said of them at every moment. */
class Run {
  readonly started: number[] = [];
  readonly results: Promise<void>[] = [];
  open: number[] = [];
  readonly #steps: Step[] = [];
  readonly #gates: ReturnType<typeof gate>[] = [];
  readonly #cancelled = new Set<number>();
  readonly #bounds: Bounds;
  readonly #limiter: SendLimiter;

  constructor(bounds: Bounds) {
    this.#bounds = bounds;
    this.#limiter = new SendLimiter(bounds);
  }

  hand(step: Step): void {
    const at = this.#steps.push(step) - 1;
    const own = gate();
    this.#gates.push(own);
    const controller = new AbortController();
    const send = (): Promise<void> => {
      this.started.push(at);
      if (step.ends === "throws") throw new Error("threw");
      this.open.push(at);
      return own.promise;
    };
    const result = this.#limiter.run(step.server, send, controller.signal);
    result.catch(() => {});
    this.results.push(result);
    if (step.cancelled && !this.started.includes(at)) {
      this.#cancelled.add(at);
      controller.abort(new Error("cancelled"));
    }
  }

  /** Ends one of the open ones. */
  end(pick: number): void {
    const at = this.open[pick % this.open.length];
    if (at === undefined) return;
    this.open = this.open.filter((other) => other !== at);
    if (this.#steps[at]?.ends === "rejects") this.#gates[at]?.fail(new Error("failed"));
    else this.#gates[at]?.open();
  }

  check(): void {
    const running = (server: string): number =>
      this.open.filter((at) => this.#steps[at]?.server === server).length;
    expect(this.open.length).toBeLessThanOrEqual(this.#bounds.total);
    for (const server of ["a", "b", "c", "d"]) {
      expect(running(server)).toBeLessThanOrEqual(this.#bounds.perServer);
    }
    if (this.open.length === this.#bounds.total) return;
    for (const [at, { server }] of this.#steps.entries()) {
      const waits = !this.started.includes(at) && !this.#cancelled.has(at);
      // Whoever waits while there is room waits for its own server.
      if (waits) expect(running(server)).toBe(this.#bounds.perServer);
    }
  }

  expected(): ("fulfilled" | "rejected")[] {
    return this.#steps.map((step, at) =>
      this.#cancelled.has(at) || step.ends !== "well" ? "rejected" : "fulfilled",
    );
  }
}
