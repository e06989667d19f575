/** The known word nearest to what was written, worded by `say`; empty when none is near. */
export function suggestion(written: string, known: readonly string[], say: (word: string) => string): string {
  const [near] = nearest(written, known, 1);
  return near === undefined ? "" : say(near);
}

/** The known words nearest to what was written, best first. */
export function nearest(written: string, known: readonly string[], most: number): string[] {
  const wanted = written.toLowerCase().slice(0, 80);
  return known
    .map((word) => ({ word, distance: distanceOf(wanted, word.toLowerCase()) }))
    .filter(
      ({ word, distance }) => distance <= Math.max(2, Math.floor(Math.min(word.length, wanted.length) / 3)),
    )
    .sort((a, b) => a.distance - b.distance)
    .slice(0, most)
    .map(({ word }) => word);
}

/** Levenshtein's distance. */
function distanceOf(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const change = (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1);
      next.push(Math.min((row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1, change));
    }
    row = next;
  }
  return row[b.length] ?? 0;
}
