import { type AddressType, recordTypes } from "../wire/dns/codes.ts";
import type { DnsRecord } from "../wire/dns/message.ts";
import { foldName } from "../wire/dns/name.ts";

/** An honest chain has two or three aliases; resolvers give up at about this many. */
const maxAliases = 16;

/**
 * Follows the aliases from a name to its addresses (RFC 1034 §3.6.2), through as many answers as are added. Records
 * about names that are not on the way are not used, whoever sent them.
 */
export class AliasChain {
  readonly canonicalNames: string[] = [];
  readonly addresses: string[] = [];
  /** Of the records used. */
  ttlS: number | undefined;
  /** `open` until addresses are found; also where the name has no alias and no address. */
  state: "complete" | "open" | "loop" | "too-long" = "open";
  readonly #type: AddressType;
  readonly #visited = new Set<string>();
  #last: string;

  constructor(name: string, type: AddressType) {
    this.#last = name;
    this.#type = type;
    this.#visited.add(foldName(name));
  }

  /** The name reached so far. */
  get last(): string {
    return this.#last;
  }

  /** Goes on as far as the records lead. True if they led any further. */
  follow(records: readonly DnsRecord[]): boolean {
    const owners = Map.groupBy(records, ({ name }) => foldName(name));
    const before = this.canonicalNames.length;
    while (this.state === "open") {
      const own = owners.get(foldName(this.#last)) ?? [];
      if (this.#takeAddresses(own) || !this.#takeAlias(own)) break;
    }
    return this.state !== "open" || this.canonicalNames.length > before;
  }

  #takeAddresses(own: readonly DnsRecord[]): boolean {
    for (const { type, data, ttl } of own) {
      if (type !== recordTypes[this.#type] || data.kind !== "address") continue;
      if (!this.addresses.includes(data.address)) this.addresses.push(data.address);
      this.#lower(ttl);
      this.state = "complete";
    }
    return this.state === "complete";
  }

  #takeAlias(own: readonly DnsRecord[]): boolean {
    for (const { data, ttl } of own) {
      if (data.kind !== "alias") continue;
      this.canonicalNames.push(data.target);
      this.#lower(ttl);
      this.#last = data.target;
      const folded = foldName(data.target);
      if (this.#visited.has(folded)) this.state = "loop";
      else if (this.canonicalNames.length >= maxAliases) this.state = "too-long";
      this.#visited.add(folded);
      return true;
    }
    return false;
  }

  #lower(ttl: number): void {
    this.ttlS = Math.min(this.ttlS ?? ttl, ttl);
  }
}
