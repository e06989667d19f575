import { createHash, randomBytes } from "node:crypto";
import type { FieldLine, HeaderFields } from "../wire/http1/fields.ts";

/** What the key is joined with before it is hashed (RFC 6455 §1.3). */
const acceptSuffix = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";

/** A new key: 16 random bytes (RFC 6455 §4.1). */
export function webSocketKey(): string {
  return randomBytes(16).toString("base64");
}

/** What a server that speaks WebSocket answers to a key (RFC 6455 §4.2.2). */
export function webSocketAccept(key: string): string {
  return createHash("sha1").update(`${key}${acceptSuffix}`).digest("base64");
}

/** The fields that ask for a WebSocket, behind `Host`. */
export function webSocketFields(key: string): FieldLine[] {
  return [
    { name: "Connection", value: "Upgrade" },
    { name: "Upgrade", value: "websocket" },
    { name: "Sec-WebSocket-Version", value: "13" },
    { name: "Sec-WebSocket-Key", value: key },
  ];
}

/** What a client must find wrong with a 101 that answers its key (RFC 6455 §4.1); the offset is that of the value. */
export function webSocketFault(
  fields: HeaderFields,
  key: string,
): { readonly kind: string; readonly offset: number } | undefined {
  if (fields.get("upgrade")?.toLowerCase() !== "websocket") return at(fields, "upgrade");
  const options = fields.get("connection")?.toLowerCase().split(",") ?? [];
  if (!options.some((option) => option.trim() === "upgrade")) return at(fields, "connection");
  return fields.get("sec-websocket-accept") === webSocketAccept(key)
    ? undefined
    : at(fields, "sec-websocket-accept");
}

function at(fields: HeaderFields, name: string): { kind: string; offset: number } {
  const index = fields.find(name);
  return index < 0
    ? { kind: `websocket-${name}-missing`, offset: 0 }
    : { kind: `websocket-${name}-wrong`, offset: fields.valueOffset(index) };
}
