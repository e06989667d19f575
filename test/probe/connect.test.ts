import { describe, expect, test } from "vitest";
import { systemClock } from "../../src/probe/clock.ts";
import { type ConnectTarget, connectTcp, tcpOutcomeOf } from "../../src/probe/connect.ts";
import { closedPort, listen } from "../support/listener.ts";

function connect(target: Partial<ConnectTarget> & { port: number }, signal?: AbortSignal) {
  const whole = { address: "127.0.0.1", localAddress: undefined, timeoutMs: 5_000, ...target };
  return connectTcp(whole, systemClock, signal);
}

describe("connecting", () => {
  test.each(["127.0.0.1", "::1"])("to a listener on %s", async (address) => {
    await using listener = await listen(undefined, address);
    const { phase, socket } = await connect({ address, port: listener.port });
    expect(phase).toMatchObject({ address, port: listener.port, outcome: "connected", errno: undefined });
    expect(phase.localAddress).toBe(address);
    expect(phase.tookMs).toBeGreaterThanOrEqual(0);
    socket?.destroy();
  });

  test("from another address of this machine", async () => {
    await using listener = await listen();
    const { phase, socket } = await connect({ port: listener.port, localAddress: "127.0.0.2" });
    expect(phase).toMatchObject({ outcome: "connected", localAddress: "127.0.0.2" });
    socket?.destroy();
  });

  test("a port nobody listens on refuses", async () => {
    const { phase, socket } = await connect({ port: await closedPort() });
    expect(phase).toMatchObject({ outcome: "refused", errno: "ECONNREFUSED", localAddress: "127.0.0.1" });
    expect(socket).toBeUndefined();
  });

  test("an address this machine does not have cannot be sent from", async () => {
    const { phase } = await connect({ port: await closedPort(), localAddress: "192.0.2.1" });
    expect(phase).toMatchObject({ outcome: "failed", errno: "EADDRNOTAVAIL", localAddress: "192.0.2.1" });
  });

  test("when time is up before anything came back, the system has said nothing", async () => {
    await using listener = await listen();
    const target = { address: "127.0.0.1", port: listener.port, localAddress: undefined, timeoutMs: 1 };
    const { phase, socket } = await connectTcp(target, { ...systemClock, after: immediately });
    expect(phase).toMatchObject({ outcome: "timed-out", errno: undefined });
    expect(socket).toBeUndefined();
  });

  test("a reset before anyone listens for errors stays in the socket, and ends nobody's process", async () => {
    await using listener = await listen();
    const { phase, socket } = await connect({ port: listener.port });
    expect(phase.outcome).toBe("connected");
    await listener.resetAll();
    socket?.resume();
    if (socket && !socket.closed) await new Promise((resolve) => socket.once("close", resolve));
    expect(socket?.errored).toMatchObject({ code: "ECONNRESET" });
  });

  test("a reset on accept is a reset, whether it comes before or after the connection was seen", async () => {
    await using listener = await listen((socket) => socket.resetAndDestroy());
    const { phase, socket } = await connect({ port: listener.port });
    if (socket === undefined) {
      expect(phase).toMatchObject({ outcome: "reset", errno: "ECONNRESET" });
      return;
    }
    socket.resume();
    if (!socket.closed) await new Promise((resolve) => socket.once("close", resolve));
    expect(socket.errored).toMatchObject({ code: "ECONNRESET" });
  });

  test("is given up when cancelled", async () => {
    await using listener = await listen();
    const controller = new AbortController();
    const promise = connect({ port: listener.port }, controller.signal);
    controller.abort(new Error("enough"));
    await expect(promise).rejects.toThrow("enough");
    await expect(connect({ port: listener.port }, controller.signal)).rejects.toThrow("enough");
  });

  test.each([
    ["ECONNREFUSED", "refused"],
    ["ETIMEDOUT", "timed-out"],
    ["EHOSTUNREACH", "unreachable"],
    ["ENETUNREACH", "unreachable"],
    ["ECONNRESET", "reset"],
    ["EACCES", "failed"],
    ["UNKNOWN", "failed"],
  ])("%s is %s", (errno, outcome) => {
    expect(tcpOutcomeOf(errno)).toBe(outcome);
  });
});

/** Time that is up before the socket could say a word: connecting always takes a turn of the loop. */
function immediately(_ms: number, run: () => void): () => void {
  let cancelled = false;
  queueMicrotask(() => {
    if (!cancelled) run();
  });
  return () => {
    cancelled = true;
  };
}
