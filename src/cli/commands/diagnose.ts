import { type Diagnosis, diagnose as diagnoseGateway } from "../../diagnosis/diagnose.ts";
import type { DocumentInput, DocumentSet } from "../../documents/document-set.ts";
import { findFiles } from "../../documents/files.ts";
import { readDocuments } from "../../documents/read-documents.ts";
import { buildModel } from "../../model/build.ts";
import type { Gateway } from "../../model/gateway.ts";
import type { Model } from "../../model/model.ts";
import { idKey } from "../../model/resource.ts";
import { isInTrouble } from "../../report/content/routes.ts";
import { counted } from "../../report/content/wording.ts";
import type { ReportInput } from "../../report/report-input.ts";
import { exitCodes, UsageError } from "../exit-codes.ts";
import type { Io } from "../io.ts";
import type { Arguments } from "../options.ts";
import { Progress } from "../progress.ts";
import { nearest } from "../suggestion.ts";
import { switchesFrom } from "../switches.ts";
import { textStyleFor } from "../terminal.ts";
import { say, writeOut } from "../write-out.ts";
import { sayFailures, sayLeftAside, sayProblems } from "./diagnose-warnings.ts";

/** `causeway diagnose PATH...` */
export async function diagnose(args: Arguments, io: Io): Promise<number> {
  if (args.positionals.length === 0) {
    throw new UsageError("nothing to diagnose: give files, folders or -; see causeway diagnose --help");
  }
  const switches = switchesFrom(args.list("switch"));
  const nowMs = momentOf(args.text("now"), io);
  const progress = new Progress(io, !args.flag("quiet"));
  const set = await readAll(args.positionals, io, progress);
  const model = buildModel(set);
  await progress.clear();
  await sayFailures(set.failures, io);
  if (!args.flag("quiet")) await sayProblems(model.problems, args.flag("verbose"), io);
  if (model.gateways.length === 0) {
    // Nothing could be read: which gateway is missing is not the news.
    if (set.failures.length > 0 && set.documents.every(({ kind }) => kind === "unreadable"))
      return exitCodes.usage.code;
    await sayLeftAside(set.documents, args.flag("verbose"), io);
  }
  const gateways = gatewaysWanted(model, args.text("gateway"), set);
  const { records, listedTypes, observations } = set;
  const kase = { configuration: { records, listedTypes }, model, observations, switches, nowMs };
  const diagnoses: Diagnosis[] = [];
  for (const gateway of gateways) {
    await progress.say(`diagnosing ${gateway.name}`);
    diagnoses.push(diagnoseGateway(kase, gateway));
  }
  await progress.clear();
  const text = await rendered({ diagnoses, documents: set.documents, records }, args, io);
  await writeOut(text, args, io);
  const crashed = await sayCrashes(diagnoses, args.flag("verbose"), io);
  return exitCodeFor(diagnoses, crashed, set.failures.length > 0);
}

async function readAll(paths: readonly string[], io: Io, progress: Progress): Promise<DocumentSet> {
  const { inputs, failures } = await findFiles(paths, io.stdin);
  const set = await readDocuments(announced(inputs, progress));
  return { ...set, failures: [...failures, ...set.failures] };
}

async function* announced(
  inputs: readonly DocumentInput[],
  progress: Progress,
): AsyncIterable<DocumentInput> {
  for (const [index, input] of inputs.entries()) {
    await progress.say(`reading ${index + 1} of ${inputs.length}: ${input.name}`);
    yield input;
  }
}

function momentOf(text: string | undefined, io: Io): number {
  if (text === undefined) return io.now();
  const ms = /^\d{4}-\d{2}-\d{2}/.test(text) ? Date.parse(text) : Number.NaN;
  if (Number.isNaN(ms)) throw new UsageError(`--now takes a time like 2026-06-01T00:00:00Z, not "${text}"`);
  return ms;
}

function gatewaysWanted(
  { gateways }: Model,
  wanted: string | undefined,
  set: DocumentSet,
): readonly Gateway[] {
  if (gateways.length === 0) {
    const read =
      set.documents.length === 0 ? "in the input" : `among ${counted(set.documents.length, "document")}`;
    throw new UsageError(
      `there is no application gateway ${read}; export it with az network application-gateway show --resource-group <group> --name <gateway> > gateway.json`,
    );
  }
  if (wanted === undefined) return gateways;
  const key = idKey(wanted);
  const found = gateways.filter(({ id, name }) => idKey(id) === key || name.toLowerCase() === key);
  if (found.length > 0) return found;
  const names = gateways.map(({ name }) => name);
  const [near] = nearest(wanted, names, 1);
  throw new UsageError(
    `there is no gateway ${wanted} in the input; ${near === undefined ? `there is ${names.slice(0, 5).join(", ")}` : `did you mean ${near}?`}`,
  );
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
