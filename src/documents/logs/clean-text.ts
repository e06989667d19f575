/** Longest text kept of one cell: resource ids stay whole, a hostile path or Host does not. */
const LONGEST_TEXT = 512;

/**
 * Text fit to be kept and printed: control characters, line separators and direction marks become U+FFFD (a log is written
 * by strangers, and ends on somebody's terminal), lone surrogates too; at most 512 UTF-16 units.
 */
export function cleanText(text: string): string {
  const short = text.length > LONGEST_TEXT ? detached(text.slice(0, LONGEST_TEXT)) : text;
  for (let i = 0; i < short.length; i++) {
    if (isUnfit(short.charCodeAt(i))) return replaceUnfit(short);
  }
  return short;
}

/**
 * The path of a request target. Query strings, fragments and path parameters (`;jsessionid=…`) carry secrets and are cut;
 * of the absolute form (`http://user:password@host/path`) only the path is left.
 */
export function pathOnly(target: string): string {
  let end = 0;
  while (end < target.length && !isPathEnd(target.charCodeAt(end))) end++;
  let path = end < target.length ? detached(target.slice(0, end)) : target;
  const scheme = path.startsWith("/") ? -1 : path.indexOf("://");
  if (scheme >= 0) {
    const slash = path.indexOf("/", scheme + 3);
    path = slash < 0 ? "/" : detached(path.slice(slash));
  }
  return cleanText(path);
}

/** `?`, `#` and `;` */
export function isPathEnd(code: number): boolean {
  return code === 0x3f || code === 0x23 || code === 0x3b;
}

function isUnfit(code: number): boolean {
  if (code < 0x20 || (code >= 0x7f && code <= 0x9f)) return true;
  if (code < 0x200e) return false;
  if (code >= 0xd800 && code <= 0xdfff) return true; // looked at again as a pair
  return code <= 0x200f || (code >= 0x2028 && code <= 0x202e) || (code >= 0x2066 && code <= 0x2069);
}

function replaceUnfit(text: string): string {
  let clean = "";
  for (const letter of text.toWellFormed()) {
    const code = letter.codePointAt(0) as number;
    clean += code < 0x10000 && isUnfit(code) ? "\ufffd" : letter;
  }
  return detached(clean);
}

/** A copy that does not keep the longer text it was cut from alive. */
function detached(text: string): string {
  return Buffer.from(text, "utf16le").toString("utf16le");
}
