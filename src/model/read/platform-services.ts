import { nameOfId, type ResourceRecord } from "../resource.ts";
import type { ApiManagementService, ContainerAppsEnvironment } from "../services.ts";

/** Reads a `Microsoft.ApiManagement/service` record. */
export function readApiManagement({ id, source }: ResourceRecord): ApiManagementService {
  const urls = [source.text("gatewayUrl"), source.text("gatewayRegionalUrl")];
  const configured = source.objects("hostnameConfigurations").flatMap((item) => {
    // Portal, management and repository host names do not answer API requests.
    const isGateway = /^(proxy|gateway)$/i.test(item.text("type") ?? "proxy");
    return isGateway ? (item.text("hostName") ?? []) : [];
  });
  const names = [...urls.flatMap((url) => hostOf(url) ?? []), ...configured];
  return {
    id,
    name: source.text("name") ?? nameOfId(id),
    source,
    hostNames: [...new Set(names.map((name) => name.toLowerCase()))],
    privateIpAddresses: source.texts("privateIPAddresses"),
    virtualNetworkType: source.text("virtualNetworkType"),
  };
}

/** Reads a `Microsoft.App/managedEnvironments` record. */
export function readContainerAppsEnvironment({ id, source }: ResourceRecord): ContainerAppsEnvironment {
  return {
    id,
    name: source.text("name") ?? nameOfId(id),
    source,
    defaultDomain: source.text("defaultDomain")?.toLowerCase(),
    staticIp: source.text("staticIp") || undefined,
    internal: source.object("vnetConfiguration")?.boolean("internal"),
  };
}

function hostOf(url: string | undefined): string | undefined {
  return /^https?:\/\/([^/:]+)/i.exec(url ?? "")?.[1];
}
