/**
 * The text in memory of its own. A part of a head keeps the whole head alive (V8 cuts strings out without a copy), which is
 * a hundred times as much, and what clients like.
 */
export function ownText(text: string): string {
  const encoding = /^[\0-\xff]*$/.test(text) ? "latin1" : "utf16le";
  return Buffer.from(text, encoding).toString(encoding);
}
