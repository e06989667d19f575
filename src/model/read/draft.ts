import type { Gateway } from "../gateway.ts";
import type { Network } from "../model.ts";
import type { PartsApart } from "./composed-source.ts";
import { Links } from "./links.ts";

type Mutable<T> = { -readonly [K in keyof T]: T[K] extends readonly (infer Item)[] ? Item[] : T[K] };

/** The model while it is being read: every reader adds what it understood. */
export interface Draft {
  readonly links: Links;
  readonly parts: PartsApart;
  readonly gateways: Gateway[];
  readonly network: Mutable<Network>;
}

export function emptyDraft(listedTypes: ReadonlySet<string>, parts: PartsApart): Draft {
  return {
    links: new Links(),
    parts,
    gateways: [],
    network: emptyNetwork(listedTypes),
  };
}

/** A network of which nothing was exported. */
export function emptyNetwork(listedTypes: ReadonlySet<string>): Mutable<Network> {
  return {
    virtualNetworks: [],
    subnets: [],
    networkSecurityGroups: [],
    applicationSecurityGroups: [],
    routeTables: [],
    networkInterfaces: [],
    publicIpAddresses: [],
    virtualMachines: [],
    scaleSets: [],
    privateDnsZones: [],
    privateEndpoints: [],
    loadBalancers: [],
    natGateways: [],
    virtualNetworkGateways: [],
    azureFirewalls: [],
    webSites: [],
    apiManagementServices: [],
    containerAppsEnvironments: [],
    effectiveSecurityGroups: [],
    effectiveRoutes: [],
    serviceTags: [],
    listedTypes,
  };
}
