import type { RecordSink } from "../gateway/exchange/parts.ts";
import { AccessLog } from "../gateway/log/access-log.ts";
import { type BatchSink, LineWriter } from "../gateway/log/line-writer.ts";
import { LogFile } from "../gateway/log/log-file.ts";
import type { Gateway } from "../model/gateway.ts";
import { UsageError } from "./exit-codes.ts";
import type { Io } from "./io.ts";
import { say, whyNot } from "./write-out.ts";

/** The access log of a run. */
export interface RunLog {
  /** Rows as a gateway of this generation writes them. */
  sinkOf(gateway: Gateway): RecordSink;
  /** What was collected is written; the log is opened anew, as after somebody moved it. */
  reopen(): Promise<void>;
  /** What was collected is written. */
  flush(): Promise<void>;
}

/** Where rows go. */
export interface LogPlace {
  readonly write: BatchSink;
  reopen(): Promise<void>;
  close(): Promise<void>;
}

/** The rows of one process, of which there may be several: `worker` tells them apart. */
export function runLog(place: LogPlace, worker: number, io: Io): RunLog {
  const writer = new LineWriter({
    sink: place.write,
    onLoss: (why) => void say(io, `causeway: rows of the access log are lost: ${lossWords[why]}`),
  });
  return {
    sinkOf: ({ generation, id }) => new AccessLog(generation, { gatewayId: id, worker }, writer),
    reopen: async () => {
      await writer.flush();
      await place.reopen();
    },
    flush: () => writer.flush(),
  };
}

const lossWords = { full: "it cannot be written as fast as requests come", error: "it cannot be written" };

/** `path`: `-` = standard output. Throws `UsageError` when it cannot be written. */
export async function openLogPlace(path: string, io: Io): Promise<LogPlace> {
  if (path === "-") {
    const write: BatchSink = async (batch) => {
      await io.stdout.write(batch.toString("latin1"));
      if (io.stdout.isGone?.() === true) throw new Error("nobody reads it any more");
    };
    return { write, reopen: async () => {}, close: async () => {} };
  }
  try {
    const file = await LogFile.open(path);
    return {
      write: (batch) => file.write(batch),
      reopen: () => file.reopen(),
      close: () => file.close(),
    };
  } catch (error) {
    throw new UsageError(`--access-log: cannot write ${path}: ${whyNot(error)}`);
  }
}
