import { isObject, ownKey } from "../model/source.ts";

export type JsonObject = Readonly<Record<string, unknown>>;

/** One value of a document on the way through recognition. */
export interface Place {
  readonly document: string;
  readonly pointer: string;
  readonly value: unknown;
  /** It is an element of a complete list of its kind: of the same kind, there are no others. */
  readonly listed: boolean;
  /** Names from around it that identify it where it does not do so itself, e.g. the parameters of a REST example. */
  readonly hints: IdHints;
}

export interface IdHints {
  readonly subscription?: string | undefined;
  readonly resourceGroup?: string | undefined;
  /** `networkInterfaceName` → `nic1` */
  readonly names?: JsonObject | undefined;
  /** The id of the network interface that effective rules or routes are of. */
  readonly networkInterfaceId?: string | undefined;
}

/** The place of one field or element. */
export function placeIn(place: Place, key: string | number, value: unknown, listed = false): Place {
  const step = String(key).replaceAll("~", "~0").replaceAll("/", "~1");
  return { ...place, pointer: `${place.pointer}/${step}`, value, listed };
}

/** A field without regard to case. */
export function field(value: unknown, name: string): unknown {
  const key = ownKey(value, name);
  return key === undefined ? undefined : (value as JsonObject)[key];
}

/** A setting without regard to case, below `properties` where the notation has that level. */
export function setting(value: unknown, name: string): unknown {
  return field(value, name) ?? field(field(value, "properties"), name);
}

export function textField(value: unknown, name: string): string | undefined {
  const found = field(value, name);
  return typeof found === "string" && found !== "" ? found : undefined;
}

export function listField(value: unknown, name: string): readonly unknown[] | undefined {
  const found = field(value, name);
  return Array.isArray(found) ? found : undefined;
}

export function has(value: unknown, ...names: readonly string[]): boolean {
  return names.every((name) => ownKey(value, name) !== undefined);
}

/** The first element that is an object: lists are recognised by it. */
export function firstObject(list: readonly unknown[] | undefined): JsonObject | undefined {
  return list?.find(isObject) as JsonObject | undefined;
}
