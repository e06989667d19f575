import type { Socket } from "node:net";
import type { HttpPhase, IdleWait } from "../model/probe-observation.ts";
import type { Clock } from "./clock.ts";
import { errnoOf } from "./errno.ts";
import { type Exchange, exchangeOnce } from "./http-exchange.ts";
import { type Ending, HttpRecord } from "./http-record.ts";

/** A second exchange on one connection. */
export interface Reuse {
  /** How long the connection is left idle after the first. */
  readonly idleMs: number;
  /** For the second exchange; the wait counts for neither. */
  readonly timeoutMs: number;
}

/**
 * Exchanges, waits, exchanges the same again on the same connection, and tells of the second. A connection that the
 * first exchange does not leave open for another is told as such, with the phase of that first one. Owns the connection
 * and has destroyed it in the end. Rejects only when the signal is aborted, with its reason.
 */
export async function exchangeAfterIdle(
  socket: Socket,
  exchange: Exchange,
  { idleMs, timeoutMs }: Reuse,
  clock: Clock,
  signal: AbortSignal | undefined,
): Promise<HttpPhase> {
  const first = await exchangeOnce(socket, exchange, true, clock, signal);
  if (!first.open) {
    const idle = { reusable: false, closedAfterMs: undefined, byReset: false, unaskedBytes: 0 };
    return { ...first.phase, idle };
  }
  const wait = await waitIdle(socket, idleMs, clock, signal);
  const again = { ...exchange, timeoutMs };
  if (wait.ending === undefined && wait.idle.unaskedBytes === 0) {
    const { phase } = await exchangeOnce(socket, again, false, clock, signal);
    return { ...phase, idle: wait.idle };
  }
  socket.destroy();
  return { ...notSent(wait, again, clock), idle: wait.idle };
}

/** What sends more has shown what it does: it is not listened to until the wait is over. */
const mostUnaskedBytes = 64 * 1024;

interface Waited {
  readonly idle: IdleWait;
  /** Undefined = the connection is still open. */
  readonly ending: Ending | undefined;
  /** The first of the bytes that came meanwhile. */
  readonly unasked: Buffer;
}

/** Watches a connection on which nothing should happen. It is left paused. */
function waitIdle(
  socket: Socket,
  idleMs: number,
  clock: Clock,
  signal: AbortSignal | undefined,
): Promise<Waited> {
  return new Promise((resolve, reject) => {
    const startedMs = clock.nowMs();
    let unasked = Buffer.alloc(0);
    let unaskedBytes = 0;
    const stop = (): void => {
      cancelTimer();
      signal?.removeEventListener("abort", abort);
      socket.off("data", receive).off("end", ended).off("close", closed).pause();
    };
    const finish = (ending: Ending | undefined): void => {
      stop();
      const idle = {
        reusable: true,
        closedAfterMs: ending === undefined ? undefined : clock.nowMs() - startedMs,
        byReset: ending?.how === "error" && ending.errno === "ECONNRESET",
        unaskedBytes,
      };
      resolve({ idle, ending, unasked });
    };
    const abort = (): void => {
      stop();
      socket.destroy();
      reject(signal?.reason);
    };
    const receive = (bytes: Buffer): void => {
      unaskedBytes += bytes.length;
      if (unasked.length === 0) unasked = Buffer.from(bytes.subarray(0, 64));
      if (unaskedBytes > mostUnaskedBytes) finish(undefined);
    };
    const ended = (): void => finish({ by: "server", how: "closed" });
    const closed = (): void => {
      if (socket.errored) finish({ by: "server", how: "error", errno: errnoOf(socket.errored) });
      else ended();
    };
    const cancelTimer = clock.after(idleMs, () => finish(undefined));
    if (signal?.aborted) {
      abort();
      return;
    }
    signal?.addEventListener("abort", abort, { once: true });
    socket.on("data", receive).on("end", ended).on("close", closed).resume();
    if (socket.closed) closed();
    else if (socket.readableEnded) ended();
  });
}

/** Nothing could be sent a second time: the connection had ended, or what came on it would be taken for the answer. */
function notSent({ ending, unasked }: Waited, exchange: Exchange, clock: Clock): HttpPhase {
  const record = new HttpRecord(exchange, clock);
  if (ending === undefined) {
    record.bytes(unasked);
    record.fault("unasked-bytes", 0);
  }
  return record.phase(ending ?? { by: "us", how: "done" }, 0);
}
