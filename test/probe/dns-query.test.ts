import { describe, expect, test } from "vitest";
import { systemClock } from "../../src/probe/clock.ts";
import {
  type AskOptions,
  type DnsReply,
  type DnsServer,
  queryDns,
  serverLabel,
} from "../../src/probe/dns-query.ts";
import { rcodeName } from "../../src/wire/dns/codes.ts";
import { a, aaaa } from "../support/dns-message.ts";
import { dnsServer, nxdomain, refused, replyTo, servfail, truncated } from "../support/dns-server.ts";
import { closedPort, listen } from "../support/listener.ts";

const name = "app.contoso.com";

async function ask(
  server: DnsServer,
  options: Partial<AskOptions> = {},
  type: "A" | "AAAA" = "A",
): Promise<DnsReply> {
  const whole = {
    timeoutMs: 5_000,
    localAddress: undefined,
    clock: systemClock,
    signal: undefined,
    ...options,
  };
  const reply = await queryDns({ name, type }, server, whole);
  if (typeof reply === "string") throw new Error(reply);
  return reply;
}

function answered(reply: DnsReply) {
  if (reply.result.outcome !== "answered") throw new Error(reply.result.outcome);
  return reply.result.message;
}

describe("asking one server", () => {
  test("an address over UDP", async () => {
    await using server = await dnsServer(({ name }) => [a(name, "10.0.1.4")]);
    const reply = await ask(server);
    expect(answered(reply).answers[0]?.data).toEqual({ kind: "address", address: "10.0.1.4" });
    expect(reply).toMatchObject({ transport: "udp", sent: 1, ignored: 0 });
    expect(server.seen).toHaveLength(1);
  });

  test("an IPv6 address, of a server on IPv6", async () => {
    await using server = await dnsServer(({ name }) => [aaaa(name, "fd00:0:0:0:0:0:0:4")], {
      address: "::1",
    });
    const reply = await ask(server, {}, "AAAA");
    expect(answered(reply).answers[0]?.data).toEqual({ kind: "address", address: "fd00::4" });
  });

  test("from a chosen address", async () => {
    await using server = await dnsServer(() => []);
    await ask(server, { localAddress: "127.0.0.2" });
    expect(server.seen[0]?.fromAddress).toBe("127.0.0.2");
  });

  test("each question has an id and a port of its own", async () => {
    await using server = await dnsServer(() => []);
    await Promise.all(Array.from({ length: 8 }, () => ask(server)));
    expect(new Set(server.seen.map(({ fromPort }) => fromPort)).size).toBe(8);
    expect(new Set(server.seen.map(({ id }) => id)).size).toBeGreaterThan(1);
  });

  test.each([
    [nxdomain, "NXDOMAIN"],
    [servfail, "SERVFAIL"],
    [refused, "REFUSED"],
    [{ rcode: 1, questions: [] }, "FORMERR"],
  ] as const)("a failure is an answer: %j is %s", async (reaction, rcode) => {
    await using server = await dnsServer(() => reaction);
    expect(rcodeName(answered(await ask(server)).rcode)).toBe(rcode);
  });

  test("a server from before EDNS is asked again without it, visibly", async () => {
    await using server = await dnsServer(({ name, edns }) =>
      edns ? { rcode: 1, questions: [] } : [a(name, "10.0.1.4")],
    );
    const reply = await ask(server);
    expect(answered(reply).answers[0]?.data).toEqual({ kind: "address", address: "10.0.1.4" });
    expect(reply).toMatchObject({ transport: "udp", sent: 2, ignored: 0 });
    expect(server.seen.map(({ edns }) => edns)).toEqual([true, false]);
  });

  test("and over TCP, where that answer is truncated", async () => {
    await using server = await dnsServer(({ name, edns, transport }) => {
      if (edns) return { rcode: 1 };
      return transport === "udp" ? truncated : [a(name, "10.0.1.4")];
    });
    const reply = await ask(server);
    expect(answered(reply).answers).toHaveLength(1);
    expect(reply).toMatchObject({ transport: "tcp", sent: 3 });
    expect(server.seen.map(({ edns, transport }) => [edns, transport])).toEqual([
      [true, "udp"],
      [false, "udp"],
      [false, "tcp"],
    ]);
  });

  test("a server that reads no question at all is asked twice, and says so", async () => {
    await using server = await dnsServer(() => ({ rcode: 1 }));
    const reply = await ask(server);
    expect(rcodeName(answered(reply).rcode)).toBe("FORMERR");
    expect(reply.sent).toBe(2);
  });

  test("both attempts together take no longer than one may", async () => {
    await using server = await dnsServer(({ edns }) => (edns ? { rcode: 1 } : "silent"));
    let nowMs = 0;
    const pauses: number[] = [];
    // What is asked first seems to take one message's time of three.
    const clock = {
      ...systemClock,
      nowMs: () => nowMs,
      after: (ms: number, run: () => void) => {
        pauses.push(ms);
        nowMs = 3_000;
        return systemClock.after(ms === 3_000 ? ms : 5, run);
      },
    };
    const reply = await ask(server, { timeoutMs: 3_000, clock });
    expect(reply).toMatchObject({ result: { outcome: "no-answer" }, sent: 3 });
    expect(pauses).toEqual([3_000, 2_000, 2_000]);
  });

  test("a truncated answer is asked for again over TCP, once", async () => {
    await using server = await dnsServer(({ name, transport }) =>
      transport === "udp" ? truncated : Array.from({ length: 200 }, (_, at) => a(name, `10.0.1.${at}`)),
    );
    const reply = await ask(server);
    expect(answered(reply).answers).toHaveLength(200);
    expect(reply).toMatchObject({ transport: "tcp", sent: 2 });
    expect(server.seen.map(({ transport }) => transport)).toEqual(["udp", "tcp"]);
  });
});

describe("silence and refusal", () => {
  test("a server that says nothing is asked twice, and both are told", async () => {
    await using server = await dnsServer(() => "silent");
    const reply = await ask(server, { timeoutMs: 30 });
    expect(reply).toMatchObject({ result: { outcome: "no-answer" }, transport: "udp", sent: 2 });
    expect(new Set(server.seen.map(({ id, fromPort }) => `${id} ${fromPort}`)).size).toBe(1);
  });

  test("a lost message is made good by the second, visibly", async () => {
    await using server = await dnsServer(({ name }, before) =>
      before === 0 ? "silent" : [a(name, "10.0.1.4")],
    );
    const reply = await ask(server, { timeoutMs: 200 });
    expect(reply).toMatchObject({ result: { outcome: "answered" }, sent: 2 });
  });

  test("a port nobody listens on is unreachable", async () => {
    const reply = await ask({ address: "127.0.0.1", port: await closedPort() });
    expect(reply.result).toEqual({ outcome: "unreachable", errno: "ECONNREFUSED" });
  });

  test("an address that cannot be sent from is unreachable", async () => {
    await using server = await dnsServer(() => []);
    const reply = await ask(server, { localAddress: "192.0.2.1" });
    expect(reply.result).toEqual({ outcome: "unreachable", errno: "EADDRNOTAVAIL" });
  });

  test("truncated over UDP, and TCP refused", async () => {
    await using server = await dnsServer(() => truncated, { udpOnlyAt: await closedPort() });
    const reply = await ask(server);
    expect(reply).toMatchObject({
      result: { outcome: "unreachable", errno: "ECONNREFUSED" },
      transport: "tcp",
    });
  });

  test.each([["silent"], ["close"]] as const)("truncated over UDP, and over TCP: %s", async (reaction) => {
    await using server = await dnsServer(({ transport }) => (transport === "udp" ? truncated : reaction));
    const reply = await ask(server, { timeoutMs: 200 });
    expect(reply).toMatchObject({ result: { outcome: "no-answer", errno: undefined }, transport: "tcp" });
  });

  test("truncated over TCP too, or something that answers another question there", async () => {
    await using truncatedTwice = await dnsServer(() => truncated);
    expect((await ask(truncatedTwice)).result).toMatchObject({ fault: { kind: "truncated-over-tcp" } });
    await using other = await dnsServer((seen) =>
      seen.transport === "udp" ? truncated : replyTo({ ...seen, name: "other.contoso.com" }, {}),
    );
    expect(await ask(other)).toMatchObject({ result: { outcome: "no-answer" }, ignored: 1 });
  });
});

describe("hostile answers", () => {
  test("another id, another question: waited past and counted", async () => {
    await using server = await dnsServer((seen) => [
      replyTo({ ...seen, id: (seen.id + 1) % 0x1_0000 }, { answers: [a(seen.name, "203.0.113.66")] }),
      replyTo({ ...seen, name: "other.contoso.com" }, { answers: [a("other.contoso.com", "203.0.113.66")] }),
      replyTo(seen, { answers: [a(seen.name, "10.0.1.4")] }),
    ]);
    const reply = await ask(server);
    expect(answered(reply).answers[0]?.data).toEqual({ kind: "address", address: "10.0.1.4" });
    expect(reply.ignored).toBe(2);
  });

  test("only the wrong id is no answer", async () => {
    await using server = await dnsServer((seen) => replyTo({ ...seen, id: (seen.id + 1) % 0x1_0000 }, {}));
    const reply = await ask(server, { timeoutMs: 30 });
    expect(reply).toMatchObject({ result: { outcome: "no-answer" }, sent: 2, ignored: 2 });
  });

  test("only garbage is malformed, with its place", async () => {
    await using server = await dnsServer(() => Uint8Array.of(1, 2, 3));
    const reply = await ask(server, { timeoutMs: 30 });
    expect(reply.result).toEqual({ outcome: "malformed", fault: { kind: "short", offset: 3 } });
  });

  test("an answer after garbage is an answer", async () => {
    await using server = await dnsServer((seen) => [Uint8Array.of(1), replyTo(seen, {})]);
    expect(await ask(server)).toMatchObject({ result: { outcome: "answered" }, ignored: 1 });
  });

  test("a flood is not read for long", async () => {
    await using server = await dnsServer(() => Array.from({ length: 100 }, () => Uint8Array.of(1)));
    const reply = await ask(server);
    expect(reply).toMatchObject({ result: { outcome: "malformed" }, ignored: 64 });
  });

  test.each([
    [[0xff], "ended-early"],
    [[0x00, 0x40, 1, 2, 3], "ended-early"],
    [[0x00, 0x02, 1, 2, 9, 9], "short"],
  ])("over TCP %j is malformed: %s", async (bytes, kind) => {
    await using tcp = await listen((socket) => socket.end(Uint8Array.from(bytes)));
    await using udp = await dnsServer(() => truncated, { udpOnlyAt: tcp.port });
    expect((await ask(udp)).result).toMatchObject({ outcome: "malformed", fault: { kind } });
  });

  test("an answer over TCP that comes byte by byte, with more behind it", async () => {
    await using tcp = await listen((socket) =>
      socket.once("data", async (query: Buffer) => {
        const seen = { id: query.readUInt16BE(2), name, type: "A", transport: "tcp" } as const;
        const reply = replyTo(
          { ...seen, edns: true, fromAddress: "", fromPort: 0 },
          { answers: [a(name, "10.0.1.4")] },
        );
        for (const byte of [0, reply.length, ...reply, 9, 9]) {
          if (!socket.destroyed) await new Promise((resolve) => socket.write(Uint8Array.of(byte), resolve));
        }
      }),
    );
    await using udp = await dnsServer(() => truncated, { udpOnlyAt: tcp.port });
    const reply = await ask(udp);
    expect(answered(reply).answers[0]?.data).toEqual({ kind: "address", address: "10.0.1.4" });
  });

  test("a reset over TCP before an answer", async () => {
    await using tcp = await listen((socket) => socket.once("data", () => socket.resetAndDestroy()));
    await using udp = await dnsServer(() => truncated, { udpOnlyAt: tcp.port });
    expect((await ask(udp)).result).toEqual({ outcome: "no-answer", errno: "ECONNRESET" });
  });
});

describe("giving up", () => {
  test("over UDP", async () => {
    await using server = await dnsServer(() => "silent");
    const controller = new AbortController();
    const reply = ask(server, { signal: controller.signal });
    controller.abort(new Error("enough"));
    await expect(reply).rejects.toThrow("enough");
    await expect(ask(server, { signal: controller.signal })).rejects.toThrow("enough");
  });

  test("over TCP", async () => {
    const controller = new AbortController();
    await using server = await dnsServer(({ transport }) => {
      if (transport === "udp") return truncated;
      controller.abort(new Error("enough"));
      return "silent";
    });
    await expect(ask(server, { signal: controller.signal })).rejects.toThrow("enough");
  });

  test("a name that cannot be asked is not", async () => {
    await using server = await dnsServer(() => []);
    const options = { timeoutMs: 100, localAddress: undefined, clock: systemClock, signal: undefined };
    expect(await queryDns({ name: "a..b", type: "A" }, server, options)).toBe("empty-label");
    expect(server.seen).toEqual([]);
  });
});

test("servers are called by their address, and by the port where it says something", () => {
  expect(serverLabel({ address: "168.63.129.16", port: 53 })).toBe("168.63.129.16");
  expect(serverLabel({ address: "127.0.0.1", port: 5353 })).toBe("127.0.0.1:5353");
  expect(serverLabel({ address: "::1", port: 5353 })).toBe("[::1]:5353");
});
