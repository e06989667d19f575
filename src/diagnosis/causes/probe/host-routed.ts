import { isAddressLiteral } from "../../../health/probe-plan.ts";
import type { Server, Wiring } from "../../../routing/routes.ts";
import type { Service, Services } from "../../facets.ts";

/** A server behind which a platform service stands that chooses the application by host name. */
export interface HostRouted {
  readonly server: Server;
  readonly service: Service;
}

const known = new WeakMap<Wiring, { services: Services; list: readonly HostRouted[] }>();

/** All of them, in wiring order; worked out once per diagnosis, because several checks ask. */
export function hostRoutedServers(wiring: Wiring, services: Services): readonly HostRouted[] {
  const found = known.get(wiring);
  if (found?.services === services) return found.list;
  const list = wiring.pairs.flatMap((pair) =>
    pair.servers.flatMap((server) => {
      const service = services.of(server);
      return service === undefined ? [] : [{ server, service }];
    }),
  );
  known.set(wiring, { services, list });
  return list;
}

/** `unfit`: the service certainly does not serve this host name. `unknown`: a custom domain that was not exported. */
export type HostFit = "fits" | "unfit" | "unknown";

/** Endings under which a name belongs to exactly one service and to nobody's custom domain. */
const ownedSuffixes: Readonly<Record<Service["kind"], RegExp>> = {
  "app-service": /\.(azurewebsites\.(net|us)|chinacloudsites\.cn|appserviceenvironment\.net)$/,
  "api-management": /\.azure-api\.net$/,
  "container-apps": /\.azurecontainerapps\.io$/,
  storage: /\.core\.windows\.net$/,
  "front-door": /\.(azurefd|azureedge)\.net$/,
  "other-azure": /\.(azurestaticapps\.net|servicebus\.windows\.net|search\.windows\.net)$/,
};

/** Whether the service behind a server answers for a host name. */
export function hostFit({ server, service }: HostRouted, host: string | undefined): HostFit {
  const asked = host?.toLowerCase();
  if (asked === undefined || asked === "" || isAddressLiteral(asked)) return "unfit";
  const bound = boundNames(service);
  if (bound.length > 0) return bound.includes(asked) ? "fits" : "unfit";
  if (asked === memberName(server)) return "fits";
  if (service.kind === "container-apps") {
    const domain = service.environment?.defaultDomain;
    if (domain !== undefined && asked.endsWith(`.${domain}`)) return "unknown";
  }
  const owned = ownedSuffixes[service.kind];
  return owned.test(asked) && owned.test(memberName(server) ?? "") ? "unfit" : "unknown";
}

/** A name the service certainly answers for. */
export function servedHost({ server, service }: HostRouted): string | undefined {
  const bound = boundNames(service);
  const member = memberName(server);
  if (member !== undefined && (bound.length === 0 || bound.includes(member))) return member;
  return (service.kind === "app-service" ? service.site?.defaultHostName : undefined) ?? bound[0];
}

/** Every host name bound, where the service was exported; empty = not known. */
function boundNames(service: Service): readonly string[] {
  if (service.kind === "app-service") return service.site?.hostNames ?? [];
  if (service.kind === "api-management") return service.service?.hostNames ?? [];
  return [];
}

function memberName(server: Server): string | undefined {
  return server.member.kind === "fqdn" ? server.address?.toLowerCase() : undefined;
}

const spoken: Readonly<Record<Service["kind"], string>> = {
  "app-service": "App Service",
  "api-management": "API Management",
  "container-apps": "Container Apps",
  storage: "Azure Storage",
  "front-door": "Azure Front Door",
  "other-azure": "an Azure service that routes by host name",
};

/** The service by the name people know it. */
export function serviceName({ kind }: Service): string {
  return spoken[kind];
}
