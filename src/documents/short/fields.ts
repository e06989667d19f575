/** What the fields of a gateway and its parts are called, in both notations (gateway-resource.md §2 to §4). */
export interface Collection {
  /** In resources. */
  readonly name: string;
  /** In the short notation, beside the name itself. */
  readonly short: string | undefined;
  /** For parts without a name: `listener-1`. */
  readonly one: string;
  /** Fields that refer to another part → the collection it is in. Lists of such are the same. */
  readonly references: Readonly<Record<string, string>>;
  /** Short name of a field → its name in resources. */
  readonly aliases: Readonly<Record<string, string>>;
  /** Fields that are known beside these: a misspelt one is told. */
  readonly fields: readonly string[];
}

/** What every part has in some notation. */
const ofEveryPart = ["id", "name", "type", "etag", "provisioningState", "properties", "resourceGroup"];

const fieldsOf: Readonly<Record<string, string>> = {
  gatewayIPConfigurations: "subnet",
  frontendIPConfigurations: "privateIPAddress privateIPAllocationMethod subnet publicIPAddress httpListeners",
  frontendPorts: "port httpListeners",
  sslCertificates: "data password publicCertData keyVaultSecretId httpListeners",
  trustedClientCertificates: "data validatedCertData clientCertIssuerDN",
  sslProfiles: "sslPolicy clientAuthConfiguration",
  httpListeners:
    "port protocol hostName hostNames requireServerNameIndication customErrorConfigurations firewallPolicy requestRoutingRules",
  listeners: "port protocol hostNames routingRules",
  requestRoutingRules: "ruleType priority paths loadDistributionPolicy firewallPolicy",
  routingRules: "ruleType priority",
  urlPathMaps: "pathRules requestRoutingRules",
  pathRules: "paths firewallPolicy",
  redirectConfigurations:
    "redirectType targetUrl includePath includeQueryString requestRoutingRules urlPathMaps pathRules",
  rewriteRuleSets: "rewriteRules",
  backendAddressPools:
    "backendAddresses backendIPConfigurations requestRoutingRules urlPathMaps pathRules routingRules",
  backendHttpSettingsCollection:
    "port protocol cookieBasedAffinity affinityCookieName requestTimeout probeEnabled hostName pickHostNameFromBackendAddress path connectionDraining dedicatedBackendConnection validateCertChainAndExpiry validateSNI sniName",
  backendSettingsCollection:
    "port protocol timeout hostName pickHostNameFromBackendAddress enableL4ClientIpPreservation",
  probes:
    "protocol host pickHostNameFromBackendHttpSettings pickHostNameFromBackendSettings path interval timeout unhealthyThreshold minServers port match enableProbeProxyProtocolHeader backendHttpSettings",
  trustedRootCertificates: "data keyVaultSecretId",
  authenticationCertificates: "data",
};

const targets = {
  backendAddressPool: "backendAddressPools",
  backendHttpSettings: "backendHttpSettingsCollection",
  redirectConfiguration: "redirectConfigurations",
  rewriteRuleSet: "rewriteRuleSets",
  loadDistributionPolicy: "loadDistributionPolicies",
};

const targetAliases = {
  pool: "backendAddressPool",
  setting: "backendHttpSettings",
  redirect: "redirectConfiguration",
  rewrite: "rewriteRuleSet",
};

const listenerReferences = {
  frontendIPConfiguration: "frontendIPConfigurations",
  frontendPort: "frontendPorts",
  sslCertificate: "sslCertificates",
  sslProfile: "sslProfiles",
};

const listenerAliases = {
  frontend: "frontendIPConfiguration",
  certificate: "sslCertificate",
  profile: "sslProfile",
  host: "hostName",
  hosts: "hostNames",
};

/** Of a path map: where requests go that no path rule takes. */
const defaultTargets = {
  defaultBackendAddressPool: "backendAddressPools",
  defaultBackendHttpSettings: "backendHttpSettingsCollection",
  defaultRedirectConfiguration: "redirectConfigurations",
  defaultRewriteRuleSet: "rewriteRuleSets",
  defaultLoadDistributionPolicy: "loadDistributionPolicies",
};

const defaultTargetAliases = {
  pool: "defaultBackendAddressPool",
  setting: "defaultBackendHttpSettings",
  redirect: "defaultRedirectConfiguration",
  rewrite: "defaultRewriteRuleSet",
};

function collection(
  name: string,
  one: string,
  short?: string,
  references: Readonly<Record<string, string>> = {},
  aliases: Readonly<Record<string, string>> = {},
): Collection {
  const fields = [...ofEveryPart, ...(fieldsOf[name]?.split(" ") ?? [])];
  return { name, short, one, references, aliases, fields };
}

/** In the order in which people read a gateway: from the client to the servers. */
export const collections: readonly Collection[] = [
  collection("gatewayIPConfigurations", "configuration"),
  collection("frontendIPConfigurations", "frontend", "frontends", {
    privateLinkConfiguration: "privateLinkConfigurations",
  }),
  collection("frontendPorts", "port"),
  collection("sslCertificates", "certificate", "certificates"),
  collection("trustedClientCertificates", "certificate"),
  collection("sslProfiles", "profile", undefined, { trustedClientCertificates: "trustedClientCertificates" }),
  collection("httpListeners", "listener", "listeners", listenerReferences, listenerAliases),
  collection("listeners", "listener", undefined, listenerReferences, listenerAliases),
  collection(
    "requestRoutingRules",
    "rule",
    "rules",
    { httpListener: "httpListeners", urlPathMap: "urlPathMaps", ...targets },
    { listener: "httpListener", pathMap: "urlPathMap", ...targetAliases },
  ),
  collection(
    "routingRules",
    "rule",
    undefined,
    {
      listener: "listeners",
      backendAddressPool: "backendAddressPools",
      backendSettings: "backendSettingsCollection",
    },
    { pool: "backendAddressPool", setting: "backendSettings" },
  ),
  collection("urlPathMaps", "map", "pathMaps", defaultTargets, defaultTargetAliases),
  collection("redirectConfigurations", "redirect", "redirects", { targetListener: "httpListeners" }),
  collection("rewriteRuleSets", "rewrite", "rewrites"),
  collection("backendAddressPools", "pool", "pools"),
  collection(
    "backendHttpSettingsCollection",
    "setting",
    "settings",
    {
      probe: "probes",
      trustedRootCertificates: "trustedRootCertificates",
      authenticationCertificates: "authenticationCertificates",
    },
    { host: "hostName", timeout: "requestTimeout" },
  ),
  collection(
    "backendSettingsCollection",
    "setting",
    undefined,
    { probe: "probes", trustedRootCertificates: "trustedRootCertificates" },
    { host: "hostName" },
  ),
  collection("probes", "probe"),
  collection("trustedRootCertificates", "root", "trustedRoots"),
  collection("authenticationCertificates", "certificate"),
  collection("loadDistributionPolicies", "policy"),
  collection("privateLinkConfigurations", "configuration"),
];

/** `pathRules` inside a path map. */
export const pathRules: Collection = collection("pathRules", "path", undefined, targets, targetAliases);

const byName = new Map([...collections, pathRules].map((one) => [one.name, one]));

/** Throws for names that are not in the list: those are written in code only. */
export function collectionNamed(name: string): Collection {
  const found = byName.get(name);
  if (found === undefined) throw new Error(`no collection ${name}`);
  return found;
}

/** Of the gateway itself, beside the collections. */
export const gatewayFields: readonly string[] = [
  ..."subscription defaults http2 location tags zones identity sku sslPolicy operationalState enableHttp2 enableFips".split(
    " ",
  ),
  ..."autoscaleConfiguration customErrorConfigurations globalConfiguration firewallPolicy extendedLocation".split(
    " ",
  ),
  ..."forceFirewallPolicyAssociation webApplicationFirewallConfiguration privateEndpointConnections".split(
    " ",
  ),
  ..."resourceGuid defaultPredefinedSslPolicy".split(" "),
  ...ofEveryPart,
];

export const defaultSubscription = "00000000-0000-0000-0000-000000000000";
export const defaultResourceGroup = "local";
export const gatewayType = "Microsoft.Network/applicationGateways";

/** Digits and dots, or a colon, are an address: the last label of a name is never all digits (RFC 1123 §2.1). */
export function isAddressText(text: string): boolean {
  return /^[\d.]+$|:/.test(text);
}

/** The tier that goes with the name of a SKU: `Standard_Medium` is of tier `Standard` (gateway-resource.md §5). */
export function tierOf(sku: string): string {
  return /^(standard|waf)_(small|medium|large)$/i.exec(sku)?.[1] ?? sku;
}
