import type { Change, Json } from "../../model/change.ts";
import { type ArmFragment, armFragments } from "./arm.ts";

/** The changes as Bicep, one fragment a resource; empty when nothing of it is state. */
export function bicepFragments(changes: readonly Change[]): string[] {
  return armFragments(changes).map(fragment);
}

function fragment({
  type,
  apiVersion,
  name,
  location,
  sku,
  properties,
  takeOut,
  isNew,
}: ArmFragment): string {
  const out = takeOut.map(
    (element) => `// in ${comment(`${type} ${name}`)}, take out of ${comment(element)}`,
  );
  // Nothing to write: a resource with nothing in it would, deployed, empty the real one.
  if (!isNew && out.length > 0 && Object.keys(properties).length === 0) {
    return [...out, "// a part with a template entry of its own must be deleted by command as well"].join(
      "\n",
    );
  }
  const part = name.includes("/");
  const lines = [
    isNew
      ? `// new, and whole as it is${part ? "; where a template lists the parts of the outer resource, add it there too" : ""}`
      : "// merge into your template of the resource; deployed alone, it would drop whatever is not shown",
    ...out,
    `resource ${symbol(name)} ${text(`${type}@${apiVersion}`)} = {`,
    `  name: ${text(name)}`,
    ...(location === undefined ? [] : [`  location: ${text(location)}`]),
    ...(sku === undefined ? [] : [`  sku: ${expression(sku, "  ")}`]),
    `  properties: ${expression(properties, "  ")}`,
    "}",
  ];
  return lines.join("\n");
}

/** A Bicep expression, indented as it goes. */
function expression(value: Json, indent: string): string {
  if (value === null || typeof value === "boolean") return String(value);
  // Bicep has no fractions.
  if (typeof value === "number") return Number.isInteger(value) ? String(value) : `json('${value}')`;
  if (typeof value === "string") return text(value);
  const inner = `${indent}  `;
  if (Array.isArray(value)) {
    if (value.length === 0) return "[]";
    const items = value.map((item) => `${inner}${expression(item as Json, inner)}`);
    return `[\n${items.join("\n")}\n${indent}]`;
  }
  const fields = Object.entries(value);
  if (fields.length === 0) return "{}";
  const lines = fields.map(([key, item]) => `${inner}${fieldName(key)}: ${expression(item as Json, inner)}`);
  return `{\n${lines.join("\n")}\n${indent}}`;
}

function fieldName(name: string): string {
  return /^[A-Za-z_][A-Za-z0-9_]*$/.test(name) ? name : text(name);
}

/** A Bicep text: one line, with `'`, `\` and `${` escaped and control characters taken out. */
function text(value: string): string {
  return `'${oneLine(value).replace(/[\\']/g, "\\$&").replaceAll("${", "\\${")}'`;
}

/** A symbolic name made of the last name. */
function symbol(name: string): string {
  const words = (name.split("/").at(-1) ?? "")
    .split(/[^A-Za-z0-9]+/)
    .filter((word) => word !== "")
    .map((word, index) => (index === 0 ? word : `${word[0]?.toUpperCase()}${word.slice(1)}`));
  const joined = words.join("");
  return /^[A-Za-z]/.test(joined) ? joined : `changed${joined}`;
}

function comment(value: string): string {
  return oneLine(value);
}

function oneLine(value: string): string {
  return value.replace(/[\p{Cc}\u2028\u2029]/gu, "");
}
