import type { Network } from "../../model/model.ts";
import { idKey } from "../../model/resource.ts";
import type { Server } from "../../routing/routes.ts";
import type { Hosts, Service, Services } from "../facets.ts";

/** Names by which Azure's platform services are reached; all of them route by host name. */
const suffixes = [
  [".azurewebsites.net", "app-service"],
  [".azurewebsites.us", "app-service"],
  [".chinacloudsites.cn", "app-service"],
  [".appserviceenvironment.net", "app-service"],
  [".azure-api.net", "api-management"],
  [".azurecontainerapps.io", "container-apps"],
  [".blob.core.windows.net", "storage"],
  [".web.core.windows.net", "storage"],
  [".azurefd.net", "front-door"],
  [".azureedge.net", "front-door"],
  [".azurestaticapps.net", "other-azure"],
  [".servicebus.windows.net", "other-azure"],
  [".search.windows.net", "other-azure"],
] as const;

/** Tells which platform service stands behind a server: by its name, its bound host names, or what owns its address. */
export function servicesOf(network: Network, hosts: Hosts): Services {
  const sitesByHost = new Map(network.webSites.flatMap((site) => site.hostNames.map((name) => [name, site])));
  const apimByHost = new Map(
    network.apiManagementServices.flatMap((service) => service.hostNames.map((name) => [name, service])),
  );
  const environments = network.containerAppsEnvironments;
  const sitesById = new Map(network.webSites.map((site) => [idKey(site.id), site]));
  const apimById = new Map(network.apiManagementServices.map((service) => [idKey(service.id), service]));

  const byName = (hostName: string): Service | undefined => {
    const site = sitesByHost.get(hostName);
    if (site !== undefined) return { kind: "app-service", hostName, site };
    const service = apimByHost.get(hostName);
    if (service !== undefined) return { kind: "api-management", hostName, service };
    const environment = environments.find(
      ({ defaultDomain }) => defaultDomain !== undefined && hostName.endsWith(`.${defaultDomain}`),
    );
    if (environment !== undefined) return { kind: "container-apps", hostName, environment };
    const kind = suffixes.find(([suffix]) => hostName.endsWith(suffix))?.[1];
    switch (kind) {
      case undefined:
        return undefined;
      case "app-service":
        return { kind, hostName, site: undefined };
      case "api-management":
        return { kind, hostName, service: undefined };
      case "container-apps":
        return { kind, hostName, environment: undefined };
      default:
        return { kind, hostName };
    }
  };
  const byOwner = (server: Server): Service | undefined => {
    for (const owner of hosts.of(server)) {
      if (owner.kind === "apiManagement") {
        return { kind: "api-management", hostName: undefined, service: owner.service };
      }
      if (owner.kind === "containerAppsEnvironment") {
        return { kind: "container-apps", hostName: undefined, environment: owner.environment };
      }
      if (owner.kind !== "privateEndpoint") continue;
      for (const id of owner.privateEndpoint.targetIds.map(idKey)) {
        const site = sitesById.get(id);
        if (site !== undefined || id.includes("/microsoft.web/sites/")) {
          return { kind: "app-service", hostName: undefined, site };
        }
        const service = apimById.get(id);
        if (service !== undefined) return { kind: "api-management", hostName: undefined, service };
      }
    }
    return undefined;
  };
  return {
    of: (server) =>
      server.member.kind === "fqdn" && server.address !== undefined
        ? byName(server.address.toLowerCase())
        : byOwner(server),
    siteWithHost: (hostName) => sitesByHost.get(hostName.toLowerCase()),
  };
}
