/** No value that a rewrite makes is longer; what is over is cut off. */
export const mostValueBytes = 64 * 1024;

/** Made of what a field value may hold (RFC 9110 §5.5), without the blanks around it; anything else is one blank. */
export function fieldValue(text: string): string {
  const cut = text.length > mostValueBytes ? text.slice(0, mostValueBytes) : text;
  const clean = /[^\t\x20-\x7e\x80-\xff]/.test(cut) ? cut.replace(/[^\t\x20-\x7e\x80-\xff]+/g, " ") : cut;
  return trimmed(clean);
}

/** A path that may stand in a request target: begins with a slash, everything else in escapes where it must be. */
export function pathText(text: string): string {
  const path = escapedBytes(text.slice(0, mostValueBytes), /[^!"$->@-~]/g);
  return path.startsWith("/") ? path : `/${path}`;
}

/** A query without its question mark. */
export function queryText(text: string): string {
  return escapedBytes(text.slice(0, mostValueBytes), /[^!"$-~]/g);
}

/** What a Host field may say (RFC 3986 §3.2.2 with a port); undefined = this is none. */
export function hostText(text: string): string | undefined {
  const host = fieldValue(text);
  return host.length <= 512 && /^[\w\-.~%!$&'()*+;=:[\]]+$/.test(host) ? host : undefined;
}

/** Loops, so that no run of blanks costs more than its length. */
function trimmed(text: string): string {
  let start = 0;
  let end = text.length;
  while (start < end && isBlank(text.charCodeAt(start))) start += 1;
  while (end > start && isBlank(text.charCodeAt(end - 1))) end -= 1;
  return start === 0 && end === text.length ? text : text.slice(start, end);
}

const isBlank = (code: number): boolean => code === 0x20 || code === 0x09;

/** One escape a byte. What is no byte cannot come from a head; it becomes its UTF-8 bytes. */
function escapedBytes(text: string, outside: RegExp): string {
  return text.replace(outside, (character) => {
    const code = character.charCodeAt(0);
    const bytes = code <= 0xff ? [code] : [...Buffer.from(character, "utf8")];
    return bytes.map((byte) => `%${byte.toString(16).toUpperCase().padStart(2, "0")}`).join("");
  });
}
