import { quotePowerShell } from "../quoting.ts";
import { deployableParts } from "./arm-types.ts";
import { asElement } from "./new-element.ts";
import { condition, type Edit } from "./powershell-edit.ts";
import { fieldName, literal } from "./powershell-values.ts";
import { childOf, isForeignSubnet, nameOf, ownerOf, type Target } from "./target.ts";

/** Changes to any resource, as the generic object whose properties are Azure's own. All are of the same resource. */
export function editedAsResource(target: Target, edits: readonly Edit[]): string[] {
  const special = edits.map((edit) => restriction(target, edit) ?? removedChild(target, edit));
  const plain = edits.filter((_, index) => special[index] === undefined);
  const commands = special.flatMap((command) => command ?? []);
  if (plain.length === 0) return commands;
  return [
    ...commands,
    `$resource = Get-AzResource -ResourceId ${quotePowerShell(target.id)} -ExpandProperties`,
    ...plain.map((edit) => line("$resource.Properties", edit)),
    "$resource | Set-AzResource -Force",
  ];
}

function line(holder: string, edit: Edit): string {
  const plainPath = (path: string): string => path.split("/").map(fieldName).join(".");
  if (edit.action === "set") return `${holder}.${plainPath(edit.path)} = ${literal(edit.value)}`;
  const list = `${holder}.${plainPath(edit.list)}`;
  if (edit.action === "add") return `${list} += ${literal(asElement(edit.list, edit.value))}`;
  return `${list} = @(${list} | Where-Object { -not (${condition(edit.value)}) })`;
}

/** An element that is a resource of its own is deleted as one. */
function removedChild(target: Target, edit: Edit): string | undefined {
  if (edit.action !== "remove" || typeof edit.value !== "object" || edit.value === null) return undefined;
  const { name } = edit.value as { readonly name?: unknown };
  if (typeof name !== "string") return undefined;
  const child = childOf(target, edit.list, name);
  return deployableParts.has(child.type)
    ? `Remove-AzResource -ResourceId ${quotePowerShell(child.id)} -Force`
    : undefined;
}

/** An access rule of an App Service. */
function restriction(target: Target, edit: Edit): string | undefined {
  if (edit.action !== "add" || !edit.list.toLowerCase().endsWith("ipsecurityrestrictions")) return undefined;
  const rule = edit.value as Readonly<Record<string, unknown>>;
  const site = ownerOf(target);
  const from =
    rule.vnetSubnetResourceId === undefined
      ? `-IpAddress ${quotePowerShell(String(rule.ipAddress ?? "<address>"))}`
      : `-SubnetId ${quotePowerShell(String(rule.vnetSubnetResourceId))}`;
  return [
    `Add-AzWebAppAccessRestrictionRule -ResourceGroupName ${quotePowerShell(site.resourceGroup)}`,
    `-WebAppName ${quotePowerShell(nameOf(site))} -Name ${quotePowerShell(String(rule.name ?? "allow-gateway"))}`,
    `-Priority ${quotePowerShell(String(rule.priority ?? 100))} -Action ${quotePowerShell(String(rule.action ?? "Allow"))}`,
    from,
    ...(isForeignSubnet(site, rule.vnetSubnetResourceId) ? ["-IgnoreMissingServiceEndpoint"] : []),
  ].join(" ");
}
