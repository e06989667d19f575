import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { EndToEnd, upgradeLines } from "../../../src/wire/http1/hop-by-hop.ts";
import { keepAliveTimeoutS } from "../../../src/wire/http1/keep-alive-hint.ts";
import { fieldsOf, requestOf, responseOf } from "./heads.ts";

const kept = new EndToEnd();

function passedOn(...lines: readonly string[]): string[] {
  kept.read(fieldsOf(...lines));
  return kept.lines().split("\r\n").slice(0, -1);
}

describe("fields that go on", () => {
  const rows: readonly (readonly [string, readonly string[], readonly string[]])[] = [
    ["all, where none is of the hop", ["A: b", "C: d"], ["A: b", "C: d"]],
    ["none at all", [], []],
    ["none but those of the hop", ["Connection: close"], []],
    [
      "not those that RFC 9110 names",
      ["A: b", "Connection: close", "Keep-Alive: timeout=5", "C: d"],
      ["A: b", "C: d"],
    ],
    [
      "not those of proxies of old",
      ["proxy-connection: keep-alive", "A: b", "TE: trailers", "Upgrade: x"],
      ["A: b"],
    ],
    ["not those of framing", ["Content-Length: 0", "A: b"], ["A: b"]],
    ["nor chunks", ["A: b", "TRANSFER-ENCODING: chunked"], ["A: b"]],
    ["not those that Connection names", ["X-Hop: 1", "A: b", "x-hop: 2", "Connection: X-Hop"], ["A: b"]],
    [
      "named on several lines",
      ["Connection: keep-alive, X-Hop", "X-Hop: 1", "A: b", "Y-Hop: 2", "connection: close,,Y-Hop ,"],
      ["A: b"],
    ],
    ["a name that is only the beginning", ["Connection: X", "X-Hop: 1"], ["X-Hop: 1"]],
    ["Host, whatever Connection names", ["Connection: Host, A", "Host: a", "A: b"], ["Host: a"]],
    [
      "Trailer and Proxy-Authenticate, which are end to end",
      ["Trailer: x", "Proxy-Authenticate: Basic"],
      ["Trailer: x", "Proxy-Authenticate: Basic"],
    ],
    [
      "names of the same length",
      ["Contentslength: 1", "Ke: 1", "Upgrada: x"],
      ["Contentslength: 1", "Ke: 1", "Upgrada: x"],
    ],
    [
      "blanks are written anew",
      ["A:b", "B: \t c \t", "C:", "D:\te", "E: f"],
      ["A: b", "B: c", "C: ", "D: e", "E: f"],
    ],
  ];
  test.each(rows)("%s", (_about, lines, expected) => {
    expect(passedOn(...lines)).toEqual(expected);
  });

  test("more lines may be taken away", () => {
    const fields = fieldsOf("A: b", "Cookie: c", "D: e", "cookie: f");
    kept.read(fields);
    kept.dropNamed("cookie");
    kept.drop(0);
    expect(kept.lines()).toBe("D: e\r\n");
    expect([0, 1, 2, 3].map((index) => kept.drops(index))).toEqual([true, true, false, true]);
  });

  test("nothing is left of the head before", () => {
    passedOn("Connection: A", "A: b", "C: d");
    expect(passedOn("C: d", "A: b", "E: f")).toEqual(["C: d", "A: b", "E: f"]);
  });

  test("more fields than ever before", () => {
    const lines = Array.from({ length: 200 }, (_, index) => (index % 2 === 0 ? `A${index}: b` : "TE: x"));
    expect(passedOn(...lines)).toEqual(lines.filter((line) => line !== "TE: x"));
  });

  test("are those that a slow and plain reckoning keeps", () => {
    const name = fc.constantFrom("A", "Bc", "TE", "Upgrade", "Keep-Alive", "Connection", "Xx-Hop-Yyyyyyyy");
    const value = fc.constantFrom("", "A", "Bc, close", "xx-hop-yyyyyyyy", "keep-alive");
    const pad = fc.constantFrom(" ", "", "\t", "  ");
    fc.assert(
      fc.property(fc.array(fc.tuple(name, pad, value, pad), { maxLength: 9 }), (lines) => {
        const options = lines
          .filter(([one]) => one === "Connection")
          .flatMap(([, , text]) => text.toLowerCase().split(", "));
        const dropped = new Set([...options, "te", "upgrade", "keep-alive", "connection"]);
        const expected = lines
          .filter(([one]) => !dropped.has(one.toLowerCase()))
          .map(([one, , text]) => `${one}: ${text}`);
        expect(
          passedOn(...lines.map(([one, before, text, behind]) => `${one}:${before}${text}${behind}`)),
        ).toEqual(expected);
      }),
    );
  });

  test("are the same however the bytes of the head were cut", () => {
    const text = "HTTP/1.1 200 OK\r\nA: b\r\nKeep-Alive: x\r\nC:d\r\nE: f \r\nConnection: A\r\nG:\r\n\r\n";
    for (let cut = 0; cut < text.length; cut++) {
      kept.read(responseOf(text, cut).fields);
      expect(kept.lines(), `cut at ${cut}`).toBe("C: d\r\nE: f\r\nG: \r\n");
    }
    const plain = "HTTP/1.1 200 OK\r\nA: b\r\nTE: x\r\nC: d\r\n\r\n";
    for (let cut = 0; cut < plain.length; cut++) {
      kept.read(responseOf(plain, cut).fields);
      expect(kept.lines(), `cut at ${cut}`).toBe("A: b\r\nC: d\r\n");
    }
  });

  test("a flood of options takes away nothing but what it names", () => {
    const flood = Array.from({ length: 16_000 }, (_, index) => index.toString(36))
      .join(",")
      .slice(0, 32_000);
    const fields = Array.from({ length: 190 }, (_, index) => `X-${index}: y`);
    expect(passedOn(`Connection: ${flood}`, ...fields)).toEqual(fields);
  });
});

describe("an upgrade", () => {
  const rows: readonly (readonly [string, readonly string[], string | undefined])[] = [
    ["is asked for anew", ["upgrade: websocket"], "websocket"],
    ["of a version", ["Upgrade: Example/2"], "Example/2"],
    ["of none", ["A: b"], undefined],
    ["without a protocol", ["Upgrade:"], undefined],
    ["of several", ["Upgrade: websocket, x"], undefined],
    ["on several lines", ["Upgrade: websocket", "Upgrade: x"], undefined],
    ["to HTTP/2, past the gateway", ["Upgrade: h2c"], undefined],
    ["to HTTP/2, otherwise spelt", ["Upgrade: H2C/1"], undefined],
  ];
  test.each(rows)("%s", (_about, lines, protocol) => {
    expect(upgradeLines(fieldsOf(...lines))).toBe(
      protocol === undefined ? undefined : `Connection: Upgrade\r\nUpgrade: ${protocol}\r\n`,
    );
  });

  test("is read as one where it arrives", () => {
    const lines = upgradeLines(fieldsOf("Upgrade: websocket"));
    expect(requestOf(`GET / HTTP/1.1\r\nHost: a\r\n${lines}\r\n`).upgrade).toBe(true);
  });
});

test.each([
  [["Keep-Alive: timeout=5"], 5],
  [["keep-alive: max=100, Timeout=15"], 15],
  [["Keep-Alive: timeout=0"], 0],
  [["Keep-Alive: timeout=60", "Keep-Alive: timeout=5 , timeout=7"], 5],
  [["Keep-Alive: timeout=x, timeout=9"], 9],
  [["Keep-Alive: timeout="], undefined],
  [["Keep-Alive: timeout=-1"], undefined],
  [["Keep-Alive: timeout=1.5"], undefined],
  [["Keep-Alive: timeout=9999999999"], undefined],
  [["Keep-Alive: xtimeout=5"], undefined],
  [["Connection: keep-alive"], undefined],
  [[], undefined],
] as const)("the hint of %j", (lines, seconds) => {
  expect(keepAliveTimeoutS(fieldsOf(...lines))).toBe(seconds);
});
