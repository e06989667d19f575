/**
 * Connections that are made, used once and then only held: `node hold.ts ADDRESS PORT COUNT HOST`. Prints `held N` when all
 * that can be had are there, and holds them until it is ended by a signal.
 */
import { connect } from "node:net";
import { AnswerReader } from "./answer-reader.ts";

const [address = "127.0.0.1", port, count, host = "localhost"] = process.argv.slice(2);
const request = `GET / HTTP/1.1\r\nHost: ${host}\r\n\r\n`;
const wanted = Number(count);
/** So many are being made at a time. */
const atOnce = 64;
let begun = 0;
let held = 0;
let failed = 0;

/** One connection; another one is begun when it has its answer. */
function hold(): void {
  if (begun >= wanted) return;
  begun++;
  const reader = new AnswerReader();
  const socket = connect({ host: address, port: Number(port) });
  let isHeld = false;
  socket.once("connect", () => socket.write(request));
  socket.on("data", (bytes: Buffer) => {
    if (isHeld || reader.take(bytes) !== "complete") return;
    isHeld = true;
    held++;
    settle();
  });
  socket.on("error", () => {});
  socket.once("close", () => {
    if (isHeld) held--;
    else {
      failed++;
      settle();
    }
  });
}

function settle(): void {
  if (held + failed >= wanted) console.log(`held ${held}`);
  else hold();
}

for (let index = 0; index < atOnce; index++) hold();
