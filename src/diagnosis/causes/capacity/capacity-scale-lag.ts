import { defineCause } from "../../cause.ts";
import { evidence } from "../../statements.ts";
import { notShown, overloadExplainedBy, overloadFacets, overloads, sayOverload } from "./overload.ts";

export default defineCause({
  id: "capacity-scale-lag",
  title: "Load grows faster than the gateway",
  layer: "capacity",
  decidedBy: ["configuration", "log"],
  reads: overloadFacets,
  explainedBy: overloadExplainedBy,
  about: `Autoscaling needs three to five minutes, sometimes seven, to add instances. A sudden burst meets the few that run:
requests fail in its first minutes, and then the same load is served. A higher \`minCapacity\` keeps enough instances ready;
the log suggests it, the metric \`CapacityUnits\` proves it.`,
  find: (facets) => overloads("capacity-scale-lag", facets),
  say: (overload) => {
    const least = overload.gateway.autoscale?.minCapacity ?? 0;
    return sayOverload(
      overload,
      `from ${least} instances upwards`,
      evidence(
        `minCapacity is ${least}`,
        overload.gateway.source.at("autoscaleConfiguration").at("minCapacity"),
      ),
    );
  },
  fix: ({ gateway, pattern }) => {
    const { minCapacity = 0, maxCapacity } = gateway.autoscale ?? {};
    const grown = Math.ceil(
      Math.max(1, minCapacity) * Math.min(4, pattern.busy / Math.max(1, pattern.usual)),
    );
    const value = Math.min(Math.max(grown, minCapacity + 1), maxCapacity ?? grown + 1);
    return {
      summary: `Keep at least ${value} instances of gateway ${gateway.name} running.`,
      changes: [{ action: "set", resourceId: gateway.id, path: "autoscaleConfiguration/minCapacity", value }],
      sideEffects: [`${value} instances are paid for all the time.`],
      notVerifiable: notShown,
    };
  },
});
