import type { Pair } from "../routing/routes.ts";
import type { Cause } from "./cause.ts";
import { healthExport } from "./exports.ts";
import type { Facets } from "./facets.ts";
import type { Need } from "./finding.ts";

/**
 * Some faults show only once the gateway has tried the server. Without a health report nobody has told of a try, and a
 * check that found nothing has not ruled anything out. Undefined when the cause can be ruled out all the same.
 */
export function untried(cause: Cause, { gateway, wiring, health }: Facets): Need | undefined {
  const { showsInHealthOf: which } = cause;
  if (which === undefined || health.exported) return undefined;
  if (!wiring.pairs.some((pair) => concerns(which, pair))) return undefined;
  return {
    what: "how the probes of the servers end: no health report of this gateway is among the documents",
    command: healthExport(gateway.id),
  };
}

function concerns(which: NonNullable<Cause["showsInHealthOf"]>, { setting, servers }: Pair): boolean {
  switch (which) {
    case "every-server":
      return servers.length > 0;
    case "tls-servers":
      return servers.length > 0 && (setting.protocol === "Https" || setting.protocol === "Tls");
    case "named-servers":
      return servers.some(({ member }) => member.kind === "fqdn");
  }
}
