import type { Json } from "../../../model/change.ts";
import type { Gateway, PathRule, UrlPathMap } from "../../../model/gateway.ts";
import { type PathRules, routingPath } from "../../../routing/path-match.ts";
import type { Route } from "../../../routing/routes.ts";
import { type Decision, defineCause } from "../../cause.ts";
import type { Facets } from "../../facets.ts";
import type { FixProposal, Statement } from "../../finding.ts";
import type { ReplayedRequest } from "../../live-evidence.ts";
import { evidence, exchangeEvidence, listed, partId, subject } from "../../statements.ts";
import { connectionCauses } from "../families.ts";
import { fewestRows, logNeed } from "../log-evidence.ts";
import { type DeadPattern, deadPatterns, type Miss, missesOf, pronePatterns } from "./path-gaps.ts";

interface Match {
  readonly gateway: Gateway;
  readonly map: UrlPathMap;
  readonly gap: (DeadPattern & { readonly kind: "dead" }) | (Miss & { readonly kind: "missed" });
  /** In the access log; fewer than could not be chance are none. */
  readonly failed: number;
  /** One that was sent and failed. */
  readonly shown: ReplayedRequest | undefined;
}

export default defineCause({
  id: "path-exact-trailing",
  title: "Path patterns that let requests slip past",
  layer: "config",
  decidedBy: ["configuration", "log", "live"],
  reads: ["gateway", "wiring", "plans", "traffic", "live"],
  explainedBy: [...connectionCauses, "pool-empty", "pathmap-default-empty"],
  about: `A pattern without \`*\` takes one path exactly, so \`/app\` does not take \`/app/\`; \`/app/*\` does not take \`/app\`;
and a wide pattern earlier in the list takes what a narrower one behind it was meant for. Requests then land on another
pool, often the default one, which does not know them. By itself that is a risk; it explains failures only where the
access log, or a request that was sent, shows such paths failing under another rule.`,
  find: ({ gateway, wiring, plans, traffic, live }) => {
    const rules = { generation: gateway.generation, pathCase: plans.switches.pathCase };
    const maps = Map.groupBy(
      wiring.routes.filter(({ pathMap }) => pathMap !== undefined),
      ({ pathMap }) => pathMap as UrlPathMap,
    );
    return [...maps].flatMap(([map, routes]): Decision<Match>[] => {
      const failing = [...loggedHits(routes, traffic), ...sentHits(routes, live, rules)];
      const dead = deadPatterns(map, rules).map((gap): Decision<Match> => {
        const hits = failing.filter(({ path, route }) => gap.takes(path) && route.pathRule !== gap.rule);
        return found(gateway, map, { ...gap, kind: "dead" }, hits, routes);
      });
      const telling = failing.filter((hit) => hit.shown === undefined || isServedBeside(hit.shown, live));
      const misses = missesOf(map, telling, rules).map(
        ({ miss, hits }): Decision<Match> => found(gateway, map, { ...miss, kind: "missed" }, hits, routes),
      );
      const landings = new Set(pronePatterns(map, rules).map(({ lands }) => lands));
      const landing = routes.filter(({ pathRule }) => pathRule !== undefined && landings.has(pathRule));
      const open = traffic.log === undefined && landing.length > 0;
      return [
        ...dead,
        ...misses,
        ...(open
          ? [
              {
                is: "undecided",
                needs: logNeed(gateway.id),
                affects: { routes: landing },
              } satisfies Decision<Match>,
            ]
          : []),
      ];
    });
  },
  say: ({ map, gap, failed, shown }): Statement => ({
    summary:
      gap.kind === "dead"
        ? `In path map ${map.name} the pattern ${gap.pattern} of rule ${gap.rule.name} never matches: ${gap.by.pattern} of rule ${gap.by.rule.name} stands before it and takes the same paths${failed > 0 ? `; ${failed} requests failed there` : ""}`
        : `Path map ${map.name} has ${gap.pattern} (rule ${gap.rule.name}) but nothing for ${listed(gap.paths)}, which goes elsewhere${failed > 0 ? `: ${failed} requests failed there` : shown === undefined ? "" : " and fails there"}`,
    subjects: [subject("pathRule", gap.rule), subject("urlPathMap", map)],
    evidence: [
      evidence(`rule ${gap.rule.name} has the pattern ${gap.pattern}`, gap.rule.source.at("paths")),
      ...(gap.kind === "dead"
        ? [
            evidence(
              `rule ${gap.by.rule.name} before it has ${gap.by.pattern}`,
              gap.by.rule.source.at("paths"),
            ),
          ]
        : []),
      ...(shown === undefined ? [] : [exchangeEvidence(shown)]),
    ],
  }),
  fix: ({ gateway, map, gap }): FixProposal => {
    const mapId = partId(gateway, "urlPathMaps", map);
    if (gap.kind === "missed") {
      return {
        summary: `Add ${gap.add} to the paths of rule ${gap.rule.name} in path map ${map.name}.`,
        changes: [
          {
            action: "set",
            resourceId: `${mapId}/pathRules/${gap.rule.name}`,
            path: "paths",
            value: [...gap.rule.paths, gap.add],
          },
        ],
        sideEffects: [`Requests for ${gap.add} move from another pool to the one of rule ${gap.rule.name}.`],
      };
    }
    const wide: Json = JSON.parse(JSON.stringify(gap.by.rule.source.value));
    return {
      summary: `Move path rule ${gap.by.rule.name} behind ${gap.rule.name} in path map ${map.name}: remove it and add it again at the end.`,
      changes: [
        { action: "remove", resourceId: mapId, list: "pathRules", value: { name: gap.by.rule.name } },
        { action: "add", resourceId: mapId, list: "pathRules", value: wide },
      ],
      sideEffects: [
        `Requests that ${gap.pattern} takes move from rule ${gap.by.rule.name} to ${gap.rule.name}.`,
      ],
    };
  },
});

interface Hit {
  readonly route: Route;
  readonly path: string;
  /** How often in the access log. */
  readonly failed: number;
  readonly shown: ReplayedRequest | undefined;
}

function loggedHits(routes: readonly Route[], traffic: Facets["traffic"]): Hit[] {
  return routes.flatMap((route) =>
    traffic
      .ofRoute(route)
      .flatMap(({ uris }) =>
        [...uris].flatMap(([path, { failed }]) =>
          failed > 0 ? [{ route, path, failed, shown: undefined }] : [],
        ),
      ),
  );
}

function sentHits(routes: readonly Route[], live: Facets["live"], { generation }: PathRules): Hit[] {
  return live.requests
    .filter(({ outcome, madeUp, route }) => outcome === "failing" && !madeUp && routes.includes(route))
    .map((shown) => ({
      route: shown.route,
      path: routingPath(shown.client.path, generation),
      ...{ failed: 0, shown },
    }));
}

/** Another request on the same route went well: the servers there answer what they know. */
function isServedBeside({ route }: ReplayedRequest, live: Facets["live"]): boolean {
  return live.requestsOf(route).some(({ outcome, madeUp }) => outcome === "fine" && !madeUp);
}

function found(
  gateway: Gateway,
  map: UrlPathMap,
  gap: Match["gap"],
  hits: readonly Hit[],
  routes: readonly Route[],
): Decision<Match> {
  const count = hits.reduce((sum, { failed }) => sum + failed, 0);
  const failed = count >= fewestRows ? count : 0;
  const shown = hits.flatMap((hit) => hit.shown ?? []);
  const landed = failed > 0 ? hits.map(({ route }) => route) : shown.map(({ route }) => route);
  const own = routes.filter(({ pathRule }) => (pathRule as PathRule) === gap.rule);
  return {
    is: "found",
    key: `${map.name}/${gap.rule.name}/${gap.pattern}`,
    match: { gateway, map, gap, failed, shown: shown[0] },
    affects: { routes: landed.length > 0 ? [...new Set(landed)] : own },
    effect: landed.length > 0 ? "impairs" : "threatens",
    basis: landed.length > 0 ? "observed-likely" : "configuration",
  };
}
