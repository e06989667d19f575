import { defineLiveCause } from "../../cause.ts";
import { connectionCauses } from "../families.ts";

export default defineLiveCause({
  id: "snat-exhaustion",
  title: "Gateway runs out of source ports towards a public server",
  layer: "tcp",
  explainedBy: connectionCauses,
  about: `Towards a public address each gateway instance leaves through shared source ports, about a thousand for one
destination. Few instances, dedicated backend connections or short-lived connections use them up: connects fail now and
then, more with load, and health flaps. The metric \`BackendConnectTime\` and its spikes show it, no exported document does.
A private endpoint, a NAT gateway on the gateway subnet or more minimum instances help.`,
});
