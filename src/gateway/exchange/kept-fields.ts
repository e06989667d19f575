import type { ForwardableFields } from "../../health/forwarded-head.ts";
import type { FieldLine } from "../../wire/http1/fields.ts";

/** Field lines of a request, as the phases after reading look at them. */
export interface RequestFields extends ForwardableFields {
  /** The value of the first line of this lower-case name. */
  get(lower: string): string | undefined;
  /** The first index from `from` on with this lower-case name, or -1. */
  find(lower: string, from?: number): number;
}

/** Field lines that stay as they are while the reader goes on to trailers. */
export class KeptFields implements RequestFields {
  readonly #lines: readonly FieldLine[];
  readonly #lower: readonly string[];

  constructor(lines: readonly FieldLine[]) {
    this.#lines = lines;
    this.#lower = lines.map(({ name }) => name.toLowerCase());
  }

  get count(): number {
    return this.#lines.length;
  }

  name(index: number): string {
    return this.#lines[index]?.name ?? "";
  }

  value(index: number): string {
    return this.#lines[index]?.value ?? "";
  }

  nameLength(index: number): number {
    return this.name(index).length;
  }

  isNamed(index: number, lower: string): boolean {
    return this.#lower[index] === lower;
  }

  find(lower: string, from = 0): number {
    return this.#lower.indexOf(lower, from);
  }

  get(lower: string): string | undefined {
    const at = this.find(lower);
    return at < 0 ? undefined : this.value(at);
  }

  lines(from: number, to: number): string {
    let text = "";
    for (let index = from; index < to; index++) text += `${this.name(index)}: ${this.value(index)}\r\n`;
    return text;
  }
}

/** The values of all lines of this lower-case name; undefined = there is none. */
export function joinedField(fields: RequestFields, lower: string): string | undefined {
  const first = fields.find(lower);
  if (first < 0) return undefined;
  const separator = lower === "cookie" ? "; " : ", ";
  let values = fields.value(first);
  for (let at = fields.find(lower, first + 1); at >= 0; at = fields.find(lower, at + 1)) {
    values += `${separator}${fields.value(at)}`;
  }
  return values;
}
