import type { Json } from "../../model/change.ts";
import { quotePowerShell } from "../quoting.ts";

/** How values become PowerShell expressions. */

/** An expression; texts are always quoted, because a bare word is a command there. */
export function literal(value: Json): string {
  if (value === null) return "$null";
  if (typeof value === "boolean") return value ? "$true" : "$false";
  if (typeof value === "number") return String(value);
  if (typeof value === "string") return quoted(value);
  if (Array.isArray(value)) return `@(${value.map((item) => literal(item as Json)).join(", ")})`;
  return record(value);
}

/** `@{ Name = 'x' }` */
export function record(value: Json): string {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return literal(value);
  const fields = Object.entries(value).map(([key, item]) => `${fieldName(key)} = ${literal(item as Json)}`);
  return `@{ ${fields.join("; ")} }`;
}

/** A member name, quoted unless it is plain. */
export function fieldName(name: string): string {
  return /^[A-Za-z_][A-Za-z0-9_]*$/.test(name)
    ? name.replace(/^[a-z]/, (c) => c.toUpperCase())
    : quoted(name);
}

function quoted(text: string): string {
  const word = quotePowerShell(text);
  return word.startsWith("'") ? word : `'${word}'`;
}
