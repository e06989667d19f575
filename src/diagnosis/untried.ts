import type { Server } from "../routing/routes.ts";
import type { Cause, Undecided } from "./cause.ts";
import { healthExport } from "./exports.ts";
import type { Facets } from "./facets.ts";

/**
 * Some faults show only once the gateway has tried the server. Without a health report nobody has told of a try, and a
 * check that found nothing has not ruled anything out.
 */
export function untried(cause: Cause, { gateway, wiring, health }: Facets): Undecided[] {
  const { showsInHealthOf: which } = cause;
  if (which === undefined || health.exported) return [];
  const servers = wiring.pairs.flatMap((pair) => pair.servers.filter((server) => concerns(which, server)));
  if (servers.length === 0) return [];
  const what = "how the probes of the servers end: no health report of this gateway is among the documents";
  return [{ is: "undecided", needs: { what, command: healthExport(gateway.id) }, affects: { servers } }];
}

function concerns(which: NonNullable<Cause["showsInHealthOf"]>, { pair, member }: Server): boolean {
  switch (which) {
    case "every-server":
      return true;
    case "tls-servers":
      return pair.setting.protocol === "Https" || pair.setting.protocol === "Tls";
    case "named-servers":
      return member.kind === "fqdn";
  }
}
