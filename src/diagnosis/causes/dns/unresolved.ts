import type { Server } from "../../../routing/routes.ts";
import type { Facets } from "../../facets.ts";

/**
 * Whether the gateway was seen to have no address for a server: its message says so, or it alone is Unknown while the
 * health of others can be read (health-probes.md §7).
 */
export function isUnresolved(server: Server, health: Facets["health"]): boolean {
  const seen = health.of(server);
  if (seen === undefined) return false;
  if (seen.message.phase === "dns") return seen.observation.health !== "healthy";
  return seen.observation.health === "unknown" && !health.allUnknown;
}

/**
 * Whether the gateway has no address for a server that somebody beside it has: DNS servers as they are now answer, and the
 * gateway does not ask those.
 */
export function isUnresolvedThere(server: Server, health: Facets["health"]): boolean {
  const seen = health.of(server);
  return seen?.live !== undefined && seen.reported?.message.phase === "dns" && seen.passed.includes("dns");
}

/** Whether any of the servers of one name works: the name then resolves. */
export function someHealthy(servers: readonly Server[], health: Facets["health"]): boolean {
  return servers.some((server) => health.of(server)?.observation.health === "healthy");
}
