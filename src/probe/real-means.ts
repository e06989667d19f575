import { isIPv6 } from "node:net";
import { handshake } from "../wire/tls/handshake.ts";
import type { BackendMappings } from "./backend-mapping.ts";
import { systemClock } from "./clock.ts";
import { connectTcp } from "./connect.ts";
import type { DnsServer } from "./dns-query.ts";
import { resolveName } from "./resolve.ts";
import type { ProbeMeans } from "./send-exchange.ts";
import type { SystemLookup } from "./system-lookup.ts";

export interface RealMeansOptions {
  /** Those the gateway would ask for a name; empty = not known, or only reachable from inside Azure. */
  readonly dnsServersFor: (name: string) => readonly DnsServer[];
  /** Asked beside them, to be held against them; none unless somebody names some. */
  readonly comparisonServers?: readonly DnsServer[] | undefined;
  readonly systemLookup: SystemLookup;
  readonly fromAddress: string | undefined;
  readonly userAgent: string;
  /** Values of the fields a client gave, by lower-case name. */
  readonly clientFields?: ReadonlyMap<string, string> | undefined;
  readonly mapping?: BackendMappings | undefined;
  readonly signal: AbortSignal | undefined;
}

/** The network as it is. Names are asked for addresses of the family they are to be used with. */
export function realMeans(options: RealMeansOptions): ProbeMeans {
  const {
    dnsServersFor,
    comparisonServers = [],
    systemLookup,
    fromAddress,
    userAgent,
    clientFields,
    mapping,
    signal,
  } = options;
  const type = fromAddress !== undefined && isIPv6(fromAddress) ? "AAAA" : "A";
  return {
    resolve: (name, budgetMs, stop) =>
      resolveName(
        {
          name,
          gatewayServers: dnsServersFor(name),
          comparisonServers,
          types: [type],
          budgetMs,
          localAddress: fromAddress,
        },
        { clock: systemClock, systemLookup, signal: stop },
      ),
    connect: connectTcp,
    openTls: handshake,
    clock: systemClock,
    userAgent,
    clientFields,
    mapping,
    signal,
  };
}
