import { buildModel } from "../../src/model/build.ts";
import type { Model } from "../../src/model/model.ts";
import { parseResourceId, type ResourceRecord } from "../../src/model/resource.ts";
import { Source } from "../../src/model/source.ts";

export const group = "/subscriptions/11111111-2222-3333-4444-555555555555/resourceGroups/rg";

export function idOf(type: string, name: string, ...parts: string[]): string {
  return [group, "providers", type, name, ...parts].join("/");
}

/** A record as the documents give it. The settings may stand in `properties` or beside the id. */
export function recordOf(id: string, body: object, extra: Partial<ResourceRecord> = {}): ResourceRecord {
  const { type, names } = parseResourceId(id);
  const value = { id, name: names.at(-1), ...body };
  return { id, type: type.toLowerCase(), source: new Source(`${names.join("-")}.json`, "", value), ...extra };
}

/** The same as an element of a list. */
export function listedOf(id: string, body: object): ResourceRecord {
  return recordOf(id, body, { listed: true });
}

export function build(...records: ResourceRecord[]): Model {
  return buildModel({ records, listedTypes: new Set() });
}

/** Everything of a model that does not name the notation: no sources, no cycles. */
export function plain(value: unknown, depth = 0): unknown {
  if (depth > 7) return "…";
  if (value instanceof Source) return undefined;
  if (Array.isArray(value)) return value.map((item) => plain(item, depth + 1));
  if (value instanceof Set) return [...value];
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .filter(
        ([key]) => !["source", "target", "networkInterface", "virtualNetwork", "problems"].includes(key),
      )
      .map(([key, inner]) => [key, plain(inner, depth + 1)]),
  );
}
