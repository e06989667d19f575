import type {
  BackendPool,
  BackendSetting,
  Certificate,
  FrontendIpConfiguration,
  FrontendPort,
  Gateway,
  GatewayPart,
  Generation,
  Listener,
  PathRule,
  PoolMember,
  Probe,
  Protocol,
  RedirectConfiguration,
  RouteTarget,
  RoutingRule,
  SslProfile,
  UrlPathMap,
} from "../gateway.ts";
import { nameOfId, type Reference, type ResourceRecord } from "../resource.ts";
import type { Source } from "../source.ts";
import type { Links } from "./links.ts";
import { readCustomErrorPages, readRewriteRuleSet } from "./rewrite.ts";

/** Reads one `Microsoft.Network/applicationGateways` record (gateway-resource.md §3, §4). */
export function readGateway(record: ResourceRecord, links: Links): Gateway {
  const source = record.source;
  const parts = new GatewayParts(record.id, source, links);
  const sku = source.at("sku");
  const tier = sku.text("tier") ?? sku.text("name") ?? "";
  const autoscale = source.object("autoscaleConfiguration");
  const waf = source.object("webApplicationFirewallConfiguration");
  const buffering = source.object("globalConfiguration");
  const gateway: Gateway = {
    ...part(source, record.id),
    id: record.id,
    location: source.text("location"),
    generation: generationOf(tier, sku.text("family")),
    sku: { name: sku.text("name") ?? tier, tier, capacity: sku.number("capacity") },
    autoscale: autoscale && {
      minCapacity: autoscale.number("minCapacity"),
      maxCapacity: autoscale.number("maxCapacity"),
    },
    operationalState: source.text("operationalState"),
    enableHttp2: source.boolean("enableHttp2") ?? false,
    requestBuffering: buffering?.boolean("enableRequestBuffering") ?? true,
    responseBuffering: buffering?.boolean("enableResponseBuffering") ?? true,
    firewallPolicyId: source.referenceId("firewallPolicy"),
    wafEnabled: waf?.boolean("enabled") ?? false,
    subnet: source
      .list("gatewayIPConfigurations")
      .map((item) => links.reference("subnet", item, "subnet"))
      .find((reference) => reference !== undefined),
    sslCertificates: parts.each("sslCertificates", (item) => readCertificate(item, "publicCertData")),
    trustedRootCertificates: parts.each("trustedRootCertificates", (item) => readCertificate(item, "data")),
    authenticationCertificates: parts.each("authenticationCertificates", (item) =>
      readCertificate(item, "data"),
    ),
    trustedClientCertificates: parts.each("trustedClientCertificates", (item) =>
      readCertificate(item, "data"),
    ),
    sslProfiles: parts.each("sslProfiles", (item) => readSslProfile(item, parts)),
    frontendIpConfigurations: parts.each("frontendIPConfigurations", (item) => readFrontend(item, links)),
    frontendPorts: parts.each(
      "frontendPorts",
      (item): Omit<FrontendPort, keyof GatewayPart> => ({
        port: item.number("port"),
      }),
    ),
    pools: parts.each("backendAddressPools", (item) => readPool(item, links)),
    probes: parts.each("probes", readProbe),
    settings: [
      ...parts.each("backendHttpSettingsCollection", (item) =>
        readSetting(item, "backendHttpSettingsCollection", parts),
      ),
      ...parts.each("backendSettingsCollection", (item) =>
        readSetting(item, "backendSettingsCollection", parts),
      ),
    ],
    listeners: [
      ...parts.each("httpListeners", (item) => readListener(item, parts)),
      ...parts.each("listeners", (item) => readListener(item, parts)),
    ],
    redirects: parts.each("redirectConfigurations", (item) => readRedirect(item, parts)),
    rewriteRuleSets: parts.each("rewriteRuleSets", readRewriteRuleSet),
    urlPathMaps: parts.each("urlPathMaps", (item) => readPathMap(item, parts)),
    rules: [
      ...parts.each("requestRoutingRules", (item) => readRule(item, "httpListener", "httpListeners", parts)),
      ...parts.each("routingRules", (item) => readRule(item, "listener", "listeners", parts)),
    ],
    customErrorPages: readCustomErrorPages(source),
  };
  parts.resolve();
  return gateway;
}

/** `tier` decides (gateway-resource.md §5); Basic runs on the v2 platform. */
function generationOf(tier: string, family: string | undefined): Generation {
  if (/_v2$/i.test(tier) || /^basic$/i.test(tier)) return "v2";
  if (/^(standard|waf)/i.test(tier)) return "v1";
  return family?.toLowerCase() === "generation_1" ? "v1" : "v2";
}

/**
 * The parts of one gateway and the references between them. These compare by collection and name: a gateway's inner
 * references never leave it, and exports that were renamed or anonymised keep working.
 */
class GatewayParts {
  private readonly found = new Map<string, unknown>();
  private readonly pending: { key: string; reference: { target: unknown } }[] = [];
  private readonly gatewayId: string;
  private readonly gateway: Source;
  readonly links: Links;

  constructor(gatewayId: string, gateway: Source, links: Links) {
    this.gatewayId = gatewayId;
    this.gateway = gateway;
    this.links = links;
  }

  each<T>(collection: string, read: (item: Source) => T): (T & GatewayPart)[] {
    return this.gateway.objects(collection).map((item) => {
      const object = Object.assign(part(item, `${this.gatewayId}/${collection}`), read(item));
      const key = partKey(collection, object.name);
      if (!this.found.has(key)) this.found.set(key, object);
      return object;
    });
  }

  reference<T>(collection: string, parent: Source, field: string): Reference<T> | undefined {
    const id = parent.referenceId(field);
    return id === undefined ? undefined : this.referTo<T>(collection, id, parent.at(field));
  }

  references<T>(collection: string, parent: Source, field: string): Reference<T>[] {
    return parent.list(field).flatMap((item) => {
      const id = typeof item.value === "string" ? item.value : item.text("id");
      return id === undefined ? [] : [this.referTo<T>(collection, id, item)];
    });
  }

  resolve(): void {
    for (const { key, reference } of this.pending) reference.target = this.found.get(key);
  }

  private referTo<T>(collection: string, id: string, source: Source): Reference<T> {
    const reference: { id: string; source: Source; target: T | undefined } = {
      id,
      source,
      target: undefined,
    };
    this.pending.push({ key: partKey(collection, nameOfId(id)), reference });
    return reference;
  }
}

function partKey(collection: string, name: string): string {
  return `${collection}/${name}`.toLowerCase();
}

function part(item: Source, place: string): GatewayPart {
  const id = item.text("id");
  const name = item.text("name") ?? nameOfId(id ?? place);
  return {
    id: id ?? `${place}/${name}`,
    name,
    source: item,
    provisioningState: item.text("provisioningState"),
  };
}

function readCertificate(item: Source, dataField: string): Omit<Certificate, keyof GatewayPart> {
  return {
    data: item.text(dataField) ?? item.text("data"),
    keyVaultSecretId: item.text("keyVaultSecretId"),
  };
}

function readSslProfile(item: Source, parts: GatewayParts): Omit<SslProfile, keyof GatewayPart> {
  return {
    trustedClientCertificates: parts.references(
      "trustedClientCertificates",
      item,
      "trustedClientCertificates",
    ),
    verifyClientCertIssuerDn:
      item.object("clientAuthConfiguration")?.boolean("verifyClientCertIssuerDN") ?? false,
  };
}

function readFrontend(item: Source, links: Links): Omit<FrontendIpConfiguration, keyof GatewayPart> {
  return {
    privateIpAddress: item.text("privateIPAddress"),
    subnet: links.reference("subnet", item, "subnet"),
    publicIpAddress: links.reference("publicIpAddress", item, "publicIPAddress"),
  };
}

function readPool(item: Source, links: Links): Omit<BackendPool, keyof GatewayPart> {
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

function readSetting(
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

function readProbe(item: Source): Omit<Probe, keyof GatewayPart> {
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

function readListener(item: Source, parts: GatewayParts): Omit<Listener, keyof GatewayPart> {
  const hostName = item.text("hostName");
  return {
    protocol: protocolOf(item, "Http"),
    frontendIpConfiguration: parts.reference("frontendIPConfigurations", item, "frontendIPConfiguration"),
    frontendPort: parts.reference("frontendPorts", item, "frontendPort"),
    hostNames: [...(hostName ? [hostName] : []), ...item.texts("hostNames").filter((name) => name !== "")],
    requireServerNameIndication: item.boolean("requireServerNameIndication") ?? false,
    sslCertificate: parts.reference("sslCertificates", item, "sslCertificate"),
    sslProfile: parts.reference("sslProfiles", item, "sslProfile"),
    customErrorPages: readCustomErrorPages(item),
  };
}

function readRedirect(item: Source, parts: GatewayParts): Omit<RedirectConfiguration, keyof GatewayPart> {
  const types = ["Permanent", "Found", "SeeOther", "Temporary"] as const;
  const written = item.text("redirectType")?.toLowerCase();
  return {
    redirectType: types.find((type) => type.toLowerCase() === written) ?? "Permanent",
    targetListener: parts.reference("httpListeners", item, "targetListener"),
    targetUrl: item.text("targetUrl"),
    includePath: item.boolean("includePath") ?? false,
    includeQueryString: item.boolean("includeQueryString") ?? false,
  };
}

function readRouteTarget(item: Source, parts: GatewayParts, prefix: "" | "default"): RouteTarget {
  const field = (name: string): string =>
    prefix === "" ? name : `default${name.charAt(0).toUpperCase()}${name.slice(1)}`;
  return {
    pool: parts.reference("backendAddressPools", item, field("backendAddressPool")),
    setting:
      parts.reference("backendHttpSettingsCollection", item, field("backendHttpSettings")) ??
      parts.reference("backendSettingsCollection", item, field("backendSettings")),
    redirect: parts.reference("redirectConfigurations", item, field("redirectConfiguration")),
    rewriteRuleSet: parts.reference("rewriteRuleSets", item, field("rewriteRuleSet")),
  };
}

function readPathMap(item: Source, parts: GatewayParts): Omit<UrlPathMap, keyof GatewayPart> {
  return {
    defaultTarget: readRouteTarget(item, parts, "default"),
    pathRules: item.objects("pathRules").map(
      (rule): PathRule => ({
        ...part(rule, `${item.text("id") ?? ""}/pathRules`),
        ...readRouteTarget(rule, parts, ""),
        paths: rule.texts("paths"),
      }),
    ),
  };
}

function readRule(
  item: Source,
  listenerField: string,
  listenerCollection: string,
  parts: GatewayParts,
): Omit<RoutingRule, keyof GatewayPart> {
  return {
    ...readRouteTarget(item, parts, ""),
    ruleType: /^pathbasedrouting$/i.test(item.text("ruleType") ?? "") ? "PathBasedRouting" : "Basic",
    priority: item.number("priority"),
    listener: parts.reference(listenerCollection, item, listenerField),
    urlPathMap: parts.reference("urlPathMaps", item, "urlPathMap"),
  };
}

function protocolOf(item: Source, otherwise: Protocol): Protocol {
  const protocols = ["Http", "Https", "Tcp", "Tls"] as const;
  const written = item.text("protocol")?.toLowerCase();
  return protocols.find((protocol) => protocol.toLowerCase() === written) ?? otherwise;
}
