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

/** A connection comes about, but with another server or another port than was meant. */
export const wrongServerCauses: readonly CauseId[] = [
  ...nameCauses,
  "pool-stale-address",
  "pool-wrong-address",
  "port-wrong",
  "probe-port",
  "rule-wrong-target",
  "protocol-tls-to-http",
  "backend-not-http",
  "classic-endpoint",
];

/**
 * What a probe that is answered with the wrong status may come from, the more telling first (causes-of-502.md §L.3): each
 * of them is explained by those before it.
 */
const probeAnswerOrder: readonly CauseId[] = [
  "probe-unattached",
  "probe-apim",
  "probe-default-host",
  "probe-default-root",
  "probe-host",
  "probe-path",
];

export function moreTellingThan(id: CauseId): readonly CauseId[] {
  return probeAnswerOrder.slice(0, probeAnswerOrder.indexOf(id));
}

/** Explains why requests fail that reach no server. A default route to an appliance hides health and little else. */
export const requestCauses: readonly CauseId[] = [
  ...connectionCauses.filter((id) => id !== "route-gw-default-nva"),
  "snat-exhaustion",
  "instance-specific",
];

/** A server closes or cuts connections because of what happens around it, not because of the request. */
export const cutConnectionCauses: readonly CauseId[] = [
  ...requestCauses,
  "rollout-gap",
  "drain-too-short",
  "platform-upgrade",
  "protocol-http-to-tls",
  "protocol-tls-to-http",
  "tls-live-name-mismatch",
  "tls-ip-no-sni",
  "tls-client-cert-required",
  "appsvc-host-live",
  "port-wrong",
  "probe-port",
  "rule-wrong-target",
];

/** Backend health cannot be read, for a reason the configuration itself decides: before anything that only may be so. */
export const unreadableHealth: readonly CauseId[] = [
  ...gatewayState,
  "nsg-infra-ports",
  "nsg-lb-denied",
  "route-gw-default-nva",
  "dns-server-unreachable",
];
