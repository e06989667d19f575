import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { readFiles } from "../../../src/documents/files.ts";
import { recordingLine } from "../../../src/documents/observations/recording.ts";
import { readDocuments } from "../../../src/documents/read-documents.ts";
import type { ProbeObservation } from "../../../src/model/probe-observation.ts";
import { inPieces, input, nsg, read, readOne } from "../support.ts";
import { head, observation, recording, startedAtMs } from "./composed.ts";
import { randomObservation } from "./random-observation.ts";

const at = (offsetMs: number): ProbeObservation => observation({ startedAtMs: startedAtMs + offsetMs });
const three = [at(0), at(1000), at(2000)];

/** The line of an observation in which the value at a path is another; undefined = taken out. */
function changed(path: string, value: unknown): string {
  const line = JSON.parse(recordingLine(at(0))) as Record<string, unknown>;
  const keys = path.split("/");
  const last = keys.pop() as string;
  let holder = line;
  for (const key of keys) holder = holder[key] as Record<string, unknown>;
  if (value === undefined) delete holder[last];
  else holder[last] = value;
  return `${JSON.stringify(line)}\n`;
}

describe("a recording", () => {
  it.each([
    ["as written", recording(...three)],
    ["with Windows line ends and empty lines", recording(...three).replaceAll("\n", "\r\n\r\n")],
    ["packed", gzipSync(recording(...three))],
    ["UTF-16", Buffer.from(`\uFEFF${recording(...three)}`, "utf16le")],
    ["without the last line end", recording(...three).trimEnd()],
    ["with spaces in the head", recording(...three).replaceAll('","', '" , "')],
  ])("%s", async (_name, content) => {
    const { observations, documents, failures } = await readOne(content);
    expect(failures).toEqual([]);
    expect(observations.live.map(({ observation }) => observation)).toEqual(three);
    expect(documents).toEqual([
      {
        path: "one.json",
        kind: "live observations",
        used: true,
        note: "read: 3 live observations; sent from 2026-06-01T08:00:00.000Z to 2026-06-01T08:00:02.000Z by causeway/0.1.0",
      },
    ]);
  });

  it("points at the lines", async () => {
    const { observations } = await readOne(recording(...three));
    expect(observations.live.map(({ source }) => [source.document, source.pointer])).toEqual([
      ["one.json", "line 2"],
      ["one.json", "line 3"],
      ["one.json", "line 4"],
    ]);
  });

  it("is found in a folder, as a file and on standard input", async () => {
    const folder = await mkdtemp(join(tmpdir(), "causeway-recording-"));
    try {
      await writeFile(join(folder, "nsg.json"), JSON.stringify(nsg));
      await writeFile(join(folder, "seen.txt"), recording(at(0)));
      const stdin = input("-", recording(at(500))).open();
      const set = await readFiles([folder, "-"], stdin);
      expect(set.failures).toEqual([]);
      expect(set.records).toHaveLength(1);
      expect(set.observations.live.map(({ source }) => source.document)).toEqual([
        join(folder, "seen.txt"),
        "-",
      ]);
    } finally {
      await rm(folder, { recursive: true });
    }
  });

  it("cut anywhere into pieces reads the same", async () => {
    const bytes = Buffer.from(recording(...three));
    for (const size of [1, 7, 100, 1024]) {
      const { observations, failures } = await readDocuments([inPieces("x", bytes, size)]);
      expect(failures).toEqual([]);
      expect(observations.live.map(({ observation }) => observation)).toEqual(three);
    }
  });

  it("without an exchange says so", async () => {
    const { documents, failures } = await readOne(head);
    expect(failures).toEqual([]);
    expect(documents).toMatchObject([{ kind: "live observations", used: false }]);
    expect(documents[0]?.note).toContain("without a single exchange");
  });

  it("lines of one without its head are told from unknown JSON", async () => {
    const { observations, documents } = await readOne(recordingLine(at(0)) + recordingLine(at(1)));
    expect(observations.live).toEqual([]);
    expect(documents).toMatchObject([{ kind: "live observations", used: false }]);
    expect(documents[0]?.note).toContain("give the whole recording");
  });
});

describe("docs/recording.md", () => {
  it("shows a recording", async () => {
    const page = await readFile(new URL("../../../docs/recording.md", import.meta.url), "utf8");
    const example = /```json\n(.*?)```/s.exec(page)?.[1] ?? "";
    const { observations, failures } = await readOne(example);
    expect(failures).toEqual([]);
    expect(observations.live).toHaveLength(1);
    expect(head + recordingLine(observations.live[0]?.observation as ProbeObservation)).toBe(example);
  });
});

describe("several recordings", () => {
  it("are read in the order in which was sent, whatever their names", async () => {
    const { observations } = await read({
      "a.ndjson": recording(at(2000), at(4000)),
      "b.ndjson": recording(at(1000), at(3000)),
    });
    expect(observations.live.map(({ observation }) => observation.startedAtMs - startedAtMs)).toEqual([
      1000, 2000, 3000, 4000,
    ]);
  });

  it("one behind another in one file are one", async () => {
    const { observations, failures } = await readOne(recording(at(1000)) + recording(at(0)));
    expect(failures).toEqual([]);
    expect(observations.live.map(({ source }) => source.pointer)).toEqual(["line 4", "line 2"]);
  });

  it("count an exchange once; two at the same moment are two", async () => {
    const other = observation({ fromAddress: "10.0.9.9" });
    const { observations, documents } = await read({
      "a.ndjson": recording(at(0), other),
      "b.ndjson": recording(other, at(1000), at(0)),
    });
    expect(observations.live.map(({ source }) => `${source.document} ${source.pointer}`)).toEqual([
      "a.ndjson line 2",
      "a.ndjson line 3",
      "b.ndjson line 3",
    ]);
    expect(documents[1]?.note).toContain("2 of them were recorded elsewhere, too, and count once");
  });
});

describe("what is wrong in a recording", () => {
  it.each([
    ["startedAtMs", undefined, "/startedAtMs is missing", "a number from 0 to 8640000000000000"],
    ["startedAtMs", null, "/startedAtMs is null", "a number from 0 to 8640000000000000"],
    ["sent", undefined, "/sent is missing", "an object"],
    ["sent/port", 65536, "/sent/port is 65536", "a whole number from 0 to 65535"],
    ["sent/port", "80", '/sent/port is "80"', "a whole number from 0 to 65535"],
    ["sent/purpose", "other", '/sent/purpose is "other"', "one of probe, request"],
    ["sent/purpose", "constructor", '/sent/purpose is "constructor"', "one of probe, request"],
    ["sent/target", "x".repeat(256), "/sent/target is", "text of at most 255 characters"],
    [
      "sent/clientFields",
      Array(101).fill("a"),
      "/sent/clientFields is a list of 101",
      "a list of at most 100",
    ],
    ["sent/clientFields", [1], "/sent/clientFields/0 is 1", "text of at most 64 characters"],
    ["sent/manner/proxyHeader", 1, "/sent/manner/proxyHeader is 1", "true or false"],
    [
      "sent/manner/viaSocks",
      true,
      "/sent/manner/viaSocks is true",
      "no field that this version does not know",
    ],
    ["tcp", [], "/tcp is a list of 0", "an object"],
    ["tcp/errno", {}, "/tcp/errno is an object", "text of at most 64 characters"],
    ["http/bodyBase64", "QQ==", '/http/bodyBase64 is "QQ=="', "no field that this version does not know"],
    ["http/firstBytesBase64", "QQ=", '/http/firstBytesBase64 is "QQ="', "base64 of at most 64 bytes"],
    ["http/firstBytesBase64", "A".repeat(92), "/http/firstBytesBase64 is", "base64 of at most 64 bytes"],
    ["tls", chainOf(33), "/tls/chain is a list of 33", "a list of at most 32"],
  ])("%s: %j", async (path, value, reason, expected) => {
    const { observations, failures, documents } = await readOne(
      head + recordingLine(at(0)) + changed(path, value) + recordingLine(at(2000)),
    );
    expect(failures).toMatchObject([{ path: "one.json", line: 3, column: 1, expected }]);
    expect(failures[0]?.message).toContain(`one.json:3:1: ${reason}`);
    expect(failures[0]?.message).toContain("the other lines were read");
    expect(observations.live).toHaveLength(2);
    expect(documents[0]?.note).toContain("1 line could not be read");
  });

  it("a line that is no JSON, with its column", async () => {
    const { observations, failures } = await readOne(`${head}{"startedAtMs":,}\n${recordingLine(at(0))}`);
    expect(failures).toMatchObject([{ line: 2, column: 16 }]);
    expect(observations.live).toHaveLength(1);
  });

  it("two exchanges on one line, a bare value, a list", async () => {
    const twice = recordingLine(at(0)).trimEnd() + recordingLine(at(1));
    const { failures } = await readOne(`${head}${twice}12\n[]\n`);
    expect(failures.map(({ line, expected }) => [line, expected])).toEqual([
      [2, "one object a line"],
      [3, "an object"],
      [4, "an object"],
    ]);
  });

  it("a head that is damaged costs no exchange", async () => {
    const { observations, failures } = await readOne(
      head.replace("2026-06-01T08", "yesterday") + recordingLine(at(0)),
    );
    expect(failures).toMatchObject([{ line: 1, expected: "a time such as 2026-06-01T00:00:00.000Z" }]);
    expect(observations.live).toHaveLength(1);
  });

  it("many bad lines are counted", async () => {
    const { failures, documents } = await readOne(head + "{}\nnonsense\n".repeat(50) + recordingLine(at(0)));
    expect(failures).toHaveLength(11);
    expect(failures.at(-1)?.message).toContain("90 more lines could not be read");
    expect(documents[0]?.note).toContain("100 lines could not be read");
  });

  it.each([1, 40, 200])("a last line cut off after %i characters: the rest counts", async (length) => {
    const { observations, failures, documents } = await readOne(
      recording(...three) + recordingLine(at(9)).slice(0, length),
    );
    expect(observations.live).toHaveLength(3);
    expect(failures).toMatchObject([{ expected: "a complete recording" }]);
    expect(failures[0]?.message).toBe(
      "one.json: line 5 is cut off: the recording was ended while it was written. What stands before it was read",
    );
    expect(documents[0]).toMatchObject({ used: true });
  });

  it("a head that is cut off is one of a recording all the same", async () => {
    const { failures, documents } = await readOne(head.slice(0, 60));
    expect(failures[0]?.message).toContain("line 1 is cut off");
    expect(documents).toMatchObject([{ kind: "live observations", used: false }]);
  });

  it.each(["v2", "v10", "v1.1", "vX"])("the format %s is refused", async (version) => {
    const text = recording(at(0)).replace("observations/v1", `observations/${version}`);
    const { observations, failures, documents } = await readOne(text);
    expect(observations.live).toEqual([]);
    expect(failures).toMatchObject([{ line: 1, column: 1, expected: '"causeway/observations/v1"' }]);
    expect(failures[0]?.message).toContain(`"causeway/observations/${version}"`);
    expect(documents).toMatchObject([{ kind: "unreadable", used: false }]);
  });

  it("a newer recording behind an older one costs its head, and what that version does not know", async () => {
    const newer = head.replace("observations/v1", "observations/v2");
    const { observations, failures } = await readOne(recording(at(0)) + newer);
    expect(failures).toMatchObject([{ line: 3, expected: '"causeway/observations/v1"' }]);
    expect(observations.live).toHaveLength(1);
  });

  it("packed data that is cut off: what came before counts", async () => {
    const lines = Array.from({ length: 3000 }, (_, index) => at(index * 7919));
    const packed = gzipSync(recording(...lines), { level: 0 });
    const { observations, failures } = await readOne(packed.subarray(0, packed.length / 2));
    expect(observations.live.length).toBeGreaterThan(1000);
    expect(observations.live.length).toBeLessThan(3000);
    expect(failures).toHaveLength(1);
    expect(failures[0]?.message).toContain("the gzip data is damaged or cut off");
  });

  it("secrets that somebody wrote into one are withheld when it is read", async () => {
    const line = changed("http/headers", [{ name: "Set-Cookie", value: "id=1" }]);
    const { observations } = await readOne(head + line);
    expect(observations.live[0]?.observation.http?.headers).toEqual([
      { name: "Set-Cookie", value: "(withheld)" },
    ]);
  });
});

describe("bounds", () => {
  it("a line longer than 1 MiB costs that line", async () => {
    const { observations, failures } = await readOne(
      `${head}{"a":"${"x".repeat(1024 * 1024)}"}\n${recordingLine(at(0))}`,
    );
    expect(failures).toMatchObject([{ line: 2, expected: "a line of at most 1 MiB" }]);
    expect(observations.live).toMatchObject([{ source: { pointer: "line 3" } }]);
  });

  it("of nesting", async () => {
    const deep = "[".repeat(400_000);
    const { observations, failures } = await readOne(
      `${head}${deep}${"]".repeat(400_000)}\n${deep}\n${recordingLine(at(0))}`,
    );
    expect(failures.map(({ line }) => line)).toEqual([2, 3]);
    expect(observations.live).toHaveLength(1);
  });

  it("of lines", async () => {
    const { observations, failures } = await readOne(
      recording(at(0)) + "\n".repeat(200_000) + recordingLine(at(1)),
    );
    expect(observations.live).toHaveLength(1);
    expect(failures[0]?.message).toContain("more than 200000 lines");
  });

  it("of bytes", async () => {
    const bytes = Buffer.from(recording(...Array.from({ length: 3000 }, (_, index) => at(index))));
    const { observations, failures } = await readDocuments([inPieces("x", bytes, 4096)], {
      limitBytes: 1024 * 1024,
    });
    expect(observations.live.length).toBeGreaterThan(500);
    expect(observations.live.length).toBeLessThan(3000);
    expect(failures).toMatchObject([{ expected: "a complete recording" }]);
    expect(failures[0]?.message).toContain("larger than 1 MiB");
  });
});

describe("damage", () => {
  it("at any place never ends reading", async () => {
    const damage = fc.array(fc.tuple(fc.nat(), fc.integer({ min: 0, max: 255 })), {
      minLength: 1,
      maxLength: 8,
    });
    await fc.assert(
      fc.asyncProperty(fc.array(randomObservation, { maxLength: 3 }), damage, async (seen, changes) => {
        const bytes = Buffer.from(recording(...seen));
        for (const [place, byte] of changes) bytes[place % bytes.length] = byte;
        const { documents, observations, failures } = await readDocuments([input("x", bytes)]);
        expect(documents).toHaveLength(1);
        expect(documents[0]?.note).not.toBe("");
        expect(observations.live.length).toBeLessThanOrEqual(seen.length);
        for (const { message } of failures) expect(message).toMatch(/^x/);
      }),
      { numRuns: 1000 },
    );
  });

  it("cut off at any place gives the lines before", async () => {
    const text = recording(...three);
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 60, max: text.length }), async (length) => {
        const { observations } = await readOne(text.slice(0, length));
        const whole = text.slice(0, length).split("\n").length - 2;
        const atEnd = text.charAt(length) === "\n" ? 1 : 0;
        expect(observations.live).toHaveLength(Math.max(0, whole + (whole < 0 ? 0 : atEnd)));
      }),
      { numRuns: 200 },
    );
  });
});

function chainOf(count: number): object {
  return {
    outcome: "established",
    warnings: [],
    chain: Array.from({ length: count }, () => ({ derBase64: "AAAA" })),
    clientCertificateRequested: false,
    messages: [],
    tookMs: 1,
  };
}
