import type { Change, Json } from "../../model/change.ts";
import { quotePowerShell } from "../quoting.ts";
import {
  type PowerShellOwner,
  powerShellClasses,
  powerShellMakers,
  powerShellNames,
  powerShellOwners,
} from "./powershell-nouns.ts";
import { powerShellOperation } from "./powershell-operations.ts";
import { fieldName, literal, record } from "./powershell-values.ts";
import { collectionOf, nameOf, ownerOf, type Target, targetOf } from "./target.ts";

type Edit = Extract<Change, { action: "set" | "add" | "remove" }>;

/** The changes as Az PowerShell, in order: each resource is fetched, changed and saved once. */
export function powerShellCommands(changes: readonly Change[]): string[] {
  const commands: string[] = [];
  let edits: Edit[] = [];
  const flush = (): void => {
    const [first] = edits;
    if (first !== undefined) commands.push(...edited(ownerOf(targetOf(first.resourceId)), edits));
    edits = [];
  };
  for (const change of changes) {
    if (change.action === "create" || change.action === "operate") {
      flush();
      const target = targetOf(change.resourceId);
      commands.push(
        ...(change.action === "create"
          ? created(target, change.body)
          : powerShellOperation(target, change.operation)),
      );
      continue;
    }
    const [first] = edits;
    if (first !== undefined && !sameOwner(first, change)) flush();
    edits.push(change);
  }
  flush();
  return commands;
}

function sameOwner(a: Edit, b: Edit): boolean {
  const owner = (edit: Edit): string => ownerOf(targetOf(edit.resourceId)).id.toLowerCase();
  return owner(a) === owner(b);
}

function edited(owner: Target, edits: readonly Edit[]): string[] {
  const known = powerShellOwners[owner.type];
  if (known === undefined) return editedAsResource(owner, edits);
  const { variable, get, set, parameter } = known;
  return [
    `${variable} = ${get} -ResourceGroupName ${quotePowerShell(owner.resourceGroup)} -Name ${quotePowerShell(nameOf(owner))}`,
    ...withoutRepeats(edits.map((edit) => editLines(known, edit))),
    `${set} -${parameter} ${variable}`,
  ];
}

/** The lines that find the part to change, and those that change it. */
interface EditLines {
  readonly find: readonly string[];
  readonly change: readonly string[];
}

function editLines(owner: PowerShellOwner, edit: Edit): EditLines {
  const target = targetOf(edit.resourceId);
  const command = edit.action === "set" ? undefined : partCommand(owner, target, edit);
  if (command !== undefined) return { find: [], change: [command] };
  const { variable, lines } = located(owner.variable, target);
  return { find: lines, change: changeLines(variable, edit) };
}

/** A part that was just found is not looked up again. */
function withoutRepeats(edits: readonly EditLines[]): string[] {
  return edits.flatMap(({ find, change }, index) => {
    const before = edits[index - 1]?.find.join("\n");
    return find.join("\n") === before ? change : [...find, ...change];
  });
}

/** `Add-AzRouteConfig` and the like, when there is one for this collection that knows every setting given. */
function partCommand(
  owner: PowerShellOwner,
  target: Target,
  { action, list, value }: Exclude<Edit, { action: "set" }>,
): string | undefined {
  const part = target.names.length > 1 ? undefined : owner.parts[list.toLowerCase()];
  if (part === undefined || typeof value !== "object" || value === null || Array.isArray(value))
    return undefined;
  const settings = flattened(value as { readonly [key: string]: Json });
  const on = `-${owner.parameter} ${owner.variable}`;
  if (action === "remove") return `${part.remove} -Name ${literal(settings.name ?? "")} ${on} | Out-Null`;
  const words: string[] = [];
  for (const [key, item] of Object.entries(settings)) {
    const parameter = part.parameters[key.toLowerCase()];
    if (parameter === undefined) return undefined;
    words.push(`-${parameter} ${argument(item)}`);
  }
  return `${part.add} ${words.join(" ")} ${on} | Out-Null`;
}

function flattened(value: { readonly [key: string]: Json }): { readonly [key: string]: Json } {
  const { properties, ...rest } = value;
  return typeof properties === "object" && properties !== null
    ? { ...rest, ...(properties as object) }
    : rest;
}

/** Plain words stay bare in a command line; lists are comma separated. */
function argument(value: Json): string {
  if (Array.isArray(value)) return value.map((item) => argument(item as Json)).join(", ");
  return typeof value === "string" ? quotePowerShell(value) : literal(value);
}

/** Lines that find a part of the fetched resource, and the variable that then holds it. */
function located(variable: string, target: Target): { variable: string; lines: string[] } {
  const collections = target.writtenType.split("/").slice(2);
  const lines: string[] = [];
  let here = variable;
  collections.forEach((collection, index) => {
    const name = literal(target.names[index + 1] ?? "");
    const next = index === 0 ? "$part" : "$inner";
    lines.push(`${next} = ${here}.${fieldName(collection)} | Where-Object Name -eq ${name}`);
    here = next;
  });
  return { variable: here, lines };
}

function changeLines(variable: string, edit: Edit): string[] {
  if (edit.action === "set") return setLines(variable, edit.path, edit.value);
  const list = `${variable}.${fieldPath(edit.list)}`;
  const type = powerShellClasses[edit.list.toLowerCase()];
  if (edit.action === "add") {
    const value = typeof edit.value === "string" ? literal(edit.value) : record(edit.value);
    const cast = type === undefined ? "" : `[Microsoft.Azure.Commands.Network.Models.${type}]`;
    return [`${list}.Add(${cast}${value})`];
  }
  return [`${list}.Remove((${list} | Where-Object { ${condition(edit.value)} })) | Out-Null`];
}

function setLines(variable: string, path: string, value: Json): string[] {
  const steps = path.split("/");
  const maker = steps.length > 1 ? powerShellMakers[(steps[0] ?? "").toLowerCase()] : undefined;
  const outer = `${variable}.${fieldName(steps[0] ?? "")}`;
  const ensure = maker === undefined ? [] : [`if (-not ${outer}) { ${outer} = ${maker} }`];
  if (steps.length > 1 && steps.at(-1)?.toLowerCase() === "id") {
    return [`${variable}.${fieldPath(steps.slice(0, -1).join("/"))} = @{ Id = ${literal(value)} }`];
  }
  return [...ensure, `${variable}.${fieldPath(path)} = ${literal(value)}`];
}

/** What tells the wanted element of a list: its name, its fields, or its value. */
function condition(value: Json): string {
  if (typeof value !== "object" || value === null) return `$_ -eq ${literal(value)}`;
  const name = (value as { name?: Json }).name;
  const fields = typeof name === "string" ? { name } : (value as { readonly [key: string]: Json });
  return Object.entries(fields)
    .map(([key, item]) => `$_.${fieldName(key)} -eq ${literal(item)}`)
    .join(" -and ");
}

function fieldPath(path: string): string {
  return path
    .split("/")
    .map((step) => powerShellNames[step.toLowerCase()] ?? fieldName(step))
    .join(".");
}

/** Any resource type, as the generic object whose properties are Azure's own. */
function editedAsResource(owner: Target, edits: readonly Edit[]): string[] {
  return [
    `$resource = Get-AzResource -ResourceId ${quotePowerShell(owner.id)} -ExpandProperties`,
    ...withoutRepeats(
      edits.map((edit): EditLines => {
        const target = targetOf(edit.resourceId);
        const { variable, lines } = located("$resource.Properties", target);
        const holder = target.names.length > 1 ? `${variable}.Properties` : variable;
        return { find: lines, change: [genericLine(holder, edit)] };
      }),
    ),
    "$resource | Set-AzResource -Force",
  ];
}

function genericLine(holder: string, edit: Edit): string {
  const plainPath = (path: string): string => path.split("/").map(fieldName).join(".");
  if (edit.action === "set") return `${holder}.${plainPath(edit.path)} = ${literal(edit.value)}`;
  const list = `${holder}.${plainPath(edit.list)}`;
  if (edit.action === "add") return `${list} += ${literal(edit.value)}`;
  return `${list} = @(${list} | Where-Object { -not (${condition(edit.value)}) })`;
}

function created(target: Target, body: Readonly<Record<string, Json>>): string[] {
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
  return partCommand(known, owner, edit) === undefined ? undefined : edited(owner, [edit]);
}

function createdResource(
  target: Target,
  { location }: Readonly<Record<string, Json>>,
  settings: Readonly<Record<string, Json>>,
): string {
  const where = typeof location === "string" ? ` -Location ${quotePowerShell(location)}` : "";
  const { location: _location, name: _name, ...properties } = settings;
  return `New-AzResource -ResourceId ${quotePowerShell(target.id)}${where} -Properties ${literal(properties)} -Force`;
}
