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

type JsonObject = Readonly<Record<string, unknown>>;
type Step = string | number;

/**
 * The records with the changes made, in copies; untouched records, and untouched parts of changed ones, are the same
 * objects. A resource that stands in several records (exported twice, or a part apart from its parent) is changed in all
 * of them. Throws `ChangeError` when a change names something that is not among the records: such a fix cannot be tried.
 */
export function applyChanges(
  records: readonly ResourceRecord[],
  changes: readonly Change[],
): ResourceRecord[] {
  let result = [...records];
  for (const change of changes) result = applyChange(result, change);
  return result;
}

export class ChangeError extends Error {}

function applyChange(records: readonly ResourceRecord[], change: Change): ResourceRecord[] {
  const { resourceId } = change;
  switch (change.action) {
    case "create":
      return [...without(records, resourceId), createdRecord(resourceId, change.body)];
    case "set":
      return editEverywhere(records, resourceId, (part) =>
        written(part, change.path.split("/"), change.value),
      );
    case "operate":
      return editEverywhere(records, resourceId, (part) =>
        change.becomes.reduce<JsonObject>(
          (now, { path, value }) => written(now, path.split("/"), value),
          part,
        ),
      );
    case "add":
      return add(records, change);
    case "remove":
      return remove(records, change);
  }
}

type ListChange = Extract<Change, { action: "add" | "remove" }>;

/** Goes where the list already is; a list that was only exported element by element gets one more such element. */
function add(records: readonly ResourceRecord[], { resourceId, list, value }: ListChange): ResourceRecord[] {
  const appended = (part: JsonObject): JsonObject =>
    written(part, list.split("/"), [...listIn(part, list), value] as Json[]);
  const places = placesOf(records, resourceId);
  const holding = places.filter(({ part }) => Array.isArray(read(part, list)));
  const [first] = holding.length > 0 ? holding : places;
  if (first !== undefined) {
    return edited(records, holding.length > 0 ? holding : [first], appended);
  }
  const prefix = `${idKey(resourceId)}/${list.toLowerCase()}/`;
  const name = read(value, "name");
  if (typeof name === "string" && isObject(value) && records.some(({ id }) => idKey(id).startsWith(prefix))) {
    const record = createdRecord(`${resourceId}/${list}/${name}`, value as Readonly<Record<string, Json>>);
    return [...records, { ...record, listed: true }];
  }
  throw missing(resourceId);
}

function remove(
  records: readonly ResourceRecord[],
  { resourceId, list, value }: ListChange,
): ResourceRecord[] {
  const name = read(value, "name");
  const left = typeof name === "string" ? without(records, `${resourceId}/${list}/${name}`) : [...records];
  const places = placesOf(left, resourceId);
  if (places.length === 0 && left.length === records.length) throw missing(resourceId);
  const holding = places.filter(({ part }) => listIn(part, list).some((item) => sameItem(item, value)));
  return edited(left, holding, (part) =>
    written(part, list.split("/"), listIn(part, list).filter((item) => !sameItem(item, value)) as Json[]),
  );
}

function editEverywhere(
  records: readonly ResourceRecord[],
  resourceId: string,
  edit: (part: JsonObject) => JsonObject,
): ResourceRecord[] {
  const places = placesOf(records, resourceId);
  if (places.length === 0) throw missing(resourceId);
  return edited(records, places, edit);
}

function missing(resourceId: string): ChangeError {
  return new ChangeError(`${resourceId} is not among the documents`);
}

function without(records: readonly ResourceRecord[], id: string): ResourceRecord[] {
  const key = idKey(id);
  return records.filter((record) => idKey(record.id) !== key);
}

function createdRecord(id: string, body: Readonly<Record<string, Json>>): ResourceRecord {
  const parts = parseResourceId(id);
  return {
    id,
    type: parts.type.toLowerCase(),
    source: new Source("(fix)", "", { id, name: parts.names.at(-1) ?? "", ...body }),
  };
}

/** Where a resource or a part of one stands: in which record, and behind which steps inside it. */
interface PartPlace {
  readonly index: number;
  readonly steps: readonly Step[];
  readonly part: JsonObject;
}

function placesOf(records: readonly ResourceRecord[], id: string): PartPlace[] {
  const wanted = idKey(id);
  return records.flatMap((record, index) => {
    const key = idKey(record.id);
    if (wanted !== key && !wanted.startsWith(`${key}/`)) return [];
    const found = locate(record.source.value, wanted.slice(key.length).split("/").slice(1));
    return found === undefined ? [] : [{ index, ...found }];
  });
}

/** Walks `collection/name` pairs from a record down to the part. */
function locate(value: unknown, names: readonly string[]): Omit<PartPlace, "index"> | undefined {
  const steps: Step[] = [];
  let here = value;
  for (let i = 0; i < names.length; i += 2) {
    const at = stepsTo(here, names[i] ?? "");
    const list = at?.reduce<unknown>((inner, step) => (inner as JsonObject)[step], here);
    if (at === undefined || !Array.isArray(list)) return undefined;
    const index = list.findIndex((item) => nameOf(item) === names[i + 1]);
    if (index < 0) return undefined;
    steps.push(...at, index);
    here = list[index];
  }
  return isObject(here) ? { steps, part: here } : undefined;
}

function nameOf(item: unknown): string | undefined {
  const name = read(item, "name");
  if (typeof name === "string") return name.toLowerCase();
  const id = read(item, "id");
  return typeof id === "string" ? idKey(id).split("/").at(-1) : undefined;
}

function edited(
  records: readonly ResourceRecord[],
  places: readonly PartPlace[],
  edit: (part: JsonObject) => JsonObject,
): ResourceRecord[] {
  const result = [...records];
  for (const { index, steps } of places) {
    const record = result[index] as ResourceRecord;
    const { source } = record;
    result[index] = { ...record, source: source.withValue(replaced(source.value, steps, edit)) };
  }
  return result;
}

/** A copy of the value with one part replaced; everything beside the way to it is shared. */
function replaced(
  value: unknown,
  [step, ...rest]: readonly Step[],
  edit: (part: JsonObject) => JsonObject,
): unknown {
  if (step === undefined) return edit(value as JsonObject);
  if (Array.isArray(value)) return value.with(step as number, replaced(value[step as number], rest, edit));
  const holder = value as JsonObject;
  return { ...holder, [step]: replaced(holder[step], rest, edit) };
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

function listIn(part: JsonObject, path: string): readonly unknown[] {
  const list = read(part, path);
  return Array.isArray(list) ? list : [];
}

function read(value: unknown, path: string): unknown {
  let here = value;
  for (const name of path.split("/")) {
    here = stepsTo(here, name)?.reduce<unknown>((inner, step) => (inner as JsonObject)[step], here);
  }
  return here;
}

/** The keys that lead to a setting that is there: below `properties` where the notation has that level. */
function stepsTo(value: unknown, name: string): string[] | undefined {
  if (!isObject(value)) return undefined;
  const properties = propertiesAround(value, name);
  const key = ownKey(properties === undefined ? value : value[properties], name);
  if (key === undefined) return undefined;
  return properties === undefined ? [key] : [properties, key];
}

/** The key of the `properties` level that holds, or would hold, the setting; undefined = the object itself does. */
function propertiesAround(value: JsonObject, name: string): string | undefined {
  const properties = ownKey(value, "properties");
  const inner = properties === undefined ? undefined : value[properties];
  if (!isObject(inner)) return undefined;
  const here = ownKey(value, name);
  // As `Source.at`: a null beside `properties` does not hide the setting inside.
  const inside = here === undefined || (value[here] === null && ownKey(inner, name) !== undefined);
  return inside ? properties : undefined;
}

/** A copy with the setting written, creating the objects on the way to it. */
function written(target: JsonObject, path: readonly string[], value: Json): JsonObject {
  const [name = "", ...rest] = path;
  const properties = propertiesAround(target, name);
  if (properties !== undefined) {
    return { ...target, [properties]: writtenHere(target[properties] as JsonObject, name, rest, value) };
  }
  return writtenHere(target, name, rest, value);
}

function writtenHere(holder: JsonObject, name: string, rest: readonly string[], value: Json): JsonObject {
  const key = ownKey(holder, name) ?? name;
  if (rest.length === 0) return { ...holder, [key]: value };
  const inner = holder[key];
  return { ...holder, [key]: written(isObject(inner) ? inner : {}, rest, value) };
}
