import type { PrivateEndpoint } from "../model/hosts.ts";
import type { Network } from "../model/model.ts";
import { idKey, parseResourceId } from "../model/resource.ts";
import { serviceNames } from "./private-link-suffixes.ts";

/** Which names the export shows to be private: those of private endpoints, and those public DNS never has. */
export class PrivateNames {
  private readonly endpoints = new Map<string, PrivateEndpoint>();
  private readonly internalDomains: readonly string[];
  private readonly internalHosts: ReadonlySet<string>;

  constructor(network: Network) {
    const aliases = hostNamesById(network);
    for (const endpoint of network.privateEndpoints) {
      if (endpoint.connectionState !== undefined && !/^approved$/i.test(endpoint.connectionState)) continue;
      for (const { fqdn } of endpoint.dnsConfigs) this.endpoints.set(fqdn.toLowerCase(), endpoint);
      for (const id of endpoint.targetIds) {
        for (const name of [...namesOfTarget(id), ...(aliases.get(idKey(id)) ?? [])]) {
          this.endpoints.set(name, endpoint);
        }
      }
    }
    this.internalDomains = network.containerAppsEnvironments.flatMap(({ internal, defaultDomain }) =>
      internal === true && defaultDomain !== undefined ? [defaultDomain] : [],
    );
    this.internalHosts = new Set(
      network.apiManagementServices.flatMap(({ virtualNetworkType, hostNames }) =>
        /^internal$/i.test(virtualNetworkType ?? "") ? hostNames : [],
      ),
    );
  }

  /** The private endpoint that stands for a service's public name. */
  endpointOf(name: string): PrivateEndpoint | undefined {
    return this.endpoints.get(name);
  }

  /** Whether public DNS certainly has no such name: an internal service's, or one under a reserved top level. */
  isPrivateOnly(name: string): boolean {
    return (
      this.internalHosts.has(name) ||
      this.internalDomains.some((domain) => name === domain || name.endsWith(`.${domain}`)) ||
      /\.(internal|local|localdomain|localhost|lan|corp|home|intranet|private|home\.arpa|test|invalid)$/.test(
        name,
      )
    );
  }
}

/** Host names of exported services that end in a name the platform gives. */
function hostNamesById(network: Network): ReadonlyMap<string, readonly string[]> {
  return new Map([
    ...network.webSites.map(({ id, hostNames, defaultHostName }): [string, string[]] => [
      idKey(id),
      [...hostNames, ...(defaultHostName ? [defaultHostName.toLowerCase()] : [])].filter((name) =>
        name.endsWith(".azurewebsites.net"),
      ),
    ]),
    ...network.apiManagementServices.map(({ id, hostNames }): [string, string[]] => [
      idKey(id),
      hostNames.filter((name) => name.endsWith(".azure-api.net")),
    ]),
  ]);
}

function namesOfTarget(id: string): readonly string[] {
  const { type, names } = parseResourceId(id);
  const [name] = names;
  return name === undefined ? [] : serviceNames(type.toLowerCase(), name.toLowerCase());
}
