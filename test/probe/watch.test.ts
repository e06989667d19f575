import { once } from "node:events";
import { type AddressInfo, createServer, type Server } from "node:net";
import { describe, expect, it } from "vitest";
import { exchangeOfProbe } from "../../src/health/exchange.ts";
import type { ProbeVerdict } from "../../src/health/probe-verdict.ts";
import { defaultSwitches } from "../../src/health/switches.ts";
import { buildModel } from "../../src/model/build.ts";
import type { ProbeObservation } from "../../src/model/probe-observation.ts";
import { Source } from "../../src/model/source.ts";
import { type JudgedProbe, sendAndJudge } from "../../src/probe/judged-probe.ts";
import { listProbes, type PlannedProbe } from "../../src/probe/probe-list.ts";
import { realMeans } from "../../src/probe/real-means.ts";
import { type WatchEvent, type WatchOptions, watchProbes } from "../../src/probe/watch.ts";
import { wiringOf } from "../../src/routing/routes.ts";
import { type BackendWish, liveGateway } from "../support/gateway-document.ts";
import { ManualClock } from "../support/manual-clock.ts";
import { planOf } from "../support/probe-plan.ts";

function listOf(backends: readonly BackendWish[], wanted: (address: string) => boolean = () => true) {
  const document = liveGateway(backends);
  const type = "microsoft.network/applicationgateways";
  const source = new Source("gateway.json", "", document);
  const { gateways } = buildModel({ records: [{ id: document.id, type, source }], listedTypes: new Set() });
  const [gateway] = gateways;
  if (gateway === undefined) throw new Error("no gateway");
  const { routes } = wiringOf(gateway);
  return listProbes("v2", routes, defaultSwitches, ({ address }) => wanted(address ?? "")).probes;
}

/** Of a probe nobody sent: what was seen plays no part here. */
function observation(): ProbeObservation {
  const exchange = exchangeOfProbe("v2", planOf({ port: 80 }));
  if ("notSent" in exchange) throw new Error(exchange.notSent);
  const nothing = { dns: undefined, tcp: undefined, tls: undefined, http: undefined };
  const sent = { ...exchange, target: "127.0.0.1" };
  return { startedAtMs: 0, fromAddress: undefined, sent, ...nothing };
}

const kinds = { healthy: "healthy", unhealthy: "tcp-refused", undecided: "name-unanswered" } as const;

function ended(outcome: ProbeVerdict["outcome"]): JudgedProbe {
  const verdict = { outcome, kind: kinds[outcome], messages: [], says: `It is ${outcome}.` };
  return { sent: true, observation: observation(), verdict };
}

/** A watch on a clock of its own. */
function watching(probes: readonly PlannedProbe[], wish: Partial<WatchOptions> & Pick<WatchOptions, "send">) {
  const clock = new ManualClock();
  const interruption = new AbortController();
  const events: WatchEvent[] = [];
  const end = watchProbes(probes, {
    clock,
    jitter: () => 0,
    rounds: undefined,
    forMs: undefined,
    signal: interruption.signal,
    onEvent: async (event) => void events.push(event),
    ...wish,
  });
  return { clock, interruption, events, end };
}

/** Each event in a few words: second, server, what. */
function told(events: readonly WatchEvent[]): string[] {
  return events.map((event) => {
    const second = (event.atMs - Date.UTC(2026, 5, 1)) / 1000;
    const place = `${second} ${event.server.probe.server.address}`;
    if (event.kind === "kept") return `${place} ${event.kept ? "kept" : "released"} in ${event.pair.id}`;
    const { up, failuresInRow } = event.server.state;
    return `${place} ${event.change === undefined ? "" : "went "}${up ? "up" : "down"} ${failuresInRow}`;
  });
}

const one: BackendWish = {
  name: "shop",
  servers: ["127.0.0.1"],
  port: 80,
  probe: { interval: 20, unhealthyThreshold: 2 },
};

/** Answers by the second in which it is asked. */
const failingBetween = (clock: () => ManualClock, fromS: number, untilS: number) => async () => {
  const second = clock().nowMs() / 1000;
  return ended(second >= fromS && second < untilS ? "unhealthy" : "healthy");
};

describe("watching", () => {
  it("follows a server down and up at its interval and threshold", async () => {
    const watch = watching(listOf([one]), { send: failingBetween(() => watch.clock, 10, 70), forMs: 85_000 });
    await watch.clock.advance(90_000);
    const { why, servers } = await watch.end;
    expect(told(watch.events)).toEqual([
      "0 127.0.0.1 went up 0",
      "20 127.0.0.1 up 1",
      "40 127.0.0.1 went down 2",
      "60 127.0.0.1 down 3",
      "80 127.0.0.1 went up 0",
    ]);
    expect(why).toBe("time");
    expect(servers).toMatchObject([{ number: 1, probes: 5, failures: 3, state: { up: true } }]);
  });

  it("v1: confirms a failure in quick succession", async () => {
    const list = listOf([{ ...one, probe: { interval: 20, unhealthyThreshold: 3 } }]);
    const probes = list.map((probe) => ({ ...probe, generation: "v1" as const }));
    const watch = watching(probes, { send: failingBetween(() => watch.clock, 10, 70), forMs: 50_000 });
    await watch.clock.advance(50_000);
    await watch.end;
    expect(told(watch.events)).toEqual([
      "0 127.0.0.1 went up 0",
      "20 127.0.0.1 up 1",
      "20.5 127.0.0.1 up 2",
      "21 127.0.0.1 went down 3",
      "41 127.0.0.1 down 4",
    ]);
  });

  it("keeps an undecided verdict and changes nothing by it", async () => {
    const results = (["healthy", "unhealthy", "undecided", "unhealthy"] as const).map(ended);
    const watch = watching(listOf([one]), {
      rounds: 4,
      send: async () => results.shift() ?? ended("healthy"),
    });
    await watch.clock.advance(100_000);
    expect((await watch.end).why).toBe("done");
    expect(told(watch.events).map((line) => line.replace(/.* 127\.0\.0\.1 /, ""))).toEqual([
      "went up 0",
      "up 1",
      "up 1",
      "went down 2",
    ]);
    expect(watch.events[2]).toMatchObject({ server: { state: { last: { outcome: "undecided" } } } });
  });

  it("probes every server × setting at its own interval, the first ones spread", async () => {
    const list = listOf([
      { ...one, name: "slow", servers: ["127.0.0.1", "127.0.0.2"], probe: { interval: 30, path: "/slow" } },
      { ...one, name: "quick", probe: { interval: 5, path: "/quick" } },
    ]);
    const jitters = [0, 0.2, 0.8];
    const watch = watching(list, {
      jitter: () => jitters.shift() ?? 0,
      send: async () => ended("healthy"),
      forMs: 60_900,
    });
    await watch.clock.advance(61_000);
    const { servers } = await watch.end;
    expect(servers.map(({ probes }) => probes)).toEqual([3, 3, 13]);
    expect(told(watch.events).slice(0, 3)).toEqual([
      "0 127.0.0.1 went up 0",
      "0.1 127.0.0.2 went up 0",
      "0.4 127.0.0.1 went up 0",
    ]);
  });

  it("runs at most 16 at once and 2 to one server; none is probed twice at a time", async () => {
    const open: PlannedProbe[] = [];
    const most = { total: 0, perServer: 0, perProbe: 0 };
    const send = async (probe: PlannedProbe): Promise<JudgedProbe> => {
      open.push(probe);
      const here = open.filter(({ server }) => server.address === probe.server.address);
      most.total = Math.max(most.total, open.length);
      most.perServer = Math.max(most.perServer, here.length);
      most.perProbe = Math.max(most.perProbe, here.filter((other) => other === probe).length);
      await new Promise<void>((resolve) => watch.clock.after(1500, resolve));
      open.splice(open.indexOf(probe), 1);
      return ended("healthy");
    };
    const servers = Array.from({ length: 10 }, (_, index) => `127.0.1.${index + 1}`);
    const list = listOf(
      ["a", "b", "c"].map((name) => ({
        ...one,
        name,
        servers,
        probe: { interval: 1, timeout: 1, path: `/${name}` },
      })),
    );
    const watch = watching(list, { send, rounds: 2 });
    await watch.clock.advance(60_000);
    const { why } = await watch.end;
    expect([why, watch.events.length]).toEqual(["done", 60]);
    expect(most).toEqual({ total: 16, perServer: 2, perProbe: 1 });
  });

  it("takes its events one at a time, and waits for whoever takes them", async () => {
    let open = 0;
    let taken = 0;
    const watch = watching(listOf([{ ...one, servers: ["127.0.0.1", "127.0.0.2", "127.0.0.3"] }]), {
      send: async () => ended("healthy"),
      forMs: 200_000,
      onEvent: async () => {
        open += 1;
        expect(open).toBe(1);
        await new Promise<void>((resolve) => watch.clock.after(50_000, resolve));
        open -= 1;
        taken += 1;
      },
    });
    await watch.clock.advance(400_000);
    await watch.end;
    expect(taken).toBeGreaterThan(3);
    // Three servers in 200 s at 20 s would be 30: none runs ahead of the slow taker.
    expect(taken).toBeLessThanOrEqual(7);
  });

  it("tells once what cannot be sent, and ends when nothing else is left", async () => {
    const watch = watching(listOf([one]), { send: async () => ({ sent: false, why: "host-rejected" }) });
    await watch.clock.advance(100_000);
    expect(await watch.end).toMatchObject({ why: "done", servers: [{ probes: 0, state: { up: false } }] });
    expect(watch.events).toMatchObject([{ result: { sent: false, why: "host-rejected" } }]);
  });

  it("nothing to watch ends at once", async () => {
    const watch = watching([], { send: () => Promise.reject(new Error("nobody to send to")) });
    expect(await watch.end).toEqual({ why: "done", servers: [] });
  });
});

describe("the end of a watch", () => {
  const hanging = (_: PlannedProbe, signal: AbortSignal) =>
    new Promise<JudgedProbe>((_resolve, reject) => {
      signal.addEventListener("abort", () => reject(signal.reason), { once: true });
    });

  it("interrupted: what runs is given up, what waits is not sent, no timer is left", async () => {
    let sent = 0;
    const servers = Array.from({ length: 40 }, (_, index) => `127.0.1.${index + 1}`);
    const watch = watching(listOf([{ ...one, servers }]), {
      forMs: 3_600_000,
      send: (probe, signal) => {
        sent += 1;
        return probe.server.address === "127.0.1.1"
          ? Promise.resolve(ended("healthy"))
          : hanging(probe, signal);
      },
    });
    await watch.clock.advance(1000);
    watch.interruption.abort();
    expect(await watch.end).toMatchObject({ why: "interrupted" });
    expect([sent, watch.events.length, watch.clock.pending]).toEqual([17, 1, 0]);
  });

  it("its time is over while a probe runs", async () => {
    const watch = watching(listOf([one]), { send: hanging, forMs: 10_000 });
    await watch.clock.advance(10_000);
    expect(await watch.end).toMatchObject({ why: "time", servers: [{ probes: 0 }] });
    expect([watch.events, watch.clock.pending]).toEqual([[], 0]);
  });

  it("interrupted before it began: nothing is sent", async () => {
    const send = () => Promise.reject(new Error("sent"));
    const watch = watching(listOf([one]), { send, signal: AbortSignal.abort() });
    expect(await watch.end).toMatchObject({ why: "interrupted" });
    expect(watch.clock.pending).toBe(0);
  });

  it("a fault of our own ends it and is told as it was", async () => {
    const watch = watching(listOf([{ ...one, servers: ["127.0.0.1", "127.0.0.2"] }]), {
      send: async ({ server }, signal) => {
        if (server.address === "127.0.0.1") return hanging(listOf([one])[0] as PlannedProbe, signal);
        throw new TypeError("ours");
      },
    });
    const failed = expect(watch.end).rejects.toThrow("ours");
    await watch.clock.advance(1000);
    await failed;
    expect(watch.clock.pending).toBe(0);
  });
});

describe("minServers", () => {
  const pool: BackendWish = {
    ...one,
    servers: ["127.0.0.1", "127.0.0.2", "127.0.0.3"],
    probe: { interval: 20, unhealthyThreshold: 1, minServers: 2 },
  };
  /** Which answer, by round. */
  const rounds: readonly (readonly string[])[] = [
    ["127.0.0.1", "127.0.0.2", "127.0.0.3"],
    ["127.0.0.3"],
    [],
    ["127.0.0.2", "127.0.0.3"],
  ];
  const answering = (clock: () => ManualClock) => async (probe: PlannedProbe) => {
    const healthy = rounds[Math.floor(clock().nowMs() / 20_000)] ?? [];
    return ended(healthy.includes(probe.server.address ?? "") ? "healthy" : "unhealthy");
  };

  it("tells whom it keeps in service, and until when", async () => {
    const watch = watching(listOf([pool]), { rounds: 4, send: answering(() => watch.clock) });
    await watch.clock.advance(80_000);
    await watch.end;
    expect(told(watch.events).filter((line) => /kept|released/.test(line))).toEqual([
      "20 127.0.0.1 kept in pool-shop~set-shop",
      "40 127.0.0.2 kept in pool-shop~set-shop",
      "60 127.0.0.2 released in pool-shop~set-shop",
      "60 127.0.0.1 released in pool-shop~set-shop",
    ]);
  });

  it("says nothing of a pool of which only some servers are watched", async () => {
    const list = listOf([pool], (address) => address !== "127.0.0.3");
    const watch = watching(list, { rounds: 4, send: answering(() => watch.clock) });
    await watch.clock.advance(80_000);
    await watch.end;
    expect(watch.events.filter(({ kind }) => kind === "kept")).toEqual([]);
  });

  it("says nothing before every server has shown how it is", async () => {
    const watch = watching(listOf([pool]), {
      rounds: 3,
      send: async ({ server }) => ended(server.address === "127.0.0.3" ? "undecided" : "unhealthy"),
    });
    await watch.clock.advance(80_000);
    await watch.end;
    expect(watch.events.filter(({ kind }) => kind === "kept")).toEqual([]);
  });
});

/** A server that comes and goes on one port. */
class Flapping {
  readonly #address = "127.0.7.9";
  #server: Server | undefined;
  port = 0;

  async listen(status: string): Promise<void> {
    await this.close();
    const answer = `HTTP/1.1 ${status}\r\nContent-Length: 0\r\n\r\n`;
    this.#server = createServer((socket) => {
      socket.on("error", () => {}).once("data", () => socket.end(answer));
    });
    this.#server.listen(this.port, this.#address);
    await once(this.#server, "listening");
    this.port = (this.#server.address() as AddressInfo).port;
  }

  async close(): Promise<void> {
    const server = this.#server;
    this.#server = undefined;
    if (server === undefined) return;
    server.close();
    await once(server, "close");
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }
}

describe("watching a real server", () => {
  it("that fails, stops listening and comes back", async () => {
    await using server = new Flapping();
    await server.listen("200 OK");
    const script = ["200 OK", "503 Away", "gone", "gone", "204 Fine"];
    const probe = { interval: 1, timeout: 1, unhealthyThreshold: 2 };
    const list = listOf([{ ...one, servers: ["127.0.7.9"], port: server.port, probe }]);
    const signal = AbortSignal.timeout(30_000);
    const clock = new ManualClock();
    const kinds: string[] = [];
    const end = watchProbes(list, {
      clock,
      jitter: () => 0,
      rounds: script.length,
      forMs: undefined,
      signal,
      send: async (planned, stop) => {
        const now = script.shift() ?? "gone";
        await (now === "gone" ? server.close() : server.listen(now));
        return sendAndJudge(planned, { fromAddress: undefined, trustOf: noCertificates }, meansUntil(stop));
      },
      onEvent: async (event) => {
        if (event.kind !== "probed" || !event.result.sent) throw new Error("not probed");
        kinds.push(`${event.result.verdict.kind} ${event.change?.to ?? "-"}`);
        setImmediate(() => void clock.advance(1000));
      },
    });
    void clock.advance(0);
    expect((await end).why).toBe("done");
    expect(kinds).toEqual(["healthy up", "status -", "tcp-refused down", "tcp-refused -", "healthy up"]);
  });
});

const noCertificates = () => {
  throw new Error("nobody sent a certificate");
};

const meansUntil = (signal: AbortSignal) =>
  realMeans({
    dnsServersFor: () => [],
    systemLookup: () => Promise.reject(new Error("not to be asked")),
    fromAddress: undefined,
    userAgent: "causeway/test",
    signal,
  });
