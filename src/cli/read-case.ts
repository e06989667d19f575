import type { DocumentFailure, DocumentInput, DocumentSet } from "../documents/document-set.ts";
import { findFiles } from "../documents/files.ts";
import { readDocuments } from "../documents/read-documents.ts";
import { buildModel } from "../model/build.ts";
import type { Gateway } from "../model/gateway.ts";
import type { Model } from "../model/model.ts";
import { idKey } from "../model/resource.ts";
import { counted } from "../report/content/wording.ts";
import { sayFailures, sayLeftAside, sayProblems } from "./case-warnings.ts";
import { UsageError } from "./exit-codes.ts";
import type { Io } from "./io.ts";
import type { Arguments } from "./options.ts";
import type { Progress } from "./progress.ts";
import { nearest } from "./suggestion.ts";

/** What a call is about. */
export interface ReadCase {
  readonly set: DocumentSet;
  readonly model: Model;
  /** The one the call names, or all; at least one. */
  readonly gateways: readonly Gateway[];
}

/** Nothing could be read, which has been said. */
export interface Unreadable {
  readonly unreadable: readonly DocumentFailure[];
}

/**
 * Reads what a call names (files, folders, standard input) and says what could not be read. Throws `UsageError` when
 * there is no gateway.
 */
export async function readCase(args: Arguments, io: Io, progress: Progress): Promise<ReadCase | Unreadable> {
  const set = await readAll(args.positionals, io, progress);
  const model = buildModel(set);
  await progress.clear();
  await sayFailures(set.failures, io);
  if (!args.flag("quiet")) await sayProblems(model.problems, args.flag("verbose"), io);
  if (model.gateways.length === 0) {
    // Nothing could be read: which gateway is missing is not the news.
    if (set.failures.length > 0 && set.documents.every(({ kind }) => kind === "unreadable"))
      return { unreadable: set.failures };
    await sayLeftAside(set.documents, args.flag("verbose"), io);
  }
  return { set, model, gateways: gatewaysWanted(model, args.text("gateway"), set) };
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
