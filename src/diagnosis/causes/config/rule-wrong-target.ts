import type { Gateway } from "../../../model/gateway.ts";
import type { Pair } from "../../../routing/routes.ts";
import { type Decision, defineCause } from "../../cause.ts";
import type { Health, HealthEntry } from "../../facets.ts";
import type { FixProposal, Statement } from "../../finding.ts";
import {
  evidence,
  listed,
  partId,
  poolSubject,
  seenEvidence,
  settingSubject,
  subject,
} from "../../statements.ts";
import { connectionCauses } from "../families.ts";
import { shareWords } from "./name-words.ts";

interface Match {
  readonly gateway: Gateway;
  readonly pair: Pair;
  /** The pool with another setting, and the setting with another pool: both well. */
  readonly withOtherSetting: Pair;
  readonly withOtherPool: Pair;
  readonly entry: HealthEntry | undefined;
}

export default defineCause({
  id: "rule-wrong-target",
  title: "Rule joins a pool and a setting that do not belong together",
  layer: "config",
  decidedBy: ["health", "configuration"],
  reads: ["gateway", "wiring", "health"],
  explainedBy: connectionCauses,
  about: `A rule sends requests to the servers of one application with the backend setting (port, protocol, host name, probe)
of another. Nothing is wrong with either: the pool is healthy with its own setting and the setting is healthy with its
own pool, only the two together fail. Typical after a rule was copied. When servers of both kinds answer everywhere the
gateway even reports healthy, and requests get the wrong application.`,
  find: ({ gateway, wiring, health }) => {
    const well = wiring.pairs.filter((pair) => isWell(health, pair));
    return wiring.pairs.flatMap((pair): Decision<Match>[] => {
      if (!isDown(health, pair)) return [];
      const withPool = well.filter(({ pool }) => pool === pair.pool);
      const withSetting = well.filter(({ setting }) => setting === pair.setting);
      const [withOtherSetting] = withPool;
      const [withOtherPool] = withSetting;
      if (withOtherSetting === undefined || withOtherPool === undefined) return [];
      // Pools that are each used with both settings run both applications: then one of them is down here.
      const both = withSetting.some((one) =>
        withPool.some((other) =>
          well.some((third) => third.pool === one.pool && third.setting === other.setting),
        ),
      );
      if (both) return [];
      const entry = pair.servers.map((server) => health.of(server)).find((one) => one !== undefined);
      const named =
        !shareWords(pair.pool.name, pair.setting.name) &&
        shareWords(withOtherPool.pool.name, pair.setting.name) &&
        shareWords(pair.pool.name, withOtherSetting.setting.name);
      return [
        {
          is: "found",
          key: pair.id,
          match: { gateway, pair, withOtherSetting, withOtherPool, entry },
          affects: { servers: pair.servers },
          effect: "stops",
          basis: named ? "observed-likely" : "observed-possible",
        },
      ];
    });
  },
  say: ({ pair, withOtherSetting, withOtherPool, entry }): Statement => ({
    summary: `${listed(pair.routes.map(({ id }) => id))} join${pair.routes.length === 1 ? "s" : ""} pool ${pair.pool.name} with setting ${pair.setting.name}: the pool is healthy with ${withOtherSetting.setting.name}, the setting with pool ${withOtherPool.pool.name}, only the two together fail`,
    subjects: [
      ...pair.routes.slice(0, 1).map(({ rule }) => subject("requestRoutingRule", rule)),
      poolSubject(pair.pool),
      settingSubject(pair.setting),
    ],
    evidence: [
      ...pair.routes
        .slice(0, 3)
        .map((route) =>
          evidence(`${route.id} names this setting`, route.leadsTo.setting?.source ?? route.rule.source),
        ),
      ...(entry === undefined ? [] : [seenEvidence(entry)]),
    ],
  }),
  fix: ({ gateway, pair, withOtherSetting }): FixProposal => {
    const { pool, setting } = withOtherSetting;
    return {
      summary: `Let ${listed(pair.routes.map(({ id }) => id))} use setting ${setting.name}, with which pool ${pool.name} is healthy.`,
      changes: pair.routes.map((route) => {
        const { pathMap, pathRule } = route;
        const [resourceId, path] =
          pathRule === undefined || pathMap === undefined
            ? [partId(gateway, "requestRoutingRules", route.rule), "backendHttpSettings"]
            : pathRule === "default"
              ? [partId(gateway, "urlPathMaps", pathMap), "defaultBackendHttpSettings"]
              : [
                  `${partId(gateway, "urlPathMaps", pathMap)}/pathRules/${pathRule.name}`,
                  "backendHttpSettings",
                ];
        return {
          action: "set",
          resourceId,
          path,
          value: { id: partId(gateway, setting.collection, setting) },
        };
      }),
      sideEffects: [
        `If the rule was meant for the application of ${pair.setting.name}, its pool has to change instead.`,
      ],
    };
  },
});

/** Every server that was reported is healthy, and at least one was. */
function isWell(health: Health, pair: Pair): boolean {
  const { healthy, unhealthy } = health.pair(pair);
  return healthy > 0 && unhealthy === 0;
}

function isDown(health: Health, pair: Pair): boolean {
  const { healthy, unhealthy } = health.pair(pair);
  return unhealthy > 0 && healthy === 0 && pair.setting.collection === "backendHttpSettingsCollection";
}
