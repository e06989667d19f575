import type { LogSample, RowReading } from "../../../model/observations.ts";
import type { Pair } from "../../../routing/routes.ts";
import type { Traffic } from "../../facets.ts";

/** The hosts clients of a pair ask for, as far as the listeners restrict them. */
export interface ClientHosts {
  /** Lower case; may hold wildcards. */
  readonly names: readonly string[];
  /** A listener without host names takes any host. */
  readonly any: boolean;
}

export function clientHosts({ routes }: Pick<Pair, "routes">): ClientHosts {
  const lists = routes.map(({ listener }) => listener?.hostNames ?? []);
  return {
    names: [...new Set(lists.flat().map((name) => name.toLowerCase()))],
    any: lists.some((names) => names.length === 0),
  };
}

/** The one host all listeners of the pair are for; undefined when there are several, a wildcard, or any. */
export function onlyHost(pair: Pick<Pair, "routes">): string | undefined {
  const { names, any } = clientHosts(pair);
  const [name, ...others] = names;
  return any || others.length > 0 || name === undefined || /[*?]/.test(name) ? undefined : name;
}

/** A rewrite that sets Host: what servers are then asked for does not follow from the listener. */
export function rewritesHost({ routes }: Pick<Pair, "routes">): boolean {
  return routes.some(({ leadsTo }) =>
    leadsTo.rewriteRuleSet?.target?.rewriteRules.some(({ requestHeaders }) =>
      requestHeaders.some(({ headerName }) => headerName.toLowerCase() === "host"),
    ),
  );
}

/** What became of the requests for one host. */
export interface HostTraffic {
  readonly host: string;
  readonly rows: number;
  readonly served: number;
  /** 502 of the gateway itself while the server sent no answer. */
  readonly unanswered: number;
}

const unanswered: readonly RowReading[] = ["gateway-error", "upstream-closed", "unreached"];

/** The access log of a pair by the host that clients sent, without ports. */
export function trafficByHost(pair: Pair, traffic: Traffic): HostTraffic[] {
  const hosts = new Map<string, HostTraffic>();
  for (const seen of traffic.ofPair(pair)) {
    for (const [written, summary] of seen.hosts) {
      const host = written.toLowerCase().replace(/:\d+$/, "");
      const known = hosts.get(host) ?? { host, rows: 0, served: 0, unanswered: 0 };
      const { readings } = summary;
      hosts.set(host, {
        host,
        rows: known.rows + summary.rows,
        served: known.served + (readings.get("served") ?? 0),
        unanswered: unanswered.reduce((sum, reading) => sum + (readings.get(reading) ?? 0), known.unanswered),
      });
    }
  }
  return [...hosts.values()].filter(({ host }) => host !== "" && host !== "-");
}

/** A row of the log that shows such a failure. */
export function unansweredSample(pair: Pair, traffic: Traffic): LogSample | undefined {
  return traffic
    .ofPair(pair)
    .flatMap(({ samples }) => samples)
    .find(({ reading }) => unanswered.includes(reading));
}
