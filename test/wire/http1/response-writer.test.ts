import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { FieldLine } from "../../../src/wire/http1/fields.ts";
import {
  connectionLine,
  type RelayedResponse,
  requestFramingLine,
  responseFraming,
} from "../../../src/wire/http1/relayed-framing.ts";
import { continueHead, responseHead, statusLine } from "../../../src/wire/http1/response-writer.ts";
import type { WriteRefusal } from "../../../src/wire/http1/writer.ts";
import { responseOf } from "./heads.ts";
import { refusalOf } from "./refusal.ts";
import { read } from "./transcript.ts";

const length: FieldLine = { name: "content-length", value: "5" };
const coding: FieldLine = { name: "Transfer-Encoding", value: "chunked" };

describe("a response head", () => {
  test("is written as given", () => {
    const fields = [
      { name: "Content-Length", value: "0" },
      { name: "X-Empty", value: "" },
    ];
    expect(responseHead({ status: 404, reason: "Not Found", fields })).toBe(
      "HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\nX-Empty: \r\n\r\n",
    );
    expect(responseHead({ status: 599, reason: "", fields: [] })).toBe("HTTP/1.1 599 \r\n\r\n");
  });

  const ok = (...fields: FieldLine[]) => ({ status: 200, reason: "OK", fields });
  const line = (status: number, reason = "x") => ({ status, reason, fields: [] });
  const refused: readonly (readonly [string, WriteRefusal, Parameters<typeof responseHead>[0]])[] = [
    ["a status of two digits", "invalid-status", line(99)],
    ["a status of four digits", "invalid-status", line(1000)],
    ["a broken status", "invalid-status", line(200.5)],
    ["no status", "invalid-status", line(Number.NaN)],
    ["CRLF in the reason", "invalid-reason", line(200, "OK\r\nA: b")],
    ["NUL in the reason", "invalid-reason", line(200, "OK\0")],
    ["a character that is LF when cut to a byte", "invalid-reason", line(200, "\u010a")],
    ["CRLF in a value", "invalid-field-value", ok({ name: "A", value: "b\r\nc: d" })],
    ["a space in a name", "invalid-field-name", ok({ name: "A b", value: "c" })],
    ["two lengths", "ambiguous-framing", ok(length, length)],
    ["length and chunks", "ambiguous-framing", ok(length, coding)],
    ["a coding that is not chunked", "ambiguous-framing", ok({ ...coding, value: "gzip, chunked" })],
    ["204 with a length", "ambiguous-framing", { status: 204, reason: "", fields: [length] }],
    ["103 with chunks", "ambiguous-framing", { status: 103, reason: "", fields: [coding] }],
  ];
  test.each(refused)("%s is refused", (_about, kind, response) => {
    expect(refusalOf(() => responseHead(response))).toBe(kind);
  });

  test("status lines that were written before are no way around the checks", () => {
    expect(statusLine(299, "Fine")).toBe("HTTP/1.1 299 Fine\r\n");
    expect(refusalOf(() => statusLine(299, "Fine\n"))).toBe("invalid-reason");
    expect(statusLine(299, "Well")).toBe("HTTP/1.1 299 Well\r\n");
    expect(statusLine(299, "Fine")).toBe("HTTP/1.1 299 Fine\r\n");
    const long = "x".repeat(300);
    expect([statusLine(299, long), statusLine(299, "")]).toEqual([
      `HTTP/1.1 299 ${long}\r\n`,
      "HTTP/1.1 299 \r\n",
    ]);
  });

  test("whatever is written, the strict reader reads back", () => {
    const text = fc.string({ unit: fc.nat(0x120).map((code) => String.fromCharCode(code)), maxLength: 12 });
    fc.assert(
      fc.property(fc.integer({ min: 200, max: 999 }), text, text, text, (status, reason, name, value) => {
        fc.pre(status !== 204 && status !== 304);
        const fields = [{ name: `X${name}`, value }, length];
        const write = () => responseHead({ status, reason, fields });
        if (!refusalOf(write).startsWith("written")) return;
        const transcript = read("response", [Buffer.from(`${write()}hello`, "latin1")]);
        expect(transcript.entries).toEqual([`${status} length=5`, "data hello", "end"]);
        expect(transcript.heads).toEqual([
          `X${name}: ${value.replace(/^[ \t]+|[ \t]+$/g, "")}, content-length: 5`,
        ]);
      }),
      { numRuns: 1000 },
    );
  });

  test("100 is an interim response", () => {
    expect(responseOf(continueHead)).toMatchObject({ status: 100, body: "none" });
  });
});

describe("the framing of what is passed on", () => {
  const chunks = "Transfer-Encoding: chunked\r\n";
  const rows: readonly (readonly [RelayedResponse, string, string, string])[] = [
    [{ status: 200, body: "length", contentLength: 5 }, "length", "Content-Length: 5\r\n", "length"],
    [{ status: 200, body: "length", contentLength: 0 }, "length", "Content-Length: 0\r\n", "length"],
    [{ status: 200, body: "chunked", contentLength: undefined }, "chunked", chunks, "until-close"],
    [{ status: 200, body: "until-close", contentLength: undefined }, "chunked", chunks, "until-close"],
    [{ status: 200, body: "none", contentLength: 7 }, "none", "Content-Length: 7\r\n", "none"],
    [{ status: 200, body: "none", contentLength: undefined }, "none", "", "none"],
    [{ status: 304, body: "none", contentLength: 7 }, "none", "Content-Length: 7\r\n", "none"],
    [{ status: 204, body: "none", contentLength: 0 }, "none", "", "none"],
    [{ status: 204, body: "none", contentLength: 7 }, "none", "", "none"],
    [{ status: 103, body: "none", contentLength: 0 }, "none", "", "none"],
    [{ status: 101, body: "tunnel", contentLength: undefined }, "none", "", "none"],
    [{ status: 200, body: "tunnel", contentLength: 5 }, "none", "", "none"],
  ];
  test.each(rows)("%j", (head, body, line, body10) => {
    expect(responseFraming(head, 1)).toEqual({ line, body });
    expect(responseFraming(head, 0)).toEqual({ line: body10 === "until-close" ? "" : line, body: body10 });
  });

  test("of requests", () => {
    expect(requestFramingLine("chunked", undefined)).toBe(chunks);
    expect(requestFramingLine("length", 9_007_199_254_740_991)).toBe("Content-Length: 9007199254740991\r\n");
    expect(requestFramingLine("none", 0)).toBe("Content-Length: 0\r\n");
    expect(requestFramingLine("none", undefined)).toBe("");
  });

  test("the life of the connection", () => {
    expect([connectionLine(true, 1), connectionLine(true, 0)]).toEqual(["", "Connection: keep-alive\r\n"]);
    expect([connectionLine(false, 1), connectionLine(false, 0)]).toEqual([
      "Connection: close\r\n",
      "Connection: close\r\n",
    ]);
  });
});
