import type { Json } from "../../model/change.ts";
import { quotePowerShell } from "../quoting.ts";
import type { Edit } from "./powershell-edit.ts";
import { fieldName, literal } from "./powershell-values.ts";
import { nameOf, ownerOf, targetOf } from "./target.ts";

/**
 * Peerings have commands of their own, which write nothing but the peering: saving the whole network writes its
 * subnets and every other peering as well. Undefined when the edit is of something else.
 */
export function peeringEdit(edit: Edit): string[] | undefined {
  const target = targetOf(edit.resourceId);
  const network = ownerOf(target);
  if (network.type !== "microsoft.network/virtualnetworks") return undefined;
  const group = `-ResourceGroupName ${quotePowerShell(network.resourceGroup)}`;
  const named = (name: string): string =>
    `${group} -VirtualNetworkName ${quotePowerShell(nameOf(network))} -Name ${quotePowerShell(name)}`;
  if (edit.action === "set") {
    if (!target.type.endsWith("/virtualnetworkpeerings") || edit.path.includes("/")) return undefined;
    return [
      `$peering = Get-AzVirtualNetworkPeering ${named(nameOf(target))}`,
      `$peering.${fieldName(edit.path)} = ${literal(edit.value)}`,
      "Set-AzVirtualNetworkPeering -VirtualNetworkPeering $peering",
    ];
  }
  const { list, value } = edit;
  if (target.names.length > 1 || list.toLowerCase() !== "virtualnetworkpeerings") return undefined;
  const peering = settingsOf(value);
  const name = String(peering.name ?? "<name>");
  if (edit.action === "remove") return [`Remove-AzVirtualNetworkPeering ${named(name)} -Force`];
  const remote = (peering.remoteVirtualNetwork ?? {}) as { readonly id?: Json };
  const words = [
    `Add-AzVirtualNetworkPeering -Name ${quotePowerShell(name)} -VirtualNetwork $vnet`,
    `-RemoteVirtualNetworkId ${quotePowerShell(String(remote.id ?? "<virtual network id>"))}`,
    ...(peering.allowVirtualNetworkAccess === false ? ["-BlockVirtualNetworkAccess"] : []),
    ...(peering.allowForwardedTraffic === true ? ["-AllowForwardedTraffic"] : []),
    ...(peering.allowGatewayTransit === true ? ["-AllowGatewayTransit"] : []),
    ...(peering.useRemoteGateways === true ? ["-UseRemoteGateways"] : []),
  ];
  return [`$vnet = Get-AzVirtualNetwork ${group} -Name ${quotePowerShell(nameOf(network))}`, words.join(" ")];
}

function settingsOf(value: Json): { readonly [key: string]: Json } {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return {};
  const { properties, ...rest } = value as { readonly [key: string]: Json };
  return {
    ...rest,
    ...(typeof properties === "object" && properties !== null ? (properties as object) : {}),
  };
}
