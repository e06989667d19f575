import { defineCause } from "../../cause.ts";
import { denialsAt, fixDenied, sayDenied } from "./denial.ts";

export default defineCause({
  id: "nsg-backend-nic-in",
  title: "NSG of a server's network interface denies the gateway",
  layer: "nsg",
  decidedBy: ["configuration"],
  reads: ["gateway", "plans", "reach", "health", "network"],
  explainedBy: [],
  about: `A server's network interface carries a network security group of its own, and the first rule of it that matches traffic
from the gateway subnet to the server's port denies. Both groups, the subnet's and the interface's, have to allow, so a
rule added to the subnet alone changes nothing. Neighbours in the same subnet without such a group stay healthy.`,
  find: (facets) => denialsAt("backend-nic-inbound", facets),
  say: (denial, affects) => sayDenied(denial, "on the network interface", affects),
  fix: (denial) => fixDenied(denial, "Inbound"),
});
