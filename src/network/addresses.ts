import { isIPv6 } from "node:net";

/** An address as a number: IPv4 as `number`, IPv6 as `bigint`. Values of one family compare with `<`. */
export type AddressValue = number | bigint;

export type AddressFamily = 4 | 6;

export interface Address {
  readonly family: AddressFamily;
  readonly value: AddressValue;
}

/** All addresses from `first` to `last`, both included. */
export interface AddressRange {
  readonly family: AddressFamily;
  readonly first: AddressValue;
  readonly last: AddressValue;
}

const lastOf = { 4: 2 ** 32 - 1, 6: (1n << 128n) - 1n } as const;

export const allIpv4: AddressRange = { family: 4, first: 0, last: lastOf[4] };
export const allIpv6: AddressRange = { family: 6, first: 0n, last: lastOf[6] };

/** Reads one IPv4 or IPv6 address; undefined when it is none. */
export function parseAddress(text: string): Address | undefined {
  const ipv4 = parseIpv4(text);
  if (ipv4 !== undefined) return { family: 4, value: ipv4 };
  const ipv6 = parseIpv6(text);
  return ipv6 === undefined ? undefined : { family: 6, value: ipv6 };
}

/** Dotted decimal, written by hand because every server address of a large pool passes here. */
function parseIpv4(text: string): number | undefined {
  let value = 0;
  let octet = 0;
  let digits = 0;
  let dots = 0;
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code === 46) {
      if (digits === 0 || ++dots > 3) return undefined;
      value = value * 256 + octet;
      octet = 0;
      digits = 0;
      continue;
    }
    if (code < 48 || code > 57 || (digits > 0 && octet === 0)) return undefined;
    octet = octet * 10 + code - 48;
    digits++;
    if (octet > 255) return undefined;
  }
  return dots === 3 && digits > 0 ? value * 256 + octet : undefined;
}

function parseIpv6(text: string): bigint | undefined {
  if (!text.includes(":") || text.includes("%") || !isIPv6(text)) return undefined;
  const [head = "", tail] = text.split("::");
  const left = groupsOf(head);
  const right = tail === undefined ? [] : groupsOf(tail);
  const zeros = Array<number>(8 - left.length - right.length).fill(0);
  return [...left, ...zeros, ...right].reduce((value, group) => (value << 16n) | BigInt(group), 0n);
}

function groupsOf(text: string): number[] {
  if (text === "") return [];
  return text.split(":").flatMap((group) => {
    const embedded = group.includes(".") ? parseIpv4(group) : undefined;
    return embedded === undefined ? [Number.parseInt(group, 16)] : [embedded >>> 16, embedded & 0xffff];
  });
}

/**
 * Reads an address, a prefix (`10.0.0.0/24`; host bits are ignored, as Azure does) or a range (`10.0.0.4-10.0.0.9`, as
 * firewalls write it). Undefined when it is none of these, e.g. a service tag.
 */
export function parseRange(text: string): AddressRange | undefined {
  const slash = text.indexOf("/");
  if (slash >= 0) return parsePrefix(text.slice(0, slash), text.slice(slash + 1));
  const single = parseAddress(text);
  if (single !== undefined) return rangeOfAddress(single);
  const dash = text.indexOf("-");
  if (dash < 0) return undefined;
  const first = parseAddress(text.slice(0, dash).trim());
  const last = parseAddress(text.slice(dash + 1).trim());
  if (first === undefined || last === undefined || first.family !== last.family) return undefined;
  return first.value > last.value
    ? undefined
    : { family: first.family, first: first.value, last: last.value };
}

function parsePrefix(base: string, lengthText: string): AddressRange | undefined {
  const address = parseAddress(base);
  if (address === undefined || !/^\d{1,3}$/.test(lengthText)) return undefined;
  const length = Number(lengthText);
  if (length > (address.family === 4 ? 32 : 128)) return undefined;
  if (typeof address.value === "number") {
    const size = 2 ** (32 - length);
    const first = Math.floor(address.value / size) * size;
    return { family: 4, first, last: first + size - 1 };
  }
  const size = 1n << BigInt(128 - length);
  const first = (address.value / size) * size;
  return { family: 6, first, last: first + size - 1n };
}

export function rangeOfAddress({ family, value }: Address): AddressRange {
  return { family, first: value, last: value };
}

export function rangeContains(range: AddressRange, { family, value }: Address): boolean {
  return range.family === family && range.first <= value && value <= range.last;
}

export function intersection(a: AddressRange, b: AddressRange): AddressRange | undefined {
  if (a.family !== b.family) return undefined;
  const { first } = a.first < b.first ? b : a;
  const { last } = a.last < b.last ? a : b;
  return first > last ? undefined : { family: a.family, first, last };
}

/** The prefix length when the range is one prefix, otherwise undefined. */
export function prefixLength(range: AddressRange): number | undefined {
  const bits = range.family === 4 ? 32 : 128;
  const size = BigInt(range.last) - BigInt(range.first) + 1n;
  const power = size.toString(2).length - 1;
  const aligned = size === 1n << BigInt(power) && BigInt(range.first) % size === 0n;
  return aligned ? bits - power : undefined;
}

export function formatAddress({ family, value }: Address): string {
  return family === 4 ? formatIpv4(Number(value)) : formatIpv6(BigInt(value));
}

/** As a single address, a prefix, or `first-last`, whichever is exact. */
export function formatRange(range: AddressRange): string {
  const first = formatAddress({ family: range.family, value: range.first });
  if (range.first === range.last) return first;
  const length = prefixLength(range);
  if (length !== undefined) return `${first}/${length}`;
  return `${first}-${formatAddress({ family: range.family, value: range.last })}`;
}

function formatIpv4(value: number): string {
  return `${value >>> 24}.${(value >>> 16) & 255}.${(value >>> 8) & 255}.${value & 255}`;
}

/** RFC 5952: lower case, the longest run of two or more zero groups written `::`. */
function formatIpv6(value: bigint): string {
  const groups = Array.from({ length: 8 }, (_, i) => Number((value >> BigInt(112 - 16 * i)) & 0xffffn));
  let best = { start: -1, length: 1 };
  for (let start = 0; start < 8; start++) {
    let length = 0;
    while (groups[start + length] === 0) length++;
    if (length > best.length) best = { start, length };
  }
  const text = (part: readonly number[]) => part.map((group) => group.toString(16)).join(":");
  if (best.start < 0) return text(groups);
  return `${text(groups.slice(0, best.start))}::${text(groups.slice(best.start + best.length))}`;
}

const privateRanges: readonly AddressRange[] = [
  "10.0.0.0/8",
  "172.16.0.0/12",
  "192.168.0.0/16",
  "100.64.0.0/10",
  "fc00::/7",
].map((text) => parseRange(text) as AddressRange);

/** RFC 1918, RFC 6598 and RFC 4193 space: what Azure drops unless a network uses it (network.md §2.2). */
export const privateAddressRanges = privateRanges;

export function isPrivateAddress(address: Address): boolean {
  return privateRanges.some((range) => rangeContains(range, address));
}
