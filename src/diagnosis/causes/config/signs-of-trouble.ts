import { recentMs } from "../../../model/recent.ts";
import type { Health, Traffic } from "../../facets.ts";

/**
 * Whether anything that was seen bears out that the gateway itself is in trouble, when its state alone proves nothing:
 * `none-seen` = nobody looked.
 */
export function signsOfTrouble(health: Health, traffic: Traffic): "trouble" | "well" | "none-seen" {
  const { log } = traffic;
  const rows = log?.observations ?? [];
  const failing = rows.some(
    ({ readings, lastFailureMs }) =>
      madeByGateway.some((reading) => (readings.get(reading) ?? 0) > 0) &&
      (lastFailureMs === undefined || log?.lastMs === undefined || lastFailureMs >= log.lastMs - recentMs),
  );
  // Servers that are down for a reason of their own make the gateway fail requests while it is well itself.
  if (health.unhealthy.length > 0) return "well";
  if (failing || health.allUnknown) return "trouble";
  return rows.length > 0 || health.entries.length > 0 ? "well" : "none-seen";
}

const madeByGateway = ["no-live-server", "upstream-closed", "unreached", "gateway-error"] as const;
