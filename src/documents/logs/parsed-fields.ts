import { ofText } from "./cell-fields.ts";
import { cleanText, pathOnly } from "./clean-text.ts";
import { decimalAt } from "./decimal.ts";
import { FIELD_COUNT, fieldNamed, PROPERTIES, type RowFields } from "./fields.ts";
import { logTimeMs } from "./log-time.ts";

/**
 * The cells of a row that `JSON.parse` built: the plain, slower twin of `JsonRowScanner`, for unusual rows and for rows
 * that are arrays under a column list.
 */
export class ParsedFields implements RowFields {
  private readonly values: unknown[] = new Array(FIELD_COUNT).fill(undefined);

  /** Fields of a row object, its own before those of its `properties`; a `properties` that is JSON text is read too. */
  ofObject(row: object): this {
    this.values.fill(undefined);
    const inner: object[] = [];
    for (const [name, value] of Object.entries(row)) {
      const field = fieldNamed(name);
      if (field !== PROPERTIES) this.setFirst(field, value);
      else {
        const properties = asObject(value);
        if (properties !== undefined) inner.push(properties);
      }
    }
    for (const properties of inner) {
      for (const [name, value] of Object.entries(properties)) this.setFirst(fieldNamed(name), value);
    }
    return this;
  }

  /** Fields of a row array, by `fields[column]` (-1: not wanted). */
  ofArray(row: readonly unknown[], fields: readonly number[]): this {
    this.values.fill(undefined);
    for (const [column, field] of fields.entries()) this.setFirst(field, row[column]);
    return this;
  }

  text(field: number): string {
    return cleanText(this.raw(field));
  }

  path(field: number): string {
    return pathOnly(this.raw(field));
  }

  number(field: number): number {
    const value = this.values[field];
    if (typeof value === "number") return Number.isFinite(value) ? value : Number.NaN;
    return typeof value === "string" ? ofText(value, decimalAt) : Number.NaN;
  }

  timeMs(field: number): number {
    const value = this.values[field];
    return typeof value === "string" ? ofText(value, logTimeMs) : Number.NaN;
  }

  is(field: number, text: string): boolean {
    return this.values[field] === text;
  }

  raw(field: number): string {
    const value = this.values[field];
    return value === undefined ? "" : String(value);
  }

  /** Of several cells of one field the first that is not empty counts. Objects and arrays are no cells. */
  private setFirst(field: number, value: unknown): void {
    if (field < 0 || field >= FIELD_COUNT || this.values[field] !== undefined) return;
    if (value === null || value === "" || typeof value === "object") return;
    this.values[field] = value;
  }
}

function asObject(value: unknown): object | undefined {
  if (typeof value === "object" && value !== null && !Array.isArray(value)) return value;
  if (typeof value !== "string" || !value.startsWith("{")) return undefined;
  try {
    return JSON.parse(value) as object;
  } catch {
    return undefined;
  }
}
