import type { Model } from "./model.ts";
import { ComposedSource, PartsApart } from "./read/composed-source.ts";
import { type Draft, emptyDraft } from "./read/draft.ts";
import { readGateway } from "./read/gateway.ts";
import { joinDraft } from "./read/joins.ts";
import { readNetworkInterface } from "./read/network-interface.ts";
import { readNetworkSecurityGroup } from "./read/network-security-group.ts";
import { readLoneSubnet, readVirtualNetwork } from "./read/virtual-network.ts";
import { idKey, parseResourceId, type ResourceRecord } from "./resource.ts";
import { type ReadProblem, Source } from "./source.ts";

/** The configuration part of the input: records in any notation, and of which types a whole list was given. */
export interface ConfigurationRecords {
  readonly records: readonly ResourceRecord[];
  /** Lower-case resource types; see `Network.listedTypes`. */
  readonly listedTypes: ReadonlySet<string>;
}

type Reader = (record: ResourceRecord, draft: Draft) => void;

/** Resource type → reader. Sorted; everything Causeway understands of a configuration is here. */
const readers: ReadonlyMap<string, Reader> = new Map<string, Reader>([
  [
    "microsoft.compute/virtualmachinescalesets/virtualmachines/networkinterfaces",
    (record, { network, links }) => network.networkInterfaces.push(readNetworkInterface(record, links)),
  ],
  [
    "microsoft.network/applicationgateways",
    (record, { gateways, links }) => gateways.push(readGateway(record, links)),
  ],
  [
    "microsoft.network/networkinterfaces",
    (record, { network, links }) => network.networkInterfaces.push(readNetworkInterface(record, links)),
  ],
  [
    "microsoft.network/networksecuritygroups",
    (record, { network, links }) =>
      network.networkSecurityGroups.push(readNetworkSecurityGroup(record, links)),
  ],
  ["microsoft.network/virtualnetworks", readVirtualNetwork],
]);

/** Parts that mean something without the resource they belong to. */
const loneReaders: ReadonlyMap<string, Reader> = new Map<string, Reader>([
  ["microsoft.network/virtualnetworks/subnets", readLoneSubnet],
]);

/** Builds the typed, linked model. Pure; never throws on bad content: what cannot be used is in `problems`. */
export function buildModel(input: ConfigurationRecords): Model {
  const problems: ReadProblem[] = [];
  const draft = emptyDraft(input.listedTypes);
  const { whole, parts, lone } = sortOut(input.records);
  for (const record of [...compose(whole, parts, problems), ...compose(lone, parts, problems)]) {
    (readers.get(record.type) ?? loneReaders.get(record.type))?.(record, draft);
  }
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
function sortOut(records: readonly ResourceRecord[]): SortedRecords {
  const whole: ResourceRecord[] = [];
  const lone: ResourceRecord[] = [];
  const parts = new PartsApart();
  const rest: ResourceRecord[] = [];
  for (const record of records) (readers.has(record.type) ? whole : rest).push(record);
  const wholeIds = new Set(whole.map(({ id }) => idKey(id)));
  for (const record of rest) {
    parts.add(record);
    if (loneReaders.has(record.type) && !wholeIds.has(ownerKey(record.id))) lone.push(record);
  }
  return { whole, parts, lone };
}

/** The id of the outermost resource a part belongs to. */
function ownerKey(id: string): string {
  const key = idKey(id);
  const depth = parseResourceId(id).names.length - 1;
  return key
    .split("/")
    .slice(0, -2 * depth || undefined)
    .join("/");
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
    const [first] = same as [ResourceRecord];
    const layers = same
      .map(({ source }) => new Source(source.document, source.pointer, source.value, problems))
      .sort((a, b) => (same.length > 1 ? fullness(b) - fullness(a) : 0)) as [Source, ...Source[]];
    if (layers.length === 1 && !parts.hasBelow(first.id)) return { ...first, source: layers[0] };
    return { ...first, source: new ComposedSource(first.id, layers, parts) };
  });
}

/** How much an export of a resource says. A list often leaves out what the single export has. */
function fullness(source: Source): number {
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
