/** The known word that was probably meant: one letter more, less, other, or two of them swapped; not for short words. */
export function misspelt(written: string, known: readonly string[]): string | undefined {
  const text = written.toLowerCase();
  if (text.length < 4 || text.length > 80) return undefined;
  return known.find((word) => isOneEditApart(text, word.toLowerCase()));
}

function isOneEditApart(one: string, other: string): boolean {
  const [short, long] = one.length <= other.length ? [one, other] : [other, one];
  if (long.length - short.length > 1 || short === long) return false;
  let from = 0;
  while (from < short.length && short[from] === long[from]) from++;
  if (long.length > short.length) return short.slice(from) === long.slice(from + 1);
  const swapped = short[from] === long[from + 1] && short[from + 1] === long[from];
  return (
    short.slice(from + 1) === long.slice(from + 1) ||
    (swapped && short.slice(from + 2) === long.slice(from + 2))
  );
}
