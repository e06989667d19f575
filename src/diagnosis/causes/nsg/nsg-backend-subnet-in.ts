import { defineCause } from "../../cause.ts";
import { denialsAt, fixDenied, sayDenied } from "./denial.ts";

export default defineCause({
  id: "nsg-backend-subnet-in",
  title: "NSG of the backend subnet denies the gateway",
  layer: "nsg",
  decidedBy: ["configuration"],
  reads: ["gateway", "plans", "reach", "health", "network"],
  explainedBy: [],
  about: `The network security group of the subnet in which the servers live has, as its first match for traffic from the
gateway subnet to the server's port, a rule that denies. Probes and requests are dropped silently, every server behind
the rule is marked down, and with no server left the gateway answers 502. The rule that decides is the one with the
smallest priority number that matches; an allow rule behind it changes nothing.`,
  find: (facets) => denialsAt("backend-subnet-inbound", facets),
  say: (denial, affects) => sayDenied(denial, "on the backend subnet", affects),
  fix: (denial) => fixDenied(denial, "Inbound"),
});
