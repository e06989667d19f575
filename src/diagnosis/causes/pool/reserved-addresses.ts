import type { Subnet } from "../../../model/network.ts";
import { parseAddress, parseRange } from "../../../network/addresses.ts";

type Range = readonly [first: number, last: number];

/** The first four addresses of a subnet and the last one, which Azure keeps for itself. */
export class ReservedAddresses {
  private readonly known = new Map<Subnet, readonly Range[]>();

  has(address: string, subnet: Subnet): boolean {
    let ranges = this.known.get(subnet);
    if (ranges === undefined) {
      ranges = subnet.addressPrefixes.flatMap(ipv4Range);
      this.known.set(subnet, ranges);
    }
    const value = parseAddress(address)?.value;
    if (typeof value !== "number") return false;
    return ranges.some(([first, last]) => (value >= first && value < first + 4) || value === last);
  }
}

function ipv4Range(prefix: string): Range[] {
  const range = parseRange(prefix);
  if (typeof range?.first !== "number" || typeof range.last !== "number") return [];
  return [[range.first, range.last]];
}
