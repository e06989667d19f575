import type { Gateway } from "../../../model/gateway.ts";
import { type EmptyPool, emptyPools } from "../../../routing/empty-pools.ts";
import type { Decision } from "../../cause.ts";
import { defineCause } from "../../cause.ts";
import { exportCommand } from "../../exports.ts";
import type { Statement } from "../../finding.ts";
import { evidence, listed, poolSubject, subject } from "../../statements.ts";
import { whyNotCertain } from "./empty-pools.ts";
import { type Candidates, candidatesFor, fillPool } from "./member-candidates.ts";

interface Match {
  readonly gateway: Gateway;
  readonly empty: EmptyPool;
  readonly candidates: Candidates | undefined;
}

export default defineCause({
  id: "pool-empty",
  title: "Backend pool without members",
  layer: "pool",
  decidedBy: ["configuration"],
  reads: ["gateway", "wiring", "health", "network", "traffic", "hosts"],
  explainedBy: [],
  about: `A rule leads to a backend pool that has neither addresses nor joined network interfaces: there is no server to
send to, and every request gets 502 at once (\`UPSTREAM_NO_LIVE\`). The health report shows the pair with an empty list of
servers. Typical are a pool that was never filled, machines that were replaced, and a scale set whose model names the
pool while its instances were not updated to that model.`,
  find: (facets) => {
    const { gateway, wiring } = facets;
    return emptyPools(wiring).flatMap((empty): Decision<Match>[] => {
      if (empty.onlyDefault) return [];
      const doubt = whyNotCertain(gateway, empty, facets.health);
      if (doubt !== undefined) {
        const command = exportCommand("microsoft.network/applicationgateways", gateway.id);
        const what = `whether pool ${empty.pool.name} is empty: ${doubt}`;
        return [{ is: "undecided", needs: { what, command }, affects: { pairs: empty.pairs } }];
      }
      return [
        {
          is: "found",
          key: empty.pool.name,
          match: { gateway, empty, candidates: candidatesFor(empty.pool, facets) },
          affects: { pairs: empty.pairs },
          effect: "stops",
          basis: "state",
        },
      ];
    });
  },
  say: ({ empty: { pool, routes }, candidates }): Statement => ({
    summary: `Backend pool ${pool.name} has no members, so ${listed(routes.map(({ id }) => id))} ${routes.length === 1 ? "has" : "have"} no server to send to`,
    subjects: [
      poolSubject(pool),
      ...(candidates?.from === "scale-set" ? [subject("virtualMachineScaleSet", candidates.scaleSet)] : []),
    ],
    evidence: [
      evidence("no backend addresses", pool.source.at("backendAddresses")),
      evidence("no joined IP configurations", pool.source.at("backendIPConfigurations")),
      ...(candidates?.from === "scale-set"
        ? [
            evidence(
              `the model of scale set ${candidates.scaleSet.name} names the pool, but ${candidates.outdated} of its instances do not run the latest model`,
              candidates.scaleSet.source,
            ),
          ]
        : []),
    ],
  }),
  fix: ({ gateway, empty, candidates }) => fillPool(gateway, empty.pool, candidates),
});
