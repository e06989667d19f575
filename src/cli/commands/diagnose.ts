import type { Case } from "../../diagnosis/case.ts";
import { type Diagnosis, diagnose as diagnoseGateway } from "../../diagnosis/diagnose.ts";
import { TrustStore } from "../../health/certificates/trust-store.ts";
import type { Gateway } from "../../model/gateway.ts";
import { isInTrouble } from "../../report/content/routes.ts";
import type { ReportInput } from "../../report/report-input.ts";
import { exitCodes, UsageError } from "../exit-codes.ts";
import type { Io } from "../io.ts";
import { liveCallFrom } from "../live-options.ts";
import type { Arguments } from "../options.ts";
import { Progress } from "../progress.ts";
import { readCase } from "../read-case.ts";
import { checkSending } from "../sending-check.ts";
import { switchesFrom } from "../switches.ts";
import { textStyleFor } from "../terminal.ts";
import { checkWritable, say, writeOut } from "../write-out.ts";

/** `causeway diagnose PATH...` */
export async function diagnose(args: Arguments, io: Io): Promise<number> {
  if (args.positionals.length === 0) {
    throw new UsageError("nothing to diagnose: give files, folders or -; see causeway diagnose --help");
  }
  const switches = switchesFrom(args.list("switch"));
  const nowMs = momentOf(args.text("now"), io);
  const call = liveCallFrom(args);
  const progress = new Progress(io, !args.flag("quiet"));
  const read = await readCase(args, io, progress);
  if ("unreadable" in read) return exitCodes.usage.code;
  const { set, model, gateways } = read;
  const { records, listedTypes, observations } = set;
  const wellKnownRoots = await rootsFor(
    call !== undefined || observations.live.length > 0 || (observations.traffic?.own.length ?? 0) > 0,
  );
  const configuration = { records, listedTypes };
  const told = { configuration, model, observations, switches, wellKnownRoots, nowMs };
  // What is sent now tells more than what a log says was sent.
  const asRead = call === undefined ? await withLogged(told, gateways) : told;
  if (call !== undefined) {
    await checkSending(call, model.gateways);
    await checkWritable([call.record, args.text("output")]);
  }
  const seen =
    call && (await (await import("../live-run.ts")).lookLive(asRead, gateways, call, { io, progress }));
  const kase = {
    ...asRead,
    observations: { ...observations, live: seen?.exchanges ?? asRead.observations.live },
  };
  const diagnoses: Diagnosis[] = [];
  for (const gateway of gateways) {
    await progress.say(`diagnosing ${gateway.name}`);
    diagnoses.push(diagnoseGateway(kase, gateway));
  }
  await progress.clear();
  const text = await rendered(
    { diagnoses, documents: set.documents, records, sent: seen?.sent ?? [] },
    args,
    io,
  );
  await writeOut(text, args, io);
  const crashed = await sayCrashes(diagnoses, args.flag("verbose"), io);
  if (seen?.notRecorded !== undefined) await say(io, `causeway: ${seen.notRecorded}`);
  if (seen?.interrupted) return exitCodes.interrupted.code;
  if (seen?.notRecorded !== undefined) return exitCodes.usage.code;
  return exitCodeFor(diagnoses, crashed, set.failures.length > 0);
}

/** The case with what our own gateway saw, where a log of it is among the documents. */
async function withLogged(kase: Case, gateways: readonly Gateway[]): Promise<Case> {
  const { observations, switches } = kase;
  if ((observations.traffic?.own.length ?? 0) === 0) return kase;
  const { evidenceOfLog } = await import("../logged-evidence.ts");
  const logged = gateways.flatMap((gateway) => evidenceOfLog(gateway, observations, switches));
  return { ...kase, observations: { ...observations, live: [...observations.live, ...logged] } };
}

/** Read only when there are chains to judge: there are many. */
async function rootsFor(live: boolean): Promise<() => TrustStore> {
  if (!live) return () => new TrustStore([]);
  return (await import("../../probe/well-known-roots.ts")).wellKnownRoots;
}

function momentOf(text: string | undefined, io: Io): number {
  if (text === undefined) return io.now();
  const ms = /^\d{4}-\d{2}-\d{2}/.test(text) ? Date.parse(text) : Number.NaN;
  if (Number.isNaN(ms)) throw new UsageError(`--now takes a time like 2026-06-01T00:00:00Z, not "${text}"`);
  return ms;
}

/** Each renderer is loaded only when it is asked for. */
async function rendered(input: ReportInput, args: Arguments, io: Io): Promise<string> {
  switch (args.text("format")) {
    case "json":
      return (await import("../../report/json.ts")).jsonReport(input);
    case "markdown":
      return (await import("../../report/markdown.ts")).markdownReport(input);
    default: {
      const { textReport } = await import("../../report/text/report.ts");
      const flags = { verbose: args.flag("verbose"), quiet: args.flag("quiet") };
      return textReport(input, { ...textStyleFor(io, args), ...flags });
    }
  }
}

/** Checks that threw. The others were made; still, a fault may hide behind one. */
async function sayCrashes(diagnoses: readonly Diagnosis[], verbose: boolean, io: Io): Promise<boolean> {
  const crashes = diagnoses.flatMap((diagnosis) => diagnosis.crashes);
  for (const { cause, error } of crashes) {
    const message = error instanceof Error ? error.message : String(error);
    await say(io, `causeway: the check for ${cause} failed: ${message}; please report it`);
    if (verbose && error instanceof Error) {
      for (const line of (error.stack ?? "").split("\n")) await say(io, line);
    }
  }
  return crashes.length > 0;
}

function exitCodeFor(diagnoses: readonly Diagnosis[], crashed: boolean, unread: boolean): number {
  if (crashed) return exitCodes.failed.code;
  if (unread) return exitCodes.usage.code;
  return diagnoses.some(isInTrouble) ? exitCodes.found.code : exitCodes.fine.code;
}
