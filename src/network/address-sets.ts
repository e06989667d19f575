import { type Address, type AddressRange, type AddressValue, intersection } from "./addresses.ts";

/** Disjoint ranges in ascending order, IPv4 before IPv6; neighbours are merged. */
export type AddressSet = readonly AddressRange[];

export const noAddresses: AddressSet = [];

export function addressSet(ranges: readonly AddressRange[]): AddressSet {
  if (ranges.length < 2) return ranges;
  const sorted = [...ranges].sort(compareRanges);
  const merged: AddressRange[] = [];
  for (const range of sorted) {
    const last = merged.at(-1);
    if (last === undefined || last.family !== range.family || range.first > following(last.last)) {
      merged.push(range);
    } else if (range.last > last.last) {
      merged[merged.length - 1] = { ...last, last: range.last };
    }
  }
  return merged;
}

function compareRanges(a: AddressRange, b: AddressRange): number {
  if (a.family !== b.family) return a.family - b.family;
  return a.first < b.first ? -1 : a.first > b.first ? 1 : 0;
}

export function following(value: AddressValue): AddressValue {
  return typeof value === "bigint" ? value + 1n : value + 1;
}

export function preceding(value: AddressValue): AddressValue {
  return typeof value === "bigint" ? value - 1n : value - 1;
}

export function subtract(from: AddressSet, taken: AddressSet): AddressSet {
  const rest: AddressRange[] = [];
  for (const range of from) {
    let first: AddressValue | undefined = range.first;
    for (const hole of taken) {
      if (first === undefined) break;
      if (hole.family !== range.family || hole.last < first || hole.first > range.last) continue;
      if (hole.first > first) rest.push({ family: range.family, first, last: preceding(hole.first) });
      first = hole.last >= range.last ? undefined : following(hole.last);
    }
    if (first !== undefined) rest.push({ family: range.family, first, last: range.last });
  }
  return rest;
}

export function intersect(a: AddressSet, b: AddressSet): AddressSet {
  const common: AddressRange[] = [];
  for (const x of a) {
    for (const y of b) {
      const both = intersection(x, y);
      if (both !== undefined) common.push(both);
    }
  }
  return addressSet(common);
}

export function contains(set: AddressSet, { family, value }: Address): boolean {
  return set.some((range) => range.family === family && range.first <= value && value <= range.last);
}

/** Whether every address of `inner` is in `outer`. */
export function containsAll(outer: AddressSet, inner: AddressSet): boolean {
  return subtract(inner, outer).length === 0;
}
