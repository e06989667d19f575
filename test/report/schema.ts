import { readFileSync } from "node:fs";
import { Ajv2020 } from "ajv/dist/2020.js";
import { expect } from "vitest";

function compiled(name: string) {
  const text = readFileSync(new URL(`../../schema/${name}`, import.meta.url), "utf8");
  const ajv = new Ajv2020({ strict: true, allowUnionTypes: true, allErrors: true });
  return ajv.compile(JSON.parse(text) as object);
}

/** Whether a value is what `diagnose --format json` promises; its `errors` say what is not. */
export const validate = compiled("diagnosis.v1.schema.json");

const validateProbe = compiled("probe.v1.schema.json");

const validateBypass = compiled("bypass.v1.schema.json");

const validateWatchLine = compiled("probe-watch.v1.schema.json");

const validateTop = compiled("top.v1.schema.json");

/** The value of a JSON report, once the published schema accepts it. */
export function validReport(text: string): unknown {
  return accepted(text, validate);
}

/** The same of `probe --format json`. */
export function validProbeReport(text: string): unknown {
  return accepted(text, validateProbe);
}

/** The same of `bypass --format json`. */
export function validBypassReport(text: string): unknown {
  return accepted(text, validateBypass);
}

/** The same of `top --format json`. */
export function validTop(text: string): unknown {
  return accepted(text, validateTop);
}

/** The lines of `probe --watch --format json`. */
export function validWatchLines(text: string): unknown[] {
  expect(text.endsWith("\n")).toBe(true);
  return text
    .slice(0, -1)
    .split("\n")
    .map((line) => accepted(line, validateWatchLine));
}

function accepted(text: string, check: ReturnType<typeof compiled>): unknown {
  const value: unknown = JSON.parse(text);
  check(value);
  expect(check.errors ?? []).toEqual([]);
  return value;
}
