/** A key: a character, or one of those that have a name. */
export type Key =
  | { readonly name: "up" | "down" | "enter" | "escape" | "backspace" | "interrupt" | "other" }
  | { readonly name: "character"; readonly character: string };

const named: ReadonlyMap<string, Exclude<Key["name"], "character">> = new Map([
  ["\u0003", "interrupt"],
  ["\u0004", "interrupt"],
  ["\r", "enter"],
  ["\n", "enter"],
  ["\u007f", "backspace"],
  ["\b", "backspace"],
  ["\u001b", "escape"],
  ["\u001b[A", "up"],
  ["\u001bOA", "up"],
  ["\u001b[B", "down"],
  ["\u001bOB", "down"],
]);

/** What a terminal sends in raw mode, in keys. Sequences that are not known are one other key, not their letters. */
export function keysOf(text: string): readonly Key[] {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: terminals begin the sequence of a key with ESC
  const pieces = text.match(/\u001b(?:\[[0-?]*[ -/]*[@-~]|O.)?|./gsu) ?? [];
  return pieces.map((piece): Key => {
    const name = named.get(piece);
    if (name !== undefined) return { name };
    if (/^[\p{Cc}\p{Cf}]/u.test(piece)) return { name: "other" };
    return { name: "character", character: piece };
  });
}
