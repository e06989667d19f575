import type { Json } from "../../model/change.ts";
import { quotePowerShell } from "../quoting.ts";
import { type Edit, editedAsObject, partCommand } from "./powershell-edit.ts";
import { powerShellOwners } from "./powershell-nouns.ts";
import { literal } from "./powershell-values.ts";
import { collectionOf, nameOf, ownerOf, type Target } from "./target.ts";

/** The commands that make a new resource. */
export function created(target: Target, body: Readonly<Record<string, Json>>): string[] {
  const { properties, ...rest } = body;
  const settings = (properties ?? rest) as Readonly<Record<string, Json>>;
  const group = `-ResourceGroupName ${quotePowerShell(target.resourceGroup)}`;
  const [outer = "<name>"] = target.names;
  switch (target.type) {
    case "microsoft.network/privatednszones":
      return [`New-AzPrivateDnsZone ${group} -Name ${quotePowerShell(outer)}`];
    case "microsoft.network/privatednszones/virtualnetworklinks": {
      const network = settings.virtualNetwork as { id?: Json } | undefined;
      return [
        `New-AzPrivateDnsVirtualNetworkLink ${group} -ZoneName ${quotePowerShell(outer)} -Name ${quotePowerShell(nameOf(target))} -VirtualNetworkId ${quotePowerShell(String(network?.id ?? "<virtual network id>"))}`,
      ];
    }
    case "microsoft.network/privatednszones/a": {
      const records = (settings.aRecords ?? settings.ARecords ?? []) as readonly { ipv4Address?: Json }[];
      const addresses = records.map(
        ({ ipv4Address }) =>
          `(New-AzPrivateDnsRecordConfig -Ipv4Address ${quotePowerShell(String(ipv4Address ?? "<address>"))})`,
      );
      return [
        `New-AzPrivateDnsRecordSet ${group} -ZoneName ${quotePowerShell(outer)} -Name ${quotePowerShell(nameOf(target))} -RecordType A -Ttl ${literal(settings.ttl ?? 3600)} -PrivateDnsRecord ${addresses.join(", ")}`,
      ];
    }
    default:
      return createdPart(target, settings) ?? [createdResource(target, body, settings)];
  }
}

/** A new part of a resource that is saved as a whole. */
function createdPart(target: Target, settings: Readonly<Record<string, Json>>): string[] | undefined {
  const owner = ownerOf(target);
  const known = powerShellOwners[owner.type];
  if (known === undefined || target.names.length !== 2) return undefined;
  const { name: _name, ...others } = settings;
  const value = { name: nameOf(target), ...others };
  const edit: Edit = { action: "add", resourceId: owner.id, list: collectionOf(target), value };
  return partCommand(known, owner, edit) === undefined ? undefined : editedAsObject(known, owner, [edit]);
}

function createdResource(
  target: Target,
  { location, sku, zones }: Readonly<Record<string, Json>>,
  settings: Readonly<Record<string, Json>>,
): string {
  const { location: _location, name: _name, sku: _sku, zones: _zones, tags: _tags, ...properties } = settings;
  const whole = [
    ...(typeof location === "string" ? [`-Location ${quotePowerShell(location)}`] : []),
    ...(sku === undefined ? [] : [`-Sku ${literal(sku)}`]),
    ...(zones === undefined ? [] : [`-Zone ${literal(zones)}`]),
    `-Properties ${literal(properties)}`,
  ];
  return `New-AzResource -ResourceId ${quotePowerShell(target.id)} ${whole.join(" ")} -Force`;
}
