import { describe, expect, test } from "vitest";
import type { AccessLogNotation } from "../../src/documents/logs/access-log.ts";
import { csv, diagnosticsRow, ndjson, read, resourceRow, tables, v2 } from "./compose.ts";

const ROWS = [
  v2(),
  v2({ httpStatus: 502, serverStatus: "", requestUri: '/é "x",\r\n\\', host: "\u{1f600}" }),
];
const LONG = "x".repeat(1024 * 1024);

describe("every place to cut a log in two gives the same result", () => {
  const logs: [string, AccessLogNotation, string][] = [
    ["lines", "ndjson", `\ufeff${ndjson(ROWS, "\r\n")}{"broken"\n${ndjson(ROWS).trimEnd()}`],
    [
      "records",
      "records",
      `\ufeff{"a": [1, "]"], "records": [ ${ROWS.map((row) => JSON.stringify(row)).join(" ,\n")}]}\n{"records":[{"x":[]}, 7]}`,
    ],
    [
      "records with a broken line",
      "records",
      `{"records":[}\n${JSON.stringify({ records: ROWS })}\n{"a":1}\n`,
    ],
    ["tables", "json-array", tables(ROWS.map(resourceRow))],
    ["csv", "csv", `\ufeff${csv(ROWS.map(diagnosticsRow))}`],
  ];
  test.each(logs)("%s", async (_, notation, text) => {
    const bytes = Buffer.from(text);
    const whole = await read(notation, bytes);
    expect(whole.result.rows).toBeGreaterThanOrEqual(2);
    for (let at = 0; at <= bytes.length; at++) {
      expect(await read(notation, bytes.subarray(0, at), bytes.subarray(at))).toEqual(whole);
    }
    const single = [...bytes].map((byte) => Uint8Array.of(byte));
    expect(await read(notation, ...single)).toEqual(whole);
  });
});

test("rows are found across the pieces of a large log in every notation", async () => {
  const rows = Array.from({ length: 1500 }, (_, index) =>
    v2({ requestUri: `/${index % 7}`, userAgent: "a".repeat(index) }),
  );
  const resource = rows.map(resourceRow);
  const logs: [AccessLogNotation, string][] = [
    ["ndjson", ndjson(rows)],
    ["records", JSON.stringify({ records: rows })],
    ["json-array", JSON.stringify(resource, undefined, 1)],
    ["json-array", tables(resource)],
    ["csv", csv(resource)],
  ];
  for (const [notation, text] of logs) {
    const { result, log } = await read(notation, text);
    expect([notation, result]).toEqual([notation, { rows: 1500, skipped: 0 }]);
    expect(log.observations[0]?.uris.size).toBe(7);
  }
});

test.each<[string, AccessLogNotation, string, object]>([
  [
    "a broken line costs that line",
    "ndjson",
    `${ndjson(ROWS)}{"broken":\n\n${ndjson(ROWS)}`,
    { rows: 4, skipped: 1 },
  ],
  ["a cut last line", "ndjson", ndjson(ROWS).slice(0, -20), { rows: 1, skipped: 1 }],
  ["lines that are no objects", "ndjson", `[1]\n7\n"x"\n${ndjson(ROWS)}`, { rows: 2, skipped: 3 }],
  ["an object that is no row", "ndjson", `{"hello":1}\n${ndjson(ROWS)}`, { rows: 2, skipped: 1 }],
  ["a line over 1 MiB", "ndjson", `${ndjson(ROWS)}{"a":"${LONG}"}\n${ndjson(ROWS)}`, { rows: 4, skipped: 1 }],
  ["a last line over 1 MiB", "ndjson", `${ndjson(ROWS)}{"a":"${LONG}"}`, { rows: 2, skipped: 1 }],
  ["only spaces", "ndjson", " \n\r\n\t", { rows: 0, skipped: 0 }],
  ["nothing", "ndjson", "", { rows: 0, skipped: 0 }],
  ["nothing", "csv", "", { rows: 0, skipped: 0 }],
  ["nothing", "json-array", "", { rows: 0, skipped: 0 }],
  [
    "a record over 1 MiB",
    "records",
    JSON.stringify({ records: [...ROWS, { a: LONG }, ...ROWS] }),
    { rows: 4, skipped: 1 },
  ],
  [
    "a value over 1 MiB beside the records",
    "records",
    JSON.stringify({ a: LONG, records: ROWS }),
    { rows: 2, skipped: 0 },
  ],
  [
    "cut records",
    "records",
    JSON.stringify({ records: ROWS }).slice(0, -30),
    { rows: 1, skipped: 1, problem: "line 1: the file ends inside a record" },
  ],
  [
    "a broken line of records",
    "records",
    `{"records":[}\n${JSON.stringify({ records: ROWS })}`,
    { rows: 2, skipped: 1, problem: "line 1: expected a value" },
  ],
  [
    "an object without a list",
    "records",
    `{"a":1}\n${JSON.stringify({ records: ROWS })}`,
    { rows: 2, skipped: 1, problem: 'line 1: expected an object with a list "records", "value" or "tables"' },
  ],
  [
    "a broken array",
    "json-array",
    `[${JSON.stringify(resourceRow(ROWS[0] ?? {}))}\n{}]`,
    { rows: 1, skipped: 1, problem: "line 2: expected a comma or ]" },
  ],
  [
    "rows before their columns",
    "json-array",
    '{"tables":[{"rows":[[1]],"columns":[]}]}',
    { rows: 0, skipped: 1, problem: "line 1: a row is an array, and no columns were named before it" },
  ],
  [
    "a row over 1 MiB as CSV",
    "csv",
    csv([...ROWS, v2({ userAgent: LONG }), ...ROWS].map(resourceRow)),
    { rows: 4, skipped: 1 },
  ],
  [
    "a quoted cell without its end",
    "csv",
    `${csv(ROWS.map(resourceRow))}"open`,
    { rows: 2, skipped: 1, problem: "line 5: a quoted cell is not closed before the end of the file" },
  ],
  [
    "another table as CSV",
    "csv",
    "a,b\n1,2\n",
    {
      rows: 0,
      skipped: 1,
      problem: "line 1: expected a header with a column httpStatus, httpStatus_d or HttpStatus",
    },
  ],
])("%s (%s)", async (_, notation, text, expected) => {
  const { result } = await read(notation, text);
  expect(result).toEqual(expected);
});

test("the first record that could not be read is named", async () => {
  const { log } = await read("ndjson", `${ndjson(ROWS)}{"broken":\n{\n`);
  expect([log.skipped, log.firstSkipped]).toEqual([2, { document: "access.log", line: 3 }]);
});

test("CSV of the portal in local time is read, with a word of warning", async () => {
  const text =
    'TimeGenerated [Local Time],HttpStatus,ServerRouted\r\n"1/10/2026, 1:05:00.250 PM",200,10.0.0.4:80\r\n';
  const { result, log } = await read("csv", text);
  expect(log.firstMs).toBe(Date.UTC(2026, 0, 10, 13, 5, 0, 250));
  expect(result.problem).toBe("line 1: TimeGenerated [Local Time] has no offset, its times are taken as UTC");
});
