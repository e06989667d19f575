import { createSocket } from "node:dgram";
import { once } from "node:events";
import { type AddressInfo, createServer, type Socket } from "node:net";
import { decodeMessage } from "../../src/wire/dns/message.ts";
import { flag, type TestMessage, type TestRecord, writeMessage } from "./dns-message.ts";

/** A question as the server saw it. */
export interface Seen {
  readonly id: number;
  readonly name: string;
  readonly type: "A" | "AAAA";
  readonly transport: "udp" | "tcp";
  /** The question had additional records. */
  readonly edns: boolean;
  readonly fromAddress: string;
  readonly fromPort: number;
}

/** What it does: records (an answer that all is well), more of a message, bytes as they are, or nothing. */
export type Reaction = readonly TestRecord[] | Partial<TestMessage> | Uint8Array | "silent" | "close";

/** Decides by the question and by how many were asked before. */
export type Script = (seen: Seen, before: number) => Reaction | readonly Uint8Array[];

export interface TestDnsServer extends AsyncDisposable {
  readonly address: string;
  /** The same for UDP and TCP. */
  readonly port: number;
  readonly seen: readonly Seen[];
}

export const refused = { rcode: 5 } as const;
export const servfail = { rcode: 2 } as const;
export const nxdomain = { rcode: 3 } as const;
export const truncated = { flags: flag.response | flag.recursion | flag.truncated } as const;

/**
 * A DNS server that follows a script, on UDP and TCP; with `udpOnlyAt` on UDP alone, at that port. Everything is closed
 * with `await using`.
 */
export async function dnsServer(
  script: Script,
  { address = "127.0.0.1", udpOnlyAt }: { address?: string; udpOnlyAt?: number } = {},
): Promise<TestDnsServer> {
  const seen: Seen[] = [];
  const react = (bytes: Uint8Array, about: Pick<Seen, "transport" | "fromAddress" | "fromPort">) => {
    const { message } = decodeMessage(bytes);
    const [question] = message?.questions ?? [];
    if (message === undefined || question === undefined) return [];
    const asked: Seen = {
      id: message.id,
      name: question.name,
      type: question.type === 1 ? "A" : "AAAA",
      edns: bytes[11] !== 0,
      ...about,
    };
    seen.push(asked);
    return packets(asked, script(asked, seen.length - 1));
  };
  const streams: Socket[] = [];
  const listener = createServer((socket) => {
    streams.push(socket);
    const { remoteAddress: fromAddress = "", remotePort: fromPort = 0 } = socket;
    socket
      .on("error", () => {})
      .once("data", (data: Uint8Array) => {
        const answers = react(data.subarray(2), { transport: "tcp", fromAddress, fromPort });
        if (answers === "close") socket.end();
        else
          for (const one of answers)
            socket.write(Uint8Array.from([one.length >> 8, one.length & 0xff, ...one]));
      });
  });
  if (udpOnlyAt === undefined) {
    listener.listen(0, address);
    await once(listener, "listening");
  }
  const port = udpOnlyAt ?? (listener.address() as AddressInfo).port;
  const socket = createSocket(address.includes(":") ? "udp6" : "udp4");
  socket.on("message", (data, from) => {
    const answers = react(data, { transport: "udp", fromAddress: from.address, fromPort: from.port });
    if (answers !== "close") for (const one of answers) socket.send(one, from.port, from.address);
  });
  socket.bind(port, address);
  await once(socket, "listening");
  return {
    address,
    port,
    seen,
    [Symbol.asyncDispose]: async () => {
      socket.close();
      for (const stream of streams) stream.destroy();
      if (udpOnlyAt === undefined) await new Promise((resolve) => listener.close(resolve));
    },
  };
}

function packets(asked: Seen, reaction: ReturnType<Script>): readonly Uint8Array[] | "close" {
  if (reaction === "close") return "close";
  if (reaction === "silent") return [];
  if (reaction instanceof Uint8Array) return [reaction];
  if (isList(reaction)) {
    if (reaction.some((one) => one instanceof Uint8Array)) return reaction as readonly Uint8Array[];
    return [replyTo(asked, { answers: reaction as readonly TestRecord[] })];
  }
  return [replyTo(asked, reaction)];
}

function isList(reaction: ReturnType<Script>): reaction is readonly TestRecord[] | readonly Uint8Array[] {
  return Array.isArray(reaction);
}

/** An answer to a question, with whatever is to be different. */
export function replyTo(asked: Seen, change: Partial<TestMessage>): Uint8Array {
  const questions = [{ name: asked.name, type: asked.type === "A" ? 1 : 28 }];
  return writeMessage({ id: asked.id, questions, ...change });
}
