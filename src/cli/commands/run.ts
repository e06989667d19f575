import { readFile, stat } from "node:fs/promises";
import { prepare } from "../../gateway/config/prepare.ts";
import { PreparationError, type PreparedGateway } from "../../gateway/config/prepared.ts";
import { DoorRefused } from "../../gateway/server.ts";
import type { Observations } from "../../model/observations.ts";
import { rootsBeside } from "../../probe/well-known-roots.ts";
import { documentedCauses } from "../documented-causes.ts";
import { exitCodes, UsageError } from "../exit-codes.ts";
import type { Io } from "../io.ts";
import type { Arguments } from "../options.ts";
import { Progress } from "../progress.ts";
import { readCase } from "../read-case.ts";
import type { RunAdmin } from "../run-admin.ts";
import { type RunConfiguration, RunGateway } from "../run-gateway.ts";
import { type RunCall, runCallFrom } from "../run-options.ts";
import { type RunRecords, runRecords } from "../run-records.ts";
import { say } from "../write-out.ts";

/** `causeway run PATH...`: serves until it is told to end. */
export async function run(args: Arguments, io: Io): Promise<number> {
  if (args.positionals.length === 0) {
    throw new UsageError("nothing to serve: give files, folders or -; see causeway run --help");
  }
  const call = runCallFrom(args);
  const first = await configurationFrom(args, call, io);
  if (first === undefined) return exitCodes.usage.code;
  const { prepared } = first;
  if (!args.flag("quiet")) await sayNotServed(prepared, io);
  if (prepared.doors.length === 0) throw new UsageError("there is no listener that can be served");
  const admin = await adminFor(call, prepared);
  const records = await runRecords(call.accessLog, prepared.gateway, admin?.sinks ?? [], io);
  try {
    const gateway = await orUsage(RunGateway.start(first, call, records, io));
    await serve(gateway, { args, call, io, records, admin });
    return exitCodes.fine.code;
  } finally {
    await records.close();
  }
}

interface Run {
  readonly args: Arguments;
  readonly call: RunCall;
  readonly io: Io;
  readonly records: RunRecords;
  readonly admin: RunAdmin | undefined;
}

/** What it needs is loaded only when there is one. */
async function adminFor(call: RunCall, { gateway }: PreparedGateway): Promise<RunAdmin | undefined> {
  if (call.admin === undefined) return undefined;
  const loaded = await import("../run-admin.ts");
  return new loaded.RunAdmin(call.admin, gateway.generation, call.switches);
}

/** Until it is interrupted. */
async function serve(gateway: RunGateway, running: Run): Promise<void> {
  const { call, io, admin } = running;
  const stopHangup = io.onHangup?.(() => void reload(gateway, running));
  try {
    await admin?.open(gateway, io);
    await io.interruptible(async (signal) => {
      const interrupted = new Promise<void>((resolve) => {
        signal.addEventListener("abort", () => resolve(), { once: true });
        if (signal.aborted) resolve();
      });
      await Promise.race([gateway.probedOnce(), interrupted]);
      admin?.ready();
      if (!signal.aborted) await sayServed(gateway, io);
      await interrupted;
    });
  } finally {
    stopHangup?.();
    admin?.ending();
    await gateway.stop(call.drainMs);
    await admin?.close();
  }
}

async function reload(gateway: RunGateway, { args, call, io, records }: Run): Promise<void> {
  try {
    const next = await configurationFrom(args, call, io);
    if (next === undefined)
      return void (await say(io, "causeway: nothing could be read; the old configuration goes on"));
    if (next.prepared.doors.length === 0) throw new UsageError("there is no listener that can be served");
    await records.reopen();
    await orUsage(gateway.reload(next));
    await say(io, "causeway: the new configuration is served");
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    await say(io, `causeway: ${why}; the old configuration goes on`);
  }
}

/** Undefined: nothing could be read, which has been said. */
async function configurationFrom(
  args: Arguments,
  call: RunCall,
  io: Io,
): Promise<RunConfiguration | undefined> {
  const read = await readCase(args, io, new Progress(io, false));
  if (read === undefined) return undefined;
  const [gateway, ...others] = read.gateways;
  if (gateway === undefined) return undefined;
  if (others.length > 0) {
    const names = read.gateways.map(({ name }) => name).slice(0, 5);
    throw new UsageError(`there are several gateways: say which with --gateway: ${names.join(", ")}`);
  }
  const surroundings = { readFile: limitedFile, nowMs: io.now() };
  const prepared = await orUsage(prepare(gateway, call.prepare, surroundings));
  const { records, listedTypes, observations } = read.set;
  const kase = {
    configuration: { records, listedTypes },
    model: read.model,
    observations: nothingSeen,
    switches: call.switches,
    wellKnownRoots: rootsBeside(prepared.moreRoots),
    nowMs: surroundings.nowMs,
  };
  return { kase, prepared, documented: documentedCauses(kase, gateway), exported: observations };
}

const nothingSeen: Observations = { healthReports: [], traffic: undefined, activities: [], live: [] };

async function limitedFile(path: string, limitBytes: number): Promise<Buffer> {
  const { size } = await stat(path);
  if (size > limitBytes) throw new Error(`it is larger than ${limitBytes} bytes`);
  return readFile(path);
}

/** What the call or the machine has wrong is said in one line. */
async function orUsage<T>(doing: Promise<T>): Promise<T> {
  try {
    return await doing;
  } catch (error) {
    if (error instanceof PreparationError || error instanceof DoorRefused)
      throw new UsageError(error.message);
    throw error;
  }
}

async function sayNotServed({ notServed }: PreparedGateway, io: Io): Promise<void> {
  for (const { says, instead } of notServed) {
    await say(io, `causeway: ${says}${instead === undefined ? "" : ` ${instead}`}`);
  }
}

async function sayServed(gateway: RunGateway, io: Io): Promise<void> {
  for (const { door, port } of gateway.server.doors) {
    const host = door.host.includes(":") ? `[${door.host}]` : door.host;
    const hosts = door.listeners.flatMap(({ listener }) =>
      listener.hostNames.length === 0 ? ["any host"] : listener.hostNames,
    );
    const names = [...new Set(hosts)];
    const more = names.length > 5 ? `, and ${names.length - 5} more` : "";
    await say(
      io,
      `causeway: ${door.key} is served at ${door.protocol}://${host}:${port} for ${names.slice(0, 5).join(", ")}${more}`,
    );
  }
  const entries = [...gateway.board.entries()];
  const up = entries.filter(({ state }) => state.up).length;
  await say(io, `causeway: ${up} of ${entries.length} servers are healthy; ready`);
}
