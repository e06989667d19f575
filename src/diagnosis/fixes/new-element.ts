import type { Change, Json } from "../../model/change.ts";

/** Fields Azure writes and nobody sets. Some changes carry them, because the diagnosis reads them back. */
const readOnly = new Set([
  "etag",
  "provisioningstate",
  "peeringstate",
  "peeringsynclevel",
  "remoteaddressspace",
]);

/** The same for named parts only: elsewhere a `type` or an `id` is a setting. */
const readOnlyOfParts = new Set(["id", "type"]);

/** The changes as somebody would write them: new elements without what only Azure fills in. */
export function asWritten(changes: readonly Change[]): Change[] {
  return changes.map((change) =>
    change.action === "add" ? { ...change, value: cleaned(change.value) } : change,
  );
}

function cleaned(value: Json): Json {
  if (Array.isArray(value)) return value.map((item) => cleaned(item as Json));
  if (typeof value !== "object" || value === null) return value;
  const fields = Object.entries(value).filter(([key]) => !readOnly.has(key.toLowerCase()));
  const named = fields.some(([key]) => key === "name");
  const reference = fields.some(([key]) => key === "id");
  return Object.fromEntries(
    fields
      .filter(([key]) => !(named && readOnlyOfParts.has(key)) && !(reference && key === "resourceGroup"))
      .map(([key, item]) => [key, cleaned(item as Json)]),
  );
}

/** Lists of named elements that are plain all the same: Azure has no `properties` in these. */
const plainLists = /(?:^|\/)(?:scm)?ipSecurityRestrictions$/i;

/** A named element as Azure itself writes it, with its settings below `properties`. */
export function asElement(list: string, value: Json): Json {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return value;
  const { name, properties, ...rest } = value as { readonly [key: string]: Json };
  if (name === undefined || properties !== undefined || plainLists.test(list)) return value;
  return { name, properties: rest };
}
