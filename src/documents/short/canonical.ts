import { nameOfId, parseResourceId } from "../../model/resource.ts";
import { isObject, ownKey } from "../../model/source.ts";
import { type Collection, collections, gatewayFields, gatewayType, pathRules } from "./fields.ts";

export type Plain = Readonly<Record<string, unknown>>;

/**
 * One gateway without what only the notation decides, so that two exports of it are equal: no `properties` levels, no
 * nulls and empty collections, names in Azure's own letters, references as ids, no value that follows from an id.
 */
export function canonicalGateway(value: Plain, id: string): Plain {
  const flat = named(flattened(value), [...gatewayFields, ...collections.map(({ name }) => name)]);
  const { resourceGroup } = parseResourceId(id);
  const fields = Object.entries(flat).flatMap(([key, field]): [string, unknown][] => {
    if (key === "id" || (key === "type" && sameText(field, gatewayType))) return [];
    if (key === "name" && field === nameOfId(id)) return [];
    if (key === "resourceGroup" && sameText(field, resourceGroup)) return [];
    if (repeatsAsText(key, flat)) return [];
    const collection = collections.find(({ name }) => name === key);
    if (collection === undefined) return [[key, withoutNulls(field)]];
    if (!Array.isArray(field)) return [[key, field]];
    if (field.length === 0) return [];
    return [
      [key, field.map((part) => (isObject(part) ? canonicalPart(part, collection, `${id}/${key}`) : part))],
    ];
  });
  return Object.fromEntries([["id", id], ...fields]);
}

function canonicalPart(part: Plain, collection: Collection, place: string): Plain {
  const flat = named(flattened(part), [...Object.keys(collection.references), ...collection.fields]);
  const own = typeof flat.id === "string" ? flat.id : undefined;
  const name = flat.name ?? (own === undefined ? undefined : nameOfId(own));
  const fields = Object.entries(flat).flatMap(([key, field]): [string, unknown][] => {
    if (key === "name" || (key === "id" && own === `${place}/${String(name)}`)) return [];
    if (key === "resourceGroup" && own !== undefined && sameText(field, parseResourceId(own).resourceGroup))
      return [];
    if (key === "type" && sameText(field, `${gatewayType}/${collection.name}`)) return [];
    if (Object.hasOwn(collection.references, key)) return [[key, canonicalReference(field)]];
    if (collection.name === "urlPathMaps" && key === "pathRules" && Array.isArray(field)) {
      const inner = `${own ?? `${place}/${String(name)}`}/pathRules`;
      return [[key, field.map((rule) => (isObject(rule) ? canonicalPart(rule, pathRules, inner) : rule))]];
    }
    return [
      [key, withoutNulls(key === "subnet" || key === "publicIPAddress" ? canonicalReference(field) : field)],
    ];
  });
  return Object.fromEntries(name === undefined ? fields : [["name", name], ...fields]);
}

/** `{ "id", "resourceGroup" }` as `az` prints it, or the id alone. */
function canonicalReference(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(canonicalReference);
  if (typeof value === "string") return { id: value };
  if (!isObject(value)) return value;
  const id = value[ownKey(value, "id") ?? "id"];
  if (typeof id !== "string") return withoutNulls(value);
  const { resourceGroup } = parseResourceId(id);
  const others = Object.entries(value).filter(
    ([key, field]) =>
      key.toLowerCase() !== "id" &&
      field !== null &&
      !(key.toLowerCase() === "resourcegroup" && sameText(field, resourceGroup)),
  );
  return Object.fromEntries([["id", id], ...others.map(([key, field]) => [key, withoutNulls(field)])]);
}

/** Without the level that raw ARM puts between a part and its settings; what stands beside it counts first, null last. */
function flattened(value: Plain): Plain {
  const key = ownKey(value, "properties");
  const inner = key === undefined ? undefined : value[key];
  const fields = Object.entries(value).filter(
    ([name, field]) => name !== key && field !== null && field !== undefined,
  );
  if (!isObject(inner))
    return Object.fromEntries(key === undefined || inner === null ? fields : [...fields, [key, inner]]);
  const direct = new Set(fields.map(([name]) => name.toLowerCase()));
  const below = Object.entries(inner).filter(
    ([name, field]) => field !== null && !direct.has(name.toLowerCase()),
  );
  return Object.fromEntries([...fields, ...below]);
}

/** The same with known names in their own letters. */
function named(value: Plain, known: readonly string[]): Plain {
  const byLower = new Map(known.map((name) => [name.toLowerCase(), name]));
  const used = new Set<string>();
  return Object.fromEntries(
    Object.entries(value).map(([key, field]) => {
      const name = byLower.get(key.toLowerCase()) ?? key;
      const free = name === key || (!used.has(name) && !Object.hasOwn(value, name));
      used.add(free ? name : key);
      return [free ? name : key, field];
    }),
  );
}

/** PowerShell prints every part once more as JSON in a text. */
function repeatsAsText(key: string, holder: Plain): boolean {
  const base = /^([A-Za-z]+)Text$/.exec(key)?.[1];
  return base !== undefined && typeof holder[key] === "string" && ownKey(holder, base) !== undefined;
}

/** The depth of documents is bounded where they are parsed. */
function withoutNulls(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutNulls);
  if (!isObject(value)) return value;
  return Object.fromEntries(
    Object.entries(value).flatMap(([key, field]) => (field === null ? [] : [[key, withoutNulls(field)]])),
  );
}

function sameText(value: unknown, other: string | undefined): boolean {
  return typeof value === "string" && value.toLowerCase() === other?.toLowerCase();
}
