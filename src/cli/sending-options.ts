import { isIP } from "node:net";
import { BackendMappings, parseBackendMapping } from "../probe/backend-mapping.ts";
import { type DnsAddress, dnsAddressFrom } from "./dns-address.ts";
import { UsageError } from "./exit-codes.ts";
import type { Arguments, Option } from "./options.ts";

/** The options of every command that sends to servers. */
export const sendingOptions: readonly Option[] = [
  {
    name: "dns",
    value: "IP[:PORT]",
    multiple: true,
    about:
      "Ask this DNS server for names, as the gateway would. Default: those of the gateway's virtual network, or the resolver of this machine.",
  },
  {
    name: "compare-dns",
    value: "IP[:PORT]",
    multiple: true,
    about:
      "Ask this DNS server too, and hold its answers against those that the gateway gets. The resolver of this machine is always asked.",
  },
  { name: "from-address", value: "IP", about: "Send from this address of this machine." },
  {
    name: "backend",
    value: "MEMBER[:PORT]=ADDRESS[:PORT]",
    multiple: true,
    about: "Reach this pool member at another address: a tunnel, a forwarded port, a test server.",
  },
];

/** From where, and by which way, a call sends. */
export interface Sending {
  /** Empty = the gateway's own. */
  readonly dnsServers: readonly DnsAddress[];
  /** Asked to be held against those. */
  readonly comparisonServers: readonly DnsAddress[];
  readonly fromAddress: string | undefined;
  readonly mapping: BackendMappings | undefined;
}

/** Reads `sendingOptions`; throws `UsageError`. */
export function sendingFrom(args: Arguments): Sending {
  return {
    dnsServers: args.list("dns").map((text) => dnsAddressFrom(text)),
    comparisonServers: args.list("compare-dns").map((text) => dnsAddressFrom(text, "compare-dns")),
    fromAddress: sourceAddress(args.text("from-address")),
    mapping: mappingFrom(args.list("backend")),
  };
}

function sourceAddress(text: string | undefined): string | undefined {
  if (text === undefined || isIP(text) !== 0) return text;
  throw new UsageError(`--from-address takes an IP address of this machine, not "${text}"`);
}

function mappingFrom(texts: readonly string[]): BackendMappings | undefined {
  if (texts.length === 0) return undefined;
  const mappings = texts.map((text) => {
    const mapping = parseBackendMapping(text);
    if ("fault" in mapping) throw new UsageError(`--backend: ${mapping.fault}`);
    return mapping;
  });
  const all = BackendMappings.of(mappings);
  if ("fault" in all) throw new UsageError(`--backend: ${all.fault}`);
  return all;
}
