import type { Socket } from "node:net";

/** Who has a socket, and hears what it tells. An error is told as its end. */
export interface SocketOwner {
  /** The first `bytes` of a buffer that is only lent. */
  received(lent: Buffer, bytes: number): void;
  /** What waited has been taken: more may be written. */
  drained(): void;
  /** The other side sends no more. */
  ended(): void;
  closed(): void;
}

const ownerOf = Symbol("owner");
interface OwnedSocket extends Socket {
  [ownerOf]?: SocketOwner;
}

/** From now on the socket tells this owner, and nobody else. All sockets share their listeners: many are idle. */
export function own(socket: Socket, owner: SocketOwner): void {
  const owned: OwnedSocket = socket;
  const listens = owned[ownerOf] !== undefined;
  owned[ownerOf] = owner;
  if (listens) return;
  socket.on("data", onData);
  socket.on("drain", onDrain);
  socket.on("end", onEnd);
  socket.on("error", onError);
  socket.on("close", onClose);
}

/** For bytes that come otherwise than by the events of the socket. */
export function tellReceived(socket: OwnedSocket, lent: Buffer, bytes: number): void {
  socket[ownerOf]?.received(lent, bytes);
}

function onData(this: OwnedSocket, chunk: Buffer): void {
  this[ownerOf]?.received(chunk, chunk.length);
}

function onDrain(this: OwnedSocket): void {
  this[ownerOf]?.drained();
}

function onEnd(this: OwnedSocket): void {
  this[ownerOf]?.ended();
}

function onError(this: OwnedSocket): void {
  this.destroy();
}

function onClose(this: OwnedSocket): void {
  this[ownerOf]?.closed();
}
