import type { Resource } from "./resource.ts";
import type { Source } from "./source.ts";

/** Platform services that stand behind gateways and route by host name. */

export interface WebSite extends Resource {
  /** `Running` | `Stopped`, as exported. */
  readonly state: string | undefined;
  /** Every host name bound to the site, lower case. */
  readonly hostNames: readonly string[];
  readonly defaultHostName: string | undefined;
  readonly httpsOnly: boolean | undefined;
  readonly publicNetworkAccess: string | undefined;
  /** `siteConfig.healthCheckPath` */
  readonly healthCheckPath: string | undefined;
  /** Undefined when the site's configuration was not exported. */
  readonly accessRestrictions: AccessRestrictions | undefined;
  /** App Service authentication ("Easy Auth") that refuses anonymous requests; undefined = not exported. */
  readonly authenticationRequired: boolean | undefined;
}

export interface AccessRestrictions {
  readonly defaultAction: "Allow" | "Deny";
  readonly rules: readonly {
    readonly name: string;
    readonly source: Source;
    readonly action: "Allow" | "Deny";
    readonly priority: number;
    /** CIDR or service tag; undefined for subnet rules. */
    readonly ipAddress: string | undefined;
    readonly subnetId: string | undefined;
  }[];
}

export interface ApiManagementService extends Resource {
  /** Gateway host names, default and custom, lower case. */
  readonly hostNames: readonly string[];
  readonly privateIpAddresses: readonly string[];
  /** `None` | `External` | `Internal` */
  readonly virtualNetworkType: string | undefined;
}

export interface ContainerAppsEnvironment extends Resource {
  /** e.g. `happyhill-1234.westeurope.azurecontainerapps.io`, lower case */
  readonly defaultDomain: string | undefined;
  readonly staticIp: string | undefined;
  readonly internal: boolean | undefined;
}
