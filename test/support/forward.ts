import { connect, type Socket } from "node:net";

/**
 * Passes a connection on to a port of 127.0.0.1, both ways, so that a test can break it on the way. `first`: what was
 * read of it already.
 */
export function forward(socket: Socket, port: number, first: Buffer = Buffer.alloc(0)): void {
  const onward = connect({ port, host: "127.0.0.1" });
  onward.on("error", () => {});
  if (first.length > 0) onward.write(first);
  socket.pipe(onward).pipe(socket);
}
