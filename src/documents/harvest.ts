import type { ActivityObservation, HealthReport, LiveExchange } from "../model/observations.ts";
import type { ResourceRecord } from "../model/resource.ts";
import type { DocumentNote } from "./document-set.ts";
import { TrafficFolder } from "./logs/traffic-folder.ts";
import { countOf } from "./resource-kinds.ts";

/** What all documents together gave. */
export interface Harvest {
  readonly records: ResourceRecord[];
  /** Resources and parts whose id no document says; settled when everything has been read. */
  readonly nameless: { readonly record: ResourceRecord; readonly tally: DocumentTally }[];
  readonly listedTypes: Set<string>;
  readonly healthReports: HealthReport[];
  readonly live: LiveExchange[];
  readonly activities: ActivityObservation[];
  /** The rows of all access logs. */
  readonly traffic: TrafficFolder;
}

export function emptyHarvest(): Harvest {
  return {
    records: [],
    nameless: [],
    listedTypes: new Set(),
    healthReports: [],
    activities: [],
    live: [],
    traffic: new TrafficFolder(),
  };
}

/** What one document gave, for its note. */
export class DocumentTally {
  private readonly used = new Map<string, number>();
  private readonly ignored = new Map<string, { kind: string; count: number }>();
  private readonly remarks = new Set<string>();
  private readonly kinds = new Map<string, string>();

  /** `kind`: what the document is, where that is not what was counted: an access log has rows. */
  take(label: string, count = 1, kind = label): void {
    this.used.set(label, (this.used.get(label) ?? 0) + count);
    this.kinds.set(label, kind);
  }

  /** Takes back one `take`: it turned out to be of no use. */
  withdraw(label: string, reason: string): void {
    const left = (this.used.get(label) ?? 0) - 1;
    if (left > 0) this.used.set(label, left);
    else this.used.delete(label);
    this.ignore(label, reason);
  }

  /** `kind` in a few words, `reason` as the end of a sentence that begins with the kind. */
  ignore(kind: string, reason: string): void {
    const known = this.ignored.get(reason);
    if (known === undefined) this.ignored.set(reason, { kind, count: 1 });
    else known.count++;
  }

  remark(text: string): void {
    this.remarks.add(text);
  }

  note(path: string): DocumentNote {
    const used = [...this.used].map(([label, count]) => countOf(count, label));
    const ignored = [...this.ignored].map(([reason, { count }]) =>
      used.length === 0 && count === 1 ? reason : `${count} × ${reason}`,
    );
    const said = [
      ...(used.length > 0 ? [`read: ${used.join(", ")}`] : []),
      ...(ignored.length > 0
        ? [`ignored: ${ignored.slice(0, 5).join("; ")}${more(ignored.length - 5)}`]
        : []),
      ...this.remarks,
    ];
    const kinds = used.length > 0 ? this.usedKinds() : [...this.ignored.values()].map(({ kind }) => kind);
    const [kind] =
      new Set(kinds).size === 1 ? kinds : used.length > 0 ? ["several resources"] : ["several things"];
    return {
      path,
      kind: kinds.length === 0 ? "empty" : (kind ?? "empty"),
      used: used.length > 0,
      note: said.length > 0 ? said.join("; ") : "ignored: holds nothing",
    };
  }

  private usedKinds(): string[] {
    return [...this.used.keys()].map((label) => this.kinds.get(label) ?? label);
  }
}

function more(count: number): string {
  return count > 0 ? `; and ${count} more kinds` : "";
}
