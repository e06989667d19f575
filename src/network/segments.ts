import { type AddressSet, following, preceding } from "./address-sets.ts";
import {
  type Address,
  type AddressFamily,
  type AddressRange,
  type AddressValue,
  allIpv4,
  allIpv6,
} from "./addresses.ts";

/** Something that holds for a set of addresses. */
export interface Covering<T> {
  readonly ranges: AddressSet;
  readonly value: T;
}

/**
 * The whole address space cut into elementary intervals, each with one result: building costs a sort, every question
 * after that a binary search. Rules, routes and places are all asked through this.
 */
export interface Segments<R> {
  readonly lines: { readonly [family in AddressFamily]: Line<R> };
}

interface Line<R> {
  readonly starts: readonly AddressValue[];
  readonly segments: readonly Segment<R>[];
}

export interface Segment<R> {
  readonly range: AddressRange;
  readonly result: R;
}

/**
 * Sweeps over the addresses and lets `decide` settle each elementary interval from the values that cover it, in the
 * order of `coverings`: the order is the precedence.
 */
export function sweep<T, R>(
  coverings: readonly Covering<T>[],
  decide: (covering: readonly T[], range: AddressRange) => R,
): Segments<R> {
  return {
    lines: { 4: sweepLine(coverings, allIpv4, decide), 6: sweepLine(coverings, allIpv6, decide) },
  };
}

/** The elementary interval an address falls into. */
export function segmentAt<R>({ lines }: Segments<R>, { family, value }: Address): Segment<R> {
  const { starts, segments } = lines[family];
  let low = 0;
  let high = starts.length - 1;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if ((starts[middle] as AddressValue) <= value) low = middle;
    else high = middle - 1;
  }
  return segments[low] as Segment<R>;
}

/** The elementary intervals that meet a range, in ascending order. */
export function segmentsIn<R>(segments: Segments<R>, range: AddressRange): readonly Segment<R>[] {
  const found: Segment<R>[] = [];
  let value = range.first;
  for (;;) {
    const segment = segmentAt(segments, { family: range.family, value });
    found.push(segment);
    if (segment.range.last >= range.last) return found;
    value = following(segment.range.last);
  }
}

interface Edge {
  readonly at: AddressValue;
  readonly rank: number;
  readonly opens: boolean;
}

function sweepLine<T, R>(
  coverings: readonly Covering<T>[],
  whole: AddressRange,
  decide: (covering: readonly T[], range: AddressRange) => R,
): Line<R> {
  const edges = edgesOf(coverings, whole);
  const ranks: number[] = [];
  const values: T[] = [];
  const starts: AddressValue[] = [];
  const segments: Segment<R>[] = [];
  let next = 0;
  for (let first: AddressValue | undefined = whole.first; first !== undefined; ) {
    for (let edge = edges[next]; edge !== undefined && edge.at === first; edge = edges[++next]) {
      const place = placeOf(ranks, edge.rank);
      ranks.splice(place, edge.opens ? 0 : 1, ...(edge.opens ? [edge.rank] : []));
      values.splice(place, edge.opens ? 0 : 1, ...(edge.opens ? [coverings[edge.rank]?.value as T] : []));
    }
    const upcoming: Edge | undefined = edges[next];
    const last: AddressValue = upcoming === undefined ? whole.last : preceding(upcoming.at);
    const range: AddressRange = { family: whole.family, first, last };
    starts.push(first);
    segments.push({ range, result: decide(values, range) });
    first = upcoming?.at;
  }
  return { starts, segments };
}

/** Where each range begins and where it has just ended; an end at the end of the line needs no edge. */
function edgesOf<T>(coverings: readonly Covering<T>[], whole: AddressRange): Edge[] {
  const edges: Edge[] = [];
  coverings.forEach(({ ranges }, rank) => {
    for (const { family, first, last } of ranges) {
      if (family !== whole.family) continue;
      edges.push({ at: first, rank, opens: true });
      if (last < whole.last) edges.push({ at: following(last), rank, opens: false });
    }
  });
  return edges.sort((a, b) => (a.at < b.at ? -1 : a.at > b.at ? 1 : 0));
}

/** Index of `rank` in the ascending list, or where it belongs. */
function placeOf(ranks: readonly number[], rank: number): number {
  let low = 0;
  let high = ranks.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((ranks[middle] as number) < rank) low = middle + 1;
    else high = middle;
  }
  return low;
}
