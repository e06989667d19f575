import { type Socket, type TcpNetConnectOpts, connect as tcpConnect } from "node:net";
import { type ConnectionOptions, connect as tlsConnect } from "node:tls";
import type { ConnectionOwner } from "./contract.ts";
import type { KnownSession, ServerTrust } from "./server-trust.ts";

/** Where a connection goes, and for whom. */
export interface ConnectionPlace {
  readonly address: string;
  readonly port: number;
  readonly localAddress: string | undefined;
  /** Undefined = none is sent. */
  readonly sni: string | undefined;
  readonly owner: ConnectionOwner | undefined;
}

/** How it is connected to, and who hears of it. */
export interface Dialling {
  /** Undefined = plain text. */
  readonly trust: ServerTrust | undefined;
  /** Offered to the server. */
  readonly session: KnownSession | undefined;
  /** Each side ends on its own. */
  readonly halfOpen: boolean;
  /** Goes in front of everything, a TLS handshake too; empty = nothing. */
  readonly preface: string;
  /** The first `bytes` of a buffer that is only lent. False: no more until the socket is resumed. */
  received(lent: Buffer, bytes: number): boolean;
  /** What carries TLS behind a preface has broken. */
  broke(error: Error): void;
}

/**
 * One for all connections: what is read is passed on or copied before anything else is read. The system reads into it
 * directly, nothing is allocated for a read.
 */
const readBuffer = Buffer.allocUnsafeSlow(128 * 1024);

/** A socket that begins to connect, and to shake hands where TLS is spoken. Nothing is judged here. */
export function dial(place: ConnectionPlace, how: Dialling): Socket {
  const { address, port, localAddress } = place;
  const { trust, preface } = how;
  const to: TcpNetConnectOpts = {
    host: address,
    port,
    noDelay: true,
    autoSelectFamily: false,
    allowHalfOpen: how.halfOpen,
    ...(localAddress === undefined ? {} : { localAddress }),
  };
  const onread = {
    buffer: readBuffer,
    callback: (bytes: number): boolean => how.received(readBuffer, bytes),
  };
  const reading = { ...to, onread };
  if (trust === undefined) return prefaced(tcpConnect(reading), preface);
  const tls = tlsOptions(trust, place, how.session);
  return preface === "" ? tlsConnect({ ...reading, ...tls }) : tlsBehind(to, tls, how);
}

function tlsOptions(
  { context }: ServerTrust,
  { sni }: ConnectionPlace,
  session: KnownSession | undefined,
): ConnectionOptions {
  return {
    secureContext: context,
    // Judged by the gateway's rules, and nothing is sent before.
    rejectUnauthorized: false,
    minDHSize: 1,
    ...(sni === undefined ? {} : { servername: sni }),
    ...(session === undefined ? {} : { session: session.ticket }),
  };
}

/**
 * The library that makes the handshake cannot write what stands in front of it; given a connection of another's making, it
 * cannot read into the one buffer either.
 */
function tlsBehind(to: TcpNetConnectOpts, tls: ConnectionOptions, how: Dialling): Socket {
  const transport = prefaced(tcpConnect(to), how.preface);
  transport.on("error", (error: Error) => how.broke(error));
  const socket = tlsConnect({ socket: transport, ...tls });
  socket.on("data", (chunk: Buffer) => {
    if (!how.received(chunk, chunk.length)) socket.pause();
  });
  return socket;
}

function prefaced(socket: Socket, preface: string): Socket {
  if (preface !== "") socket.write(preface, "latin1");
  return socket;
}
