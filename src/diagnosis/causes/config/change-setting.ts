import type { Change, Json } from "../../../model/change.ts";
import type { BackendSetting, Gateway, Protocol } from "../../../model/gateway.ts";
import { partId } from "../../statements.ts";
import { changeProbe } from "../probe/probe-change.ts";

export function setOnSetting(gateway: Gateway, setting: BackendSetting, path: string, value: Json): Change {
  return { action: "set", resourceId: partId(gateway, setting.collection, setting), path, value };
}

/** Another protocol for a setting and for its probe: the two have to be the same (gateway-resource.md §4.7). */
export function changeProtocol(gateway: Gateway, setting: BackendSetting, protocol: Protocol): Change[] {
  const probe = setting.probe?.target;
  return [
    setOnSetting(gateway, setting, "protocol", protocol),
    ...(probe === undefined || probe.protocol === protocol
      ? []
      : changeProbe(gateway, probe, [setting], { protocol })),
  ];
}
