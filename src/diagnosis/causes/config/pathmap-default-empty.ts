import type { Gateway, UrlPathMap } from "../../../model/gateway.ts";
import { emptyPools, isDefaultOfMap } from "../../../routing/empty-pools.ts";
import { patternCovers } from "../../../routing/path-match.ts";
import type { Pair, Route } from "../../../routing/routes.ts";
import { type Decision, defineCause } from "../../cause.ts";
import { exportCommand } from "../../exports.ts";
import type { Facets } from "../../facets.ts";
import type { FixProposal, Statement } from "../../finding.ts";
import { evidence, listed, partId, subject } from "../../statements.ts";
import { whyNotCertain } from "../pool/empty-pools.ts";
import { type Candidates, candidatesFor, fillPool } from "../pool/member-candidates.ts";

interface Match {
  readonly gateway: Gateway;
  readonly map: UrlPathMap;
  readonly routes: readonly Route[];
  readonly candidates: Candidates | undefined;
}

export default defineCause({
  id: "pathmap-default-empty",
  title: "Path map whose default leads nowhere",
  layer: "config",
  decidedBy: ["configuration", "log"],
  reads: ["gateway", "wiring", "plans", "health", "network", "traffic", "hosts"],
  explainedBy: ["gateway-stopped"],
  about: `Requests that match no path rule go to the default target of the path map. When that is a pool without members,
exactly these requests get 502 while the listed paths work; when it is missing altogether they get 404, by the one
support article that speaks of it, or 502. A path rule \`/*\` takes everything and makes the default idle. The access log
shows \`UPSTREAM_NO_LIVE\` on just those paths.`,
  find: (facets) => {
    const { gateway, wiring, plans } = facets;
    const emptyDefaults = new Set(
      emptyPools(wiring).flatMap(({ routes, onlyDefault }) => (onlyDefault ? routes : [])),
    );
    const concerned = wiring.routes.filter(
      (route) =>
        isDefaultOfMap(route) &&
        (emptyDefaults.has(route) || leadsNowhere(route)) &&
        !takesEverything(route, gateway, plans.switches.pathCase),
    );
    const byMap = Map.groupBy(concerned, ({ pathMap }) => pathMap as UrlPathMap);
    return [...byMap].flatMap(([map, routes]): Decision<Match>[] => {
      const pool = routes[0]?.pair?.pool;
      const pairs = routes.flatMap(({ pair }) => pair ?? []);
      const doubt = pool && whyNotCertain(gateway, { pairs }, facets.health);
      if (doubt !== undefined) {
        const command = exportCommand("microsoft.network/applicationgateways", gateway.id);
        const what = `whether pool ${pool?.name} is empty: ${doubt}`;
        return [{ is: "undecided", needs: { what, command }, affects: { routes } }];
      }
      return [
        {
          is: "found",
          key: map.name,
          match: { gateway, map, routes, candidates: pool && candidatesFor(pool, facets) },
          affects: { routes },
          effect: unasked(routes, facets.traffic) ? "threatens" : "stops",
          basis: "state",
          status: pool === undefined ? Number(plans.switches.missingDefaultStatus) : 502,
        },
      ];
    });
  },
  say: ({ map, routes }): Statement => {
    const pool = routes[0]?.pair?.pool;
    const where =
      pool === undefined
        ? "has no default target"
        : `sends all other paths to pool ${pool.name}, which is empty`;
    return {
      summary: `Path map ${map.name} ${where}: requests that match none of ${listed(map.pathRules.flatMap(({ paths }) => paths))} fail`,
      subjects: [
        subject("urlPathMap", map),
        ...(pool === undefined ? [] : [subject("backendAddressPool", pool)]),
      ],
      evidence: [
        evidence(
          pool === undefined ? "no default pool and no default redirect" : `the default pool is ${pool.name}`,
          map.source.at("defaultBackendAddressPool"),
        ),
        ...(pool === undefined ? [] : [evidence("it has no members", pool.source.at("backendAddresses"))]),
      ],
    };
  },
  fix: ({ gateway, map, routes, candidates }): FixProposal => {
    const pool = routes[0]?.pair?.pool;
    if (pool !== undefined && candidates !== undefined) return fillPool(gateway, pool, candidates);
    const only = onlyPairOf(map, routes[0]);
    if (only === undefined) {
      return {
        summary: `Set the default of path map ${map.name} to the pool that is to answer all other paths, or add path rules for them.`,
        changes: [],
        sideEffects: [],
      };
    }
    return sendDefaultTo(gateway, map, only);
  },
});

/** Neither a pool nor a redirect, not even one whose object is missing (that is `reference-missing`). */
function leadsNowhere({ leadsTo }: Route): boolean {
  return leadsTo.pool === undefined && leadsTo.redirect === undefined;
}

function takesEverything(
  { pathMap }: Route,
  { generation }: Gateway,
  pathCase: "insensitive" | "sensitive",
): boolean {
  const rules = { generation, pathCase };
  return (pathMap?.pathRules ?? []).some(({ paths }) =>
    paths.some((pattern) => patternCovers(pattern, "/*", rules)),
  );
}

/**
 * The log has rows of the map's other routes and none that failed here: nobody asks for other paths. Where there is no
 * target, no request was served, whatever its status is taken for: the gateway's own 404 is no failure of a server.
 */
function unasked(routes: readonly Route[], traffic: Facets["traffic"]): boolean {
  if (traffic.log === undefined) return false;
  const failed = routes
    .flatMap((route) => traffic.ofRoute(route).map((seen) => (leadsNowhere(route) ? seen.rows : seen.failed)))
    .reduce((sum, count) => sum + count, 0);
  const others = routes.flatMap(
    ({ rule }) =>
      traffic.log?.observations.filter(
        ({ ruleName }) => ruleName?.toLowerCase() === rule.name.toLowerCase(),
      ) ?? [],
  );
  return failed === 0 && others.some(({ rows }) => rows > 0);
}

/** The one pool and setting all path rules lead to: only then is it certain where everything else belongs. */
function onlyPairOf(map: UrlPathMap, route: Route | undefined): Pick<Pair, "pool" | "setting"> | undefined {
  const [first, ...rest] = map.pathRules;
  const pool = first?.pool?.target;
  const setting = first?.setting?.target;
  if (pool === undefined || setting === undefined || pool.members.length === 0) return undefined;
  if (rest.some((rule) => rule.pool?.target !== pool || rule.setting?.target !== setting)) return undefined;
  return pool === route?.pair?.pool ? undefined : { pool, setting };
}

function sendDefaultTo(
  gateway: Gateway,
  map: UrlPathMap,
  { pool, setting }: Pick<Pair, "pool" | "setting">,
): FixProposal {
  const resourceId = partId(gateway, "urlPathMaps", map);
  return {
    summary: `Send the default of path map ${map.name} to pool ${pool.name} with setting ${setting.name}, as all its path rules do.`,
    changes: [
      {
        action: "set",
        resourceId,
        path: "defaultBackendAddressPool",
        value: { id: partId(gateway, "backendAddressPools", pool) },
      },
      {
        action: "set",
        resourceId,
        path: "defaultBackendHttpSettings",
        value: { id: partId(gateway, setting.collection, setting) },
      },
    ],
    sideEffects: [`Requests for any other path reach ${pool.name}, which has to answer them.`],
  };
}
