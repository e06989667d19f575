import { ByteReader, MalformedTls } from "./byte-reader.ts";

/** Handshake types of RFC 8446 §4 and RFC 5246 §7.4 that a server sends. */
export const handshakeType = {
  helloRequest: 0,
  serverHello: 2,
  newSessionTicket: 4,
  encryptedExtensions: 8,
  certificate: 11,
  serverKeyExchange: 12,
  certificateRequest: 13,
  serverHelloDone: 14,
  certificateVerify: 15,
  finished: 20,
  certificateStatus: 22,
  keyUpdate: 24,
} as const;

const typeNames: ReadonlyMap<number, string> = new Map([
  [handshakeType.helloRequest, "hello_request"],
  [handshakeType.serverHello, "server_hello"],
  [handshakeType.newSessionTicket, "new_session_ticket"],
  [handshakeType.encryptedExtensions, "encrypted_extensions"],
  [handshakeType.certificate, "certificate"],
  [handshakeType.serverKeyExchange, "server_key_exchange"],
  [handshakeType.certificateRequest, "certificate_request"],
  [handshakeType.serverHelloDone, "server_hello_done"],
  [handshakeType.certificateVerify, "certificate_verify"],
  [handshakeType.finished, "finished"],
  [handshakeType.certificateStatus, "certificate_status"],
  [handshakeType.keyUpdate, "key_update"],
]);

export function handshakeName(type: number): string {
  return typeNames.get(type) ?? `handshake_${type}`;
}

export interface ServerHello {
  readonly version: number;
  readonly cipherCode: number;
  /** A HelloRetryRequest is a ServerHello with a fixed random (RFC 8446 §4.1.3). */
  readonly retry: boolean;
  /** TLS 1.2 says it here, TLS 1.3 in EncryptedExtensions. */
  readonly alpn: string | undefined;
}

export const tls13 = 0x0304;

const versionNames: ReadonlyMap<number, string> = new Map([
  [0x0300, "SSLv3"],
  [0x0301, "TLSv1"],
  [0x0302, "TLSv1.1"],
  [0x0303, "TLSv1.2"],
  [tls13, "TLSv1.3"],
]);

/** As Node.js writes them, e.g. `TLSv1.2`. */
export function versionName(version: number): string {
  return versionNames.get(version) ?? `0x${version.toString(16).padStart(4, "0")}`;
}

const retryRandom = Buffer.from("cf21ad74e59a6111be1d8c021e65b891c2a211167abb8c5e079e09e2c8a8339c", "hex");
const extensionType = { alpn: 16, supportedVersions: 43 } as const;
/** No server sends a tenth of it; OpenSSL follows at most 100. */
const certificateLimit = 100;

/** RFC 8446 §4.1.3, RFC 5246 §7.4.1.3. */
export function readServerHello(body: Buffer): ServerHello {
  const reader = new ByteReader(body);
  const legacyVersion = reader.uint(2);
  const random = reader.take(32);
  reader.vector(1);
  const cipherCode = reader.uint(2);
  reader.uint(1);
  const extensions = reader.left > 0 ? readExtensions(reader) : new Map<number, Buffer>();
  reader.end();
  const selected = extensions.get(extensionType.supportedVersions);
  return {
    version: selected === undefined ? legacyVersion : new ByteReader(selected).uint(2),
    cipherCode,
    retry: random.equals(retryRandom),
    alpn: readAlpn(extensions),
  };
}

/** RFC 8446 §4.3.1; the protocol the server chose. */
export function readEncryptedExtensions(body: Buffer): { readonly alpn: string | undefined } {
  const reader = new ByteReader(body);
  const extensions = readExtensions(reader);
  reader.end();
  return { alpn: readAlpn(extensions) };
}

/** The certificates in the server's own order: RFC 5246 §7.4.2, and with context and extensions RFC 8446 §4.4.2. */
export function readCertificates(body: Buffer, version: number): Buffer[] {
  const reader = new ByteReader(body);
  if (version >= tls13) reader.vector(1);
  const list = reader.inside(3);
  reader.end();
  const chain: Buffer[] = [];
  while (list.left > 0) {
    const certificate = list.vector(3);
    if (certificate.length === 0) throw new MalformedTls("empty certificate");
    if (chain.length === certificateLimit)
      throw new MalformedTls(`more than ${certificateLimit} certificates`);
    chain.push(Buffer.from(certificate));
    if (version >= tls13) list.vector(2);
  }
  return chain;
}

function readExtensions(reader: ByteReader): Map<number, Buffer> {
  const list = reader.inside(2);
  const extensions = new Map<number, Buffer>();
  while (list.left > 0) {
    const type = list.uint(2);
    // RFC 8446 §4.2: no type twice.
    if (extensions.has(type)) throw new MalformedTls(`extension ${type} twice`);
    extensions.set(type, list.vector(2));
  }
  return extensions;
}

/** RFC 7301 §3.1: the server's list has exactly one name. */
function readAlpn(extensions: ReadonlyMap<number, Buffer>): string | undefined {
  const data = extensions.get(extensionType.alpn);
  if (data === undefined) return undefined;
  const reader = new ByteReader(data);
  const list = reader.inside(2);
  reader.end();
  const name = list.vector(1);
  list.end();
  return name.toString("latin1");
}
