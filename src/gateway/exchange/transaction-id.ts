import { randomFillSync } from "node:crypto";

const idBytes = 16;
const pool = Buffer.alloc(idBytes * 1024);
let at = pool.length;

/** 32 hexadecimal digits by chance. */
export function newTransactionId(): string {
  if (at === pool.length) {
    randomFillSync(pool);
    at = 0;
  }
  const id = pool.toString("hex", at, at + idBytes);
  at += idBytes;
  return id;
}
