import type { Generation } from "../../../model/gateway.ts";
import type { Undecided } from "../../cause.ts";
import { exportCommand } from "../../exports.ts";
import type { Facets } from "../../facets.ts";
import { groupedBy } from "../../statements.ts";

/** Chains that an attached certificate may vouch for, of which the documents hold no more than the name. */
export function unreadableTrust(
  { gateway, live }: Pick<Facets, "gateway" | "live">,
  generation: Generation,
): Undecided[] {
  if (gateway.generation !== generation) return [];
  const open = live.probes.filter(
    ({ outcome, kind, chain }) => outcome === "undecided" && kind === "certificate" && chain?.trustUnknown,
  );
  return groupedBy(open, ({ server }) => server.pair.setting.name).map(([name, exchanges]) => ({
    is: "undecided",
    needs: {
      what: `whether the certificates attached to backend setting ${name} fit those of its servers: their data is not among the documents`,
      command: exportCommand("Microsoft.Network/applicationGateways", gateway.id),
    },
    affects: { servers: exchanges.map(({ server }) => server) },
  }));
}
