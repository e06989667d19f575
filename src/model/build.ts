import type { Model } from "./model.ts";
import { ComposedSource, PartsApart } from "./read/composed-source.ts";
import { emptyDraft } from "./read/draft.ts";
import { joinDraft } from "./read/joins.ts";
import { knownByParts, loneReaders, readers } from "./readers.ts";
import { idKey, parseResourceId, type ResourceRecord } from "./resource.ts";
import { type ReadProblem, Source } from "./source.ts";

/** The configuration part of the input: records in any notation, and of which types a whole list was given. */
export interface ConfigurationRecords {
  readonly records: readonly ResourceRecord[];
  /** Lower-case resource types; see `Network.listedTypes`. */
  readonly listedTypes: ReadonlySet<string>;
}

/** Builds the typed, linked model. Pure; never throws on bad content: what cannot be used is in `problems`. */
export function buildModel(input: ConfigurationRecords): Model {
  const problems: ReadProblem[] = [];
  const { whole, parts, lone } = sortOut(input.records, problems);
  const draft = emptyDraft(input.listedTypes, parts);
  for (const record of compose(whole, parts, problems)) readers.get(record.type)?.(record, draft);
  for (const record of compose(lone, parts, problems)) loneReaders.get(record.type)?.(record, draft);
  draft.links.resolve();
  joinDraft(draft);
  return { gateways: draft.gateways, network: draft.network, problems: withoutRepeats(problems) };
}

interface SortedRecords {
  readonly whole: readonly ResourceRecord[];
  readonly parts: PartsApart;
  /** Parts of resources that are not among the records, which are understood all the same. */
  readonly lone: readonly ResourceRecord[];
}

/** Whole resources, and the parts of others that were exported apart. */
function sortOut(records: readonly ResourceRecord[], problems: ReadProblem[]): SortedRecords {
  const whole: ResourceRecord[] = [];
  const rest: ResourceRecord[] = [];
  for (const record of records) (readers.has(record.type) ? whole : rest).push(record);
  const wholeIds = new Set(whole.map(({ id }) => idKey(id)));
  const lone: ResourceRecord[] = [];
  const parts = new PartsApart();
  for (const record of rest) {
    parts.add(record);
    if (ownersOf(record.id).some((id) => wholeIds.has(idKey(id)))) continue;
    if (loneReaders.has(record.type)) {
      lone.push(record);
      continue;
    }
    const owner = ownerKnownBy(record);
    if (owner === undefined) {
      problems.push(ownerMissing(record));
    } else {
      wholeIds.add(idKey(owner.id));
      whole.push(owner);
    }
  }
  return { whole, parts, lone };
}

/** The ids of the resources a part belongs to, the innermost first. */
function ownersOf(id: string): string[] {
  const depth = parseResourceId(id).names.length;
  const steps = id.replace(/\/+$/, "").split("/");
  return Array.from({ length: Math.max(0, depth - 1) }, (_, i) => steps.slice(0, -2 * (i + 1)).join("/"));
}

/** The resource itself, when its parts say enough about it. It has no settings of its own. */
function ownerKnownBy(part: ResourceRecord): ResourceRecord | undefined {
  const id = ownersOf(part.id).at(-1);
  if (id === undefined) return undefined;
  const type = parseResourceId(id).type.toLowerCase();
  const enough = knownByParts.get(type);
  if (enough === undefined || (enough === "whole list" && part.listed !== true)) return undefined;
  const { document, pointer } = part.source;
  return { id, type, source: new Source(document, pointer, { id }) };
}

function ownerMissing({ id, type, source }: ResourceRecord): ReadProblem {
  const owner = ownersOf(id).at(-1) ?? id;
  return {
    document: source.document,
    pointer: source.pointer,
    expected: `the resource it belongs to among the documents, ${owner}`,
    found: `only this part of it, of type ${type}`,
  };
}

/** One record per resource, read anew into `problems`: the same records may be built into a model many times. */
function compose(
  records: readonly ResourceRecord[],
  parts: PartsApart,
  problems: ReadProblem[],
): ResourceRecord[] {
  const byId = new Map<string, ResourceRecord[]>();
  for (const record of records) {
    const key = `${record.type} ${idKey(record.id)}`;
    const same = byId.get(key);
    if (same === undefined) byId.set(key, [record]);
    else same.push(record);
  }
  return [...byId.values()].map((same) => {
    const ordered = same.length === 1 ? same : same.toSorted((a, b) => fullness(b) - fullness(a));
    const first = ordered[0] as ResourceRecord;
    const layers = ordered.map(({ source }) => source.reportingTo(problems)) as [Source, ...Source[]];
    if (layers.length === 1 && !parts.hasBelow(first.id)) return { ...first, source: layers[0] };
    return { ...first, source: new ComposedSource(first.id, layers, parts) };
  });
}

/** How much an export of a resource says. A list often leaves out what the single export has. */
function fullness({ source }: ResourceRecord): number {
  return JSON.stringify(source.value)?.length ?? 0;
}

function withoutRepeats(problems: readonly ReadProblem[]): ReadProblem[] {
  const seen = new Map<string, ReadProblem>();
  for (const problem of problems) {
    const key = `${problem.document}\n${problem.pointer}\n${problem.expected}`;
    if (!seen.has(key)) seen.set(key, problem);
  }
  return [...seen.values()];
}
