import { productWords } from "../../../health/answer-maker.ts";
import type { LogSample } from "../../../model/observations.ts";
import { type Decision, defineCause } from "../../cause.ts";
import type { Facets } from "../../facets.ts";
import type { Statement } from "../../finding.ts";
import { evidence, poolSubject } from "../../statements.ts";
import { requestCauses } from "../families.ts";
import { isDown, pathNames, routesWith, rowEvidence, withoutLog } from "../log-evidence.ts";
import { type BackendErrors, backendErrorsOf, type LoggedProxy } from "./backend-errors.ts";
import { innerLimitMs, isOfSeenProxy, proxyOf } from "./live-errors.ts";
import { sporadicTrials } from "./repeats.ts";
import {
  askedWords,
  keyOfSeen,
  type SeenLive,
  seenLive,
  seenLiveEvidence,
  serversOfSeen,
} from "./seen-live.ts";

type Match =
  | { readonly by: "log"; readonly errors: BackendErrors; readonly proxy: LoggedProxy }
  | { readonly by: "live"; readonly seen: SeenLive; readonly proxy: string };

export default defineCause({
  id: "second-proxy-502",
  title: "A proxy behind the gateway answers 502 or 504",
  layer: "http",
  decidedBy: ["configuration", "log", "live"],
  reads: ["gateway", "wiring", "traffic", "health", "services", "hosts", "live"],
  explainedBy: [...requestCauses, "timeout-inner"],
  about: `The backend is itself a proxy: API Management, an ingress, Front Door, another application gateway. It could not reach
what stands behind it and answered 502 or 504, which this gateway passed on. The access log has that status in
\`serverStatus\`; the page and its \`Server\` header are the other product's; that page is recognised live, and by \`causeway
run\`, whose own log says whose it was. The search goes on there.`,
  find: (facets) => {
    const { gateway, traffic, health } = facets;
    const decisions: Decision<Match>[] = [...withoutLog(facets), ...seenProxies(facets.live)];
    for (const seen of traffic.pairs) {
      if (isDown(health, seen.pair)) continue;
      const { services, hosts } = facets;
      for (const errors of backendErrorsOf(seen, { gateway, services, hosts })) {
        const { proxy, status, innerLimitS } = errors;
        if (proxy === undefined || innerLimitS !== undefined) continue;
        if (proxy.by !== "configuration" && isOfSeenProxy(facets.live, seen.pair, status)) continue;
        decisions.push({
          is: "found",
          key: `${seen.pair.id}/${status}`,
          match: { by: "log", errors, proxy },
          affects: { routes: routesWith(traffic, seen.pair, ["backend-error"]) },
          effect: "impairs",
          basis: proxy.by === "field" ? "observed-possible" : "observed-likely",
          status,
        });
      }
    }
    return decisions;
  },
  trials: ({ live }, failing) =>
    proxyOf(failing) === undefined || innerLimitMs(live, failing) !== undefined
      ? []
      : sporadicTrials(live, failing),
  say: (match): Statement => (match.by === "log" ? sayLog(match) : sayLive(match)),
  fix: (match) => ({
    summary:
      match.by === "log"
        ? whereToLook(match)
        : `Find the reason of the ${match.seen.exchanges[0].status} in the log of ${match.proxy} on the servers of pool ${match.seen.pair.pool.name}, and in what is behind it.`,
    changes: [],
    sideEffects: [],
  }),
});

/** A page tells who made it; a field may stand in what was merely passed on. */
function seenProxies(live: Facets["live"]): Decision<Match>[] {
  const seen = seenLive(
    live,
    (failing) => proxyOf(failing) !== undefined && innerLimitMs(live, failing) === undefined,
  );
  return seen.flatMap((one): Decision<Match>[] => {
    const [first] = one.exchanges;
    const proxy = proxyOf(first);
    if (proxy === undefined) return [];
    return [
      {
        is: "found",
        key: keyOfSeen(one),
        match: { by: "live", seen: one, proxy: proxy.words },
        affects: one.affects,
        effect: one.effect,
        basis: proxy.surely ? "observed-likely" : "observed-possible",
        // A server whose probe fails is not asked any more: clients then get the gateway's own 502.
        status: one.effect === "stops-probes" ? 502 : (first.status ?? 502),
      },
    ];
  });
}

function whereToLook({ errors: { status, seen }, proxy }: Match & { readonly by: "log" }): string {
  return proxy.by === "configuration"
    ? `Find the reason of the ${status} in ${proxy.words}.`
    : `Find the reason of the ${status} in the log of ${proxy.words} on the servers of pool ${seen.pair.pool.name}, and in what is behind it.`;
}

function sayLog({ errors, proxy }: Match & { readonly by: "log" }): Statement {
  const { seen, status, count, rows, paths } = errors;
  return {
    summary: `The ${status} for ${pathNames(paths)} (${count} of ${rows} requests to pool ${seen.pair.pool.name}) comes from ${proxy.words}, which got no good answer from what is behind it`,
    subjects: [poolSubject(seen.pair.pool)],
    evidence: [
      ...rowEvidence(
        seen,
        ["backend-error"],
        (row) => `${row.uri}: ${row.serverRouted} answered ${row.serverStatus}${byWhom(row)}`,
      ),
      ...(proxy.by === "configuration"
        ? [
            evidence(
              `the servers of pool ${seen.pair.pool.name} are ${proxy.words}`,
              seen.pair.servers[0]?.member.source ?? seen.pair.pool.source,
            ),
          ]
        : []),
    ],
  };
}

function byWhom({ answeredBy }: LogSample): string {
  const { pageOf, server, via } = answeredBy ?? {};
  if (pageOf !== undefined) return ` with the page of ${productWords(pageOf)}`;
  const field = server === undefined ? via && `Via: ${via}` : `Server: ${server}`;
  return field === undefined ? "" : ` with ${field}`;
}

function sayLive({ seen, proxy }: Extract<Match, { by: "live" }>): Statement {
  const [first] = seen.exchanges;
  const { who } = serversOfSeen(seen);
  return {
    summary: `The ${first.status} to ${askedWords(first)} comes from ${proxy} on ${who}, which got no good answer from what is behind it`,
    subjects: [poolSubject(seen.pair.pool)],
    evidence: seenLiveEvidence(seen),
  };
}
