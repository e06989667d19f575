import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, describe, expect, test, vi } from "vitest";
import { readBackendHealth } from "../../../src/documents/backend-health.ts";
import { nothingDocumented } from "../../../src/gateway/explain/documented-cause.ts";
import { backendHealthOf } from "../../../src/gateway/health/backend-health.ts";
import { probeSendingOf } from "../../../src/gateway/health/probe-sending.ts";
import { probeTargetsOf } from "../../../src/gateway/health/probe-targets.ts";
import { Prober } from "../../../src/gateway/health/prober.ts";
import { TrustStore } from "../../../src/health/certificates/trust-store.ts";
import { messageMark, readHealthMessage } from "../../../src/health/message.ts";
import { defaultSwitches } from "../../../src/health/switches.ts";
import { systemClock } from "../../../src/probe/clock.ts";
import { gatewayWith, Scene } from "../balance/scene.ts";

const closers: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0)) await close();
});

/** A server that answers with this status; the port of it. */
async function answering(status: () => number): Promise<number> {
  const server = createServer((_, response) => {
    response.statusCode = status();
    response.end();
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  closers.push(() => new Promise((resolve) => server.close(resolve)));
  return (server.address() as AddressInfo).port;
}

function proberFor(scene: Scene, ports: ReadonlyMap<string, number>) {
  const sending = probeSendingOf({
    prepared: {
      places: {
        placeOf: ({ address = "" }) => ({ address: "127.0.0.1", port: ports.get(address) ?? 1 }),
      },
      names: { known: new Map(), dnsServers: [] },
    },
    systemLookup: async () => ({ failed: "ENOTFOUND" }),
    userAgent: "causeway/test",
    wellKnownRoots: () => new TrustStore([]),
    isAzureService: () => false,
    documented: nothingDocumented,
  });
  const onFailure = vi.fn();
  const prober = new Prober({
    board: scene.board,
    ...sending,
    clock: systemClock,
    jitter: () => 0,
    onFailure,
  });
  closers.unshift(() => prober.close());
  return { prober, onFailure };
}

const known = (scene: Scene) => [...scene.board.entries()].every(({ state }) => state.last !== undefined);

describe("the prober", () => {
  test("finds who is well and why others are not, and the balancer follows", async () => {
    const members = ["10.0.1.4", "10.0.1.5", "10.0.1.6"];
    const scene = new Scene(gatewayWith(members));
    const ports = new Map([
      ["10.0.1.4", await answering(() => 200)],
      ["10.0.1.5", await answering(() => 503)],
    ]);
    const { prober, onFailure } = proberFor(scene, ports);
    prober.probe(scene.targets.targets);
    expect(scene.choose()).toMatchObject({ why: "none-healthy", cause: "probe-first-success-pending" });
    await vi.waitFor(() => expect(known(scene)).toBe(true), { timeout: 30_000 });
    expect(new Set(scene.turns(3))).toEqual(new Set(["10.0.1.4"]));
    const causes = members.map(
      (address) => scene.board.get(scene.targets.keyOf(scene.server(address)) ?? "")?.cause,
    );
    expect(causes).toEqual([undefined, "backend-5xx", "tcp-refused"]);
    expect(onFailure).not.toHaveBeenCalled();

    const report = backendHealthOf([scene.pair], scene.balancer.view());
    const read = readBackendHealth({
      document: "health.json",
      pointer: "",
      value: { ...report },
      listed: false,
      hints: {},
    });
    expect(read.pairs).toHaveLength(1);
    expect(
      read.pairs[0]?.servers.map(({ address, health, log }) => [address, health, readHealthMessage(log)]),
    ).toEqual([
      ["10.0.1.4", "healthy", expect.objectContaining({ key: "ok", received: 200 })],
      ["10.0.1.5", "unhealthy", expect.objectContaining({ key: "status", received: 503 })],
      ["10.0.1.6", "unhealthy", expect.objectContaining({ key: "tcp-new", phase: "tcp" })],
    ]);
  });

  test("goes on over a reload: what is the same stays up, and only new servers wait for a probe", async () => {
    const port = await answering(() => 200);
    const ports = new Map([
      ["10.0.1.4", port],
      ["10.0.1.5", port],
    ]);
    const before = new Scene(gatewayWith(["10.0.1.4"]));
    const { prober } = proberFor(before, ports);
    prober.probe(before.targets.targets);
    await vi.waitFor(() => expect(known(before)).toBe(true), { timeout: 30_000 });
    const after = new Scene(gatewayWith(["10.0.1.4", "10.0.1.5"]), before);
    prober.probe(after.targets.targets);
    expect(after.choose().server?.address).toBe("10.0.1.4");
    await vi.waitFor(() => expect(new Set(after.turns(2)).size).toBe(2), { timeout: 30_000 });
  });

  test("a failure of our own is told, and probing goes on", async () => {
    vi.useFakeTimers();
    try {
      const scene = new Scene(gatewayWith(["10.0.1.4"]));
      const onFailure = vi.fn();
      const send = vi
        .fn()
        .mockRejectedValueOnce(new Error("a bug"))
        .mockResolvedValue({ sent: false, why: "port-unknown" });
      const prober = new Prober({
        board: scene.board,
        send,
        causeOf: () => undefined,
        clock: systemClock,
        jitter: () => 0,
        onFailure,
      });
      prober.probe(scene.targets.targets);
      await vi.advanceTimersByTimeAsync(2_000);
      expect(onFailure).toHaveBeenCalledOnce();
      expect(send).toHaveBeenCalledTimes(2);
      expect([...scene.board.entries()][0]).toMatchObject({ notSent: "port-unknown" });
      await prober.close();
    } finally {
      vi.useRealTimers();
    }
  });
});

describe("which probe stands for a server", () => {
  const keyOf = (wish: object, place?: unknown) => {
    const gateway = gatewayWith(["10.0.1.4"], wish);
    const scene = new Scene(gateway);
    const targets = probeTargetsOf("v2", { routes: scene.pair.routes }, defaultSwitches, () => place);
    return targets.keyOf(scene.server("10.0.1.4"));
  };

  test("the same while it asks and judges the same", () => {
    expect(keyOf({})).toBe(keyOf({ setting: { requestTimeout: 99 } }));
  });

  test("another once anything that is asked or judged is another, or the place", () => {
    const keys = [
      keyOf({}),
      keyOf({ setting: { port: 81 } }),
      keyOf({ setting: { hostName: "a.contoso.com" } }),
      keyOf({}, { address: "127.0.0.1", port: 3000 }),
    ];
    expect(new Set(keys).size).toBe(keys.length);
  });
});

describe("the report", () => {
  test("a pair without servers is in it, a server nobody can probe is Unknown", () => {
    const empty = new Scene(gatewayWith([]));
    expect(backendHealthOf([empty.pair], empty.balancer.view())).toEqual({
      backendAddressPools: [
        {
          backendAddressPool: { id: empty.pair.pool.id },
          backendHttpSettingsCollection: [
            { backendHttpSettings: { id: empty.pair.setting.id }, servers: [] },
          ],
        },
      ],
    });
    const scene = new Scene(gatewayWith(["10.0.1.4"]));
    const [server] =
      backendHealthOf([scene.pair], scene.balancer.view()).backendAddressPools[0]
        ?.backendHttpSettingsCollection[0]?.servers ?? [];
    expect(server).toMatchObject({ address: "10.0.1.4", health: "Unknown" });
  });

  test("a mark names its message; anything else in its place does not", () => {
    expect(readHealthMessage(`Words. ${messageMark("status", 404)}`)).toMatchObject({
      key: "status",
      received: 404,
    });
    for (const connecting of ["refused", "silent"] as const)
      expect(readHealthMessage(`Words. ${messageMark("tcp-new", connecting)}`)).toMatchObject({
        phase: "tcp",
        connecting,
      });
    expect(readHealthMessage("Words. (causeway/none)").key).toBeUndefined();
  });
});
