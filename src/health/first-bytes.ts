import type { ProbeObservation } from "../model/probe-observation.ts";

/**
 * What a server said first where it was not what had been asked for, a character a byte; undefined when what came was the
 * protocol spoken, or nothing.
 */
export function firstBytes({ tls, http }: ProbeObservation): string | undefined {
  const base64 = tls?.firstBytesBase64 ?? http?.firstBytesBase64;
  if (base64 === undefined || base64 === "") return undefined;
  return Buffer.from(base64, "base64").toString("latin1");
}

/** A status line, or the beginning of one. */
export function isHttp1(bytes: string): boolean {
  return bytes.startsWith("HTTP/1.") || (bytes.length < 7 && bytes !== "" && "HTTP/1.".startsWith(bytes));
}

/** A TLS alert (RFC 8446 §5.1, §6): what a TLS server answers to something that is no handshake. */
export function isTlsAlert(bytes: string): boolean {
  const [type, major, minor = 0xff] = [0, 1, 2].map((at) => bytes.charCodeAt(at));
  return type === 0x15 && major === 3 && minor <= 4;
}

const settingsFrame = 0x4;
const goAwayFrame = 0x7;

/** A frame of stream 0 with which an HTTP/2 server begins, or gives up (RFC 9113 §4.1, §6.5, §6.8). */
export function isHttp2(bytes: string): boolean {
  if (bytes.length < 9) return false;
  const at = (index: number): number => bytes.charCodeAt(index);
  const length = (at(0) << 16) | (at(1) << 8) | at(2);
  if (at(5) !== 0 || at(6) !== 0 || at(7) !== 0 || at(8) !== 0) return false;
  if (at(3) === settingsFrame) return at(4) === 0 && length % 6 === 0 && length < 1_000;
  return at(3) === goAwayFrame && length >= 8 && length < 16_384;
}

/**
 * What services other than HTTP are known by: the first word of what they say first, or answer to a request they do not
 * understand. More than that word is not kept of text.
 */
const greetings: readonly (readonly [RegExp, string])[] = [
  [/^SSH-[12]\./, "SSH"],
  [/^220\b/, "SMTP or FTP"],
  [/^\+OK\b/, "POP3"],
  [/^\* (OK|PREAUTH|BYE)\b/, "IMAP"],
  [/^-(ERR|NOAUTH|DENIED|LOADING)\b/, "Redis"],
  [/^RFB\b/, "VNC"],
  [/^INFO\b/, "NATS"],
  [/^@RSYNCD\b/, "rsync"],
  [/^RTSP\/1\./, "RTSP"],
  [/^SIP\/2\.0\b/, "SIP"],
];

/** Beginnings of binary protocols, by the bytes that are always the same; `undefined` may be any. */
const beginnings: readonly (readonly [readonly (number | undefined)[], string])[] = [
  [[0x41, 0x4d, 0x51, 0x50, undefined, undefined, undefined, undefined], "AMQP"],
  // A packet with number 0: version 10 of the protocol, or an error with its number.
  [[undefined, 0, 0, 0, 0x0a], "MySQL"],
  [[undefined, 0, 0, 0, 0xff, undefined, 0x04], "MySQL"],
  // A message of type E: its length, then a field of type S.
  [[0x45, 0, 0, undefined, undefined, 0x53], "PostgreSQL"],
  [[0x04, 0x01, 0, undefined, 0, 0], "SQL Server"],
  [[0x03, 0, 0, 0x13, 0x0e, 0xd0], "Remote Desktop"],
  [[0x03, 0, 0, 0x0b, 0x06, 0xd0], "Remote Desktop"],
  [[0xff, 0xfb], "Telnet"],
  [[0xff, 0xfd], "Telnet"],
];

/** The service that these first bytes are known of, by its name for people. */
export function serviceOf(bytes: string): string | undefined {
  const spoken = greetings.find(([pattern]) => pattern.test(bytes));
  if (spoken !== undefined) return spoken[1];
  return beginnings.find(([known]) =>
    known.every((byte, at) => at < bytes.length && (byte === undefined || byte === bytes.charCodeAt(at))),
  )?.[1];
}
