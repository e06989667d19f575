import type { FaultKind } from "./fault.ts";

export const HTAB = 0x09;
export const LF = 0x0a;
export const CR = 0x0d;
export const SP = 0x20;
export const COLON = 0x3a;

function tableOf(holds: (code: number) => boolean): Uint8Array {
  return Uint8Array.from({ length: 256 }, (_, code) => (holds(code) ? 1 : 0));
}

const isAlphanumeric = (code: number): boolean => /[0-9A-Za-z]/.test(String.fromCharCode(code));

const among =
  (others: string) =>
  (code: number): boolean =>
    isAlphanumeric(code) || others.includes(String.fromCharCode(code));

/** `tchar` (RFC 9110 §5.6.2). */
export const tokenBytes = tableOf(among("!#$%&'*+-.^_`|~"));

/** What field values and reason phrases are made of: `HTAB / SP / VCHAR / obs-text` (RFC 9110 §5.5). */
export const textBytes = tableOf((code) => code === HTAB || (code >= SP && code !== 0x7f));

/** Visible ASCII without `#`: a request target has no fragment (RFC 9112 §3.2). */
export const targetBytes = tableOf((code) => code > SP && code < 0x7f && code !== 0x23);

/** `reg-name` (RFC 3986 §3.2.2) without the comma, which joins field lines. */
export const hostBytes = tableOf(among("-._~%!$&'()*+;="));

/** The value of a hexadecimal digit, -1 for every other byte. */
export const hexValues = Int8Array.from({ length: 256 }, (_, code) => {
  const text = String.fromCharCode(code);
  return /[0-9A-Fa-f]/.test(text) ? Number.parseInt(text, 16) : -1;
});

export const isDigit = (code: number): boolean => code >= 0x30 && code <= 0x39;

/** Names the bytes that have a name of their own as faults; `otherwise` for the rest. */
export function faultOfByte(byte: number, otherwise: FaultKind): FaultKind {
  if (byte === 0) return "nul";
  if (byte === LF) return "bare-lf";
  return otherwise;
}

/** Whether `text` from `start` on is `lower` (which is in lower case), ASCII case aside. */
export function matchesAt(text: string, start: number, lower: string): boolean {
  for (let index = 0; index < lower.length; index++) {
    let code = text.charCodeAt(start + index);
    if (code >= 0x41 && code <= 0x5a) code |= 0x20;
    if (code !== lower.charCodeAt(index)) return false;
  }
  return true;
}
