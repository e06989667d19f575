import { createConnection, type Socket } from "node:net";
import type { TcpPhase } from "../model/probe-observation.ts";
import type { Clock } from "./clock.ts";
import { errnoOf } from "./errno.ts";

/** Where to connect to, and from where. */
export interface ConnectTarget {
  /** IPv4 or IPv6 literal: names are resolved before. */
  readonly address: string;
  readonly port: number;
  /** Undefined = as the system routes. */
  readonly localAddress: string | undefined;
  readonly timeoutMs: number;
}

export interface Connected {
  readonly phase: TcpPhase;
  /**
   * Paused, without Nagle's delay, and the caller's to destroy; undefined unless connected. An error that comes before
   * anyone listens does not throw: it stays in `socket.errored`.
   */
  readonly socket: Socket | undefined;
}

/** Which outcome each errno of a connect is (connect(2), and what ICMP is turned into by icmp(7)). */
const outcomes: Readonly<Record<string, TcpPhase["outcome"]>> = {
  ECONNREFUSED: "refused",
  ETIMEDOUT: "timed-out",
  ECONNRESET: "reset",
  ECONNABORTED: "reset",
  EHOSTUNREACH: "unreachable",
  EHOSTDOWN: "unreachable",
  ENETUNREACH: "unreachable",
  ENETDOWN: "unreachable",
};

export function tcpOutcomeOf(errno: string): TcpPhase["outcome"] {
  return outcomes[errno] ?? "failed";
}

/**
 * Makes one TCP connection: once, to one address. Never rejects for what the network does; rejects with the signal's
 * reason when that is aborted.
 */
export function connectTcp(target: ConnectTarget, clock: Clock, signal?: AbortSignal): Promise<Connected> {
  return new Promise((resolve, reject) => {
    signal?.throwIfAborted();
    const startedMs = clock.nowMs();
    const { address, port, localAddress } = target;
    const socket = createConnection({
      host: address,
      port,
      ...(localAddress === undefined ? {} : { localAddress }),
      noDelay: true,
      autoSelectFamily: false,
    });
    // Of a connection that did not come about the socket tells its own address only now.
    let chosen: string | undefined;
    socket.once("connectionAttemptFailed", () => {
      chosen = socket.localAddress;
    });
    const finish = (outcome: TcpPhase["outcome"], errno: string | undefined): void => {
      cancelTimer();
      signal?.removeEventListener("abort", abort);
      socket.off("connect", connected).off("error", failed);
      // Errors after this are for whoever holds the socket; without any listener they would end the process.
      socket.on("error", () => {});
      const from = socket.localAddress ?? chosen ?? localAddress;
      const phase = {
        address,
        port,
        outcome,
        errno,
        localAddress: from,
        tookMs: clock.nowMs() - startedMs,
      };
      if (outcome !== "connected") socket.destroy();
      resolve({ phase, socket: outcome === "connected" ? socket : undefined });
    };
    const connected = (): void => finish("connected", undefined);
    const failed = (error: Error): void => {
      const errno = errnoOf(error);
      finish(tcpOutcomeOf(errno), errno);
    };
    const abort = (): void => {
      cancelTimer();
      socket.on("error", () => {});
      socket.destroy();
      reject(signal?.reason);
    };
    const cancelTimer = clock.after(target.timeoutMs, () => finish("timed-out", undefined));
    signal?.addEventListener("abort", abort, { once: true });
    socket.once("connect", connected).once("error", failed);
  });
}
