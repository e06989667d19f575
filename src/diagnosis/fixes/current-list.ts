import type { Change } from "../../model/change.ts";
import { idKey, type ResourceRecord } from "../../model/resource.ts";
import { ownKey, type Source } from "../../model/source.ts";

/** The elements a list of a resource has now; undefined when the resource was not exported. */
export type CurrentList = (resourceId: string, list: string) => readonly unknown[] | undefined;

/** Looks lists up in the records the case was made from. */
export function currentListIn(records: readonly ResourceRecord[]): CurrentList {
  return (resourceId, list) => {
    const source = sourceOf(records, resourceId);
    if (source === undefined) return undefined;
    const steps = list.split("/");
    const last = steps.pop() ?? "";
    const holder = steps.reduce<Source>((here, step) => here.at(step), source);
    const value = holder.at(last).value;
    return Array.isArray(value) ? value : [];
  };
}

function sourceOf(records: readonly ResourceRecord[], id: string): Source | undefined {
  const wanted = idKey(id);
  let owner: ResourceRecord | undefined;
  for (const record of records) {
    const key = idKey(record.id);
    const holds = wanted === key || wanted.startsWith(`${key}/`);
    if (holds && key.length > (owner?.id.length ?? -1)) owner = record;
  }
  if (owner === undefined) return undefined;
  const steps = wanted
    .slice(idKey(owner.id).length)
    .split("/")
    .filter((step) => step !== "");
  let here: Source | undefined = owner.source;
  for (let i = 0; i < steps.length && here !== undefined; i += 2) {
    here = elementNamed(here, steps[i] ?? "", steps[i + 1] ?? "");
  }
  return here;
}

function elementNamed(source: Source, collection: string, name: string): Source | undefined {
  const list = source.at(collection);
  if (!Array.isArray(list.value)) return undefined;
  return source.objects(collection).find((item) => String(item.peek("name")).toLowerCase() === name);
}

/** Lists as they are between the changes of one fix: a command must not undo the one before it. */
export class ListsOnTheWay {
  private readonly before: CurrentList;
  private readonly changed = new Map<string, readonly unknown[]>();

  constructor(before: CurrentList) {
    this.before = before;
  }

  of(resourceId: string, list: string): readonly unknown[] | undefined {
    return this.changed.get(keyOf(resourceId, list)) ?? this.before(resourceId, list);
  }

  follow(change: Change): void {
    if (change.action !== "add" && change.action !== "remove") return;
    const { resourceId, list, value } = change;
    const present = this.of(resourceId, list);
    if (present === undefined) return;
    const index = indexInList(present, value);
    const after =
      change.action === "add" ? [...present, value] : present.filter((_, place) => place !== index);
    this.changed.set(keyOf(resourceId, list), after);
  }
}

function keyOf(resourceId: string, list: string): string {
  return `${idKey(resourceId)} ${list.toLowerCase()}`;
}

/** Where in the list the element stands that a change wants removed; -1 when it does not. */
export function indexInList(list: readonly unknown[], wanted: unknown): number {
  return list.findIndex((item) => sameElement(item, wanted));
}

/** As `applyChanges` compares: by name, by the fields given, or as plain values. */
function sameElement(item: unknown, wanted: unknown): boolean {
  const name = fieldOf(wanted, "name");
  if (typeof name === "string") return String(fieldOf(item, "name")).toLowerCase() === name.toLowerCase();
  if (typeof wanted !== "object" || wanted === null) return item === wanted;
  return Object.entries(wanted).every(
    ([key, value]) =>
      JSON.stringify(fieldOf(item, key))?.toLowerCase() === JSON.stringify(value)?.toLowerCase(),
  );
}

function fieldOf(value: unknown, name: string): unknown {
  const key = ownKey(value, name);
  return key === undefined ? undefined : (value as Record<string, unknown>)[key];
}
