import type { Decision } from "../../cause.ts";
import { exportCommand } from "../../exports.ts";
import type { Facets, Service } from "../../facets.ts";
import { type HostRouted, hostFit } from "./host-routed.ts";

/** A custom domain at a site that was not exported: bound or not, nobody can tell, unless the probe succeeds. */
export function openHosts(
  asked: readonly HostRouted[],
  { plans, health }: Pick<Facets, "plans" | "health">,
): Decision<never>[] {
  const unclear = asked.filter((one) => {
    const entry = health.of(one.server);
    if (entry?.observation.health === "healthy") return false;
    return hostFit(one, plans.probe(one.server).host.value) === "unknown";
  });
  const byKind = Map.groupBy(unclear, ({ service }) => service.kind);
  return [...byKind].map(([kind, items]): Decision<never> => {
    const hosts = [...new Set(items.map(({ server }) => plans.probe(server).host.value))];
    return {
      is: "undecided",
      needs: {
        what: `whether ${hosts.slice(0, 3).join(", ")} is bound at the backend`,
        command: exportCommand(types[kind] ?? "microsoft.web/sites"),
      },
      affects: { servers: items.map(({ server }) => server) },
    };
  });
}

const types: Partial<Record<Service["kind"], string>> = {
  "app-service": "microsoft.web/sites",
  "api-management": "microsoft.apimanagement/service",
  "container-apps": "microsoft.app/containerapps",
  storage: "microsoft.storage/storageaccounts",
  "front-door": "microsoft.cdn/profiles",
};
