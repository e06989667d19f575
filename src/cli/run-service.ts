import type { RecordSink } from "../gateway/exchange/parts.ts";
import { Tally } from "../gateway/metrics/tally.ts";
import type { Io } from "./io.ts";
import type { Arguments } from "./options.ts";
import { orUsage, type RunConfiguration } from "./run-configuration.ts";
import { RunGateway } from "./run-gateway.ts";
import type { RunCall } from "./run-options.ts";
import { type LogPlace, type RunLog, runLog } from "./run-records.ts";
import { ownView, type RunView } from "./run-view.ts";

/** A gateway that is served, by however many processes. */
export interface RunService {
  readonly gateway: RunGateway;
  /** Undefined: nobody asks. */
  readonly view: RunView | undefined;
  /** Resolves when whoever serves knows how the servers stand. */
  informed(): Promise<void>;
  reopenLog(): Promise<void>;
  /** Ends it, and what was collected is written. */
  stop(drainMs: number): Promise<void>;
  /** While it ends: gives up what is under way. What was collected is written all the same. */
  hurry(): Promise<void>;
}

export interface ServiceParts {
  readonly args: Arguments;
  readonly call: RunCall;
  readonly io: Io;
  readonly log: LogPlace | undefined;
}

/** Throws `UsageError` when a door cannot be opened. */
export function startService(first: RunConfiguration, parts: ServiceParts): Promise<RunService> {
  return parts.call.workers === 1 ? serveAlone(first, parts) : serveByWorkers(first, parts);
}

async function serveAlone(
  first: RunConfiguration,
  { call, io, log: place }: ServiceParts,
): Promise<RunService> {
  const log = place === undefined ? undefined : runLog(place, 0, io);
  // Nobody asks without an admin port.
  const tally = call.admin === undefined ? undefined : new Tally();
  const sinkOf = (configuration: RunConfiguration) => recordsTo(configuration, log, tally);
  const gateway = await orUsage(RunGateway.start(first, { call, io, sinkOf }));
  return {
    gateway,
    view: tally === undefined ? undefined : ownView(gateway, tally),
    informed: async () => {},
    reopenLog: async () => log?.reopen(),
    stop: async (drainMs) => {
      await gateway.stop(drainMs);
      await log?.flush();
    },
    hurry: async () => log?.flush(),
  };
}

async function serveByWorkers(
  first: RunConfiguration,
  { args, call, io, log }: ServiceParts,
): Promise<RunService> {
  const { RunWorkers } = await import("./run-workers.ts");
  const workers = new RunWorkers({ args, call, io, log });
  const gateway = await orUsage(
    RunGateway.start(first, { call, io, sinkOf: () => ({ record: () => {} }), others: workers }),
  );
  try {
    const view = await orUsage(workers.open(gateway));
    return {
      gateway,
      view: call.admin === undefined ? undefined : view,
      informed: () => workers.informed(),
      reopenLog: async () => {
        await log?.reopen();
        await workers.reopenLogs();
      },
      stop: (drainMs) => gateway.stop(drainMs),
      hurry: () => workers.hurry(),
    };
  } catch (error) {
    await gateway.stop(0);
    throw error;
  }
}

/** What becomes of the records of one configuration. */
export function recordsTo(
  { number, prepared: { gateway } }: RunConfiguration,
  log: RunLog | undefined,
  tally: Tally | undefined,
): RecordSink {
  const rows = log?.sinkOf(gateway);
  const counts = tally?.sinkOf(gateway.generation, number);
  if (rows !== undefined && counts === undefined) return rows;
  return {
    record: (record) => {
      rows?.record(record);
      counts?.record(record);
    },
  };
}
