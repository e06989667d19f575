import type { CauseId } from "../cause-ids.ts";

/** Groups of causes that explain the same symptoms; used in `explainedBy` so that no file lists them by hand. */

/** The gateway itself is not at work. */
export const gatewayState: readonly CauseId[] = ["gateway-stopped", "gateway-failed", "gateway-updating"];

/** The name of the server leads nowhere, or to the wrong address. */
export const nameCauses: readonly CauseId[] = [
  "dns-fqdn-wrong",
  "dns-custom-cannot-resolve",
  "dns-server-unreachable",
  "dns-not-restarted",
  "dns-zone-not-linked",
  "dns-zone-missing",
  "dns-zone-shadow",
  "dns-inconsistent-servers",
  "dns-cache-lost-on-put",
  "dns-short-name",
  "dns-stale-address",
];

/** Packets do not arrive, or replies do not come back. */
export const networkCauses: readonly CauseId[] = [
  "nsg-gw-out",
  "nsg-backend-subnet-in",
  "nsg-backend-nic-in",
  "nsg-instance-ips",
  "nsg-admin-rule",
  "route-gw-default-nva",
  "route-gw-blackhole",
  "route-return-asymmetric",
  "route-nva-no-forwarding",
  "firewall-deny",
  "route-kubenet-missing",
  "route-no-path-private",
  "peering-broken",
  "pe-global-peering-isolated",
  "private-gw-no-egress",
];

/** There is nobody at the address. */
export const addressCauses: readonly CauseId[] = ["backend-down", "pool-stale-address", "pool-wrong-address"];

/** Everything that keeps a TCP connection from coming about, from the outside in. */
export const connectionCauses: readonly CauseId[] = [
  ...gatewayState,
  ...nameCauses,
  ...networkCauses,
  ...addressCauses,
];
