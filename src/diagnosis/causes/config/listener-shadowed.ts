import type { Gateway, RouteTarget } from "../../../model/gateway.ts";
import {
  type BoundListener,
  hostCovers,
  listenerGroups,
  listenerTakes,
} from "../../../routing/listener-match.ts";
import { type Decision, defineCause } from "../../cause.ts";
import type { Facets } from "../../facets.ts";
import type { FixProposal, Statement } from "../../finding.ts";
import type { ReplayedRequest } from "../../live-evidence.ts";
import { evidence, exchangeEvidence, listed, listenerSubject, partId, subject } from "../../statements.ts";
import { connectionCauses } from "../families.ts";
import { fewestRows } from "../log-evidence.ts";

interface Match {
  readonly gateway: Gateway;
  readonly shadowed: BoundListener;
  readonly by: BoundListener;
  /** Host names of the shadowed listener that it never gets. */
  readonly names: readonly string[];
  /** In the access log; fewer than could not be chance are none. */
  readonly failed: number;
  /** A request for a hidden host that was seen to fail under the other rule. */
  readonly shown: ReplayedRequest | undefined;
}

export default defineCause({
  id: "listener-shadowed",
  title: "Listener hidden behind a wider one",
  layer: "config",
  decidedBy: ["configuration", "log", "live"],
  reads: ["gateway", "wiring", "traffic", "live"],
  explainedBy: [...connectionCauses, "pool-empty"],
  about: `On one frontend and port the first listener whose host names fit takes a request, whatever fits better further
down: v2 goes by the rules' priority, v1 by their order. A listener without host names, or with a wildcard, that comes
first hides the specific one, whose requests land at a backend that does not know them. By itself that is a risk; it
explains failures only where the access log, or a request that was sent, shows the hidden host names failing under the
other rule.`,
  find: ({ gateway, wiring, traffic, live }) =>
    listenerGroups(gateway).flatMap(({ candidates }) =>
      candidates.flatMap((shadowed, index): Decision<Match>[] => {
        const shadow = shadowOn(shadowed, candidates.slice(0, index));
        if (shadow === undefined) return [];
        const { by, names } = shadow;
        const landing = wiring.routes.filter(({ rule }) => rule === by.rule);
        const count = failedUnder(landing, shadowed, traffic);
        const failed = count >= fewestRows ? count : 0;
        const shown = shownUnder(landing, shadowed, live);
        const routes = failed > 0 ? landing : shown === undefined ? undefined : [shown.route];
        return [
          {
            is: "found",
            key: `${shadowed.listener.name} by ${by.listener.name}`,
            match: { gateway, shadowed, by, names, failed, shown },
            affects: {
              routes: routes ?? wiring.routes.filter(({ rule }) => rule === shadowed.rule),
            },
            effect: routes === undefined ? "threatens" : "impairs",
            basis: routes === undefined ? "configuration" : "observed-likely",
          },
        ];
      }),
    ),
  say: ({ gateway, shadowed, by, names, failed, shown }): Statement => ({
    summary: `Listener ${shadowed.listener.name} never gets requests for ${names.length === 0 ? "any host" : listed(names)}: listener ${by.listener.name} ${
      gateway.generation === "v1" ? "comes first" : `(priority ${by.rule.priority ?? "none"}) comes first`
    } and takes them too${failed > 0 ? `; ${failed} of them failed there` : ""}`,
    subjects: [subject("requestRoutingRule", shadowed.rule), listenerSubject(by.listener)],
    evidence: [
      evidence(
        by.listener.hostNames.length === 0
          ? `listener ${by.listener.name} names no host: it takes every one`
          : `listener ${by.listener.name} takes ${listed(by.listener.hostNames)}`,
        by.listener.source.at(by.listener.source.text("hostName") ? "hostName" : "hostNames"),
      ),
      ...[by, shadowed].map(({ rule }) =>
        rule.priority === undefined
          ? evidence(`the place of rule ${rule.name} among the rules`, rule.source)
          : evidence(`rule ${rule.name} has priority ${rule.priority}`, rule.source.at("priority")),
      ),
      ...(shown === undefined ? [] : [exchangeEvidence(shown)]),
    ],
  }),
  fix: ({ gateway, shadowed, by }): FixProposal => {
    const priority = freePriorityBefore(gateway, by);
    if (priority === undefined) {
      return {
        summary: `Put rule ${shadowed.rule.name} before rule ${by.rule.name}.`,
        changes: [],
        sideEffects: [],
      };
    }
    return {
      summary: `Give rule ${shadowed.rule.name} priority ${priority}, before rule ${by.rule.name}.`,
      changes: [
        {
          action: "set",
          resourceId: partId(gateway, "requestRoutingRules", shadowed.rule),
          path: "priority",
          value: priority,
        },
      ],
      sideEffects: [
        `Requests for ${listed(shadowed.listener.hostNames)} move from rule ${by.rule.name} to ${shadowed.rule.name}.`,
      ],
    };
  },
});

/** The first earlier listener that takes host names of this one and does something else with them. */
function shadowOn(
  { listener, rule }: BoundListener,
  earlier: readonly BoundListener[],
): { by: BoundListener; names: readonly string[] } | undefined {
  for (const by of earlier) {
    if (sameTargets(by.rule, rule)) continue;
    const wide = by.listener.hostNames;
    if (wide.length === 0) return { by, names: listener.hostNames };
    const names = listener.hostNames.filter((name) => wide.some((pattern) => hostCovers(pattern, name)));
    if (names.length > 0) return { by, names };
  }
  return undefined;
}

/** Two listeners that do the same with a request, or only redirect it, cannot hide anything that matters here. */
function sameTargets(one: BoundListener["rule"], other: BoundListener["rule"]): boolean {
  const redirects = ({ redirect }: RouteTarget): boolean => redirect !== undefined;
  if (redirects(one) && redirects(other)) return true;
  return (
    one.pool?.target === other.pool?.target &&
    one.setting?.target === other.setting?.target &&
    one.urlPathMap?.target === other.urlPathMap?.target &&
    one.redirect?.target === other.redirect?.target
  );
}

function failedUnder(
  routes: Facets["wiring"]["routes"],
  { listener }: BoundListener,
  traffic: Facets["traffic"],
): number {
  if (listener.hostNames.length === 0) return 0;
  const observations = new Set(routes.flatMap((route) => traffic.ofRoute(route)));
  let failed = 0;
  for (const seen of observations) {
    for (const [host, summary] of seen.hosts) if (listenerTakes(listener, host)) failed += summary.failed;
  }
  return failed;
}

/** A request that a client made or was asked for, and not what stands for a route. */
function shownUnder(
  routes: Facets["wiring"]["routes"],
  { listener }: BoundListener,
  live: Facets["live"],
): ReplayedRequest | undefined {
  if (listener.hostNames.length === 0) return undefined;
  return live.requests.find(
    ({ outcome, madeUp, route, client }) =>
      outcome === "failing" && !madeUp && routes.includes(route) && listenerTakes(listener, client.host),
  );
}

/** v1 has no priorities: there the order of the rules would have to change. */
function freePriorityBefore(gateway: Gateway, { rule }: BoundListener): number | undefined {
  if (gateway.generation === "v1" || rule.priority === undefined) return undefined;
  const taken = new Set(gateway.rules.map(({ priority }) => priority));
  for (let priority = rule.priority - 1; priority >= 1; priority--) {
    if (!taken.has(priority)) return priority;
  }
  return undefined;
}
