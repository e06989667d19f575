import { isAddressLiteral } from "../../../health/probe-plan.ts";
import type { BackendSetting } from "../../../model/gateway.ts";
import type { Facets } from "../../facets.ts";
import type { HostRouted } from "./host-routed.ts";
import { hostRoutedServers } from "./host-routed.ts";

/** Servers of services that route by host name, asked by the default probe for an address instead of a name. */
export function askedWithoutName({
  wiring,
  plans,
  services,
}: Pick<Facets, "wiring" | "plans" | "services">): HostRouted[] {
  return hostRoutedServers(wiring, services).filter(({ server, service }) => {
    if (service.kind === "api-management" || server.pair.setting.probe !== undefined) return false;
    const { kind, host } = plans.probe(server);
    return kind === "default" && host.value !== undefined && isAddressLiteral(host.value);
  });
}

/** By setting and kind of service: one faulty object, one finding. */
export function bySettingAndKind(items: readonly HostRouted[]): [BackendSetting, HostRouted[]][] {
  const groups = Map.groupBy(items, ({ server, service }) => `${server.pair.setting.name}/${service.kind}`);
  return [...groups.values()].map((group) => {
    const [{ server }] = group as [HostRouted];
    return [server.pair.setting, group];
  });
}
