import { defineCause } from "../../cause.ts";
import { evidence } from "../../statements.ts";
import { mostInstances } from "./gateway-size.ts";
import { notShown, overloadExplainedBy, overloadFacets, overloads, sayOverload } from "./overload.ts";

export default defineCause({
  id: "capacity-max",
  title: "Autoscaling at its maximum",
  layer: "capacity",
  decidedBy: ["configuration", "log"],
  reads: overloadFacets,
  explainedBy: overloadExplainedBy,
  about: `Autoscaling may not go beyond \`maxCapacity\`, and the load asks for more. Servers are healthy, and while the load lasts
the gateway answers 502 or 503 by itself. The metric \`CapacityUnits\` near ten times \`maxCapacity\` proves it; without metrics
the log can only suggest it, because a backend that is too small fails under the same load.`,
  find: (facets) => overloads("capacity-max", facets),
  say: (overload) => {
    const most = overload.gateway.autoscale?.maxCapacity;
    return sayOverload(
      overload,
      `at most ${most} instances`,
      evidence(
        `maxCapacity is ${most}`,
        overload.gateway.source.at("autoscaleConfiguration").at("maxCapacity"),
      ),
    );
  },
  fix: ({ gateway }) => {
    const value = Math.min(2 * (gateway.autoscale?.maxCapacity ?? 1), mostInstances(gateway));
    return {
      summary: `Let gateway ${gateway.name} grow to ${value} instances.`,
      changes: [{ action: "set", resourceId: gateway.id, path: "autoscaleConfiguration/maxCapacity", value }],
      sideEffects: [`Costs more under load, and the gateway subnet needs room for ${value} instances.`],
      notVerifiable: notShown,
    };
  },
});
