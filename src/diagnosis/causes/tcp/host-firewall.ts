import { defineLiveCause } from "../../cause.ts";
import { connectionCauses } from "../families.ts";

export default defineLiveCause({
  id: "host-firewall",
  title: "Firewall of the server's operating system drops the gateway",
  layer: "tcp",
  explainedBy: connectionCauses,
  about: `Every security group and route lets the gateway through, but Windows Firewall, iptables or an agent on the
machine drops what comes from the gateway subnet. No exported document shows these rules: silence on the port (no
refusal) while the same port answers on the machine itself is what proves it. Allow the prefix of the gateway subnet in
the system's firewall.`,
});
