/** Inclusive range of HTTP status codes. */
export interface StatusRange {
  readonly from: number;
  readonly to: number;
}

/** What is healthy when a probe does not say (health-probes.md §2). */
const defaultRanges: readonly StatusRange[] = [{ from: 200, to: 399 }];

/**
 * Reads `match.statusCodes`: single codes and ranges; the portal also leaves several, comma-separated, in one text
 * (health-probes.md §4). Texts that are neither are left out; nothing usable = the default.
 */
export function parseStatusRanges(texts: readonly string[]): readonly StatusRange[] {
  const ranges: StatusRange[] = [];
  for (const text of texts.flatMap((item) => item.split(","))) {
    const match = /^\s*(\d{3})\s*(?:-\s*(\d{3})\s*)?$/.exec(text);
    if (match === null) continue;
    const from = Number(match[1]);
    ranges.push({ from, to: match[2] === undefined ? from : Number(match[2]) });
  }
  return ranges.length > 0 ? ranges : defaultRanges;
}

export function statusMatches(ranges: readonly StatusRange[], status: number): boolean {
  return ranges.some(({ from, to }) => status >= from && status <= to);
}

/** `200-399, 401` */
export function formatStatusRanges(ranges: readonly StatusRange[]): string {
  return ranges.map(({ from, to }) => (from === to ? String(from) : `${from}-${to}`)).join(", ");
}
