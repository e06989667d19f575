import { describe, expect, test } from "vitest";
import { Gate } from "../../../src/gateway/limits/gate.ts";
import { gateText } from "../../../src/gateway/limits/gate-text.ts";
import { gateLimitsFor, memoryLimitFor, memoryMeter } from "../../../src/gateway/limits/of-this-machine.ts";
import { noOverload } from "../../../src/gateway/limits/overload.ts";

const small = { connections: 3, connectionsPerClient: 2, handshakes: 1, requests: 1 };

describe("the gate", () => {
  test("connections: of one client, then of all", () => {
    const gate = new Gate(small);
    expect([gate.came("a"), gate.came("a"), gate.came("a")]).toEqual([
      undefined,
      undefined,
      "client-connections",
    ]);
    expect(gate.came("b")).toBe("connections");
    gate.left("a");
    gate.left("a");
    expect(gate.came("a")).toBeUndefined();
    expect(gate.connections).toBe(3);
    expect([...gate.refused]).toEqual([
      ["client-connections", 1],
      ["connections", 1],
    ]);
  });

  test("those beyond the limit are told so, up to a number", () => {
    const gate = new Gate(small);
    for (let index = 0; index < 67; index++) gate.came("a");
    expect(gate.tells).toBe(true);
    gate.came("a");
    expect(gate.tells).toBe(false);
  });

  test("handshakes and requests", () => {
    const gate = new Gate(small);
    expect(gate.mayShake()).toBeUndefined();
    gate.handshakeBegan();
    expect(gate.mayShake()).toBe("handshakes");
    gate.handshakeEnded();
    expect(gate.mayShake()).toBeUndefined();
    expect([gate.requestBegins(), gate.requestBegins()]).toEqual([undefined, "requests"]);
    gate.requestEnded();
    gate.requestEnded();
    expect(gate.requestBegins()).toBeUndefined();
  });

  test("what is short is the reason, and stands among the metrics", () => {
    const gate = new Gate(small);
    gate.overload = {
      ...noOverload,
      level: 2,
      because: "heap",
      readings: { ...noOverload.readings, heap: 0.9712 },
    };
    expect(gate.requestBegins()).toBe("heap");
    const text = gateText(gate);
    for (const line of [
      "causeway_overload_level 2",
      'causeway_overload_reading{resource="heap"} 0.971',
      'causeway_refusals{limit="heap"} 1',
      "causeway_requests 1",
    ]) {
      expect(text).toContain(`${line}\n`);
    }
  });
});

describe("what a machine allows", () => {
  const nothing = {
    connections: undefined,
    connectionsPerClient: undefined,
    requests: undefined,
    memoryBytes: undefined,
  };

  test.each([
    [1024, { connections: 614, connectionsPerClient: 614, handshakes: 307, requests: 358 }],
    [20, { connections: 16, connectionsPerClient: 16, handshakes: 16, requests: 16 }],
    [undefined, { connections: 9830, connectionsPerClient: 9830, handshakes: 4915, requests: 5734 }],
  ])("%s open files: %j", (openFiles, expected) => {
    expect(gateLimitsFor(nothing, { openFiles })).toEqual(expected);
  });

  test("what the call says comes first", () => {
    const wished = { connections: 10, connectionsPerClient: 3, requests: 4, memoryBytes: 77 };
    expect(gateLimitsFor(wished, { openFiles: 1024 })).toMatchObject({
      connections: 10,
      connectionsPerClient: 3,
      requests: 4,
    });
    expect(memoryLimitFor(wished, { memoryBytes: 1000 })).toBe(77);
    expect(memoryLimitFor(nothing, { memoryBytes: 1000 })).toBe(750);
  });

  test("what was read last stands where it cannot be read: too many files are open", () => {
    let read = () => ({ ...process.memoryUsage(), heapUsed: 1000 });
    const meter = memoryMeter(
      () => 0,
      () => read(),
    );
    read = () => {
      throw new Error("EMFILE: too many open files, uv_resident_set_memory");
    };
    expect(meter().heapBytes).toBe(1000);
  });

  test("buffers count as memory in use, and no longer when they are gone", () => {
    const meter = memoryMeter(() => 0);
    const before = meter().memoryBytes;
    const held = Buffer.alloc(64 * 1024 * 1024, 1);
    expect(meter().memoryBytes - before).toBeGreaterThan(0.9 * held.length);
    expect(held[0]).toBe(1);
  });
});
