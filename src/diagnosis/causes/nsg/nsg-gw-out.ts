import { defineCause } from "../../cause.ts";
import { denialsAt, fixDenied, sayDenied } from "./denial.ts";

export default defineCause({
  id: "nsg-gw-out",
  title: "NSG of the gateway subnet denies the way to the servers",
  layer: "nsg",
  decidedBy: ["configuration"],
  reads: ["gateway", "plans", "reach", "health", "network"],
  explainedBy: [],
  about: `The network security group of the gateway subnet has, as its first outbound match for the servers' addresses and port, a
rule that denies. Probes and requests never leave the subnet, so every server behind the rule is marked down. Denies of
the whole Internet are refused on v2, those of private prefixes are accepted and easily forgotten. Only the opening
packet is judged: replies of an allowed connection always pass.`,
  find: (facets) => denialsAt("gateway-subnet-outbound", facets),
  say: (denial, affects) => sayDenied(denial, "on the gateway subnet", affects),
  fix: (denial) => fixDenied(denial, "Outbound"),
});
