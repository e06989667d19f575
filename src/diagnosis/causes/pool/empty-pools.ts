import type { Gateway } from "../../../model/gateway.ts";
import type { EmptyPool } from "../../../routing/empty-pools.ts";
import type { Health } from "../../facets.ts";

/** Why an empty list in the document need not be an empty pool; undefined = it is one. */
export function whyNotCertain(
  gateway: Gateway,
  { pairs }: Pick<EmptyPool, "pairs">,
  health: Pick<Health, "reported">,
): string | undefined {
  if (pairs.some((pair) => (health.reported(pair) ?? 0) > 0)) {
    return "the health report lists servers, so one of the two documents is older";
  }
  // Members that join through network interfaces are listed by Azure itself, never by a template.
  return isDeployed(gateway) ? undefined : "the document is a template, which lists no joined interfaces";
}

function isDeployed(gateway: Gateway): boolean {
  return (
    gateway.operationalState !== undefined ||
    gateway.provisioningState !== undefined ||
    gateway.pools.some(({ provisioningState }) => provisioningState !== undefined)
  );
}
