import { defineCause } from "../../cause.ts";
import type { Statement } from "../../finding.ts";
import { evidence, subject } from "../../statements.ts";
import { unreadableHealth } from "../families.ts";
import { fixLearnedDefault, learnedDefault } from "./learned-default-check.ts";

export default defineCause({
  id: "vwan-secured-hub",
  title: "Virtual WAN hub takes over the gateway's default route",
  layer: "route",
  decidedBy: ["configuration", "health"],
  reads: ["gateway", "network", "health"],
  explainedBy: unreadableHealth,
  about: `The gateway's network is connected to a Virtual WAN hub whose routing intent sends Internet traffic to the hub's
firewall: the hub teaches the gateway subnet a default route. Azure can then no longer read the health of the backends,
which shows as Unknown. The gateway subnet needs a route 0.0.0.0/0 to Internet of its own; backend prefixes may still be
routed to the firewall one by one.`,
  find: (facets) => learnedDefault(facets, ({ via }) => via.kind === "hub"),
  say: ({ gateway, teacher: { network, via, seen } }): Statement => ({
    summary: `Network ${network.name} of gateway ${gateway.name} is connected to a Virtual WAN hub that ${
      seen === undefined ? "may teach" : "teaches"
    } its subnet a default route, so Azure cannot read its backend health`,
    subjects: [
      ...(via.kind === "gateway" ? [] : [subject("virtualNetworkPeering", via.peering)]),
      subject("virtualNetwork", network),
    ],
    evidence: [
      ...(via.kind === "gateway"
        ? []
        : [evidence(`peering ${via.peering.name} leads to a virtual hub`, via.peering.source)]),
      ...(seen === undefined
        ? []
        : [evidence(`0.0.0.0/0 → ${seen.nextHopType} is in effect in ${network.name}`, seen.source)]),
    ],
  }),
  fix: fixLearnedDefault,
});
