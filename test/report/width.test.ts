import { describe, expect, test } from "vitest";
import { wrapped } from "../../src/report/text/width.ts";

describe("lines", () => {
  test("end between words", () => {
    expect(wrapped("what the gateway sends", 11)).toEqual(["what the", "gateway", "sends"]);
  });

  test.each([
    ["waits up to 70 s for it", 13, ["waits up to", "70 s for it"]],
    ["answers on port 5000 only", 15, ["answers on", "port 5000 only"]],
    ["larger than 256 MiB", 15, ["larger than", "256 MiB"]],
  ])("keep a number and what it counts together: %s", (text, columns, lines) => {
    expect(wrapped(text, columns)).toEqual(lines);
  });

  test("break a word that is longer than the line behind a slash", () => {
    expect(wrapped("gateway.json#/probes/3/match", 24)).toEqual(["gateway.json#/probes/3/", "match"]);
  });
});
