import { gzipSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import { documentOf, readDocuments } from "../../src/documents/read-documents.ts";
import { nsg, read, readOne } from "./support.ts";

const faults: readonly (readonly [
  name: string,
  text: string,
  line: number,
  column: number,
  expected: RegExp,
])[] = [
  ["missing comma between properties", '{\n  "a": 1\n  "b": 2\n}', 3, 3, /comma/],
  ["missing comma between elements", '{"a": [1 2]}', 1, 10, /comma/],
  ["missing colon", '{"a" 1}', 1, 6, /`:`/],
  ["missing value", '{"a": }', 1, 7, /a value/],
  ["trailing comma in an object", '{\n  "a": 1,\n}', 3, 1, /property name/],
  ["trailing comma in a list", "[1,\n2,\n]", 3, 1, /a value/],
  ["single quotes", "{'a': 1}", 1, 2, /double quotes/],
  ["a comment", '{\n  // note\n  "a": 1\n}', 2, 3, /comment/],
  ["cut off in an object", '{\n  "a": 1,\n  "b": {', 3, 9, /`}`|property name/],
  ["cut off in a text", '{\n  "a": "abc', 2, 8, /`"`/],
  ["bad escape", '{"a": "\\x"}', 1, 7, /escape/],
  ["a word", '{"a": undefined}', 1, 7, /a value/],
  ["too much behind", '{"a": 1}}', 1, 9, /nothing more/],
];

describe("malformed JSON", () => {
  it.each(faults)("%s", async (_name, text, line, column, expected) => {
    const { failures, documents } = await readOne(text);
    expect(failures).toMatchObject([{ path: "one.json", line, column }]);
    expect(failures[0]?.expected).toMatch(expected);
    expect(failures[0]?.message).toContain(`one.json:${line}:${column}: not valid JSON; `);
    expect(documents).toMatchObject([{ path: "one.json", used: false, kind: "unreadable" }]);
    expect(documents[0]?.note).toContain(`line ${line}, column ${column}: expected `);
    expect(documents[0]?.note).toMatch(expected);
  });

  it("leaves the other documents as they are", async () => {
    const set = await read({ "bad.json": "{", "good.json": nsg });
    expect(set.failures).toHaveLength(1);
    expect(set.documents.map(({ path, used }) => [path, used])).toEqual([
      ["bad.json", false],
      ["good.json", true],
    ]);
    expect(set.records).toHaveLength(1);
  });

  it("never repeats what stands in the document", async () => {
    const { failures } = await readOne('{"password": "hunter2" "x": 1}');
    expect(JSON.stringify(failures)).not.toContain("hunter2");
  });
});

describe("input made to do harm", () => {
  it.each([
    ["lists", "[".repeat(100_000) + "]".repeat(100_000), 201],
    ["objects", `${'{"a":'.repeat(5_000)}1${"}".repeat(5_000)}`, 200 * 5 + 1],
    ["lists that never end", "[".repeat(100_000), 201],
  ])("%s nested too deep", async (_name, text, column) => {
    const { failures } = await readOne(text);
    expect(failures).toMatchObject([{ line: 1, column }]);
    expect(failures[0]?.message).toContain("nested more than 200 levels deep");
  });

  it("reads what is nested deep, but not too deep", async () => {
    const { failures, documents } = await readOne(`${"[".repeat(200)}${"]".repeat(200)}`);
    expect(failures).toEqual([]);
    expect(documents[0]?.used).toBe(false);
  });

  it("a small gzip that unpacks to more than the limit", async () => {
    const bomb = gzipSync(Buffer.alloc(8 * 1024 * 1024, "[ "));
    const { failures } = await readDocuments([documentOf("bomb.gz", bomb)], { limitBytes: 1024 * 1024 });
    expect(failures[0]?.message).toBe(
      "bomb.gz: larger than 1 MiB, which no export of single resources is; give the resources in several files",
    );
  });

  it("a gzip that ends too early", async () => {
    const bytes = gzipSync(JSON.stringify(nsg));
    const { failures } = await readOne(bytes.subarray(0, bytes.length - 12));
    expect(failures[0]?.message).toContain("the gzip data is damaged or cut off");
  });

  it("names that mean something in JavaScript", async () => {
    const text = '{"__proto__": {"polluted": true}, "constructor": {"prototype": {"polluted": true}}}';
    const { documents } = await readOne(text);
    expect(documents[0]?.used).toBe(false);
    expect(({} as { polluted?: boolean }).polluted).toBeUndefined();
  });

  it("a stream that breaks", async () => {
    const set = await readDocuments([
      {
        name: "gone",
        // biome-ignore lint/correctness/useYield: it breaks before the first byte
        async *open() {
          throw Object.assign(new Error("gone"), { code: "EIO" });
        },
      },
    ]);
    expect(set.failures).toMatchObject([{ path: "gone", message: "gone: it could not be read (EIO)" }]);
  });
});
