import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { FieldLine } from "../../../src/wire/http1/fields.ts";
import { requestHead, type WriteRefusal } from "../../../src/wire/http1/writer.ts";
import { refusalOf } from "./refusal.ts";
import { read } from "./transcript.ts";

const host: FieldLine = { name: "Host", value: "a" };

describe("a request head", () => {
  test("is written as given", () => {
    const fields = [host, { name: "Accept", value: "*/*" }, { name: "X-Empty", value: "" }];
    expect(requestHead({ method: "GET", target: "/a?b", fields })).toBe(
      "GET /a?b HTTP/1.1\r\nHost: a\r\nAccept: */*\r\nX-Empty: \r\n\r\n",
    );
  });

  const method = (text: string) => ({ method: text, target: "/", fields: [host] });
  const target = (text: string) => ({ method: "GET", target: text, fields: [host] });
  const field = (name: string, value: string) => ({
    method: "GET",
    target: "/",
    fields: [host, { name, value }],
  });
  const framing = (...fields: FieldLine[]) => ({ method: "POST", target: "/", fields: [host, ...fields] });
  const length = (value: string): FieldLine => ({ name: "Content-Length", value });
  const coding = (value: string): FieldLine => ({ name: "Transfer-Encoding", value });

  const refused: readonly (readonly [string, WriteRefusal, Parameters<typeof requestHead>[0]])[] = [
    ["no method", "invalid-method", method("")],
    ["a space in the method", "invalid-method", method("GET /")],
    ["CRLF in the method", "invalid-method", method("GET\r\n")],
    ["no target", "invalid-target", target("")],
    ["a space in the target", "invalid-target", target("/a b")],
    ["CRLF in the target", "invalid-target", target("/ HTTP/1.1\r\nA: b")],
    ["a fragment", "invalid-target", target("/#a")],
    ["a wide character in the target", "invalid-target", target("/\u0120")],
    ["no name", "invalid-field-name", field("", "b")],
    ["a colon in a name", "invalid-field-name", field("A:", "b")],
    ["a space in a name", "invalid-field-name", field("A ", "b")],
    ["CR in a value", "invalid-field-value", field("A", "b\rc")],
    ["LF in a value", "invalid-field-value", field("A", "b\nc")],
    ["NUL in a value", "invalid-field-value", field("A", "b\0")],
    ["a character that is LF when cut to a byte", "invalid-field-value", field("A", "b\u010ac")],
    ["both lengths", "ambiguous-framing", framing(length("1"), coding("chunked"))],
    ["two lengths", "ambiguous-framing", framing(length("1"), length("1"))],
    ["a length that is none", "ambiguous-framing", framing(length("+1"))],
    ["another coding", "ambiguous-framing", framing(coding("gzip"))],
  ];
  test.each(refused)("%s is refused", (_about, kind, request) => {
    expect(refusalOf(() => requestHead(request))).toBe(kind);
  });

  test("a value that is a secret is not repeated in the refusal", () => {
    const write = () => requestHead(field("Authorization", "Basic c2VjcmV0\n"));
    expect(write).toThrow("LF at 14 in field-value");
  });

  test("whatever is written, the strict reader reads back", () => {
    const text = fc.string({ unit: fc.nat(0x120).map((code) => String.fromCharCode(code)), maxLength: 12 });
    fc.assert(
      fc.property(text, text, text, text, (verb, path, name, value) => {
        const fields = [host, { name: `X${name}`, value }];
        const write = () => requestHead({ method: `G${verb}`, target: `/${path}`, fields });
        if (!refusalOf(write).startsWith("written")) return;
        const transcript = read("request", [Buffer.from(write(), "latin1")]);
        expect(transcript.entries).toEqual([`G${verb} /${path} host=a none`, "end"]);
        expect(transcript.heads).toEqual([`Host: a, X${name}: ${value.replace(/^[ \t]+|[ \t]+$/g, "")}`]);
      }),
      { numRuns: 2000 },
    );
  });
});
