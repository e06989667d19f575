import type {
  Certificate,
  FrontendIpConfiguration,
  FrontendPort,
  Gateway,
  GatewayPart,
  Generation,
  Listener,
  PathRule,
  RedirectConfiguration,
  RouteTarget,
  RoutingRule,
  SslProfile,
  UrlPathMap,
} from "../gateway.ts";
import type { ResourceRecord } from "../resource.ts";
import type { Source } from "../source.ts";
import { readPool, readProbe, readSetting } from "./gateway-backends.ts";
import { GatewayParts, part, protocolOf } from "./gateway-parts.ts";
import type { Links } from "./links.ts";
import { readCustomErrorPages, readRewriteRuleSet } from "./rewrite.ts";

/** Reads one `Microsoft.Network/applicationGateways` record (gateway-resource.md §3, §4). */
export function readGateway(record: ResourceRecord, links: Links): Gateway {
  const source = record.source;
  const parts = new GatewayParts(record.id, source);
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
