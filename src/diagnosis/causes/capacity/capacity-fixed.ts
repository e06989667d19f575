import { defineCause } from "../../cause.ts";
import { evidence } from "../../statements.ts";
import { notShown, overloadExplainedBy, overloadFacets, overloads, sayOverload } from "./overload.ts";

export default defineCause({
  id: "capacity-fixed",
  title: "Fixed number of instances too small for the load",
  layer: "capacity",
  decidedBy: ["configuration", "log"],
  reads: overloadFacets,
  explainedBy: overloadExplainedBy,
  about: `The gateway runs a fixed, small number of instances and cannot follow the load. Servers are healthy, and in busy
minutes the gateway answers 502 by itself. On v1 \`CpuUtilization\` above 80 % proves it, on v2 the capacity units; without
metrics the log can only suggest it.`,
  find: (facets) => overloads("capacity-fixed", facets),
  say: (overload) => {
    const { capacity } = overload.gateway.sku;
    return sayOverload(
      overload,
      `${capacity} fixed ${capacity === 1 ? "instance" : "instances"}`,
      evidence(`sku.capacity is ${capacity}`, overload.gateway.source.at("sku").at("capacity")),
    );
  },
  fix: ({ gateway }) => {
    const value = 2 * (gateway.sku.capacity ?? 1);
    return {
      summary: `Run ${value} instances of gateway ${gateway.name}.`,
      changes: [{ action: "set", resourceId: gateway.id, path: "sku/capacity", value }],
      sideEffects: [`Doubles the fixed cost; the gateway subnet needs room for ${value} instances.`],
      notVerifiable: notShown,
    };
  },
});
