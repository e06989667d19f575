import { idKey, parseResourceId, type ResourceRecord } from "./resource.ts";
import { isObject, ownKey, Source } from "./source.ts";

export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json };

/**
 * A fix, as data: what to do to one resource or one part of it. `resourceId` may name a part
 * (`…/networkSecurityGroups/n/securityRules/r`). `path` is slash-separated below the settings of that resource
 * (`match/statusCodes`), without the `properties` level.
 */
export type Change =
  | { readonly action: "set"; readonly resourceId: string; readonly path: string; readonly value: Json }
  /** Appends to a list of the resource, e.g. a security rule or a pool address. */
  | { readonly action: "add"; readonly resourceId: string; readonly list: string; readonly value: Json }
  /** Takes the named element (or the equal value) out of a list of the resource. */
  | { readonly action: "remove"; readonly resourceId: string; readonly list: string; readonly value: Json }
  | {
      readonly action: "create";
      readonly resourceId: string;
      readonly body: { readonly [key: string]: Json };
    }
  /** An operation rather than a setting, e.g. start. `becomes` says what it leaves behind, as settings. */
  | {
      readonly action: "operate";
      readonly resourceId: string;
      readonly operation: "start" | "restart" | "update-instances" | "sync" | "stop-start" | "reapply";
      readonly becomes: readonly { readonly path: string; readonly value: Json }[];
    };

type MutableObject = Record<string, unknown>;

/**
 * The records with the changes made, in copies; untouched records are the same objects. Throws `ChangeError` when a
 * change names something that is not among the records: such a fix cannot be tried.
 */
export function applyChanges(
  records: readonly ResourceRecord[],
  changes: readonly Change[],
): ResourceRecord[] {
  let result = [...records];
  for (const change of changes) {
    if (change.action === "create") {
      result = [...result, createdRecord(change.resourceId, change.body)];
      continue;
    }
    const index = indexOfOwner(result, change.resourceId);
    const owner = result[index];
    if (owner === undefined) throw new ChangeError(`${change.resourceId} is not among the documents`);
    const value: unknown = structuredClone(owner.source.value);
    edit(locate(value, owner.id, change.resourceId), change);
    const source = new Source(owner.source.document, owner.source.pointer, value);
    result[index] = { ...owner, source };
  }
  return result;
}

export class ChangeError extends Error {}

function createdRecord(id: string, body: Readonly<Record<string, Json>>): ResourceRecord {
  const parts = parseResourceId(id);
  return {
    id,
    type: parts.type.toLowerCase(),
    source: new Source("(fix)", "", { id, name: parts.names.at(-1) ?? "", ...body }),
  };
}

/** The record whose id is the longest prefix of the wanted id. */
function indexOfOwner(records: readonly ResourceRecord[], id: string): number {
  const wanted = idKey(id);
  let best = -1;
  let bestLength = -1;
  records.forEach((record, index) => {
    const key = idKey(record.id);
    if ((wanted === key || wanted.startsWith(`${key}/`)) && key.length > bestLength) {
      best = index;
      bestLength = key.length;
    }
  });
  return best;
}

/** Walks `collection/name` pairs from the owner down to the part. */
function locate(value: unknown, ownerId: string, id: string): MutableObject {
  const steps = id
    .slice(ownerId.replace(/\/+$/, "").length)
    .split("/")
    .filter((step) => step !== "");
  let here: unknown = value;
  for (let i = 0; i < steps.length; i += 2) {
    const list = read(here, steps[i] ?? "");
    const name = steps[i + 1]?.toLowerCase();
    here = Array.isArray(list)
      ? list.find((item) => String(read(item, "name")).toLowerCase() === name)
      : undefined;
  }
  if (!isObject(here)) throw new ChangeError(`${id} is not among the documents`);
  return here as MutableObject;
}

function edit(target: MutableObject, change: Exclude<Change, { action: "create" }>): void {
  switch (change.action) {
    case "set":
      return write(target, change.path.split("/"), change.value);
    case "operate":
      for (const { path, value } of change.becomes) write(target, path.split("/"), value);
      return;
    case "add": {
      const list = read(target, change.list);
      return write(target, change.list.split("/"), [
        ...(Array.isArray(list) ? list : []),
        change.value,
      ] as Json[]);
    }
    case "remove": {
      const list = read(target, change.list);
      const kept = (Array.isArray(list) ? list : []).filter((item) => !sameItem(item, change.value));
      return write(target, change.list.split("/"), kept as Json[]);
    }
  }
}

/** Elements are the same when their names are, or, for plain values, when they are equal. */
function sameItem(item: unknown, wanted: Json): boolean {
  const name = read(item, "name");
  const wantedName = read(wanted, "name");
  if (typeof name === "string" && typeof wantedName === "string") {
    return name.toLowerCase() === wantedName.toLowerCase();
  }
  if (isObject(item) && isObject(wanted)) {
    return Object.keys(wanted).every(
      (key) => JSON.stringify(read(item, key))?.toLowerCase() === JSON.stringify(wanted[key])?.toLowerCase(),
    );
  }
  return JSON.stringify(item) === JSON.stringify(wanted);
}

function read(value: unknown, path: string): unknown {
  let here = value;
  for (const name of path.split("/")) here = field(here, name);
  return here;
}

function field(value: unknown, name: string): unknown {
  const holder = fieldHolder(value, name);
  const key = ownKey(holder, name);
  return holder !== undefined && key !== undefined ? holder[key] : undefined;
}

/** The object that holds, or would hold, a setting: below `properties` where the notation has that level. */
function fieldHolder(value: unknown, name: string): MutableObject | undefined {
  if (!isObject(value)) return undefined;
  const properties = ownKey(value, "properties");
  const inner = properties === undefined ? undefined : value[properties];
  if (!isObject(inner)) return value as MutableObject;
  const here = ownKey(value, name);
  // As `Source.at`: a null beside `properties` does not hide the setting inside.
  const inside = here === undefined || (value[here] === null && ownKey(inner, name) !== undefined);
  return (inside ? inner : value) as MutableObject;
}

function write(target: MutableObject, path: readonly string[], value: Json): void {
  const [name, ...rest] = path;
  if (name === undefined) return;
  const holder = fieldHolder(target, name) ?? target;
  const key = ownKey(holder, name) ?? name;
  if (rest.length === 0) {
    holder[key] = value;
    return;
  }
  const inner = holder[key];
  const next: MutableObject = isObject(inner) ? (inner as MutableObject) : {};
  holder[key] = next;
  write(next, rest, value);
}
