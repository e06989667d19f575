import type { Server } from "../../../routing/routes.ts";
import type { Facets } from "../../facets.ts";

/** The path under which every server's site says that it is healthy; undefined when not exported, or when they differ. */
export function knownPath(
  servers: readonly Server[],
  { services }: Pick<Facets, "services">,
): string | undefined {
  const paths = new Set(servers.map((server) => healthCheckOf(server, services)));
  const [path] = paths;
  return paths.size === 1 ? path : undefined;
}

function healthCheckOf(server: Server, services: Facets["services"]): string | undefined {
  const service = services.of(server);
  return service?.kind === "app-service" ? service.site?.healthCheckPath : undefined;
}
