import type { IpConfiguration, PublicIpAddress } from "./hosts.ts";
import type { Subnet } from "./network.ts";
import type { Reference, Resource } from "./resource.ts";
import type { Source } from "./source.ts";

/** The two platforms behave differently in almost everything that matters for a 502 (gateway-resource.md §5). */
export type Generation = "v1" | "v2";

/** A part of a gateway. `provisioningState` as Azure writes it, e.g. `Succeeded`, `Failed`. */
export interface GatewayPart extends Resource {
  readonly provisioningState: string | undefined;
}

export interface Gateway extends GatewayPart {
  readonly location: string | undefined;
  readonly generation: Generation;
  readonly sku: { readonly name: string; readonly tier: string; readonly capacity: number | undefined };
  readonly autoscale:
    | { readonly minCapacity: number | undefined; readonly maxCapacity: number | undefined }
    | undefined;
  readonly operationalState: string | undefined;
  readonly enableHttp2: boolean;
  readonly requestBuffering: boolean;
  readonly responseBuffering: boolean;
  readonly firewallPolicyId: string | undefined;
  readonly wafEnabled: boolean;
  /** The gateway subnet: where its instances live and its private probes come from. */
  readonly subnet: Reference<Subnet> | undefined;
  readonly frontendIpConfigurations: readonly FrontendIpConfiguration[];
  readonly frontendPorts: readonly FrontendPort[];
  readonly listeners: readonly Listener[];
  readonly rules: readonly RoutingRule[];
  readonly urlPathMaps: readonly UrlPathMap[];
  readonly pools: readonly BackendPool[];
  readonly settings: readonly BackendSetting[];
  readonly probes: readonly Probe[];
  readonly redirects: readonly RedirectConfiguration[];
  readonly rewriteRuleSets: readonly RewriteRuleSet[];
  readonly sslCertificates: readonly Certificate[];
  readonly trustedRootCertificates: readonly Certificate[];
  readonly authenticationCertificates: readonly Certificate[];
  readonly trustedClientCertificates: readonly Certificate[];
  readonly sslProfiles: readonly SslProfile[];
  readonly customErrorPages: readonly CustomErrorPage[];
}

export interface FrontendIpConfiguration extends GatewayPart {
  readonly privateIpAddress: string | undefined;
  readonly subnet: Reference<Subnet> | undefined;
  readonly publicIpAddress: Reference<PublicIpAddress> | undefined;
}

export interface FrontendPort extends GatewayPart {
  readonly port: number | undefined;
}

/** `Http`/`Https` listeners stand in `httpListeners`, `Tcp`/`Tls` ones (layer 4) in `listeners`. */
export type Protocol = "Http" | "Https" | "Tcp" | "Tls";

export interface Listener extends GatewayPart {
  readonly protocol: Protocol;
  readonly frontendIpConfiguration: Reference<FrontendIpConfiguration> | undefined;
  readonly frontendPort: Reference<FrontendPort> | undefined;
  /** `hostName` and `hostNames` together; empty = basic listener, any host. */
  readonly hostNames: readonly string[];
  readonly requireServerNameIndication: boolean;
  readonly sslCertificate: Reference<Certificate> | undefined;
  readonly sslProfile: Reference<SslProfile> | undefined;
  readonly customErrorPages: readonly CustomErrorPage[];
}

export interface CustomErrorPage {
  /** e.g. `HttpStatus502` */
  readonly statusCode: string;
  readonly url: string;
}

/** Where matched requests go. All undefined = the rule leads nowhere. */
export interface RouteTarget {
  readonly pool: Reference<BackendPool> | undefined;
  readonly setting: Reference<BackendSetting> | undefined;
  readonly redirect: Reference<RedirectConfiguration> | undefined;
  readonly rewriteRuleSet: Reference<RewriteRuleSet> | undefined;
}

/** `requestRoutingRules` (layer 7) and `routingRules` (layer 4). */
export interface RoutingRule extends GatewayPart, RouteTarget {
  readonly ruleType: "Basic" | "PathBasedRouting";
  /** 1 is tried first (v2). v1 has none: array order counts. */
  readonly priority: number | undefined;
  readonly listener: Reference<Listener> | undefined;
  readonly urlPathMap: Reference<UrlPathMap> | undefined;
}

export interface UrlPathMap extends GatewayPart {
  /** The `default*` fields: where paths go that no path rule matches. */
  readonly defaultTarget: RouteTarget;
  readonly pathRules: readonly PathRule[];
}

export interface PathRule extends GatewayPart, RouteTarget {
  readonly paths: readonly string[];
}

export interface BackendPool extends GatewayPart {
  /** `backendAddresses`, `backendIPConfigurations`, and the exported NICs that say they joined, without repeats. */
  readonly members: readonly PoolMember[];
}

/** One entry of a pool. Azure's outputs call it a server. */
export interface PoolMember {
  readonly kind: "address" | "fqdn" | "ipConfiguration";
  /** IP address or FQDN; undefined when the joined IP configuration was not exported. */
  readonly address: string | undefined;
  readonly ipConfiguration: Reference<IpConfiguration> | undefined;
  readonly source: Source;
}

export interface BackendSetting extends GatewayPart {
  /** Which collection it stands in; `backendSettingsCollection` is layer 4. */
  readonly collection: "backendHttpSettingsCollection" | "backendSettingsCollection";
  readonly protocol: Protocol;
  readonly port: number | undefined;
  /** `requestTimeout` (layer 4: `timeout`), default 20. */
  readonly requestTimeoutS: number;
  readonly cookieBasedAffinity: boolean;
  readonly affinityCookieName: string;
  readonly probe: Reference<Probe> | undefined;
  readonly hostName: string | undefined;
  readonly pickHostNameFromBackendAddress: boolean;
  readonly path: string | undefined;
  readonly connectionDraining:
    | { readonly enabled: boolean; readonly drainTimeoutS: number | undefined }
    | undefined;
  readonly trustedRootCertificates: readonly Reference<Certificate>[];
  readonly authenticationCertificates: readonly Reference<Certificate>[];
  readonly dedicatedBackendConnection: boolean;
  readonly validateCertChainAndExpiry: boolean;
  readonly validateSni: boolean;
  readonly sniName: string | undefined;
  readonly enableL4ClientIpPreservation: boolean;
}

export interface Probe extends GatewayPart {
  readonly protocol: Protocol;
  readonly host: string | undefined;
  readonly pickHostNameFromBackendHttpSettings: boolean;
  readonly path: string | undefined;
  readonly intervalS: number;
  readonly timeoutS: number;
  readonly unhealthyThreshold: number;
  readonly minServers: number;
  /** Undefined = the setting's port. */
  readonly port: number | undefined;
  readonly match: { readonly statusCodes: readonly string[]; readonly body: string | undefined };
  readonly enableProbeProxyProtocolHeader: boolean;
}

export interface RedirectConfiguration extends GatewayPart {
  readonly redirectType: "Permanent" | "Found" | "SeeOther" | "Temporary";
  readonly targetListener: Reference<Listener> | undefined;
  readonly targetUrl: string | undefined;
  readonly includePath: boolean;
  readonly includeQueryString: boolean;
}

export interface RewriteRuleSet extends GatewayPart {
  readonly rewriteRules: readonly RewriteRule[];
}

export interface RewriteRule {
  readonly name: string;
  readonly ruleSequence: number;
  readonly conditions: readonly RewriteCondition[];
  readonly requestHeaders: readonly HeaderAction[];
  readonly responseHeaders: readonly HeaderAction[];
  readonly url:
    | {
        readonly modifiedPath: string | undefined;
        readonly modifiedQueryString: string | undefined;
        readonly reroute: boolean;
      }
    | undefined;
}

export interface RewriteCondition {
  readonly variable: string;
  readonly pattern: string;
  readonly ignoreCase: boolean;
  readonly negate: boolean;
}

export interface HeaderAction {
  readonly headerName: string;
  readonly headerValue: string;
  readonly valueMatcher:
    | { readonly pattern: string; readonly ignoreCase: boolean; readonly negate: boolean }
    | undefined;
}

/** Any of the certificate collections. `data` is base64 CER/PFX, or the returned `publicCertData`. */
export interface Certificate extends GatewayPart {
  readonly data: string | undefined;
  readonly keyVaultSecretId: string | undefined;
}

export interface SslProfile extends GatewayPart {
  readonly trustedClientCertificates: readonly Reference<Certificate>[];
  readonly verifyClientCertIssuerDn: boolean;
}
