import type { HealthObservation, HealthReport } from "../model/observations.ts";
import { Source } from "../model/source.ts";
import { firstObject, has, type JsonObject, listField, type Place } from "./place.ts";

type Pair = HealthReport["pairs"][number];

/** `show-backend-health` in the spelling of CLI, REST or PowerShell (health-probes.md §11). */
export function isBackendHealth(value: JsonObject): boolean {
  const pools = listField(value, "backendAddressPools");
  if (pools === undefined) return false;
  const first = firstObject(pools);
  if (first !== undefined)
    return (
      has(first, "backendAddressPool") &&
      (has(first, "backendHttpSettingsCollection") || has(first, "backendSettingsCollection"))
    );
  // A gateway without pools answers an empty list and nothing else.
  return Object.keys(value).every((key) => /^(backendAddressPools(Text)?|backendSettingsText)$/i.test(key));
}

/** `getBackendHealthOnDemand`: one setting, as an object instead of a list. */
export function isBackendHealthOnDemand(value: JsonObject): boolean {
  return has(value, "backendAddressPool", "backendHealthHttpSettings");
}

export function readBackendHealth(place: Place): HealthReport {
  const source = new Source(place.document, place.pointer, place.value);
  const pairs: Pair[] = [];
  for (const pool of source.objects("backendAddressPools")) {
    const poolId = pool.referenceId("backendAddressPool") ?? "";
    for (const field of ["backendHttpSettingsCollection", "backendSettingsCollection"]) {
      for (const item of pool.objects(field)) pairs.push(readPair(item, poolId));
    }
  }
  return { source, gatewayId: gatewayIdOf(pairs), pairs };
}

export function readBackendHealthOnDemand(place: Place): HealthReport {
  const source = new Source(place.document, place.pointer, place.value);
  const poolId = source.referenceId("backendAddressPool") ?? "";
  const item = source.object("backendHealthHttpSettings");
  const pairs = item === undefined ? [] : [readPair(item, poolId)];
  return { source, gatewayId: gatewayIdOf(pairs), pairs };
}

function readPair(item: Source, poolId: string): Pair {
  const settingId = item.referenceId("backendHttpSettings") ?? item.referenceId("backendSettings") ?? "";
  return {
    poolId,
    settingId,
    source: item,
    servers: item.objects("servers").map(
      (server): HealthObservation => ({
        source: server,
        poolId,
        settingId,
        address: server.text("address") ?? "",
        health: healthOf(server.text("health")),
        log: server.text("healthProbeLog") ?? "",
        ipConfigurationId: server.referenceId("ipConfiguration"),
      }),
    ),
  };
}

/** Both families of words mean the same (health-probes.md §7); a word of neither says nothing. */
function healthOf(written: string | undefined): HealthObservation["health"] {
  switch (written?.toLowerCase()) {
    case "healthy":
    case "up":
      return "healthy";
    case "unhealthy":
    case "down":
      return "unhealthy";
    case "partial":
      return "partial";
    case "draining":
      return "draining";
    default:
      return "unknown";
  }
}

function gatewayIdOf(pairs: readonly Pair[]): string | undefined {
  for (const { poolId, settingId } of pairs) {
    for (const id of [poolId, settingId]) {
      const match = /^.*\/applicationGateways\/[^/]+/i.exec(id);
      if (match !== null) return match[0];
    }
  }
  return undefined;
}
