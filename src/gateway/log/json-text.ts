/**
 * A text as a JSON string, quotes with it, in ASCII alone: nothing in it that a terminal obeys, and a line that is as long
 * in bytes as in characters.
 */
export function jsonText(text: string): string {
  return `"${jsonInside(text)}"`;
}

/** The same without the quotes: most texts are what they were. */
export function jsonInside(text: string): string {
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code < 0x20 || code > 0x7e || code === quote || code === backslash) return escaped(text, at);
  }
  return text;
}

const quote = 0x22;
const backslash = 0x5c;

/** `from`: the first character that cannot stand as it is. */
function escaped(text: string, from: number): string {
  let out = text.slice(0, from);
  for (let at = from; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code === quote || code === backslash) out += `\\${text[at]}`;
    else if (code < 0x20 || code > 0x7e) out += `\\u${code.toString(16).padStart(4, "0")}`;
    else out += text[at];
  }
  return out;
}

/** Any JSON in ASCII alone; it means the same. */
export function asciiJson(json: string): string {
  return json.replace(
    /[^\x20-\x7e]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}
