import type { Socket } from "node:net";
import type { Clock } from "./clock.ts";

/**
 * Writes bytes to a socket: at once, or one at a time with a pause between. `sent` is told how many the system took. The
 * answer stops it, where it had not come to its end.
 */
export function sendBytes(
  socket: Socket,
  bytes: Buffer,
  pauseMs: number,
  clock: Clock,
  sent: (count: number) => void,
): () => void {
  let cancel = (): void => {};
  const write = (from: number): void => {
    const part = pauseMs > 0 ? bytes.subarray(from, from + 1) : bytes.subarray(from);
    const next = from + part.length;
    socket.write(part, (error) => {
      if (!error) sent(part.length);
    });
    if (next < bytes.length && socket.writable) cancel = clock.after(pauseMs, () => write(next));
  };
  write(0);
  return () => cancel();
}
