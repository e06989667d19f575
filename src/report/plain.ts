/**
 * Text from documents may be hostile: terminal sequences, characters that reorder what follows, invisible ones. Line
 * breaks and tabs become a space; everything else that shows nothing or moves others is written as its number.
 */
export function plain(text: string): string {
  if (!/[^\x20-\x7e]/.test(text)) return text;
  return text.replace(/\r\n|[\n\r\t]/g, " ").replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}\p{Co}]/gu, escaped);
}

function escaped(character: string): string {
  const code = character.codePointAt(0) ?? 0;
  return code > 0xffff ? `\\u{${code.toString(16)}}` : `\\u${code.toString(16).padStart(4, "0")}`;
}
