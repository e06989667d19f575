import { describe, expect, it } from "vitest";
import { defaultSwitches } from "../../src/health/switches.ts";
import { buildModel } from "../../src/model/build.ts";
import { Source } from "../../src/model/source.ts";
import type { connectTcp } from "../../src/probe/connect.ts";
import { probeAll } from "../../src/probe/probe-all.ts";
import { listProbes } from "../../src/probe/probe-list.ts";
import { realMeans } from "../../src/probe/real-means.ts";
import type { ProbeMeans } from "../../src/probe/send-exchange.ts";
import { wiringOf } from "../../src/routing/routes.ts";
import { type BackendWish, liveGateway } from "../support/gateway-document.ts";

function listOf(backends: readonly BackendWish[]) {
  const document = liveGateway(backends);
  const type = "microsoft.network/applicationgateways";
  const source = new Source("gateway.json", "", document);
  const { gateways } = buildModel({ records: [{ id: document.id, type, source }], listedTypes: new Set() });
  const [gateway] = gateways;
  if (gateway === undefined) throw new Error("no gateway");
  return listProbes("v2", wiringOf(gateway).routes, defaultSwitches, () => true);
}

function meansWith(connect: typeof connectTcp, signal?: AbortSignal): ProbeMeans {
  const means = realMeans({
    dnsServersFor: () => [],
    systemLookup: () => Promise.reject(new Error("not to be asked")),
    fromAddress: undefined,
    userAgent: "causeway/test",
    signal,
  });
  return { ...means, connect };
}

const options = (done: number[] = []) => ({
  fromAddress: undefined,
  trustOf: () => {
    throw new Error("nobody sent a certificate");
  },
  onResult: (count: number) => void done.push(count),
});

const refused = (address: string, port: number) => ({
  socket: undefined,
  phase: {
    address,
    port,
    outcome: "refused" as const,
    errno: "ECONNREFUSED",
    localAddress: undefined,
    tookMs: 0,
  },
});

/** Forty servers, each in three pairs that differ. */
const many = ["a", "b", "c"].map((name) => ({
  name,
  servers: Array.from({ length: 40 }, (_, index) => `127.0.1.${index + 1}`),
  port: 80,
  probe: { path: `/${name}` },
}));

describe("probing a list", () => {
  it("runs at most 16 at once and 2 to one server, and answers in the order of the list", async () => {
    const open = new Map<string, number>();
    let total = 0;
    const most = { total: 0, perServer: 0 };
    const connect: typeof connectTcp = async ({ address, port }) => {
      const here = (open.get(address) ?? 0) + 1;
      open.set(address, here);
      total += 1;
      most.total = Math.max(most.total, total);
      most.perServer = Math.max(most.perServer, here);
      await new Promise(setImmediate);
      open.set(address, (open.get(address) ?? 0) - 1);
      total -= 1;
      return refused(address, port);
    };
    const { probes } = listOf(many);
    const done: number[] = [];
    const results = await probeAll(probes, options(done), meansWith(connect));
    expect(most.total).toBe(16);
    expect(most.perServer).toBeLessThanOrEqual(2);
    expect(done).toEqual(Array.from({ length: 120 }, (_, index) => index + 1));
    const seen = results.map((result) => result.sent && result.observation.tcp?.address);
    expect(seen).toEqual(probes.map(({ server }) => server.address));
  });

  it("interrupted: what runs and what waits is told, nothing more is sent", async () => {
    const controller = new AbortController();
    let sent = 0;
    const connect: typeof connectTcp = ({ address, port }, _clock, signal) => {
      sent += 1;
      if (sent === 20) controller.abort();
      if (sent <= 10) return Promise.resolve(refused(address, port));
      return new Promise((_, reject) => {
        if (signal?.aborted) reject(signal.reason);
        signal?.addEventListener("abort", () => reject(signal.reason));
      });
    };
    const { probes } = listOf(many);
    const results = await probeAll(probes, options(), meansWith(connect, controller.signal));
    expect(results.filter((result) => result.sent)).toHaveLength(10);
    expect(results.filter((result) => !result.sent && result.why === "interrupted")).toHaveLength(110);
    expect(sent).toBe(20);
  });

  it("a fault of our own ends it and is told as it was", async () => {
    let sent = 0;
    const connect: typeof connectTcp = async () => {
      sent += 1;
      throw new TypeError("ours");
    };
    await expect(probeAll(listOf(many).probes, options(), meansWith(connect))).rejects.toThrow("ours");
    // Those under way, and those that took their places before the first was known to have failed.
    expect(sent).toBeLessThanOrEqual(32);
  });
});
