/** Where something was read: the document as the user named it, and the JSON pointer (RFC 6901) inside it. */
export interface Origin {
  readonly document: string;
  readonly pointer: string;
}

/** A value that is there but cannot be what its field wants. It is reported; it never passes as absent. */
export interface ReadProblem extends Origin {
  readonly expected: string;
  readonly found: string;
}

type JsonObject = Readonly<Record<string, unknown>>;

/**
 * One value of a document together with its place. Fields are looked up without regard to case, and through the
 * `properties` level that raw ARM puts between a resource and its settings and `az` takes away
 * (gateway-resource.md §1), so that every notation reads the same.
 */
export class Source implements Origin {
  readonly document: string;
  readonly pointer: string;
  readonly value: unknown;
  readonly problems: ReadProblem[];

  constructor(document: string, pointer: string, value: unknown, problems: ReadProblem[] = []) {
    this.document = document;
    this.pointer = pointer;
    this.value = value;
    this.problems = problems;
  }

  /** The field as a place, whether or not it is set. An unset field points at where it would stand. */
  at(name: string): Source {
    const here = ownKey(this.value, name);
    const direct = here === undefined ? undefined : (this.value as JsonObject)[here];
    if (here !== undefined && direct !== null) return this.child(here, direct);
    const properties = ownKey(this.value, "properties");
    if (properties === undefined) return this.child(here ?? name, direct);
    const inner = (this.value as JsonObject)[properties];
    const key = ownKey(inner, name);
    if (key === undefined && here !== undefined) return this.child(here, direct);
    const value = key === undefined ? undefined : (inner as JsonObject)[key];
    return this.child(properties, inner).child(key ?? name, value);
  }

  /** The raw value of the field, without the cost of a place: what `at(name).value` is. */
  peek(name: string): unknown {
    const { value } = this;
    const here = ownKey(value, name);
    const direct = here === undefined ? undefined : (value as JsonObject)[here];
    if (here !== undefined && direct !== null) return direct;
    // `az resource show` prints `"sku": null` beside the `properties` that hold the SKU.
    const properties = ownKey(value, "properties");
    if (properties === undefined) return direct;
    const inner = (value as JsonObject)[properties];
    const key = ownKey(inner, name);
    return key === undefined ? direct : (inner as JsonObject)[key];
  }

  /** `undefined` when unset or null. A number or boolean where text is wanted is taken as its text. */
  text(name: string): string | undefined {
    const value = this.peek(name);
    if (value === undefined || value === null) return undefined;
    if (typeof value === "string") return value;
    if (typeof value === "number" || typeof value === "boolean") return String(value);
    return this.at(name).refuse("text");
  }

  /** `undefined` when unset or null. Text holding a decimal number is taken as the number. */
  number(name: string): number | undefined {
    const value = this.peek(name);
    if (value === undefined || value === null || value === "") return undefined;
    if (typeof value === "number") return value;
    if (typeof value === "string" && /^-?\d{1,15}(\.\d{1,9})?$/.test(value.trim())) return Number(value);
    return this.at(name).refuse("a number");
  }

  /** `undefined` when unset or null; an explicit `false` stays `false`. */
  boolean(name: string): boolean | undefined {
    const value = this.peek(name);
    if (value === undefined || value === null) return undefined;
    if (typeof value === "boolean") return value;
    if (typeof value === "string" && /^true$/i.test(value)) return true;
    if (typeof value === "string" && /^false$/i.test(value)) return false;
    return this.at(name).refuse("true or false");
  }

  /** The elements of an array field; empty when unset or null. */
  list(name: string): Source[] {
    const unset = this.peek(name);
    if (unset === undefined || unset === null) return [];
    const field = this.at(name);
    if (!Array.isArray(field.value)) {
      field.refuse("a list");
      return [];
    }
    return field.items();
  }

  /** The elements, when this value itself is an array. */
  items(): Source[] {
    if (!Array.isArray(this.value)) return [];
    return this.value.map((value, index) => this.child(String(index), value));
  }

  /** The texts of an array field; also accepts a single text where a list is wanted. */
  texts(name: string): string[] {
    const whole = this.peek(name);
    if (typeof whole === "string") return whole === "" ? [] : [whole];
    if (typeof whole === "number") return [String(whole)];
    const found: string[] = [];
    for (const item of this.list(name)) {
      if (typeof item.value === "string") found.push(item.value);
      else if (typeof item.value === "number") found.push(String(item.value));
      else item.refuse("text");
    }
    return found;
  }

  /** The elements of an array field that are objects; others are reported. */
  objects(name: string): Source[] {
    return this.list(name).filter((item) => {
      if (isObject(item.value)) return true;
      if (item.value !== null) item.refuse("an object");
      return false;
    });
  }

  /** An object field, or `undefined` when unset, null, or not an object (which is reported). */
  object(name: string): Source | undefined {
    const field = this.at(name);
    if (field.value === undefined || field.value === null) return undefined;
    if (isObject(field.value)) return field;
    return field.refuse("an object");
  }

  /** The `id` inside a reference field such as `"probe": { "id": "…" }`; a bare text is taken as the id. */
  referenceId(name: string): string | undefined {
    const value = this.peek(name);
    if (value === undefined || value === null) return undefined;
    if (typeof value === "string") return value === "" ? undefined : value;
    return this.object(name)?.text("id") || undefined;
  }

  /** The same place, which reports what it refuses to another list. */
  reportingTo(problems: ReadProblem[]): Source {
    return new Source(this.document, this.pointer, this.value, problems);
  }

  /** The same place with another value: what it is after a change. */
  withValue(value: unknown): Source {
    return new Source(this.document, this.pointer, value, this.problems);
  }

  /** The place of a field or an element. */
  protected child(key: string, value: unknown): Source {
    return new Source(this.document, `${this.pointer}/${escapePointer(key)}`, value, this.problems);
  }

  /** Reports that this value is not what its place wants. */
  refuse(expected: string): undefined {
    this.problems.push({
      document: this.document,
      pointer: this.pointer,
      expected,
      found: describe(this.value),
    });
    return undefined;
  }
}

export function isObject(value: unknown): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** The key of `value` that equals `name` without regard to case, an exact match first. */
export function ownKey(value: unknown, name: string): string | undefined {
  if (!isObject(value)) return undefined;
  if (Object.hasOwn(value, name)) return name;
  const wanted = name.toLowerCase();
  for (const key in value) if (key.length === name.length && key.toLowerCase() === wanted) return key;
  return undefined;
}

function escapePointer(key: string): string {
  return /[~/]/.test(key) ? key.replaceAll("~", "~0").replaceAll("/", "~1") : key;
}

function describe(value: unknown): string {
  if (value === undefined) return "nothing";
  if (Array.isArray(value)) return `a list of ${value.length}`;
  if (isObject(value)) return "an object";
  const text = JSON.stringify(value) ?? typeof value;
  return text.length > 40 ? `${text.slice(0, 37)}…` : text;
}
