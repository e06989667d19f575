import type { Change, Json } from "../../model/change.ts";
import { quotePowerShell } from "../quoting.ts";
import {
  type PowerShellOwner,
  powerShellClasses,
  powerShellMakers,
  powerShellNames,
  powerShellTexts,
} from "./powershell-nouns.ts";
import { fieldName, literal, record } from "./powershell-values.ts";
import { nameOf, type Target, targetOf } from "./target.ts";

/** Changes to a resource that Az PowerShell has objects of its own for. */

export type Edit = Extract<Change, { action: "set" | "add" | "remove" }>;

export function editedAsObject(known: PowerShellOwner, owner: Target, edits: readonly Edit[]): string[] {
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
export function partCommand(
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
  if (isEmptyTwin(path, value)) return [];
  const steps = path.split("/");
  const maker = steps.length > 1 ? powerShellMakers[(steps[0] ?? "").toLowerCase()] : undefined;
  const outer = `${variable}.${fieldName(steps[0] ?? "")}`;
  const ensure = maker === undefined ? [] : [`if (-not ${outer}) { ${outer} = ${maker} }`];
  if (steps.length > 1 && steps.at(-1)?.toLowerCase() === "id") {
    return [`${variable}.${fieldPath(steps.slice(0, -1).join("/"))} = @{ Id = ${literal(value)} }`];
  }
  return [...ensure, `${variable}.${fieldPath(path)} = ${assigned(path, value)}`];
}

/** What is assigned: text lists are interfaces there, which take no bare text, and `$null` would make a text empty. */
function assigned(path: string, value: Json): string {
  const last = (path.split("/").at(-1) ?? "").toLowerCase();
  if (value === null && powerShellTexts.has(last)) return "[NullString]::Value";
  if (!isTwin(last) || value === null) return literal(value);
  return `[string[]]@(${[value]
    .flat()
    .map((item) => literal(item as Json))
    .join(", ")})`;
}

/** Azure has one field for a single value and one for several; here they are one, and emptying the other would clear it. */
function isEmptyTwin(path: string, value: Json): boolean {
  return isTwin(path) && (value === null || value === "" || (Array.isArray(value) && value.length === 0));
}

function isTwin(path: string): boolean {
  const wanted = path.toLowerCase();
  return Object.entries(powerShellNames).some(([plural, name]) =>
    [plural, name.toLowerCase()].includes(wanted),
  );
}

/** What tells the wanted element of a list: its name, its fields, or its value. */
export function condition(value: Json): string {
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
