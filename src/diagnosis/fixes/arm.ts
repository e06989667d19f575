import type { Change, Json } from "../../model/change.ts";
import { apiVersions, deployableParts } from "./arm-types.ts";
import { asElement } from "./new-element.ts";
import { childOf, nameOf, ownerOf, parentOf, type Target, targetOf } from "./target.ts";

/** A resource as an ARM template writes it, holding only what changes. */
export interface ArmFragment {
  readonly type: string;
  readonly apiVersion: string;
  /** `outer/inner` for a part that is deployed by itself. */
  readonly name: string;
  /** Set for a whole new resource only. */
  readonly location?: string;
  readonly sku?: Json;
  readonly properties: { readonly [key: string]: Json };
  /** Elements to take out, which no template can say: `list: element`. */
  readonly takeOut: readonly string[];
  /** Of a resource that is not there yet: it holds all of it. */
  readonly isNew: boolean;
}

type Settings = { [key: string]: Json };

/**
 * The changes as fragments to merge into a template, one a resource. Operations (a start, a sync) are not state and
 * yield nothing.
 */
export function armFragments(changes: readonly Change[]): ArmFragment[] {
  const drafts = new Map<
    string,
    { target: Target; settings: Settings; takeOut: string[]; location?: string; sku?: Json; isNew: boolean }
  >();
  const draftOf = (target: Target, isNew = false) => {
    const key = target.id.toLowerCase();
    const draft = drafts.get(key) ?? { target, settings: {}, takeOut: [], isNew };
    drafts.set(key, draft);
    return draft;
  };
  for (const change of changes) {
    if (change.action === "operate") continue;
    const target = targetOf(change.resourceId);
    if (change.action === "create") {
      const { location, sku, name: _name, properties, ...rest } = change.body;
      const draft = draftOf(target, true);
      Object.assign(draft.settings, (properties ?? rest) as Settings);
      if (typeof location === "string") draft.location = location;
      if (sku !== undefined) draft.sku = sku;
      continue;
    }
    const part = deployablePart(target, change);
    if (part !== undefined) {
      Object.assign(draftOf(part.target, true).settings, part.settings);
      continue;
    }
    const holder = deployable(target);
    const draft = draftOf(holder);
    const settings = settingsAt(draft.settings, target, holder);
    if (change.action === "set") setIn(settings, change.path.split("/"), change.value);
    else if (change.action === "add") append(settings, change.list, asElement(change.list, change.value));
    else draft.takeOut.push(`${change.list}: ${JSON.stringify(change.value)}`);
  }
  return [...drafts.values()].map(({ target, settings, takeOut, location, sku, isNew }) => ({
    type: target.writtenType,
    apiVersion: apiVersions[ownerOf(target).type] ?? "<api version>",
    name: target.names.join("/"),
    ...(location === undefined ? {} : { location }),
    ...(sku === undefined ? {} : { sku }),
    properties: settings,
    takeOut,
    isNew,
  }));
}

/** A new element that is a resource of its own in a template: a security rule, a route, a link. */
function deployablePart(
  target: Target,
  change: Exclude<Change, { action: "create" | "operate" }>,
): { target: Target; settings: Settings } | undefined {
  if (change.action !== "add" || typeof change.value !== "object" || change.value === null) return undefined;
  const { name, properties, ...rest } = change.value as { readonly [key: string]: Json };
  if (typeof name !== "string") return undefined;
  const part = childOf(target, change.list, name);
  if (!deployableParts.has(part.type)) return undefined;
  return { target: part, settings: (properties ?? rest) as Settings };
}

/** The innermost resource around a part that a template can deploy by itself. */
function deployable(target: Target): Target {
  let here = target;
  while (here.names.length > 1 && !deployableParts.has(here.type)) here = parentOf(here);
  return here;
}

/** The settings of a part inside its holder, as `collection: [{ name, properties }]`, made on the way. */
function settingsAt(settings: Settings, target: Target, holder: Target): Settings {
  const collections = target.writtenType.split("/").slice(1 + holder.names.length);
  let here = settings;
  collections.forEach((collection, index) => {
    const name = target.names[holder.names.length + index] ?? nameOf(target);
    const list = (here[collection] ?? []) as { name: string; properties: Settings }[];
    let element = list.find((item) => item.name === name);
    if (element === undefined) {
      element = { name, properties: {} };
      list.push(element);
    }
    here[collection] = list as unknown as Json;
    here = element.properties;
  });
  return here;
}

function setIn(settings: Settings, path: readonly string[], value: Json): void {
  const [name, ...rest] = path;
  if (name === undefined) return;
  const present = settings[name];
  if (rest.length === 0) {
    settings[name] = value;
    return;
  }
  const inner = (
    typeof present === "object" && present !== null && !Array.isArray(present) ? present : {}
  ) as Settings;
  settings[name] = inner;
  setIn(inner, rest, value);
}

function append(settings: Settings, list: string, value: Json): void {
  const path = list.split("/");
  const present = path.reduce<Json | undefined>(
    (here, name) =>
      typeof here === "object" && here !== null && !Array.isArray(here)
        ? (here as { readonly [key: string]: Json })[name]
        : undefined,
    settings,
  );
  setIn(settings, path, [...(Array.isArray(present) ? (present as Json[]) : []), value]);
}
