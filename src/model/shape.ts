/**
 * One value of a record, described once for both ways: how it is written, and how it is read back. What `write` gives,
 * `read` takes: a value beyond a bound is written cut down to it.
 */
export interface Shape<T> {
  /** As JSON has it; undefined = it does not stand in the record. */
  readonly write: (value: T) => unknown;
  /** Throws a `ShapeFault`. `value` is undefined where nothing stands. */
  readonly read: (value: unknown, pointer: string) => T;
}

/** A shape for every member: TypeScript refuses a table in which one is missing, and one with a member too many. */
export type Members<T> = { readonly [K in keyof T]-?: Shape<T[K]> };

/** A value that is not what its place wants. */
export class ShapeFault extends Error {
  /** JSON pointer inside the record. */
  readonly pointer: string;
  readonly expected: string;

  constructor(pointer: string, expected: string, value: unknown) {
    super(`${pointer === "" ? "the line" : pointer} is ${inWords(value)}`);
    this.pointer = pointer;
    this.expected = expected;
  }
}

function inWords(value: unknown): string {
  if (value === undefined) return "missing";
  if (value === null) return "null";
  if (Array.isArray(value)) return `a list of ${value.length}`;
  if (typeof value === "object") return "an object";
  const text = typeof value === "string" ? JSON.stringify(value.slice(0, 40)) : String(value);
  return text.length > 40 ? `${text.slice(0, 37)}…` : text;
}

/** Text of at most so many UTF-16 units. */
export function text(mostUnits: number): Shape<string> {
  return {
    write: (value) => value.slice(0, mostUnits),
    read: (value, pointer) => {
      if (typeof value === "string" && value.length <= mostUnits) return value;
      throw new ShapeFault(pointer, `text of at most ${mostUnits} characters`, value);
    },
  };
}

/** Text of a form that only this program writes. */
export function formed(form: RegExp, expected: string): Shape<string> {
  return {
    write: (value) => value,
    read: (value, pointer) => {
      if (typeof value === "string" && form.test(value)) return value;
      throw new ShapeFault(pointer, expected, value);
    },
  };
}

/** Bytes as base64. */
export function base64(mostBytes: number): Shape<string> {
  const mostUnits = Math.ceil(mostBytes / 3) * 4;
  return {
    write: (value) => value.slice(0, mostUnits),
    read: (value, pointer) => {
      if (typeof value === "string" && value.length <= mostUnits && isBase64(value)) return value;
      throw new ShapeFault(pointer, `base64 of at most ${mostBytes} bytes`, value);
    },
  };
}

function isBase64(value: string): boolean {
  return value.length % 4 === 0 && /^[A-Za-z0-9+/]*={0,2}$/.test(value);
}

export function number(least: number, most: number): Shape<number> {
  return numeric(least, most, `a number from ${least} to ${most}`, Number.isFinite, (value) => value);
}

export function integer(least: number, most: number): Shape<number> {
  return numeric(least, most, `a whole number from ${least} to ${most}`, Number.isInteger, Math.trunc);
}

function numeric(
  least: number,
  most: number,
  expected: string,
  fits: (value: number) => boolean,
  rounded: (value: number) => number,
): Shape<number> {
  return {
    write: (value) => (Number.isNaN(value) ? least : rounded(Math.min(most, Math.max(least, value)))),
    read: (value, pointer) => {
      if (typeof value === "number" && fits(value) && value >= least && value <= most) return value;
      throw new ShapeFault(pointer, expected, value);
    },
  };
}

export const yesNo: Shape<boolean> = {
  write: (value) => value,
  read: (value, pointer) => {
    if (typeof value === "boolean") return value;
    throw new ShapeFault(pointer, "true or false", value);
  },
};

/** One of some words; the table must have them all. */
export function word<T extends string>(words: Readonly<Record<T, true>>): Shape<T> {
  const isOne = (value: unknown): value is T => typeof value === "string" && Object.hasOwn(words, value);
  return {
    write: (value) => value,
    read: (value, pointer) => {
      if (isOne(value)) return value;
      throw new ShapeFault(pointer, `one of ${Object.keys(words).join(", ")}`, value);
    },
  };
}

/** A member that may be absent. */
export function optional<T>(shape: Shape<T>): Shape<T | undefined> {
  return {
    write: (value) => (value === undefined ? undefined : shape.write(value)),
    read: (value, pointer) => (value === undefined ? undefined : shape.read(value, pointer)),
  };
}

export function nullable<T>(shape: Shape<T>): Shape<T | null> {
  return {
    write: (value) => (value === null ? null : shape.write(value)),
    read: (value, pointer) => (value === null ? null : shape.read(value, pointer)),
  };
}

export function list<T>(item: Shape<T>, most: number): Shape<readonly T[]> {
  return {
    write: (values) => values.slice(0, most).map(item.write),
    read: (value, pointer) => {
      if (!Array.isArray(value) || value.length > most) {
        throw new ShapeFault(pointer, `a list of at most ${most}`, value);
      }
      return value.map((inner: unknown, index) => item.read(inner, `${pointer}/${index}`));
    },
  };
}

/** An object with these members and no others: what a newer version means by another one cannot be guessed. */
export function object<T extends object>(members: Members<T>): Shape<T> {
  const names = Object.keys(members) as (keyof T & string)[];
  return {
    write: (value) => {
      const written: Record<string, unknown> = {};
      for (const name of names) {
        const inner = members[name].write(value[name]);
        if (inner !== undefined) written[name] = inner;
      }
      return written;
    },
    read: (value, pointer) => {
      if (!isObject(value)) throw new ShapeFault(pointer, "an object", value);
      for (const name of Object.keys(value)) {
        if (Object.hasOwn(members, name)) continue;
        const unknown = `${pointer}/${name.slice(0, 40)}`;
        throw new ShapeFault(unknown, "no field that this version does not know", value[name]);
      }
      const read: Partial<T> = {};
      for (const name of names) {
        read[name] = members[name].read(
          Object.hasOwn(value, name) ? value[name] : undefined,
          `${pointer}/${name}`,
        );
      }
      // `names` are all keys of T: `Members` sees to it.
      return read as T;
    },
  };
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** Only what `keep` leaves of a value is written, or taken from a record that somebody else wrote. */
export function keeping<T>(shape: Shape<T>, keep: (value: T) => T): Shape<T> {
  return {
    write: (value) => shape.write(keep(value)),
    read: (value, pointer) => keep(shape.read(value, pointer)),
  };
}
