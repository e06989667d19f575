import { describe, expect, test } from "vitest";
import type { DnsPhase, ProbeObservation } from "../../src/model/probe-observation.ts";
import { BackendMappings } from "../../src/probe/backend-mapping.ts";
import type { ProbeMeans } from "../../src/probe/send-exchange.ts";
import { sendToEach } from "../../src/probe/send-to-each.ts";
import { exchangePlan, plainMeans } from "../support/exchange.ts";
import { listen } from "../support/listener.ts";

function resolving(used: readonly string[], asked: string[] = []): ProbeMeans["resolve"] {
  return async (name): Promise<DnsPhase> => {
    asked.push(name);
    const differing = { amongGatewayServers: false, withOthers: false };
    return { name, unaskable: undefined, answers: [], differing, used, tookMs: 1 };
  };
}

async function sent(
  port: number,
  target: string,
  means: Partial<ProbeMeans>,
): Promise<readonly ProbeObservation[]> {
  const exchange = { plan: exchangePlan({ port }), target, fromAddress: undefined };
  const result = await sendToEach(exchange, { ...plainMeans, ...means });
  if ("notSent" in result) throw new Error(result.notSent);
  return result;
}

describe("every address of a name", () => {
  test("one that refuses among two is seen; the name is asked once", async () => {
    await using server = await listen(
      (socket) => socket.once("data", () => socket.end("HTTP/1.1 204 No Content\r\n\r\n")),
      "127.0.0.21",
    );
    const asked: string[] = [];
    const used = ["127.0.0.22", "127.0.0.21", "127.0.0.22"];
    const observations = await sent(server.port, "app.contoso.com", { resolve: resolving(used, asked) });
    expect(observations.map(({ tcp, http }) => [tcp?.address, tcp?.outcome, http?.status])).toEqual([
      ["127.0.0.22", "refused", undefined],
      ["127.0.0.21", "connected", 204],
    ]);
    expect(observations.map(({ dns }) => dns?.used)).toEqual([used, used]);
    expect(observations.map(({ sent }) => sent.target)).toEqual(["app.contoso.com", "app.contoso.com"]);
    expect(asked).toEqual(["app.contoso.com"]);
  });

  test("at most eight", async () => {
    const used = Array.from({ length: 20 }, (_, index) => `127.0.1.${index + 1}`);
    const connected: string[] = [];
    const connect: ProbeMeans["connect"] = async ({ address, port }) => {
      connected.push(address);
      const phase = {
        address,
        port,
        outcome: "refused",
        errno: "ECONNREFUSED",
        localAddress: undefined,
      } as const;
      return { phase: { ...phase, tookMs: 1 }, socket: undefined };
    };
    expect(await sent(80, "app.contoso.com", { resolve: resolving(used), connect })).toHaveLength(8);
    expect(connected).toEqual(used.slice(0, 8));
  });

  test("none: the observation says so, and nothing is asked again", async () => {
    const asked: string[] = [];
    const [only, ...more] = await sent(80, "gone.contoso.com", { resolve: resolving([], asked) });
    expect(only).toMatchObject({ dns: { used: [] }, tcp: undefined });
    expect(more).toEqual([]);
    expect(asked).toHaveLength(1);
  });

  test("an address, and a member that is mapped, are one place and no name", async () => {
    const [only, ...more] = await sent(1, "127.0.0.1", {});
    expect([only?.tcp?.address, more]).toEqual(["127.0.0.1", []]);
    const mapping = BackendMappings.of([{ member: "app", port: 80, address: "127.0.0.1", toPort: 1 }]);
    if (!(mapping instanceof BackendMappings)) throw new Error(mapping.fault);
    expect((await sent(80, "app", { mapping })).map(({ tcp }) => tcp?.port)).toEqual([1]);
    const exchange = { plan: exchangePlan({ port: 81 }), target: "app", fromAddress: undefined };
    expect(await sendToEach(exchange, { ...plainMeans, mapping })).toMatchObject({
      notSent: "port-not-mapped",
    });
  });

  test("given up when cancelled", async () => {
    const controller = new AbortController();
    await using server = await listen((socket) =>
      socket.once("data", () => controller.abort(new Error("enough"))),
    );
    const { signal } = controller;
    const sending = sent(server.port, "app", { resolve: resolving(["127.0.0.1", "127.0.0.1"]), signal });
    await expect(sending).rejects.toThrow("enough");
  });
});
