import { describe, expect, test } from "vitest";
import { FAULT_KINDS } from "../../../src/wire/http1/fault.ts";
import { chunkedCases } from "./cases/chunked.ts";
import { requestBodyCases, transferEncodingCases } from "./cases/request-bodies.ts";
import { requestLineCases } from "./cases/request-lines.ts";
import { responseCases } from "./cases/responses.ts";
import { disagreements } from "./corpus/disagreements.ts";
import { requestCorpus } from "./corpus/requests.ts";
import { responseCorpus } from "./corpus/responses.ts";
import { bytesOf, expectedOf, read, type Subject, type WireCase } from "./transcript.ts";

const groups: readonly (readonly [name: string, subject: Subject, cases: readonly WireCase[]])[] = [
  ["request lines", "request", requestLineCases],
  ["request bodies", "request", requestBodyCases],
  ["spellings of Transfer-Encoding", "request", transferEncodingCases],
  ["chunked coding", "response", chunkedCases],
  ["responses", "response", responseCases],
  ["the corpus of requests", "request", requestCorpus],
  ["requests that others disagree on", "request", disagreements],
  ["the corpus of responses", "response", responseCorpus],
];

const everyCase = groups.flatMap(([, subject, cases]) => cases.map((wireCase) => ({ subject, wireCase })));

describe.each(groups)("%s", (_name, subject, cases) => {
  test.each(cases)("$about", (wireCase) => {
    const { message } = bytesOf(wireCase);
    const expected = expectedOf(wireCase).join(" | ");
    expect(read(subject, [message], wireCase).entries.join(" | ")).toBe(expected);
  });
});

describe("however the bytes are cut", () => {
  test.each(groups)("%s: two chunks, cut anywhere", (_name, subject, cases) => {
    for (const wireCase of cases) {
      const { message } = bytesOf(wireCase);
      const whole = read(subject, [message], wireCase);
      for (let cut = 0; cut <= message.length; cut++) {
        const halves = read(subject, [message.subarray(0, cut), message.subarray(cut)], wireCase);
        expect(halves, `${wireCase.about}, cut at ${cut}`).toEqual(whole);
      }
    }
  });

  test.each(groups)("%s: byte by byte", (_name, subject, cases) => {
    for (const wireCase of cases) {
      const { message } = bytesOf(wireCase);
      const bytes = Array.from(message, (byte) => Buffer.of(byte));
      expect(read(subject, bytes, wireCase), wireCase.about).toEqual(read(subject, [message], wireCase));
    }
  });

  test("a message cut short anywhere tells a beginning of what the whole tells, and then that it is cut", () => {
    for (const { subject, wireCase } of everyCase) {
      const { message } = bytesOf(wireCase);
      const whole = read(subject, [message], { ...wireCase, open: true }).entries.join(" | ");
      const ended = whole.includes("end") || whole.includes("fault") || whole.includes("until-close");
      if (!ended) continue;
      for (let length = 0; length < message.length; length++) {
        const cut = read(subject, [message.subarray(0, length)], { ...wireCase, open: false }).entries;
        const last = cut.at(-1) ?? "";
        const told = `${wireCase.about}, cut at ${length}: ${cut.join(" | ")}`;
        if (last === `fault truncated@${length}`) cut.pop();
        else if (subject === "request" && cut.length === 0) expect(length, told).toBeLessThanOrEqual(2);
        else expect(last, told).toMatch(/^(end|extra|fault)/);
        const before = cut.join(" | ").replace(/( \| end)?( \| extra \d+)?$/, "");
        expect(whole.startsWith(before), told).toBe(true);
      }
    }
  });
});

test("every kind of fault has a case", () => {
  const told = everyCase.flatMap(({ wireCase }) =>
    expectedOf(wireCase).map((entry) => /^fault (.+)@/.exec(entry)?.[1]),
  );
  expect(FAULT_KINDS.filter((kind) => !told.includes(kind))).toEqual([]);
  expect(everyCase.length).toBeGreaterThan(520);
});
