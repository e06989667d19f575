/**
 * Names as text: labels joined by dots, without the dot at the end; the root is `.`. A dot or backslash inside a label
 * is written `\.`, `\\`; bytes outside printable ASCII are written `\DDD` (RFC 1035 §5.1).
 */

/** Why a text cannot be put into a question. */
export type NameFault =
  | "empty"
  | "empty-label"
  | "label-too-long"
  | "name-too-long"
  | "not-ascii"
  | "bad-escape";

/** The text of one label. */
export function labelText(label: Uint8Array): string {
  let text = "";
  for (const byte of label) {
    if (byte === 0x2e || byte === 0x5c) text += `\\${String.fromCharCode(byte)}`;
    else if (byte > 0x20 && byte < 0x7f) text += String.fromCharCode(byte);
    else text += `\\${String(byte).padStart(3, "0")}`;
  }
  return text;
}

/**
 * The bytes of a name on the wire (RFC 1035 §3.1), uncompressed. A dot at the end is allowed. Names in other scripts
 * must already be in their ASCII form (RFC 5890 §2.3.2.1): which form that is, is not for DNS to decide.
 */
export function encodeName(text: string): Uint8Array | NameFault {
  if (text === ".") return Uint8Array.of(0);
  if (text === "") return "empty";
  const labels = splitLabels(text);
  if (typeof labels === "string") return labels;
  if (labels.at(-1)?.length === 0) labels.pop();
  const bytes: number[] = [];
  for (const label of labels) {
    if (label.length === 0) return "empty-label";
    if (label.length > 63) return "label-too-long";
    bytes.push(label.length, ...label);
  }
  bytes.push(0);
  return bytes.length > 255 ? "name-too-long" : Uint8Array.from(bytes);
}

function splitLabels(text: string): number[][] | NameFault {
  const labels: number[][] = [];
  let label: number[] = [];
  for (let at = 0; at < text.length; at += 1) {
    const char = text.charCodeAt(at);
    if (char > 0x7f) return "not-ascii";
    if (char === 0x2e) {
      labels.push(label);
      label = [];
    } else if (char === 0x5c) {
      const escaped = readEscape(text, at + 1);
      if (escaped === undefined) return "bad-escape";
      label.push(escaped.byte);
      at += escaped.length;
    } else {
      label.push(char);
    }
  }
  labels.push(label);
  return labels;
}

/** `DDD` or one character that is no digit, after a backslash. */
function readEscape(text: string, at: number): { byte: number; length: number } | undefined {
  const digits = /^[0-9]{3}/.exec(text.slice(at, at + 3))?.[0];
  if (digits !== undefined) return Number(digits) > 255 ? undefined : { byte: Number(digits), length: 3 };
  const char = text.charCodeAt(at);
  return Number.isNaN(char) || char > 0x7f || (char >= 0x30 && char <= 0x39)
    ? undefined
    : { byte: char, length: 1 };
}

/**
 * One form for all spellings of a name: ASCII letters small (RFC 4343 §3), no dot at the end, no needless escapes. Texts
 * that are no names are only made small.
 */
export function foldName(name: string): string {
  const bytes = encodeName(name);
  if (typeof bytes === "string") return lowerAscii(name);
  const labels: string[] = [];
  for (let at = 0, length = bytes[0] ?? 0; length > 0; at += length + 1, length = bytes[at] ?? 0) {
    labels.push(labelText(bytes.subarray(at + 1, at + 1 + length)));
  }
  return labels.length === 0 ? "." : lowerAscii(labels.join("."));
}

function lowerAscii(text: string): string {
  return text.replace(/[A-Z]/g, (letter) => letter.toLowerCase());
}
