import type { Gateway } from "../../../model/gateway.ts";
import { type Decision, defineCause } from "../../cause.ts";
import type { Statement } from "../../finding.ts";
import { evidence, gatewaySubject } from "../../statements.ts";
import { instancesOf } from "./gateway-size.ts";

export default defineCause({
  id: "single-instance",
  title: "Only one gateway instance",
  layer: "capacity",
  decidedBy: ["configuration"],
  reads: ["gateway"],
  explainedBy: [],
  about: `The gateway is fixed to one instance. While the platform maintains or replaces it there is nobody to answer, and
clients get 502 or no connection for minutes. Two instances are kept apart and serviced one after the other. A gateway
that scales by itself is not meant: it keeps more than one in the background.`,
  find: ({ gateway }): Decision<Gateway>[] => {
    const instances = instancesOf(gateway);
    if (instances === undefined || instances.autoscales || instances.most !== 1) return [];
    return [
      {
        is: "found",
        key: gateway.name,
        match: gateway,
        affects: { gateway: true },
        effect: "threatens",
        basis: "state",
      },
    ];
  },
  say: (gateway): Statement => ({
    summary: `Gateway ${gateway.name} runs one instance (${gateway.sku.name}): maintenance of it is an outage`,
    subjects: [gatewaySubject(gateway)],
    evidence: [evidence("sku.capacity is 1", gateway.source.at("sku").at("capacity"))],
  }),
  fix: (gateway) => ({
    summary: `Run two instances of gateway ${gateway.name}.`,
    changes: [{ action: "set", resourceId: gateway.id, path: "sku/capacity", value: 2 }],
    sideEffects: ["Doubles the fixed cost of the gateway; the change is applied without an interruption."],
  }),
});
