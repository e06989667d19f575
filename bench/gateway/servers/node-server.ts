/**
 * A server of a few lines for the experiments, as a process: `node node-server.ts ADDRESS PORT IDLE_MS`. It answers every
 * request at once; IDLE_MS after its last answer it closes the connection without having said so (0 = never). SIGUSR2 turns
 * on and off that every request is answered with a reset.
 */
import { createServer, type Socket } from "node:net";

const [address, port, idle] = process.argv.slice(2);
const idleMs = Number(idle);
const answer = Buffer.from("HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 3\r\n\r\nok\n");
const headEnd = "\r\n\r\n";
let resets = false;

process.on("SIGUSR2", () => {
  resets = !resets;
});

createServer({ noDelay: true }, serve).listen(Number(port), address, 1024);

function serve(socket: Socket): void {
  let text = "";
  let timer: NodeJS.Timeout | undefined;
  socket.on("error", () => {});
  socket.once("close", () => clearTimeout(timer));
  socket.on("data", (bytes) => {
    clearTimeout(timer);
    if (resets) {
      socket.resetAndDestroy();
      return;
    }
    text += bytes.toString("latin1");
    for (let taken = wholeRequest(text); taken > 0; taken = wholeRequest(text)) {
      text = text.slice(taken);
      socket.write(answer);
    }
    if (idleMs > 0 && text === "") timer = setTimeout(() => socket.end(), idleMs);
  });
}

/** The length of the request at the start; 0 = it is not all there yet. Small bodies by length or in chunks. */
function wholeRequest(text: string): number {
  const end = text.indexOf(headEnd);
  if (end < 0) return 0;
  const head = text.slice(0, end).toLowerCase();
  const after = end + headEnd.length;
  if (head.includes("\r\ntransfer-encoding: chunked")) {
    const last = text.indexOf("0\r\n\r\n", after);
    return last < 0 ? 0 : last + 5;
  }
  const length = Number(/\r\ncontent-length: *(\d+)/.exec(head)?.[1] ?? 0);
  return text.length >= after + length ? after + length : 0;
}
