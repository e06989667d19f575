import type { Json } from "../../model/change.ts";
import { idKey } from "../../model/resource.ts";
import { quoteShell } from "../quoting.ts";
import { nameOf, type Target, targetOf } from "./target.ts";

/** How values become words of an `az` command. */

/** The words of an option: one for a plain value, one each for a list of them; undefined for anything deeper. */
export function azWords(value: Json): string[] | undefined {
  if (Array.isArray(value)) {
    const words = value.map((item) => azWords(item as Json));
    return words.some((word) => word?.length !== 1) ? undefined : words.flatMap((word) => word ?? []);
  }
  if (value === null || typeof value === "object") return undefined;
  return [quoteShell(String(value))];
}

/** `{ id }` becomes the id, or the name when it is another part of the same resource. */
export function references(value: Json, owner: Target): Json {
  if (Array.isArray(value)) return value.map((item) => references(item as Json, owner));
  if (typeof value === "object" && value !== null) {
    const { id, ...others } = value as { readonly [key: string]: Json };
    return typeof id === "string" && Object.keys(others).length === 0 ? references(id, owner) : value;
  }
  if (typeof value !== "string" || !idKey(value).startsWith(`${idKey(owner.id)}/`)) return value;
  return nameOf(targetOf(value));
}

interface Setting {
  readonly path: string;
  readonly value: Json;
}

/** The settings of a new object as paths, as deep as there are options for them. */
export function asSettings(
  body: Readonly<Record<string, Json>>,
  options: Readonly<Record<string, string>>,
): Setting[] {
  const { name: _name, id: _id, type: _type, properties, ...rest } = body;
  const flat = { ...rest, ...((properties ?? {}) as Readonly<Record<string, Json>>) };
  return Object.entries(flat).flatMap(([key, value]): Setting[] => {
    const deeper = Object.keys(options).some((path) => path.startsWith(`${key.toLowerCase()}/`));
    if (!deeper || typeof value !== "object" || value === null) return [{ path: key, value }];
    return Object.entries(value).map(([inner, item]) => ({ path: `${key}/${inner}`, value: item as Json }));
  });
}

/** A word of `--set`, or of `--remove` when the setting is to be unset. */
export interface GenericWord {
  readonly flag: "--set" | "--remove";
  readonly word: string;
}

export function genericSet(path: string, value: Json): GenericWord {
  const place = path.replaceAll("/", ".");
  if (value === null) return { flag: "--remove", word: quoteShell(place) };
  return { flag: "--set", word: quoteShell(`${place}=${setText(value)}`) };
}

/** `az` reads the text as JSON where it can, so text that looks like JSON is given as a JSON text. */
function setText(value: Json): string {
  if (typeof value !== "string") return JSON.stringify(value);
  return /^\s*(?:-?[\d.]+(?:e[-+]?\d+)?\s*$|true$|false$|null$|none$|[[{("'])/i.test(value) || value === ""
    ? JSON.stringify(value)
    : value;
}

export function generic(words: readonly GenericWord[]): string[] {
  const sets = words.filter(({ flag }) => flag === "--set").map(({ word }) => word);
  const removes = words.filter(({ flag }) => flag === "--remove").flatMap(({ word }) => ["--remove", word]);
  return [...(sets.length > 0 ? ["--set", ...sets] : []), ...removes];
}
