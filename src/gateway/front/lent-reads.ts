import { Socket } from "node:net";

/** What is read at once. One for all connections: it is used or copied before anything else is read. */
const readBuffer = Buffer.allocUnsafeSlow(128 * 1024);

/** Told of what was read, which is only lent. */
export type LentReader = (lent: Buffer, bytes: number) => void;

/** The connection itself, as sockets of Node.js have it; no part of what is documented. */
interface Handled extends Socket {
  _handle?: object | null;
}

/**
 * Moves a connection that was accepted just now into a socket that reads into one buffer for all. Node.js does that for
 * sockets that are made with `onread`, and a server has no such option: what it accepts gets new memory for every read, to
 * be collected soon after. Undefined where it cannot be moved: it is to be read as any other then.
 */
export function lentReads(accepted: Socket, take: LentReader): Socket | undefined {
  const before: Handled = accepted;
  const handle = before._handle;
  if (typeof handle !== "object" || handle === null || accepted.bytesRead > 0) return undefined;
  const onread = {
    buffer: readBuffer,
    callback: (bytes: number): boolean => {
      take(readBuffer, bytes);
      return true;
    },
  };
  const { writableHighWaterMark: highWaterMark } = accepted;
  const socket: Socket = Reflect.construct(Socket, [{ handle, allowHalfOpen: true, highWaterMark, onread }]);
  before._handle = null;
  // Its server counts it as gone; the connection is not its own any more.
  accepted.destroy();
  return socket;
}
