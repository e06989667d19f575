import { describe, expect, test } from "vitest";
import { AddressBook, type Found } from "../../../src/gateway/upstream/address-book.ts";
import type { DnsAnswer, DnsPhase } from "../../../src/model/probe-observation.ts";
import { listen } from "../../support/listener.ts";
import { ManualClock } from "../../support/manual-clock.ts";
import { eventually, ok, TestUpstream } from "./support.ts";

function phase(used: readonly string[], answer: Partial<DnsAnswer> = {}): DnsPhase {
  return {
    name: "app.contoso.com",
    unaskable: undefined,
    answers: [
      {
        server: "10.0.0.4",
        role: "gateway",
        type: "A",
        outcome: "answered",
        transport: "udp",
        rcode: "NOERROR",
        errno: undefined,
        fault: undefined,
        addresses: used,
        canonicalNames: [],
        chain: "complete",
        ttlS: 60,
        sent: 1,
        ignored: 0,
        tookMs: 1,
        ...answer,
      },
    ],
    differing: { amongGatewayServers: false, withOthers: false },
    used,
    tookMs: 1,
  };
}

const missing = phase([], { rcode: "NXDOMAIN", ttlS: undefined });

/** A book whose resolver says these things in turn. */
function bookOf(...says: DnsPhase[]): {
  book: AddressBook;
  clock: ManualClock;
  asked: () => number;
  find: () => Promise<Found>;
} {
  const clock = new ManualClock();
  let asked = 0;
  const book = new AddressBook(async () => {
    const said = says[asked];
    asked += 1;
    if (said === undefined) throw new Error("not to be asked");
    return said;
  }, clock);
  const find = (): Promise<Found> => new Promise((resolve) => book.find("app.contoso.com", 1_000, resolve));
  return { book, clock, asked: () => asked, find };
}

describe("addresses of a name", () => {
  test("are kept as long as DNS says, and asked for once by many", async () => {
    const { clock, asked, find } = bookOf(phase(["10.0.1.4"]), phase(["10.0.1.5"]));
    const found = await Promise.all([find(), find(), find()]);
    expect(found).toEqual(Array(3).fill({ address: "10.0.1.4" }));
    await clock.advance(59_000);
    expect(await find()).toEqual({ address: "10.0.1.4" });
    expect(asked()).toBe(1);
    await clock.advance(2_000);
    expect(await find()).toEqual({ address: "10.0.1.5" });
  });

  test("the last good one is kept when DNS fails", async () => {
    const { clock, asked, find } = bookOf(phase(["10.0.1.4"]), missing, phase(["10.0.1.6"]));
    await find();
    await clock.advance(61_000);
    expect(await find()).toEqual({ address: "10.0.1.4" });
    expect(await find()).toEqual({ address: "10.0.1.4" });
    expect(asked()).toBe(2);
    await clock.advance(6_000);
    expect(await find()).toEqual({ address: "10.0.1.6" });
  });

  test.each([
    [missing, "NXDOMAIN"],
    [phase([], { rcode: undefined, errno: "ENOTFOUND", server: "system", role: "system" }), "ENOTFOUND"],
    [phase([], { rcode: undefined, outcome: "no-answer" }), "no-answer"],
    [{ ...phase([]), unaskable: "empty-label", answers: [] }, "empty-label"],
    [{ ...phase([]), answers: [] }, "no-answer"],
  ])("a failure stands for a second: %#", async (said, failure) => {
    const { clock, asked, find } = bookOf(said, phase(["10.0.1.4"]));
    expect(await find()).toEqual({ failure });
    expect(await find()).toEqual({ failure });
    expect(asked()).toBe(1);
    await clock.advance(1_100);
    expect(await find()).toEqual({ address: "10.0.1.4" });
  });

  test("the next one is used when no connection to the first comes about", async () => {
    const both = phase(["10.0.1.4", "10.0.1.5"]);
    const { book, clock, find } = bookOf(both, both, phase(["10.0.1.4"]));
    await find();
    book.failed("app.contoso.com", "10.0.1.4");
    book.failed("app.contoso.com", "10.0.1.4");
    book.failed("other.contoso.com", "10.0.1.5");
    expect(await find()).toEqual({ address: "10.0.1.5" });
    await clock.advance(61_000);
    expect(await find()).toEqual({ address: "10.0.1.5" });
    await clock.advance(61_000);
    expect(await find()).toEqual({ address: "10.0.1.4" });
  });
});

test("an upstream known by name connects to what the name leads to", async () => {
  await using server = await listen((socket) => socket.on("data", () => socket.write(ok("x"))));
  let asked = 0;
  using upstream = new TestUpstream(server.port, {
    target: { host: "app.contoso.com" },
    resolve: async () => {
      asked += 1;
      return phase(["127.0.0.1"]);
    },
  });
  const taking = await upstream.send().over;
  expect(taking.text).toBe("x");
  const record = taking.attempt?.record();
  expect(record?.server).toBe(`127.0.0.1:${server.port}`);
  expect(record?.dnsMs).toBeLessThanOrEqual(record?.connectedMs ?? Number.NaN);
  await upstream.send({}, { fresh: true }).over;
  expect(asked).toBe(1);
});

test("of several addresses one that does not answer is left for the next", async () => {
  await using server = await listen((socket) => socket.on("data", () => socket.write(ok("x"))), "127.0.0.1");
  using upstream = new TestUpstream(server.port, {
    target: { host: "app.contoso.com" },
    resolve: async () => phase(["127.0.0.77", "127.0.0.1"]),
  });
  const first = await upstream.send().over;
  expect(first.failure).toMatchObject({ kind: "connect-refused", nothingSent: true });
  expect((await upstream.send().over).text).toBe("x");
  await eventually(() => upstream.counters.open === 1);
});
