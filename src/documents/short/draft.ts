import { UnreadableDocument } from "../document-set.ts";
import { type Collection, collectionNamed, collections, gatewayFields } from "./fields.ts";
import { misspelt } from "./spelling.ts";
import { fieldOf, scalar, textOf, type Written, type WrittenAt, type WrittenObject } from "./written.ts";

/** One part of a gateway while it is completed. */
export interface Part {
  readonly name: string | undefined;
  readonly at: WrittenAt;
  /** By the names that resources have, the part's own name left out. */
  readonly fields: Map<string, Written>;
}

/** A gateway while it is completed. */
export interface Draft {
  readonly at: WrittenAt;
  /** False: every field has its name and its value from the resource, and nothing is added to it. */
  readonly completes: boolean;
  /** By name of the collection, in the order written. */
  readonly parts: Map<string, Part[]>;
  /** What is no collection. */
  readonly fields: Map<string, Written>;
}

/** A fault in what somebody wrote, with its place. */
export function fault(at: WrittenAt, message: string, expected: string): UnreadableDocument {
  const { line, column, pointer } = at;
  if (line !== undefined && column !== undefined)
    return new UnreadableDocument(message, expected, { line, column });
  return new UnreadableDocument(`${pointer === "" ? "the document" : pointer}: ${message}`, expected);
}

/** Sorts a gateway of the short notation into its parts. Throws `UnreadableDocument` where that cannot be. */
export function draftOf(gateway: WrittenObject): Draft {
  const defaults = fieldOf(gateway, "defaults");
  if (defaults !== undefined && textOf(defaults) !== "none") {
    throw fault(defaults.at, "`defaults` can only be `none`, or be left out", "`defaults: none`");
  }
  const draft: Draft = {
    at: gateway.at,
    completes: defaults === undefined,
    parts: new Map(),
    fields: new Map(),
  };
  for (const [key, value] of gateway.fields) {
    // A state that is not known, which is not the state that nobody wrote.
    const isUnset = value.kind === "scalar" && value.value === null;
    if (isUnset && key.toLowerCase() !== "operationalstate") continue;
    const collection = collectionCalled(key, gateway, draft.completes);
    // Where nothing is completed, a value that is no list stays what it is.
    if (collection === undefined || (!draft.completes && value.kind === "scalar"))
      takeField(key, value, draft);
    else takeParts(collection, value, key, draft);
  }
  return draft;
}

function collectionCalled(key: string, gateway: WrittenObject, completes: boolean): Collection | undefined {
  const wanted = key.toLowerCase();
  const named = collections.find(({ name }) => name.toLowerCase() === wanted);
  const short = completes ? collections.find((one) => one.short?.toLowerCase() === wanted) : undefined;
  // `listeners` are both: those of layer 4 beside `httpListeners`, otherwise all of them.
  if (named !== undefined && short !== undefined) {
    return fieldOf(gateway, short.name) === undefined ? short : named;
  }
  return named ?? short;
}

const headAliases: Readonly<Record<string, string>> = { http2: "enableHttp2" };

function takeField(key: string, value: Written, draft: Draft): void {
  const known = gatewayFields.find((name) => name.toLowerCase() === key.toLowerCase());
  if (known === undefined && draft.completes) {
    const names = [
      ...gatewayFields,
      ...collections.flatMap(({ name, short }) => (short ? [name, short] : [name])),
    ];
    refuseMisspelt(key, names, value.at);
  }
  const name = known ?? key;
  const full = draft.completes && Object.hasOwn(headAliases, name) ? (headAliases[name] as string) : name;
  if (draft.fields.has(full)) throw twice(key, full, value.at);
  draft.fields.set(full, value);
}

function takeParts(collection: Collection, value: Written, key: string, draft: Draft): void {
  const { name } = collection;
  if (draft.parts.has(name)) throw twice(key, name, value.at);
  const parts = partsIn(collection, value, key, draft.completes);
  draft.parts.set(name, parts);
}

function twice(key: string, name: string, at: WrittenAt): UnreadableDocument {
  const message =
    key === name
      ? `"${name}" stands here under two names`
      : `"${key}" is the same as "${name}", which stands here too`;
  return fault(at, message, "one of the two names");
}

function refuseMisspelt(key: string, names: readonly string[], at: WrittenAt): void {
  const meant = misspelt(key, names);
  if (meant !== undefined)
    throw fault(at, `there is no "${key.slice(0, 60)}"; did you mean ${meant}?`, `\`${meant}\``);
}

/** `name: part` pairs, or a list of parts that say their names. */
export function partsIn(collection: Collection, value: Written, key: string, completes: boolean): Part[] {
  if (value.kind === "object") {
    return [...value.fields].map(([name, inner]) => partOf(collection, inner, name, completes));
  }
  if (value.kind === "scalar") {
    throw fault(
      value.at,
      `"${key}" has to be a list, or names with what each of them is`,
      "a list or an object",
    );
  }
  const seen = new Map<string, WrittenAt>();
  return value.items.map((item, index) => {
    const written = item.kind === "object" ? textOf(fieldOf(item, "name")) : undefined;
    const name = written ?? (completes ? `${collection.one}-${index + 1}` : undefined);
    const known = name === undefined ? undefined : seen.get(name.toLowerCase());
    if (known !== undefined && completes) {
      const first = known.line === undefined ? "" : ` (the first in line ${known.line})`;
      throw fault(
        item.at,
        `two ${key} are called "${name}"${first}; nobody could say which is meant`,
        "another name",
      );
    }
    if (name !== undefined) seen.set(name.toLowerCase(), item.at);
    return partOf(collection, item, name, completes);
  });
}

function partOf(
  collection: Collection,
  written: Written,
  name: string | undefined,
  completes: boolean,
): Part {
  const { at } = written;
  if (completes && collection.name === "backendAddressPools" && written.kind !== "object") {
    // A pool is its servers, unless it says more.
    const empty = written.kind === "scalar" && written.value === null;
    return { name, at, fields: new Map(empty ? [] : [["backendAddresses", written]]) };
  }
  if (written.kind === "scalar" && written.value === null && completes)
    return { name, at, fields: new Map() };
  if (written.kind !== "object") {
    throw fault(at, `${what(collection, name)} has to be an object with fields`, "an object");
  }
  const fields = new Map<string, Written>();
  for (const [key, value] of written.fields) {
    if (key.toLowerCase() === "name" || (value.kind === "scalar" && value.value === null)) continue;
    const full = fullName(collection, key, value.at, completes);
    if (fields.has(full)) throw twice(key, full, value.at);
    fields.set(full, value);
  }
  return { name, at, fields };
}

function fullName(collection: Collection, key: string, at: WrittenAt, completes: boolean): string {
  const wanted = key.toLowerCase();
  const named = [...Object.keys(collection.references), ...collection.fields];
  const known = named.find((name) => name.toLowerCase() === wanted);
  if (!completes) return known ?? key;
  const alias = Object.keys(collection.aliases).find((name) => name.toLowerCase() === wanted);
  if (alias !== undefined) return collection.aliases[alias] as string;
  if (known === undefined) refuseMisspelt(key, [...named, ...Object.keys(collection.aliases)], at);
  return known ?? key;
}

export function what({ one }: Collection, name: string | undefined): string {
  return name === undefined ? `a ${one}` : `the ${one} "${name.slice(0, 60)}"`;
}

/** The parts of a collection, to be added to. */
export function partsOf(draft: Draft, name: string): Part[] {
  const known = draft.parts.get(name);
  if (known !== undefined) return known;
  const made: Part[] = [];
  draft.parts.set(name, made);
  return made;
}

/** A part that nobody wrote. Its name is made one that no other part has. */
export function addPart(
  draft: Draft,
  collection: string,
  name: string,
  at: WrittenAt,
  fields: Iterable<readonly [string, Written]>,
): string {
  const parts = partsOf(draft, collection);
  const taken = new Set(parts.map((part) => part.name?.toLowerCase()));
  let free = name;
  for (let number = 2; taken.has(free.toLowerCase()); number++) free = `${name}-${number}`;
  parts.push({ name: free, at, fields: new Map(fields) });
  return free;
}

/** The part that a reference means, when it names one of this collection. */
export function partMeant(
  draft: Draft,
  collection: string,
  reference: Written | undefined,
): Part | undefined {
  const name = nameMeant(reference);
  if (name === undefined) return undefined;
  return draft.parts.get(collectionNamed(collection).name)?.find((part) => part.name?.toLowerCase() === name);
}

/** Lower case. References are names, ids, or objects with an id. */
function nameMeant(reference: Written | undefined): string | undefined {
  const id = reference?.kind === "object" ? textOf(fieldOf(reference, "id")) : textOf(reference);
  return id?.split("/").at(-1)?.toLowerCase();
}

export const text = (value: string, at: WrittenAt): Written => scalar(value, at);
