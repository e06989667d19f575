import { decodeMessage } from "../wire/dns/message.ts";
import { answers } from "../wire/dns/query.ts";
import { connectTcp } from "./connect.ts";
import type { Asked, AskOptions, DnsOutcome, TransportReply } from "./dns-query.ts";
import { errnoOf } from "./errno.ts";

/** Two bytes of length, and the longest message they can tell (RFC 1035 §4.2.2). */
const prefixBytes = 2;

/** Asks over a TCP connection of its own and reads one message; whatever follows it is not read. */
export async function askByTcp(asked: Asked, options: AskOptions): Promise<TransportReply> {
  const { clock, signal, timeoutMs, localAddress } = options;
  const startedMs = clock.nowMs();
  const { address, port } = asked.server;
  const { phase, socket } = await connectTcp({ address, port, localAddress, timeoutMs }, clock, signal);
  if (socket === undefined) {
    const result: DnsOutcome =
      phase.outcome === "timed-out" && phase.errno === undefined
        ? { outcome: "no-answer", errno: undefined }
        : { outcome: "unreachable", errno: phase.errno ?? "UNKNOWN" };
    return { result, sent: 0, ignored: 0 };
  }
  const leftMs = Math.max(0, timeoutMs - (clock.nowMs() - startedMs));
  return new Promise((resolve, reject) => {
    const received = new PrefixedMessage();
    const finish = (result: DnsOutcome, ignored = 0): void => {
      close();
      resolve({ result, sent: 1, ignored });
    };
    const close = (): void => {
      cancelTimer();
      signal?.removeEventListener("abort", abort);
      socket.off("data", receive).off("close", closed).destroy();
    };
    const abort = (): void => {
      close();
      reject(signal?.reason);
    };
    const receive = (chunk: Uint8Array): void => {
      const message = received.add(chunk);
      if (message !== undefined) finish(...judge(asked, message));
    };
    const closed = (): void => {
      const errno = socket.errored ? errnoOf(socket.errored) : undefined;
      if (received.length === 0) finish({ outcome: "no-answer", errno });
      else finish({ outcome: "malformed", fault: { kind: "ended-early", offset: received.messageBytes } });
    };
    const cancelTimer = clock.after(leftMs, () => finish({ outcome: "no-answer", errno: undefined }));
    signal?.addEventListener("abort", abort, { once: true });
    // An end without a close would otherwise wait for ours.
    socket
      .on("close", closed)
      .on("end", () => socket.destroy())
      .on("data", receive);
    socket.write(Uint8Array.from([asked.bytes.length >> 8, asked.bytes.length & 0xff, ...asked.bytes]));
  });
}

function judge(asked: Asked, bytes: Uint8Array): [DnsOutcome, number] {
  const { message, fault } = decodeMessage(bytes);
  if (message === undefined) return [{ outcome: "malformed", fault }, 0];
  if (!answers(asked.query, message)) return [{ outcome: "no-answer", errno: undefined }, 1];
  if (!message.truncated) return [{ outcome: "answered", message }, 0];
  return [{ outcome: "malformed", fault: { kind: "truncated-over-tcp", offset: prefixBytes } }, 0];
}

/** Gathers one message with its length before it: at most 65,537 bytes are kept. */
class PrefixedMessage {
  length = 0;
  readonly #chunks: Uint8Array[] = [];
  #expected: number | undefined;

  /** How many bytes of the message itself have come. */
  get messageBytes(): number {
    return Math.max(0, this.length - prefixBytes);
  }

  /** The message once it is whole. */
  add(chunk: Uint8Array): Uint8Array | undefined {
    this.#chunks.push(chunk);
    this.length += chunk.length;
    if (this.length < prefixBytes) return undefined;
    if (this.#expected === undefined) {
      const [high = 0, low = 0] = Buffer.concat(this.#chunks, prefixBytes);
      this.#expected = high * 0x100 + low;
    }
    if (this.messageBytes < this.#expected) return undefined;
    return Buffer.concat(this.#chunks, prefixBytes + this.#expected).subarray(prefixBytes);
  }
}
