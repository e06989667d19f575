import { exchangeOfProbe } from "../../../health/exchange.ts";
import { planProbe } from "../../../health/probe-plan.ts";
import type { BackendPool, BackendSetting, Gateway } from "../../../model/gateway.ts";
import type { Pair } from "../../../routing/routes.ts";
import { type Decision, defineCause } from "../../cause.ts";
import type { Trial } from "../../experiment.ts";
import type { Facets, Health, HealthEntry } from "../../facets.ts";
import type { FixProposal, Statement } from "../../finding.ts";
import type { Failing } from "../../live-evidence.ts";
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
import { helpedBy } from "../helped.ts";
import { shareWords } from "./name-words.ts";

interface Match {
  readonly gateway: Gateway;
  readonly pair: Pair;
  /** The pool is well with this setting, as its health or an experiment shows, and the setting with this pool. */
  readonly otherSetting: BackendSetting;
  readonly otherPool: BackendPool;
  readonly entry: HealthEntry | undefined;
}

export default defineCause({
  id: "rule-wrong-target",
  title: "Rule joins a pool and a setting that do not belong together",
  layer: "config",
  decidedBy: ["health", "configuration", "live"],
  reads: ["gateway", "wiring", "health", "plans", "live"],
  explainedBy: connectionCauses,
  about: `A rule sends requests to the servers of one application with the backend setting (port, protocol, host name, probe)
of another. Nothing is wrong with either: the pool is healthy with its own setting and the setting is healthy with its
own pool, only the two together fail. Typical after a rule was copied. When servers of both kinds answer everywhere the
gateway even reports healthy, and requests get the wrong application. Live, the servers answer what the gateway would ask
them with another of its settings.`,
  trials: otherSettings,
  find: (facets) => {
    const { gateway, wiring, health, live } = facets;
    const helped = helpedBy(live, (failing) => otherSettings(facets, failing));
    const well = wiring.pairs.filter((pair) => isWell(health, pair));
    return wiring.pairs.flatMap((pair): Decision<Match>[] => {
      if (!isDown(health, pair)) return [];
      const withPool = well.filter(({ pool }) => pool === pair.pool);
      const withSetting = well.filter(({ setting }) => setting === pair.setting);
      const shown = helped.find(({ experiment }) => experiment.before.server.pair === pair);
      const otherSetting =
        withPool[0]?.setting ?? gateway.settings.find(({ name }) => name === shown?.experiment.to);
      const otherPool = withSetting[0]?.pool;
      if (otherSetting === undefined || otherPool === undefined) return [];
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
        shareWords(otherPool.name, pair.setting.name) &&
        shareWords(pair.pool.name, otherSetting.name);
      return [
        {
          is: "found",
          key: pair.id,
          match: { gateway, pair, otherSetting, otherPool, entry },
          affects: { servers: pair.servers },
          effect: "stops",
          basis: named ? "observed-likely" : "observed-possible",
        },
      ];
    });
  },
  say: ({ pair, otherSetting, otherPool, entry }): Statement => ({
    summary: `${listed(pair.routes.map(({ id }) => id))} join${pair.routes.length === 1 ? "s" : ""} pool ${pair.pool.name} with setting ${pair.setting.name}: the pool is healthy with ${otherSetting.name}, the setting with pool ${otherPool.name}, only the two together fail`,
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
  fix: ({ gateway, pair, otherSetting: setting }): FixProposal => {
    const { pool } = pair;
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

const mostTrials = 6;

/**
 * The probe of every other setting of the gateway, asked of the same server: where this setting is well with another
 * pool, and this pool with no other setting, which would be its own beside this one. What answers to `/` may be any
 * application.
 */
function otherSettings(
  { gateway, wiring, health, plans }: Pick<Facets, "gateway" | "wiring" | "health" | "plans">,
  { server, plan }: Failing,
): Trial[] {
  const { pair } = server;
  if (plan.purpose !== "probe" || !isDown(health, pair)) return [];
  const well = wiring.pairs.filter((other) => isWell(health, other));
  if (!well.some(({ setting }) => setting === pair.setting)) return [];
  if (well.some(({ pool }) => pool === pair.pool)) return [];
  const settings = new Set(well.map(({ setting }) => setting));
  settings.delete(pair.setting);
  return [...settings].slice(0, mostTrials).flatMap((setting): Trial[] => {
    if (setting.collection !== pair.setting.collection) return [];
    const probe = planProbe(gateway.generation, setting, server.address, plans.switches);
    const exchange = exchangeOfProbe(gateway.generation, probe);
    if ("notSent" in exchange) return [];
    if ((exchange.path ?? "/") === "/" && exchange.lookFor === undefined) return [];
    return [
      {
        what: "backend setting",
        from: pair.setting.name,
        to: setting.name,
        plan: exchange,
        proof: "fine",
        risk: "safe",
        costMs: 300,
      },
    ];
  });
}

/** Every server that was reported is healthy, and at least one was. */
function isWell(health: Health, pair: Pair): boolean {
  const { healthy, unhealthy } = health.pair(pair);
  return healthy > 0 && unhealthy === 0;
}

function isDown(health: Health, pair: Pair): boolean {
  const { healthy, unhealthy } = health.pair(pair);
  return unhealthy > 0 && healthy === 0 && pair.setting.collection === "backendHttpSettingsCollection";
}
