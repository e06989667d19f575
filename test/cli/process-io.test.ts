import { spawn } from "node:child_process";
import { EventEmitter, once } from "node:events";
import { existsSync, openSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { UsageError } from "../../src/cli/exit-codes.ts";
import type { OutputStream } from "../../src/cli/io.ts";
import { processIo, streamOf } from "../../src/cli/process-io.ts";
import { openLogPlace, runLog } from "../../src/cli/run-records.ts";
import { gatewayWith } from "../gateway/balance/scene.ts";
import { failedRecord } from "../gateway/explain/record.ts";

/** A stream that cannot be written. Like those of a process it is not destroyed by that. */
function refusing(code: string): NodeJS.WriteStream {
  const stream = Object.assign(new EventEmitter(), {
    isTTY: false,
    destroyed: false,
    write: (_text: string, done: (error: Error) => void) => {
      const error = Object.assign(new Error(code), { code });
      done(error);
      stream.emit("error", error);
    },
  });
  return stream as unknown as NodeJS.WriteStream;
}

const hearing = (said: string[]): OutputStream => ({
  isTerminal: false,
  columns: undefined,
  write: async (text) => void said.push(text),
});

describe("standard output", () => {
  test("what cannot be written is told whoever writes, and ends nothing else", async () => {
    const stream = streamOf(refusing("ENOSPC"));
    const refused = stream.write("a");
    await expect(refused).rejects.toThrow(UsageError);
    await expect(refused).rejects.toThrow("cannot write standard output: the disk is full");
    expect(stream.isGone?.()).toBe(false);
  });

  test("a reader that went away is no error, and known", async () => {
    const stream = streamOf(refusing("EPIPE"));
    await stream.write("a");
    expect(stream.isGone?.()).toBe(true);
  });

  test.each(["ENOSPC", "EPIPE"])("rows that are lost for %s are said once", async (code) => {
    const said: string[] = [];
    const io = { ...processIo(), stdout: streamOf(refusing(code)), stderr: hearing(said) };
    const log = runLog(await openLogPlace("-", io), 0, io);
    const sink = log.sinkOf(gatewayWith(["127.0.0.1"]));
    for (let round = 0; round < 2; round++) {
      sink.record(failedRecord({ kind: "connect-refused" }));
      await log.flush();
    }
    expect(said).toEqual(["causeway: rows of the access log are lost: it cannot be written\n"]);
  });

  test.runIf(existsSync("/dev/full"))("a full disk ends a command with one line", async () => {
    const full = openSync("/dev/full", "w");
    const child = spawn(process.execPath, ["bin/causeway.js", "causes"], { stdio: ["ignore", full, "pipe"] });
    let stderr = "";
    child.stderr?.on("data", (data) => {
      stderr += data;
    });
    const [code] = await once(child, "close");
    expect([code, stderr]).toEqual([2, "causeway: cannot write standard output: the disk is full\n"]);
  });
});
