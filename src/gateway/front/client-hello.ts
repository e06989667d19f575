/** What the first bytes of a connection are, as far as they have come. */
export type FirstBytes =
  | { readonly is: "incomplete" }
  /** Not a TLS handshake. */
  | { readonly is: "other" }
  | { readonly is: "hello"; readonly serverName: string | undefined };

const incomplete: FirstBytes = { is: "incomplete" };
const other: FirstBytes = { is: "other" };
const nameless: FirstBytes = { is: "hello", serverName: undefined };

/** A ClientHello is not larger (RFC 8446 §4.1.2 allows more, nobody sends it). */
export const mostHelloBytes = 32 * 1024;

/** Nobody needs more records for it. Each is looked at anew with every packet, so that many small ones would cost much. */
const mostRecords = 64;

const HANDSHAKE = 22;
const CLIENT_HELLO = 1;
const SERVER_NAME = 0;

/**
 * The name in a ClientHello (RFC 6066 §3), before anything is answered: it decides with which certificate and versions.
 * What is no valid hello is left to the TLS library to refuse.
 */
export function readFirstBytes(bytes: Buffer): FirstBytes {
  if (bytes.length === 0) return incomplete;
  if (bytes[0] !== HANDSHAKE) return other;
  const hello = helloIn(bytes);
  if (hello === undefined) return bytes.length >= mostHelloBytes ? nameless : incomplete;
  try {
    return { is: "hello", serverName: serverNameIn(hello) };
  } catch (error) {
    // It ends before its lengths say so.
    if (error instanceof RangeError) return nameless;
    throw error;
  }
}

/** The handshake message behind its header, put together from its records; undefined = not all of it has come. */
function helloIn(bytes: Buffer): Buffer | undefined {
  const parts: Buffer[] = [];
  let length = 0;
  for (let at = 0; at + 5 <= bytes.length; ) {
    if (bytes[at] !== HANDSHAKE || parts.length === mostRecords) return Buffer.alloc(0);
    const end = at + 5 + bytes.readUInt16BE(at + 3);
    const part = bytes.subarray(at + 5, Math.min(end, bytes.length));
    parts.push(part);
    length += part.length;
    at = end;
  }
  const message = Buffer.concat(parts, length);
  if (length > 0 && message[0] !== CLIENT_HELLO) return Buffer.alloc(0);
  if (length < 4) return undefined;
  const end = 4 + message.readUIntBE(1, 3);
  return length < end ? undefined : message.subarray(4, end);
}

/** @throws RangeError when it is cut short. */
function serverNameIn(hello: Buffer): string | undefined {
  // Version and random.
  let at = 34;
  at += 1 + hello.readUInt8(at); // session id
  at += 2 + hello.readUInt16BE(at); // cipher suites
  at += 1 + hello.readUInt8(at); // compression methods
  const end = at + 2 + hello.readUInt16BE(at);
  at += 2;
  while (at + 4 <= end) {
    const type = hello.readUInt16BE(at);
    const length = hello.readUInt16BE(at + 2);
    if (type === SERVER_NAME) return nameIn(hello.subarray(at + 4, at + 4 + length));
    at += 4 + length;
  }
  return undefined;
}

/** The first entry that is a host name. */
function nameIn(list: Buffer): string | undefined {
  if (list.readUInt8(2) !== 0) return undefined;
  const length = list.readUInt16BE(3);
  const name = list.toString("latin1", 5, 5 + length);
  return name.length === length && name !== "" ? name.toLowerCase() : undefined;
}
