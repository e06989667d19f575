import { createSocket } from "node:dgram";
import { isIPv6 } from "node:net";
import { decodeMessage } from "../wire/dns/message.ts";
import { answers } from "../wire/dns/query.ts";
import type { Asked, AskOptions, DnsOutcome, ReplyFault, TransportReply } from "./dns-query.ts";
import { errnoOf } from "./errno.ts";

/** A message that got lost is sent once more. */
const maxSent = 2;

/**
 * The most datagrams looked at for one question: a flood from the server's address shall not keep us busy until time is
 * up. What comes after is not read.
 */
const maxIgnored = 64;

/**
 * Asks over UDP from a port of its own. The socket is connected: the kernel drops what comes from elsewhere and reports
 * a closed port. What does not fit is counted and waited past (RFC 5452 §9.1); only if nothing better came is a
 * message that could not be read the outcome.
 */
export function askByUdp(asked: Asked, options: AskOptions): Promise<TransportReply> {
  return new Promise((resolve, reject) => {
    options.signal?.throwIfAborted();
    const { server, query, bytes } = asked;
    const { clock, signal, localAddress } = options;
    const socket = createSocket(isIPv6(server.address) ? "udp6" : "udp4");
    let sent = 0;
    let ignored = 0;
    let unreadable: ReplyFault | undefined;
    let cancelTimer = (): void => {};

    const close = (): void => {
      cancelTimer();
      signal?.removeEventListener("abort", abort);
      // A datagram under way may still fail after this.
      socket.removeAllListeners().on("error", () => {});
      socket.close();
    };
    const finish = (result: DnsOutcome): void => {
      close();
      resolve({ result, sent, ignored });
    };
    const abort = (): void => {
      close();
      reject(signal?.reason);
    };
    const nothingFits = (): void => {
      if (unreadable === undefined) finish({ outcome: "no-answer", errno: undefined });
      else finish({ outcome: "malformed", fault: unreadable });
    };
    const send = (): void => {
      if (sent === maxSent) {
        nothingFits();
        return;
      }
      sent += 1;
      cancelTimer = clock.after(options.timeoutMs, send);
      socket.send(bytes, (error) => {
        if (error) socket.emit("error", error);
      });
    };
    const receive = (datagram: Uint8Array): void => {
      const { message, fault } = decodeMessage(datagram);
      if (message !== undefined && answers(query, message)) {
        finish({ outcome: "answered", message });
        return;
      }
      ignored += 1;
      if (fault !== undefined) unreadable ??= fault;
      if (ignored === maxIgnored) nothingFits();
    };

    signal?.addEventListener("abort", abort, { once: true });
    socket
      .on("error", (error) => finish({ outcome: "unreachable", errno: errnoOf(error) }))
      .on("message", receive)
      .once("connect", send)
      .bind({ port: 0, ...(localAddress === undefined ? {} : { address: localAddress }) }, () =>
        socket.connect(server.port, server.address),
      );
  });
}
