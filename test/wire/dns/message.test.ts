import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { rcodeName } from "../../../src/wire/dns/codes.ts";
import { decodeMessage } from "../../../src/wire/dns/message.ts";
import { answers, encodeQuery, udpPayloadSize } from "../../../src/wire/dns/query.ts";
import { a, aaaa, cname, flag, type TestMessage, writeMessage } from "../../support/dns-message.ts";

const question = { name: "app.contoso.com", type: 1 };
const opt = { name: "", type: 41, class: 4096, data: new Uint8Array() };

function read(message: TestMessage) {
  const { message: decoded, fault } = decodeMessage(writeMessage(message));
  if (decoded === undefined) throw new Error(`${fault.kind} at ${fault.offset}`);
  return decoded;
}

function faultOf(bytes: Uint8Array): string | undefined {
  return decodeMessage(bytes).fault?.kind;
}

describe("reading messages", () => {
  test("addresses, aliases and everything else, with compressed names", () => {
    const decoded = read({
      id: 0xbeef,
      flags: flag.response | flag.authoritative,
      questions: [question],
      answers: [
        cname([12], ["edge", 16], 300),
        a(["EDGE", 16], "10.0.1.4"),
        aaaa(["edge", 16], "2001:db8:0:0:0:0:0:1"),
        { name: [12], type: 16, data: Uint8Array.of(1, 65) },
      ],
    });
    expect(decoded).toMatchObject({ id: 0xbeef, isResponse: true, authoritative: true, truncated: false });
    expect(decoded.questions).toEqual([{ name: "app.contoso.com", type: 1, class: 1 }]);
    expect(decoded.answers.map(({ name, ttl, data }) => ({ name, ttl, data }))).toEqual([
      { name: "app.contoso.com", ttl: 300, data: { kind: "alias", target: "edge.contoso.com" } },
      { name: "EDGE.contoso.com", ttl: 60, data: { kind: "address", address: "10.0.1.4" } },
      { name: "edge.contoso.com", ttl: 60, data: { kind: "address", address: "2001:db8::1" } },
      { name: "app.contoso.com", ttl: 0, data: { kind: "opaque", length: 2 } },
    ]);
  });

  test.each([
    ["0:0:0:0:0:0:0:0", "::"],
    ["0:0:0:0:0:0:0:1", "::1"],
    ["2001:db8:0:1:1:1:1:1", "2001:db8:0:1:1:1:1:1"],
    ["2001:0:0:1:0:0:0:1", "2001:0:0:1::1"],
    ["2001:db8:0:0:1:0:0:1", "2001:db8::1:0:0:1"],
    ["fe80:0:0:0:0:0:0:0", "fe80::"],
  ])("IPv6 address %s is written %s", (groups, text) => {
    const [record] = read({ id: 1, answers: [aaaa("x", groups)] }).answers;
    expect(record?.data).toEqual({ kind: "address", address: text });
  });

  test("EDNS: payload size, version and the upper bits of the response code", () => {
    const decoded = read({ id: 1, questions: [question], additionals: [{ ...opt, ttl: 0x0100_0000 }] });
    expect(decoded.edns).toEqual({ udpPayloadSize: 4096, version: 0 });
    expect(decoded.additionals).toEqual([]);
    expect(rcodeName(decoded.rcode)).toBe("BADVERS");
  });

  test("a time to live with the top bit set is zero", () => {
    expect(read({ id: 1, answers: [a("x", "10.0.0.1", 0xffff_ffff)] }).answers[0]?.ttl).toBe(0);
  });

  test("an address of another class is not an address", () => {
    const record = { ...a("x", "10.0.0.1"), class: 3 };
    expect(read({ id: 1, answers: [record] }).answers[0]?.data).toEqual({ kind: "opaque", length: 4 });
  });

  test("of a truncated message only the question is read, wherever it was cut", () => {
    const whole = writeMessage({
      id: 7,
      flags: flag.response | flag.truncated,
      questions: [question],
      answers: [a([12], "10.0.0.1"), a([12], "10.0.0.2")],
    });
    const { message } = decodeMessage(whole.subarray(0, whole.length - 7));
    expect(message).toMatchObject({ truncated: true, questions: [{ name: "app.contoso.com" }], answers: [] });
  });

  test("bytes in a name that are no plain characters are escaped", () => {
    const name = ["a.b\\c é\0"];
    expect(read({ id: 1, questions: [{ name, type: 1 }] }).questions[0]?.name).toBe(
      "a\\.b\\\\c\\032\\233\\000",
    );
  });

  test.each([
    [0, "NOERROR"],
    [3, "NXDOMAIN"],
    [5, "REFUSED"],
    [15, "RCODE15"],
    [4000, "RCODE4000"],
  ])("response code %i is %s", (code, name) => {
    expect(rcodeName(code)).toBe(name);
  });
});

describe("faults", () => {
  const good = writeMessage({ id: 1, questions: [question], answers: [a([12], "10.0.0.1")] });

  test("every cut of a good message is a fault", () => {
    for (let length = 0; length < good.length; length += 1) {
      expect(faultOf(good.subarray(0, length))).toBe("short");
    }
    expect(faultOf(good)).toBeUndefined();
  });

  test.each<[string, TestMessage]>([
    ["pointer", { id: 1, questions: [{ name: [12], type: 1 }] }],
    ["pointer", { id: 1, questions: [{ name: [200], type: 1 }] }],
    ["pointer", { id: 1, questions: [{ name: ["a", 12], type: 1 }] }],
    ["data-length", { id: 1, answers: [{ name: "x", type: 1, data: Uint8Array.of(10, 0, 0) }] }],
    ["data-length", { id: 1, answers: [{ name: "x", type: 28, data: Uint8Array.of(10, 0, 0, 1) }] }],
    ["data-length", { id: 1, answers: [{ name: "x", type: 5, data: Uint8Array.of(0, 0) }] }],
    ["opt", { id: 1, answers: [opt] }],
    ["opt", { id: 1, additionals: [opt, opt] }],
    ["opt", { id: 1, additionals: [{ ...opt, name: "x" }] }],
    ["name-too-long", { id: 1, questions: [{ name: Array(5).fill("y".repeat(60)), type: 1 }] }],
  ])("%s (%#)", (kind, message) => {
    expect(faultOf(writeMessage(message))).toBe(kind);
  });

  test("label types that were never assigned", () => {
    const bytes = writeMessage({ id: 1, questions: [question] });
    bytes[12] = 0x43;
    expect(decodeMessage(bytes).fault).toEqual({ kind: "label-type", offset: 12 });
  });

  test("bytes after the end", () => {
    expect(decodeMessage(Uint8Array.from([...good, 0])).fault).toEqual({
      kind: "trailing",
      offset: good.length,
    });
  });

  test("two names that point at each other", () => {
    const data = Uint8Array.of(0xc0, 12);
    const bytes = writeMessage({
      id: 1,
      questions: [{ name: [24], type: 1 }],
      answers: [{ name: "", type: 5, data }],
    });
    expect(faultOf(bytes)).toBe("pointer");
  });

  test("a long chain of pointers is given up", () => {
    // The data of the first record stands at byte 23: a root, then pointers each to the two bytes before it.
    const place = (at: number): number => 23 + at * 2;
    const links = Array.from({ length: 200 }, (_, at) => [0xc0 + (place(at) >> 8), place(at) & 0xff]);
    const bytes = writeMessage({
      id: 1,
      answers: [
        { name: "", type: 16, data: Uint8Array.from([0, 0, ...links.flat()]) },
        { name: [place(200)], type: 16, data: new Uint8Array() },
      ],
    });
    expect(faultOf(bytes)).toBe("pointer");
  });
});

describe("any bytes", () => {
  const header = fc
    .tuple(
      fc.uint8Array({ minLength: 4, maxLength: 4 }),
      fc.array(fc.integer({ min: 0, max: 4 }), { minLength: 4, maxLength: 4 }),
    )
    .map(([start, counts]) => [...start, ...counts.flatMap((count) => [0, count])]);
  const noise = fc
    .tuple(header, fc.uint8Array({ maxLength: 600 }))
    .map(([start, rest]) => Uint8Array.from([...start, ...rest]));
  const good = writeMessage({
    id: 9,
    questions: [question],
    answers: [cname([12], ["edge", 16]), a(["edge", 16], "10.0.0.1"), aaaa("x.y", "1:2:3:4:5:6:7:8")],
    authorities: [{ name: [16], type: 6, data: new Uint8Array(22) }],
    additionals: [opt],
  });

  test("random bytes give a message or a fault inside them", () => {
    fc.assert(
      fc.property(fc.oneof(noise, fc.uint8Array({ maxLength: 200 })), (bytes) => {
        const { message, fault } = decodeMessage(bytes);
        if (message !== undefined) return;
        expect(fault.offset).toBeGreaterThanOrEqual(0);
        expect(fault.offset).toBeLessThanOrEqual(bytes.length);
      }),
      { numRuns: 3000 },
    );
  });

  test("mutated messages give a message or a fault", () => {
    const mutation = fc.record({ at: fc.nat(good.length - 1), byte: fc.nat(255) });
    fc.assert(
      fc.property(fc.array(mutation, { minLength: 1, maxLength: 6 }), fc.nat(good.length), (changes, cut) => {
        const bytes = Uint8Array.from(good);
        for (const { at, byte } of changes) bytes[at] = byte;
        for (const input of [bytes, bytes.subarray(0, cut)]) {
          const { message, fault } = decodeMessage(input);
          expect((message === undefined) !== (fault === undefined)).toBe(true);
        }
      }),
      { numRuns: 3000 },
    );
  });

  test("a message as large as can be, of pointers to a long name, is read in little time", () => {
    const long = { name: Array(4).fill("z".repeat(60)), type: 1 };
    const room = Math.floor((65_535 - 12 - 249) / 12);
    const answers = Array.from({ length: room }, () => ({ name: [12], type: 16, data: new Uint8Array() }));
    expect(read({ id: 1, questions: [long], answers }).answers).toHaveLength(room);
  });
});

describe("queries", () => {
  const label = fc.string({ minLength: 1, maxLength: 20, unit: fc.constantFrom(..."abcXYZ019-_") });
  const name = fc.array(label, { minLength: 1, maxLength: 8 }).map((labels) => labels.join("."));
  const type = fc.constantFrom("A" as const, "AAAA" as const);

  test("what is encoded is read back, and an echo of it with the response bit answers it", () => {
    fc.assert(
      fc.property(fc.nat(0xffff), name, type, (id, queried, kind) => {
        const query = { id, name: queried, type: kind };
        const bytes = encodeQuery(query, "edns");
        if (typeof bytes === "string") throw new Error(bytes);
        const { message } = decodeMessage(bytes);
        expect(message).toMatchObject({
          id,
          isResponse: false,
          recursionDesired: true,
          questions: [{ name: queried, type: kind === "A" ? 1 : 28, class: 1 }],
          edns: { udpPayloadSize, version: 0 },
        });
        if (message === undefined) return;
        expect(answers(query, message)).toBe(false);
        expect(answers(query, { ...message, isResponse: true })).toBe(true);
      }),
    );
  });

  test.each([
    "",
    "a..b",
    `${"l".repeat(64)}.com`,
    Array(5).fill("m".repeat(60)).join("."),
    "bücher.de",
    "a\\256",
  ])("%j cannot be asked", (bad) => {
    expect(encodeQuery({ id: 1, name: bad, type: "A" }, "edns")).toMatch(
      /^(empty|empty-label|label-too-long|name-too-long|not-ascii|bad-escape)$/,
    );
  });

  test("an answer is to the same id, question and class, whatever its case", () => {
    const query = { id: 5, name: "app.contoso.com.", type: "A" } as const;
    const reply = (change: Partial<TestMessage>) =>
      answers(query, read({ id: 5, questions: [{ name: "APP.Contoso.com", type: 1 }], ...change }));
    expect(reply({})).toBe(true);
    expect(reply({ id: 6 })).toBe(false);
    expect(reply({ questions: [{ name: "app.contoso.com", type: 28 }] })).toBe(false);
    expect(reply({ questions: [{ name: "app.contoso.net", type: 1 }] })).toBe(false);
    expect(reply({ questions: [{ name: "app.contoso.com", type: 1, class: 3 }] })).toBe(false);
    expect(reply({ questions: [question, question] })).toBe(false);
    expect(reply({ flags: flag.recursion })).toBe(false);
  });

  test("a failure may leave the question out, success may not", () => {
    const query = { id: 5, name: "app.contoso.com", type: "A" } as const;
    expect(answers(query, read({ id: 5, rcode: 1 }))).toBe(true);
    expect(answers(query, read({ id: 5 }))).toBe(false);
  });
});
