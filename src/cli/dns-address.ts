import { isIP, isIPv6 } from "node:net";
import { UsageError } from "./exit-codes.ts";

/** A DNS server as the call names it. */
export interface DnsAddress {
  readonly address: string;
  readonly port: number;
}

/** Reads `10.0.0.4`, `10.0.0.4:5353`, `fd00::4` or `[fd00::4]:5353`. */
export function dnsAddressFrom(text: string): DnsAddress {
  if (isIP(text) !== 0) return { address: text, port: 53 };
  const match = /^(?:\[(.+)\]|([^:]+)):(\d{1,5})$/.exec(text);
  const address = match?.[1] ?? match?.[2] ?? "";
  const port = Number(match?.[3]);
  const bracketed = match?.[1] !== undefined;
  if (isIP(address) === 0 || bracketed !== isIPv6(address) || port < 1 || port > 65_535) {
    throw new UsageError(`--dns takes an address like 10.0.0.4 or 10.0.0.4:5353, not "${text}"`);
  }
  return { address, port };
}
