import type { RecordSink } from "../gateway/exchange/parts.ts";
import { AccessLog } from "../gateway/log/access-log.ts";
import { LineWriter } from "../gateway/log/line-writer.ts";
import { LogFile } from "../gateway/log/log-file.ts";
import type { Gateway } from "../model/gateway.ts";
import { UsageError } from "./exit-codes.ts";
import type { Io } from "./io.ts";
import { say } from "./write-out.ts";

/** Where the records of a run go. */
export interface RunRecords extends RecordSink {
  /** What was collected is written; the log is opened anew, as after somebody moved it. */
  reopen(): Promise<void>;
  close(): Promise<void>;
}

/** `path`: `-` = standard output, undefined = no log. `others` are told of every exchange as well. */
export async function runRecords(
  path: string | undefined,
  gateway: Gateway,
  others: readonly RecordSink[],
  io: Io,
): Promise<RunRecords> {
  const log = path === undefined ? undefined : await logTo(path, gateway, io);
  const sinks = log === undefined ? others : [log, ...others];
  return {
    record: (record) => {
      for (const sink of sinks) sink.record(record);
    },
    reopen: async () => log?.reopen(),
    close: async () => log?.close(),
  };
}

async function logTo(path: string, gateway: Gateway, io: Io): Promise<RunRecords> {
  const file = path === "-" ? undefined : await openLog(path);
  const writer = new LineWriter({
    sink: async (batch) =>
      file === undefined ? io.stdout.write(batch.toString("latin1")) : file.write(batch),
    onLoss: (why) => void say(io, `causeway: rows of the access log are lost: ${lossWords[why]}`),
  });
  const log = new AccessLog(gateway.generation, { gatewayId: gateway.id, worker: 0 }, writer);
  return {
    record: (record) => log.record(record),
    reopen: async () => {
      await writer.flush();
      await file?.reopen();
    },
    close: async () => {
      await writer.flush();
      await file?.close();
    },
  };
}

const lossWords = { full: "it cannot be written as fast as requests come", error: "it cannot be written" };

async function openLog(path: string): Promise<LogFile> {
  try {
    return await LogFile.open(path);
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    throw new UsageError(`--access-log: cannot write ${path}: ${code ?? message}`);
  }
}
