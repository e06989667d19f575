import { isObject, ownKey } from "../model/source.ts";
import type { JsonObject } from "./place.ts";

/**
 * `Get-AzApplicationGateway | ConvertTo-Json` prints `ProbesText` beside `Probes`: the same part once more, as JSON in
 * a string. Where the part itself was cut off (by `-Depth`), it is taken from there (gateway-resource.md §1).
 */
export function unfoldTextFields(value: JsonObject): JsonObject {
  let unfolded: Record<string, unknown> | undefined;
  for (const [key, text] of Object.entries(value)) {
    if (!/^[A-Za-z]+Text$/.test(key) || typeof text !== "string" || !/^\s*[[{]/.test(text)) continue;
    const base = key.slice(0, -"Text".length);
    const holder = ownKey(value, base);
    if (holder !== undefined && isWhole(value[holder])) continue;
    const parsed = parsedOrUndefined(text);
    if (parsed === undefined) continue;
    unfolded ??= { ...value };
    unfolded[holder ?? base] = parsed;
  }
  return unfolded ?? value;
}

/** A cut part is the name of its class, or a list of such names. */
function isWhole(part: unknown): boolean {
  if (Array.isArray(part)) return part.every((item) => typeof item !== "string" || !looksCut(item));
  return isObject(part);
}

function looksCut(text: string): boolean {
  return /^(Microsoft\.Azure\.Commands\.|System\.Collections\.|@\{)/.test(text);
}

function parsedOrUndefined(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}
