import { readFileSync } from "node:fs";
import { Ajv2020 } from "ajv/dist/2020.js";
import { expect } from "vitest";

const schema = JSON.parse(
  readFileSync(new URL("../../schema/diagnosis.v1.schema.json", import.meta.url), "utf8"),
) as object;

/** Whether a value is what `--format json` promises; its `errors` say what is not. */
export const validate = new Ajv2020({ strict: true, allowUnionTypes: true, allErrors: true }).compile(schema);

/** The value of a JSON report, once the published schema accepts it. */
export function validReport(text: string): unknown {
  const value: unknown = JSON.parse(text);
  validate(value);
  expect(validate.errors ?? []).toEqual([]);
  return value;
}
