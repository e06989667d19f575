import { describe, expect, test } from "vitest";
import { systemClock } from "../../src/probe/clock.ts";
import { queryDns } from "../../src/probe/dns-query.ts";
import { SendLimiter } from "../../src/probe/limits.ts";
import { type Ask, type ResolveMeans, type ResolvePlan, resolveName } from "../../src/probe/resolve.ts";
import { type SystemLookup, systemLookup } from "../../src/probe/system-lookup.ts";
import { a, aaaa, cname } from "../support/dns-message.ts";
import {
  dnsServer,
  nxdomain,
  refused,
  servfail,
  type TestDnsServer,
  truncated,
} from "../support/dns-server.ts";
import { closedPort } from "../support/listener.ts";

const name = "app.contoso.com";

function resolve(plan: Partial<ResolvePlan>, means: Partial<ResolveMeans> = {}) {
  return resolveName(
    {
      name,
      gatewayServers: [],
      comparisonServers: [],
      types: ["A"],
      budgetMs: 6_000,
      localAddress: undefined,
      ...plan,
    },
    { clock: systemClock, systemLookup: undefined, signal: undefined, ...means },
  );
}

/** Always answers with these addresses. */
const serving = (...addresses: string[]): Promise<TestDnsServer> =>
  dnsServer(({ name }) => addresses.map((address) => a(name, address)));

const system =
  (...addresses: string[]): SystemLookup =>
  async () => ({ addresses });

describe("resolving as the gateway would", () => {
  test("one server, one address, and all that was seen", async () => {
    await using server = await dnsServer(({ name }) => [a(name, "10.0.1.4", 300), a(name, "10.0.1.5", 20)]);
    const phase = await resolve({ gatewayServers: [server] });
    expect(phase).toMatchObject({ name, unaskable: undefined, used: ["10.0.1.4", "10.0.1.5"] });
    expect(phase.answers).toEqual([
      {
        server: `127.0.0.1:${server.port}`,
        role: "gateway",
        type: "A",
        outcome: "answered",
        transport: "udp",
        rcode: "NOERROR",
        errno: undefined,
        fault: undefined,
        addresses: ["10.0.1.4", "10.0.1.5"],
        canonicalNames: [],
        chain: "complete",
        ttlS: 20,
        sent: 1,
        ignored: 0,
        tookMs: expect.any(Number),
      },
    ]);
  });

  test("both families, where both are asked for", async () => {
    await using server = await dnsServer(({ name, type }) =>
      type === "A" ? [a(name, "10.0.1.4")] : [aaaa(name, "fd00:0:0:0:0:0:0:4")],
    );
    const phase = await resolve({ gatewayServers: [server], types: ["A", "AAAA"] });
    expect(phase.used).toEqual(["10.0.1.4", "fd00::4"]);
    expect(phase.answers.map(({ type }) => type)).toEqual(["A", "AAAA"]);
  });

  test("an address of the type that was not asked for is not used", async () => {
    await using server = await dnsServer(({ name }) => [aaaa(name, "fd00:0:0:0:0:0:0:4")]);
    expect((await resolve({ gatewayServers: [server] })).used).toEqual([]);
  });

  test.each([
    ["NXDOMAIN", nxdomain, []],
    ["SERVFAIL", servfail, ["10.0.1.9"]],
    ["REFUSED", refused, ["10.0.1.9"]],
  ] as const)("%s of the first server decides or hands on", async (rcode, reaction, used) => {
    await using first = await dnsServer(() => reaction);
    await using second = await serving("10.0.1.9");
    const phase = await resolve({ gatewayServers: [first, second] });
    expect(phase.answers[0]).toMatchObject({ outcome: "answered", rcode });
    expect(phase.used).toEqual(used);
    expect(phase.differing).toEqual({ amongGatewayServers: true, withOthers: false });
  });

  test("a closed port, a silent and a garbling server hand on, each by its own name", async () => {
    await using silent = await dnsServer(() => "silent");
    await using garbling = await dnsServer(() => Uint8Array.of(0xff));
    await using last = await serving("10.0.1.9");
    const closed = { address: "127.0.0.1", port: await closedPort() };
    const phase = await resolve({ gatewayServers: [closed, silent, garbling, last], budgetMs: 300 });
    expect(phase.answers.map(({ outcome, errno, sent }) => [outcome, errno, sent])).toEqual([
      ["unreachable", "ECONNREFUSED", 1],
      ["no-answer", undefined, 2],
      ["malformed", undefined, 2],
      ["answered", undefined, 1],
    ]);
    expect(phase.used).toEqual(["10.0.1.9"]);
    expect(phase.differing.amongGatewayServers).toBe(false);
  });

  test("a source address is used for servers of its family", async () => {
    await using four = await serving("10.0.1.4");
    await using six = await dnsServer(({ name }) => [a(name, "10.0.1.4")], { address: "::1" });
    const phase = await resolve({ gatewayServers: [four, six], localAddress: "127.0.0.3" });
    expect(four.seen[0]?.fromAddress).toBe("127.0.0.3");
    expect(phase.answers.map(({ outcome }) => outcome)).toEqual(["answered", "answered"]);
  });

  test("a name that cannot be asked", async () => {
    await using server = await serving("10.0.1.4");
    const phase = await resolve({ name: "app..com", gatewayServers: [server] });
    expect(phase).toMatchObject({ unaskable: "empty-label", answers: [], used: [] });
    expect(server.seen).toEqual([]);
  });

  test("questions may be asked within the bounds of others", async () => {
    await using server = await serving("10.0.1.4");
    const limiter = new SendLimiter({ total: 1, perServer: 1 });
    let [atOnce, most] = [0, 0];
    const ask: Ask = (question, asked, options) =>
      limiter.run(asked.address, async () => {
        most = Math.max(most, ++atOnce);
        const reply = await queryDns(question, asked, options);
        atOnce -= 1;
        return reply;
      });
    const phase = await resolve({ gatewayServers: [server, server], comparisonServers: [server] }, { ask });
    expect(phase.answers.map(({ outcome }) => outcome)).toEqual(["answered", "answered", "answered"]);
    expect(most).toBe(1);
  });

  test("ends within its budget, however many messages that would have been", async () => {
    await using server = await dnsServer(({ transport, name: asked }, before) => {
      if (before > 3) return transport === "udp" ? truncated : "silent";
      return [cname(asked, `n${before}.contoso.com`)];
    });
    const budgets: number[] = [];
    const ask: Ask = (question, asked, options) => {
      budgets.push(options.timeoutMs);
      return queryDns(question, asked, options);
    };
    const phase = await resolve({ gatewayServers: [server], budgetMs: 300 }, { ask });
    expect(phase.answers[0]).toMatchObject({ outcome: "no-answer", transport: "tcp", chain: "open" });
    expect(Math.max(...budgets)).toBeLessThanOrEqual(100);
  });

  test("is given up when cancelled", async () => {
    await using server = await dnsServer(() => "silent");
    const controller = new AbortController();
    const phase = resolve(
      { gatewayServers: [server, server] },
      { signal: controller.signal, systemLookup: () => new Promise(() => {}) },
    );
    controller.abort(new Error("enough"));
    await expect(phase).rejects.toThrow("enough");
  });
});

describe("aliases", () => {
  test("are followed within one answer, in whatever order they stand and whatever their case", async () => {
    await using server = await dnsServer(() => [
      a("edge.fabrikam.net", "10.0.1.4", 60),
      cname("MID.contoso.com", "edge.fabrikam.net", 10),
      cname(name, "mid.contoso.COM", 300),
      a("other.contoso.com", "203.0.113.66", 1),
    ]);
    const [answer] = (await resolve({ gatewayServers: [server] })).answers;
    expect(answer).toMatchObject({
      addresses: ["10.0.1.4"],
      canonicalNames: ["mid.contoso.COM", "edge.fabrikam.net"],
      chain: "complete",
      ttlS: 10,
      sent: 1,
    });
  });

  test("an answer that ends in an alias is asked on", async () => {
    await using server = await dnsServer(({ name: asked }) =>
      asked === name ? [cname(name, "edge.fabrikam.net")] : [a(asked, "10.0.1.4")],
    );
    const [answer] = (await resolve({ gatewayServers: [server] })).answers;
    expect(answer).toMatchObject({ addresses: ["10.0.1.4"], chain: "complete", sent: 2 });
    expect(server.seen.map(({ name: asked }) => asked)).toEqual([name, "edge.fabrikam.net"]);
  });

  test.each([
    ["NOERROR", []],
    ["NXDOMAIN", nxdomain],
  ] as const)("an alias to a name without address: %s", async (rcode, reaction) => {
    await using server = await dnsServer(({ name: asked }) =>
      asked === name ? [cname(name, "gone.fabrikam.net")] : reaction,
    );
    const [answer] = (await resolve({ gatewayServers: [server] })).answers;
    expect(answer).toMatchObject({
      rcode,
      addresses: [],
      chain: "open",
      canonicalNames: ["gone.fabrikam.net"],
    });
  });

  test("in a circle, within an answer and over several", async () => {
    await using within = await dnsServer(() => [cname(name, "b.contoso.com"), cname("b.contoso.com", name)]);
    await using over = await dnsServer(({ name: asked }) => [
      cname(asked, asked === name ? "b.contoso.com" : name),
    ]);
    for (const server of [within, over]) {
      const [answer] = (await resolve({ gatewayServers: [server] })).answers;
      expect(answer).toMatchObject({ chain: "loop", addresses: [], canonicalNames: ["b.contoso.com", name] });
    }
    expect(over.seen).toHaveLength(2);
  });

  test("without end", async () => {
    await using server = await dnsServer(({ name: asked }, before) => [
      cname(asked, `n${before}.contoso.com`),
    ]);
    const [answer] = (await resolve({ gatewayServers: [server] })).answers;
    expect(answer).toMatchObject({ chain: "too-long", addresses: [], sent: 16 });
  });
});

describe("comparison", () => {
  test("servers that agree, in another order", async () => {
    await using first = await serving("10.0.1.4", "10.0.1.5");
    await using second = await serving("10.0.1.5", "10.0.1.4");
    const phase = await resolve(
      { gatewayServers: [first], comparisonServers: [second] },
      { systemLookup: system("10.0.1.5", "10.0.1.4", "fd00::4") },
    );
    expect(phase.differing).toEqual({ amongGatewayServers: false, withOthers: false });
    expect(phase.answers.map(({ role }) => role)).toEqual(["gateway", "comparison", "system"]);
  });

  test("servers of the gateway that differ", async () => {
    await using first = await serving("10.0.1.4");
    await using second = await serving("203.0.113.4");
    const phase = await resolve({ gatewayServers: [first, second] });
    expect(phase.differing).toEqual({ amongGatewayServers: true, withOthers: false });
    expect(phase.used).toEqual(["10.0.1.4"]);
  });

  test("a comparison server, or the system, that says something else", async () => {
    await using own = await serving("10.0.1.4");
    await using other = await dnsServer(() => nxdomain);
    const compared = await resolve({ gatewayServers: [own], comparisonServers: [other] });
    expect(compared.differing).toEqual({ amongGatewayServers: false, withOthers: true });
    const local = await resolve({ gatewayServers: [own] }, { systemLookup: system("203.0.113.4") });
    expect(local.differing.withOthers).toBe(true);
  });

  test("the system need not say why a name has no address", async () => {
    await using own = await dnsServer(() => nxdomain);
    const phase = await resolve(
      { gatewayServers: [own] },
      { systemLookup: async () => ({ failed: "ENOTFOUND" }) },
    );
    expect(phase.answers[1]).toMatchObject({ server: "system", outcome: "answered", errno: "ENOTFOUND" });
    expect(phase.differing.withOthers).toBe(false);
  });

  test("without servers of its own the system's addresses are used", async () => {
    await using other = await serving("203.0.113.4");
    const phase = await resolve(
      { comparisonServers: [other] },
      { systemLookup: system("10.0.1.4", "fd00::4") },
    );
    expect(phase.used).toEqual(["10.0.1.4"]);
  });

  test.each<[string, SystemLookup, string | undefined]>([
    ["fails", async () => ({ failed: "EAI_AGAIN" }), "EAI_AGAIN"],
    ["throws", () => Promise.reject(new Error("broken")), "UNKNOWN"],
    ["says nothing", () => new Promise(() => {}), undefined],
  ])("a system's resolver that %s has not answered", async (_what, lookup, errno) => {
    const phase = await resolve({ budgetMs: 20 }, { systemLookup: lookup });
    expect(phase.answers[0]).toMatchObject({ outcome: "no-answer", errno, addresses: [] });
  });

  test("this machine's own resolver knows this machine", async () => {
    expect(await systemLookup("127.0.0.7")).toEqual({ addresses: ["127.0.0.7"] });
    expect(await systemLookup("a..b")).toMatchObject({ failed: expect.any(String) });
  });
});
