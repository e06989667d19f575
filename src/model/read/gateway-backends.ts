import type { BackendPool, BackendSetting, GatewayPart, PoolMember, Probe } from "../gateway.ts";
import type { Source } from "../source.ts";
import { type GatewayParts, protocolOf } from "./gateway-parts.ts";
import type { Links } from "./links.ts";

/** Reads an entry of `backendAddressPools[]` (gateway-resource.md §4.5). */
export function readPool(item: Source, links: Links): Omit<BackendPool, keyof GatewayPart> {
  const members: PoolMember[] = [];
  for (const entry of item.list("backendAddresses")) {
    const fqdn = entry.text("fqdn") || undefined;
    const ip = entry.text("ipAddress") || undefined;
    const address = fqdn ?? ip;
    if (address !== undefined) {
      members.push({
        kind: isAddress(address) ? "address" : "fqdn",
        address,
        ipConfiguration: undefined,
        source: entry,
      });
    }
  }
  for (const reference of links.references("ipConfiguration", item, "backendIPConfigurations")) {
    members.push({
      kind: "ipConfiguration",
      address: undefined,
      ipConfiguration: reference,
      source: reference.source,
    });
  }
  return { members };
}

/** An FQDN cannot end in an all-digit label (RFC 1123 §2.1), so digits and dots, or a colon, mean an address. */
function isAddress(text: string): boolean {
  return /^[\d.]+$|:/.test(text);
}

/** Reads a backend setting of layer 7 (gateway-resource.md §4.6) or layer 4 (§4.11). */
export function readSetting(
  item: Source,
  collection: BackendSetting["collection"],
  parts: GatewayParts,
): Omit<BackendSetting, keyof GatewayPart> {
  const draining = item.object("connectionDraining");
  return {
    collection,
    protocol: protocolOf(item, collection === "backendSettingsCollection" ? "Tcp" : "Http"),
    port: item.number("port"),
    requestTimeoutS: item.number("requestTimeout") ?? item.number("timeout") ?? 20,
    cookieBasedAffinity: /^enabled$/i.test(item.text("cookieBasedAffinity") ?? ""),
    affinityCookieName: item.text("affinityCookieName") ?? "ApplicationGatewayAffinity",
    probe: parts.reference("probes", item, "probe"),
    hostName: item.text("hostName") || undefined,
    pickHostNameFromBackendAddress: item.boolean("pickHostNameFromBackendAddress") ?? false,
    path: item.text("path") || undefined,
    connectionDraining: draining && {
      enabled: draining.boolean("enabled") ?? false,
      drainTimeoutS: draining.number("drainTimeoutInSec"),
    },
    trustedRootCertificates: parts.references("trustedRootCertificates", item, "trustedRootCertificates"),
    authenticationCertificates: parts.references(
      "authenticationCertificates",
      item,
      "authenticationCertificates",
    ),
    dedicatedBackendConnection: item.boolean("dedicatedBackendConnection") ?? false,
    validateCertChainAndExpiry: item.boolean("validateCertChainAndExpiry") ?? true,
    validateSni: item.boolean("validateSNI") ?? true,
    sniName: item.text("sniName") || undefined,
    enableL4ClientIpPreservation: item.boolean("enableL4ClientIpPreservation") ?? false,
  };
}

/** Reads an entry of `probes[]` (gateway-resource.md §4.7). */
export function readProbe(item: Source): Omit<Probe, keyof GatewayPart> {
  const match = item.object("match");
  return {
    protocol: protocolOf(item, "Http"),
    host: item.text("host") || undefined,
    pickHostNameFromBackendHttpSettings:
      item.boolean("pickHostNameFromBackendHttpSettings") ??
      item.boolean("pickHostNameFromBackendSettings") ??
      false,
    path: item.text("path") || undefined,
    intervalS: item.number("interval") ?? 30,
    timeoutS: item.number("timeout") ?? 30,
    unhealthyThreshold: item.number("unhealthyThreshold") ?? 3,
    minServers: item.number("minServers") ?? 0,
    port: item.number("port") || undefined,
    match: { statusCodes: match?.texts("statusCodes") ?? [], body: match?.text("body") || undefined },
    enableProbeProxyProtocolHeader: item.boolean("enableProbeProxyProtocolHeader") ?? false,
  };
}
