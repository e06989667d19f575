import { isIP, isIPv6 } from "node:net";
import { UsageError } from "./exit-codes.ts";

/** A DNS server, or where a gateway is reached, as the call names it. */
export interface DnsAddress {
  readonly address: string;
  readonly port: number;
}

/** Reads the value of an option that names a DNS server; throws `UsageError`. */
export function dnsAddressFrom(text: string, option = "dns"): DnsAddress {
  const found = addressAndPort(text, 53);
  if (found !== undefined) return found;
  throw new UsageError(`--${option} takes an address like 10.0.0.4 or 10.0.0.4:5353, not "${text}"`);
}

/** Reads `10.0.0.4`, `10.0.0.4:5353`, `fd00::4` or `[fd00::4]:5353`; undefined = it is none of them. */
export function addressAndPort(text: string, otherwise: number): DnsAddress | undefined {
  if (isIP(text) !== 0) return { address: text, port: otherwise };
  const match = /^(?:\[([^\]]+)\]|([^:]+))(?::(\d{1,5}))?$/.exec(text);
  const address = match?.[1] ?? match?.[2] ?? "";
  const port = match?.[3] === undefined ? otherwise : Number(match[3]);
  const bracketed = match?.[1] !== undefined;
  const right = isIP(address) !== 0 && bracketed === isIPv6(address) && port >= 1 && port <= 65_535;
  return right ? { address, port } : undefined;
}
