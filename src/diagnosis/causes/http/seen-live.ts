import type { Pair, Route } from "../../../routing/routes.ts";
import type { Affects, Effect, Evidence } from "../../finding.ts";
import type { Failing, Live, ReplayedRequest } from "../../live-evidence.ts";
import { evidence, exchangeEvidence, exchangesEvidence, sentWords, serverNames } from "../../statements.ts";
import { serversAmong } from "../helped.ts";

/** Live failures of one pair that show the same fault. */
export interface SeenLive {
  readonly pair: Pair;
  readonly exchanges: readonly [Failing, ...Failing[]];
  readonly affects: Affects;
  readonly effect: Effect;
}

/**
 * Live failures of one kind, by pair. Where probes show it the servers are down; where only requests do, those requests
 * fail. What a request to a server shows whose probe shows the same is not said twice.
 */
export function seenLive(live: Live, wanted: (failing: Failing) => boolean): SeenLive[] {
  const all = live.failing.filter(wanted);
  return [...Map.groupBy(all, ({ server }) => server.pair)].flatMap(([pair, own]): SeenLive[] => {
    const probes = own.filter(({ plan }) => plan.purpose === "probe");
    const down = new Set(probes.map(({ server }) => server));
    const requests = own.filter(isRequest).filter(({ server }) => !down.has(server));
    return [...probed(pair, probes), ...asked(pair, requests, live)];
  });
}

export function isRequest(exchange: Failing): exchange is ReplayedRequest {
  return "route" in exchange;
}

function probed(pair: Pair, exchanges: readonly Failing[]): SeenLive[] {
  const [first, ...rest] = exchanges;
  if (first === undefined) return [];
  const servers = serversAmong(exchanges);
  return [{ pair, exchanges: [first, ...rest], affects: { servers }, effect: "stops-probes" }];
}

/** One request stands for a whole route, but need not fail as all of them do: routes are impaired, not stopped. */
function asked(pair: Pair, requests: readonly ReplayedRequest[], live: Live): SeenLive[] {
  const [first, ...rest] = requests;
  if (first === undefined) return [];
  const routes = [...new Set(requests.map(({ route }) => route))];
  const whole = routes.filter((route) => isWhole(route, requests, live));
  const affects = whole.length === routes.length ? { routes: whole } : { servers: serversAmong(requests) };
  return [{ pair, exchanges: [first, ...rest], affects, effect: "impairs" }];
}

function isWhole(route: Route, requests: readonly ReplayedRequest[], live: Live): boolean {
  const servers = new Set(requests.filter((one) => one.route === route).map(({ server }) => server));
  return live
    .requestsOf(route)
    .every(({ server, outcome }) => outcome === "undecided" || servers.has(server));
}

/** Tells the findings of one pair apart. */
export function keyOfSeen({ pair, effect }: SeenLive): string {
  return effect === "stops-probes" ? `${pair.id}/live-probe` : `${pair.id}/live`;
}

/** `its probe`, `GET http://shop.contoso.com/cart` */
export function askedWords(exchange: Failing): string {
  if (!isRequest(exchange)) return "its probe";
  const { method, scheme, host, path } = exchange.client;
  return `${method} ${scheme}://${host}${path}`;
}

/** `10.1.0.4 of pool web`, with the verb's ending: `answer` or `answers`. */
export function serversOfSeen({ pair, exchanges }: SeenLive): { readonly who: string; readonly s: "" | "s" } {
  const servers = serversAmong(exchanges);
  return { who: `${serverNames(servers)} of pool ${pair.pool.name}`, s: servers.length === 1 ? "s" : "" };
}

/** What became of each of them, and of which request. */
export function seenLiveEvidence({ exchanges }: SeenLive): readonly Evidence[] {
  return exchangesEvidence(exchanges, evidenceOfOne);
}

function evidenceOfOne(exchange: Failing): Evidence {
  if (!isRequest(exchange)) return exchangeEvidence(exchange);
  const made = exchange.madeUp ? ", a request that stands for its route since none was given" : "";
  return evidence(
    `${sentWords(exchange)} (${askedWords(exchange)}${made}): ${exchange.says}`,
    exchange.source,
  );
}
