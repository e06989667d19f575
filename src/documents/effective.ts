import { Source } from "../model/source.ts";
import type { Harvest } from "./harvest.ts";
import { field, firstObject, has, type JsonObject, type Place, textField } from "./place.ts";

/** The pseudo resource types under which effective rules and routes are kept among the records. */
const effectiveGroupsType = "microsoft.network/networkinterfaces/effectivenetworksecuritygroups";
const effectiveRoutesType = "microsoft.network/networkinterfaces/effectiveroutetable";

/** The elements of `az network nic list-effective-nsg` and `show-effective-route-table` (network.md §6). */
export function effectiveKind(list: readonly unknown[]): "groups" | "routes" | undefined {
  const first = firstObject(list);
  if (first === undefined) return undefined;
  if (has(first, "effectiveSecurityRules")) return "groups";
  const isRoute = has(first, "nextHopType", "addressPrefix") && (has(first, "state") || has(first, "source"));
  return isRoute && !has(first, "id") ? "routes" : undefined;
}

export function takeEffective(
  place: Place,
  list: readonly unknown[],
  kind: "groups" | "routes",
  harvest: Harvest,
): void {
  const owner = place.hints.networkInterfaceId ?? (kind === "groups" ? associatedInterface(list) : undefined);
  const part = kind === "groups" ? "effectiveNetworkSecurityGroups" : "effectiveRouteTable";
  harvest.records.push({
    // Without its interface the document still stands for itself, under a name no other has.
    id: owner === undefined ? `${place.document}#${place.pointer}` : `${owner}/${part}`,
    type: kind === "groups" ? effectiveGroupsType : effectiveRoutesType,
    source: new Source(place.document, place.pointer, list),
  });
}

function associatedInterface(list: readonly unknown[]): string | undefined {
  for (const group of list) {
    const nic = field(field(group, "association"), "networkInterface");
    const id = typeof nic === "string" ? nic : textField(nic, "id");
    if (id !== undefined) return id;
  }
  return undefined;
}

/** A wrapper may say which interface the list is of. */
export function interfaceNamedBy(value: JsonObject): string | undefined {
  const named = field(value, "networkInterface") ?? field(value, "networkInterfaceId") ?? field(value, "id");
  const id = typeof named === "string" ? named : textField(named, "id");
  return id !== undefined && /\/networkInterfaces\/[^/]+$/i.test(id) ? id : undefined;
}
