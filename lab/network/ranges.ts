/** IPv4 addresses as closed ranges of numbers, sorted and apart. */
export type Ranges = readonly (readonly [first: number, last: number])[];

export const everything: Ranges = [[0, 0xffffffff]];

export function addressNumber(address: string): number {
  const parts = address.split(".").map(Number);
  if (parts.length !== 4 || parts.some((part) => !Number.isInteger(part) || part < 0 || part > 255)) {
    throw new Error(`not an IPv4 address: ${address}`);
  }
  return parts.reduce((sum, part) => sum * 256 + part, 0);
}

export function addressText(number: number): string {
  return [24, 16, 8, 0].map((shift) => (number >>> shift) & 255).join(".");
}

/** Of an address or a prefix. */
export function rangeOf(prefix: string): readonly [number, number] {
  const [address = "", length = "32"] = prefix.split("/");
  const size = 2 ** (32 - Number(length));
  const first = Math.floor(addressNumber(address) / size) * size;
  return [first, first + size - 1];
}

export function rangesOf(prefixes: readonly string[]): Ranges {
  return merged(prefixes.map(rangeOf));
}

export function merged(ranges: Ranges): Ranges {
  const result: [number, number][] = [];
  for (const [first, last] of ranges.toSorted((a, b) => a[0] - b[0])) {
    const before = result.at(-1);
    if (before !== undefined && first <= before[1] + 1) before[1] = Math.max(before[1], last);
    else result.push([first, last]);
  }
  return result;
}

/** All other addresses. */
export function complement(ranges: Ranges): Ranges {
  const result: [number, number][] = [];
  let next = 0;
  for (const [first, last] of merged(ranges)) {
    if (first > next) result.push([next, first - 1]);
    next = last + 1;
  }
  if (next <= 0xffffffff) result.push([next, 0xffffffff]);
  return result;
}

export function contains(prefix: string, address: string): boolean {
  const [first, last] = rangeOf(prefix);
  const number = addressNumber(address);
  return first <= number && number <= last;
}

/** As nft writes sets; undefined = every address. */
export function setText(ranges: Ranges): string | undefined {
  if (ranges.length === 1 && ranges[0]?.[0] === 0 && ranges[0][1] === 0xffffffff) return undefined;
  const texts = ranges.map(([first, last]) =>
    first === last ? addressText(first) : `${addressText(first)}-${addressText(last)}`,
  );
  return `{ ${texts.join(", ")} }`;
}
