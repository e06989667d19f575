import type { WireCase } from "../transcript.ts";

/** A case in one line: what it is about, its bytes with the fault mark, and what the reader tells. */
export type Row = readonly [about: string, bytes: string, tells: string, more?: Partial<WireCase>];

/** `group` makes names of cases unique over all corpora. */
export function casesOf(group: string, rows: readonly Row[]): readonly WireCase[] {
  return rows.map(([about, bytes, tells, more]) => ({ about: `${group}: ${about}`, bytes, tells, ...more }));
}
