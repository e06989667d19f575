import type { Change } from "../../../model/change.ts";
import type { BackendSetting, Gateway } from "../../../model/gateway.ts";
import { partId } from "../../statements.ts";

/** The name that probes and live traffic shall use: a fixed one, or each server's own (`address`). */
export type HostChoice = { readonly name: string } | "address";

/** Lets the setting name the host, and a probe that had one of its own take it from there. */
export function nameHost(gateway: Gateway, setting: BackendSetting, host: HostChoice): Change[] {
  return [...settingNamesHost(gateway, setting, host), ...probeFollowsSetting(gateway, setting)];
}

/** Lets the setting name the host of live requests. */
export function settingNamesHost(gateway: Gateway, setting: BackendSetting, host: HostChoice): Change[] {
  const resourceId = partId(gateway, setting.collection, setting);
  const own = host === "address";
  const changes: Change[] = [];
  if (own !== setting.pickHostNameFromBackendAddress) {
    changes.push({ action: "set", resourceId, path: "pickHostNameFromBackendAddress", value: own });
  }
  if (!own || setting.hostName !== undefined) {
    changes.push({ action: "set", resourceId, path: "hostName", value: own ? null : host.name });
  }
  return changes;
}

/** The probe drops its own host and takes the setting's. */
export function probeFollowsSetting(gateway: Gateway, setting: BackendSetting): Change[] {
  const probe = setting.probe?.target;
  if (probe?.host === undefined) return [];
  const resourceId = partId(gateway, "probes", probe);
  return [
    { action: "set", resourceId, path: "host", value: null },
    { action: "set", resourceId, path: "pickHostNameFromBackendHttpSettings", value: true },
  ];
}

/**
 * Lets the probe ask for a name that was found to work. Where the setting names the same host as fails, live traffic asks
 * for it too, and the setting is changed; otherwise the probe alone.
 */
export function probeAsks(
  gateway: Gateway,
  setting: BackendSetting,
  asked: string | undefined,
  name: string,
): Change[] {
  const probe = setting.probe?.target;
  const own = setting.pickHostNameFromBackendAddress ? asked : setting.hostName;
  if (probe === undefined || probe.protocol === "Tls") return settingNamesHost(gateway, setting, { name });
  if (own !== undefined && own.toLowerCase() === asked?.toLowerCase()) {
    return nameHost(gateway, setting, { name });
  }
  if (setting.hostName?.toLowerCase() === name) {
    const follows = probeFollowsSetting(gateway, setting);
    if (follows.length > 0) return follows;
  }
  const resourceId = partId(gateway, "probes", probe);
  return [
    { action: "set", resourceId, path: "host", value: name },
    ...(probe.pickHostNameFromBackendHttpSettings
      ? [{ action: "set", resourceId, path: "pickHostNameFromBackendHttpSettings", value: false } as const]
      : []),
  ];
}
