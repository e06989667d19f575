import { parseAddress, parseRange } from "../../../network/addresses.ts";

/** The first four addresses of a subnet and the last one, which Azure keeps for itself. */
export function isReserved(address: string, prefixes: readonly string[]): boolean {
  const value = parseAddress(address)?.value;
  return prefixes.some((prefix) => {
    const range = parseRange(prefix);
    if (range === undefined || typeof value !== "number" || typeof range.first !== "number") return false;
    return (value >= range.first && value < range.first + 4) || value === range.last;
  });
}
