/** Where something was written: the line, where the notation has one, and the JSON pointer. */
export interface WrittenAt {
  readonly pointer: string;
  /** 1-based; undefined when the text was not at hand. */
  readonly line: number | undefined;
  readonly column: number | undefined;
}

/** A value with the place of everything in it. */
export type Written = WrittenScalar | WrittenList | WrittenObject;

export interface WrittenScalar {
  readonly kind: "scalar";
  readonly at: WrittenAt;
  readonly value: string | number | boolean | null;
}

export interface WrittenList {
  readonly kind: "list";
  readonly at: WrittenAt;
  readonly items: readonly Written[];
}

export interface WrittenObject {
  readonly kind: "object";
  readonly at: WrittenAt;
  /** By name as written, in the order written. */
  readonly fields: ReadonlyMap<string, Written>;
}

export const scalar = (value: WrittenScalar["value"], at: WrittenAt): WrittenScalar => ({
  kind: "scalar",
  at,
  value,
});
export const list = (items: readonly Written[], at: WrittenAt): WrittenList => ({ kind: "list", at, items });
export const object = (
  fields: Iterable<readonly [string, Written]> | ReadonlyMap<string, Written>,
  at: WrittenAt,
): WrittenObject => ({ kind: "object", at, fields: new Map(fields) });

/** The plain value, as `JSON.parse` would give it. */
export function plainValue(written: Written): unknown {
  switch (written.kind) {
    case "scalar":
      return written.value;
    case "list":
      return written.items.map(plainValue);
    case "object":
      return Object.fromEntries([...written.fields].map(([name, inner]) => [name, plainValue(inner)]));
  }
}

/** A parsed JSON value as if it had been written here, without lines. The caller has bounded its depth. */
export function writtenOf(value: unknown, pointer = ""): Written {
  const at: WrittenAt = { pointer, line: undefined, column: undefined };
  if (Array.isArray(value))
    return list(
      value.map((item, index) => writtenOf(item, `${pointer}/${index}`)),
      at,
    );
  if (typeof value === "object" && value !== null) {
    const fields = Object.entries(value).map(([name, inner]): [string, Written] => [
      name,
      writtenOf(inner, `${pointer}/${pointerStep(name)}`),
    ]);
    return object(fields, at);
  }
  const isPlain = typeof value === "string" || typeof value === "number" || typeof value === "boolean";
  return scalar(isPlain ? value : null, at);
}

export function pointerStep(name: string): string {
  return name.replaceAll("~", "~0").replaceAll("/", "~1");
}

/** The name under which a field stands, without regard to case, an exact match first. */
export function fieldName(holder: WrittenObject, name: string): string | undefined {
  if (holder.fields.has(name)) return name;
  const wanted = name.toLowerCase();
  for (const key of holder.fields.keys()) if (key.toLowerCase() === wanted) return key;
  return undefined;
}

/** A field without regard to case; undefined when unset or null. */
export function fieldOf(holder: WrittenObject, name: string): Written | undefined {
  const key = fieldName(holder, name);
  const found = key === undefined ? undefined : holder.fields.get(key);
  return found?.kind === "scalar" && found.value === null ? undefined : found;
}

/** A field that is text; numbers count as their digits. */
export function textOf(written: Written | undefined): string | undefined {
  if (written?.kind !== "scalar") return undefined;
  if (typeof written.value === "string") return written.value;
  return typeof written.value === "number" ? String(written.value) : undefined;
}
