import fc from "fast-check";
import { expect, test } from "vitest";
import { F, type RowFields } from "../../src/documents/logs/fields.ts";
import { JsonRowScanner } from "../../src/documents/logs/json-row-scanner.ts";
import { ParsedFields } from "../../src/documents/logs/parsed-fields.ts";
import { RowReader } from "../../src/documents/logs/row.ts";
import { v1, v2 } from "./compose.ts";

const NAMES = [
  "timeStamp",
  "time",
  "TimeGenerated",
  "resourceId",
  "_ResourceId",
  "category",
  "operationName",
  "Type",
  "instanceId",
  "clientIP",
  "httpMethod",
  "originalRequestUriWithArgs",
  "requestUri",
  "requestQuery",
  "httpStatus",
  "timeTaken",
  "serverRouted",
  "serverStatus",
  "serverResponseLatency",
  "originalHost",
  "host",
  "error_info",
  "ErrorInfo",
  "listenerName",
  "ruleName",
  "backendPoolName",
  "backendSettingName",
];

const space = fc.constantFrom("", "", "", " ", "\t", " \r", "  ");

/** A letter, and how a string may write it. */
const letter = fc
  .tuple(
    fc.oneof(
      { weight: 6, arbitrary: fc.constantFrom(..."abcXYZ019/-_.:,=&") },
      { weight: 2, arbitrary: fc.constantFrom(...'"\\?#; \n\t\b\u007f\u0085\u202e\u2028{}[]é漢😀') },
      { weight: 1, arbitrary: fc.constantFrom("\ud800", "\udfff", "\u0000") },
    ),
    fc.constantFrom("plain", "plain", "unicode", "short"),
  )
  .map(([text, style]) => {
    if (style === "unicode") return [...text].map(unicodeEscape).join("");
    if (style === "short" && text === "/") return "\\/";
    return JSON.stringify(text).slice(1, -1);
  });

function unicodeEscape(text: string): string {
  return [...Array(text.length).keys()]
    .map((index) => `\\u${text.charCodeAt(index).toString(16).padStart(4, "0")}`)
    .join("");
}

const freeText = fc.array(letter, { maxLength: 40 }).map((letters) => `"${letters.join("")}"`);

const numberText = fc.oneof(
  fc.integer({ min: 0, max: 999 }).map(String),
  fc
    .double({ noNaN: true })
    .map(String)
    .filter((text) => text !== "Infinity" && text !== "-Infinity"),
  fc.constantFrom(
    "0",
    "-0",
    "0.028",
    "1E2",
    "1e-3",
    "12345678901234567890",
    "0.1234567890123456789",
    "1e999",
    "1e0003",
  ),
);
const brokenScalar = fc.constantFrom(
  ...[
    "true",
    "false",
    "01",
    "+1",
    "1.",
    ".5",
    "-",
    "0x10",
    "1e",
    "nul",
    '"open',
    '"\\x"',
    '"\\u12g4"',
    '"raw\u0001"',
  ],
);

const telling = fc
  .constantFrom(
    "200",
    "502",
    "0.001, 20.000",
    "502, -",
    "-",
    "",
    " 7 ",
    "127.0.0.1",
    "10.0.0.4:80, 10.0.0.5:80",
    "ERRORINFO_UPSTREAM_NO_LIVE",
    "ApplicationGatewayAccessLog",
    "ApplicationGatewayFirewallLog",
    "ApplicationGatewayRole_IN_0",
    "appgw_1",
    "2026-01-10T10:00:00.1234567Z",
    "2026-01-10 10:00:00+01:30",
    "1/10/2026, 1:00:00.5 PM",
    "a=1&SERVER-ROUTED=10.0.0.4&SERVER-STATUS=502",
    "http://user:secret@host/path?x",
    `/${"long/".repeat(150)}`,
  )
  .map((text) => JSON.stringify(text));

const scalar = fc.oneof(
  { weight: 4, arbitrary: telling },
  { weight: 3, arbitrary: freeText },
  { weight: 2, arbitrary: numberText },
  { weight: 1, arbitrary: fc.constant("null") },
);

const nestedExtra = fc.constantFrom(
  '{"a":[1,{"host":"x"}]}',
  "[]",
  "{}",
  '[{"httpStatus":1}]',
  "{]",
  '{"host":"inner"}',
);

const fieldName = fc
  .tuple(
    fc.constantFrom(...NAMES),
    fc.constantFrom("", "", "", "_s", "_d", "_x"),
    fc.constantFrom("", "", "upper", "lower"),
  )
  .map(([base, suffix, folded]) => {
    const whole = base + suffix;
    return folded === "upper" ? whole.toUpperCase() : folded === "lower" ? whole.toLowerCase() : whole;
  })
  .map((text) => JSON.stringify(text));
const otherName = fc.oneof(
  freeText,
  fc.constantFrom('"userAgent"', '"error\\u005finfo"', '"__proto__"', '"\u212aey"', '"ho\u017ft"'),
);

/** Name and value of one member, with odd spacing. */
function member(name: fc.Arbitrary<string>, value: fc.Arbitrary<string>): fc.Arbitrary<string> {
  return fc
    .tuple(space, name, space, space, value, space)
    .map(([lead, key, before, after, text, trail]) => `${lead}${key}${before}:${after}${text}${trail}`);
}

/** Members of an object: mostly each field once, so that the scanner does not give up. */
const members = fc
  .tuple(
    fc.uniqueArray(member(fieldName, scalar), { maxLength: 12, selector: fieldOf }),
    fc.array(member(otherName, scalar), { maxLength: 3 }),
    fc.oneof(
      { weight: 12, arbitrary: fc.constant<string[]>([]) },
      { weight: 1, arbitrary: fc.array(member(fieldName, scalar), { maxLength: 2 }) },
      { weight: 1, arbitrary: fc.tuple(member(otherName, nestedExtra)) },
      { weight: 1, arbitrary: fc.tuple(member(fieldName, fc.oneof(nestedExtra, brokenScalar))) },
    ),
  )
  .chain((lists) => fc.shuffledSubarray(lists.flat(), { minLength: lists.flat().length }));

function fieldOf(text: string): string {
  const [, base = ""] = /"(\w+?)(?:_[a-z])?"/i.exec(text) ?? [];
  return base.toLowerCase().replace("_", "");
}

const oddly = fc.constantFrom(
  ...new Array<string>(30).fill(""),
  ...[
    '"properties":"{\\"httpStatus\\":502}"',
    '"properties":null',
    '"Properties":{},"properties":{"host":"a"}',
  ],
);

/** Half of the rows begin like rows of the access log, so that every way through the reader is met. */
const beginning = fc.constantFrom<string[]>(
  [],
  ['"httpStatus":502'],
  ['"category":"ApplicationGatewayAccessLog"'],
);

const rowText = fc
  .tuple(beginning, members, fc.nat(16), fc.nat(16), oddly)
  .map(([first, list, from, count, odd]) => {
    const inner = `"properties" :{${list.slice(from, from + count).join(",")}}`;
    const outer = [...list.slice(0, from), inner, ...list.slice(from + count)];
    return `{${[...first, ...outer, ...(odd === "" ? [] : [odd])].join(",")}}`;
  });

/** Everything that can be asked of a row. */
function answers(fields: RowFields): unknown {
  const reader = new RowReader();
  const cells = Object.values(F).map((field) => ({
    raw: fields.raw(field),
    text: fields.text(field),
    path: fields.path(field),
    number: fields.number(field),
    timeMs: fields.timeMs(field),
    internal: fields.is(field, "127.0.0.1"),
  }));
  return { cells, kind: reader.read(fields), row: reader };
}

/** What the scanner makes of the bytes, in the midst of others as in a window; undefined when it gives up. */
function scanned(scanner: JsonRowScanner, row: Buffer): unknown {
  const around = Buffer.concat([Buffer.from('{"x":'), row, Buffer.from('"}],}\n{"host":"stale"}')]);
  const after = scanner.scan(around, 5, 5 + row.length);
  if (
    after < 0 ||
    row
      .subarray(after - 5)
      .toString("utf8")
      .trim() !== ""
  )
    return undefined;
  return answers(scanner.cells);
}

function parsed(row: Buffer): unknown {
  return answers(new ParsedFields().ofObject(JSON.parse(row.toString("utf8"))));
}

test("the scanner never differs from JSON.parse, and accepts nothing that JSON.parse refuses", () => {
  const scanner = new JsonRowScanner();
  let agreed = 0;
  fc.assert(
    fc.property(rowText, (text) => {
      const row = Buffer.from(text);
      const fast = scanned(scanner, row);
      if (fast === undefined) return;
      expect(fast).toEqual(parsed(row));
      agreed++;
    }),
    { numRuns: 20_000 },
  );
  expect(agreed).toBeGreaterThan(4_000); // the scanner must not pass by giving up
});

test("nor on rows with damaged bytes", () => {
  const scanner = new JsonRowScanner();
  const rows = [v2(), v1(), v2({ requestUri: "/ü/\u{1f600}", userAgent: "\u0001\n" })].map((row) =>
    JSON.stringify(row),
  );
  const damage = fc.array(
    fc.tuple(
      fc.nat(2000),
      fc.constantFrom(0, 9, 10, 34, 44, 48, 58, 92, 93, 123, 125, 128, 195, 237, 255),
      fc.boolean(),
    ),
    { maxLength: 3 },
  );
  fc.assert(
    fc.property(fc.constantFrom(...rows), damage, (text, hits) => {
      let row = Buffer.from(text);
      for (const [at, byte, cut] of hits) {
        if (cut) row = Buffer.concat([row.subarray(0, at % row.length), row.subarray((at % row.length) + 1)]);
        else row[at % row.length] = byte;
      }
      const fast = scanned(scanner, row);
      if (fast !== undefined) expect(fast).toEqual(parsed(row));
    }),
    { numRuns: 10_000 },
  );
});

test("ordinary rows are for the scanner", () => {
  const scanner = new JsonRowScanner();
  for (const row of [v2(), v1(), v2({ requestUri: "/a b", host: "é" })]) {
    for (const text of [JSON.stringify(row), JSON.stringify(row, undefined, 2), escapedSlashes(row)]) {
      expect(scanned(scanner, Buffer.from(text))).toEqual(parsed(Buffer.from(text)));
    }
  }
});

function escapedSlashes(row: unknown): string {
  return JSON.stringify(row).replaceAll("/", "\\/");
}
