import { mkdtemp, readFile, rename, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, test, vi } from "vitest";
import { LineWriter } from "../../../src/gateway/log/line-writer.ts";
import { LogFile } from "../../../src/gateway/log/log-file.ts";

describe("lines are written in batches", () => {
  test("in order, one batch at a time, none lost", async () => {
    const batches: string[] = [];
    let open = 0;
    const sink = async (batch: Buffer) => {
      open += 1;
      expect(open).toBe(1);
      await new Promise((resolve) => setImmediate(resolve));
      batches.push(batch.toString());
      open -= 1;
    };
    const writer = new LineWriter({ sink, onLoss: () => {}, batchBytes: 100 });
    const lines = Array.from({ length: 50 }, (_, at) => `line ${at}\n`);
    for (const line of lines) writer.write([line]);
    await writer.flush();
    expect(batches.join("")).toBe(lines.join(""));
    expect(batches.length).toBeLessThan(10);
    expect(writer.linesLost).toBe(0);
  });

  test("a flush of nothing changes nothing", async () => {
    const sink = vi.fn(async () => {});
    const writer = new LineWriter({ sink, onLoss: () => {} });
    await writer.flush();
    expect(sink).not.toHaveBeenCalled();
    writer.write(["one", "\n"]);
    await writer.flush();
    expect(sink).toHaveBeenCalledOnce();
  });

  test("lines of any length come out as they went in, whatever comes while they are written", async () => {
    const written: string[] = [];
    const given: string[] = [];
    const writer = new LineWriter({
      sink: async (batch) => {
        await new Promise((resolve) => setTimeout(resolve, 1));
        written.push(batch.toString("latin1"));
      },
      onLoss: () => {},
      mostWaitingBytes: 64 * 1024 * 1024,
    });
    for (let turn = 0; turn < 400; turn++) {
      const parts = [
        `${turn} `,
        "x".repeat((turn * 977) % 9_000),
        turn % 100 === 0 ? "y".repeat(300_000) : "",
        "\n",
      ];
      given.push(parts.join(""));
      writer.write(parts);
      if (turn % 50 === 0) await new Promise((resolve) => setTimeout(resolve, 2));
    }
    await writer.flush();
    expect(written.join("") === given.join("")).toBe(true);
    expect(writer.linesLost).toBe(0);
  });

  test("a line alone is written after a while", async () => {
    vi.useFakeTimers();
    try {
      const sink = vi.fn(async () => {});
      const writer = new LineWriter({ sink, onLoss: () => {} });
      writer.write(["one\n"]);
      await vi.advanceTimersByTimeAsync(199);
      expect(sink).not.toHaveBeenCalled();
      await vi.advanceTimersByTimeAsync(1);
      expect(sink).toHaveBeenCalledOnce();
    } finally {
      vi.useRealTimers();
    }
  });

  test("what a slow disk cannot keep up with is counted, and told once", async () => {
    const held: (() => void)[] = [];
    const sink = () => new Promise<void>((resolve) => held.push(resolve));
    const onLoss = vi.fn();
    const writer = new LineWriter({ sink, onLoss, batchBytes: 10, mostWaitingBytes: 40 });
    for (let i = 0; i < 20; i++) writer.write(["123456789\n"]);
    expect(writer.linesLost).toBe(16);
    expect(onLoss).toHaveBeenCalledExactlyOnceWith("full", undefined);
    const flushed = writer.flush();
    while (held.length > 0) {
      held.shift()?.();
      await new Promise((resolve) => setImmediate(resolve));
    }
    await flushed;
    writer.write(["again\n"]);
    const last = writer.flush();
    held.shift()?.();
    await last;
    expect(writer.linesLost).toBe(16);
  });

  test("a disk that refuses costs the batch and no more", async () => {
    const sink = vi.fn().mockRejectedValueOnce(new Error("ENOSPC")).mockResolvedValue(undefined);
    const onLoss = vi.fn();
    const writer = new LineWriter({ sink, onLoss });
    writer.write(["a\n"]);
    writer.write(["b\n"]);
    await writer.flush();
    writer.write(["c\n"]);
    await writer.flush();
    expect(writer.linesLost).toBe(2);
    expect(onLoss).toHaveBeenCalledExactlyOnceWith("error", expect.any(Error));
    expect(sink).toHaveBeenCalledTimes(2);
  });
});

test("a log file is appended to, opened anew after it was moved, and private", async () => {
  const folder = await mkdtemp(join(tmpdir(), "causeway-log-"));
  try {
    const path = join(folder, "access.log");
    const first = await LogFile.open(path);
    await first.write(Buffer.from("one\n"));
    await first.close();
    const file = await LogFile.open(path);
    await file.write(Buffer.from("two\n"));
    await rename(path, `${path}.1`);
    await file.reopen();
    await file.write(Buffer.from("three\n"));
    await file.close();
    expect(await readFile(`${path}.1`, "utf8")).toBe("one\ntwo\n");
    expect(await readFile(path, "utf8")).toBe("three\n");
    expect((await stat(path)).mode & 0o077).toBe(0);
  } finally {
    await rm(folder, { recursive: true });
  }
});
