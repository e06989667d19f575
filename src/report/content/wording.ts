/** `1 route`, `3 routes` */
export function counted(count: number, noun: string, plural = `${noun}s`): string {
  return `${count} ${count === 1 ? noun : plural}`;
}

/** `a`, `a and b`, `a, b and c` */
export function joined(words: readonly string[]): string {
  const last = words.at(-1) ?? "";
  return words.length < 2 ? last : `${words.slice(0, -1).join(", ")} and ${last}`;
}

/** The first few, then a count: `a, b, c and 7 more`. */
export function abridged(words: readonly string[], most: number): string {
  if (words.length <= most + 1) return joined(words);
  return `${words.slice(0, most).join(", ")} and ${words.length - most} more`;
}

/** Where evidence stands: `nsg.json#/securityRules/2`, `access.log, line 7`, or the document alone. */
export function placeOf({
  document,
  pointer,
}: {
  readonly document: string;
  readonly pointer: string;
}): string {
  if (pointer === "") return document;
  return pointer.startsWith("/") ? `${document}#${pointer}` : `${document}, ${pointer}`;
}
