import type { RowFields } from "./fields.ts";
import { ownRowOf } from "./own-row.ts";
import { RowReader } from "./row.ts";
import type { TrafficFolder } from "./traffic-folder.ts";

/** Where every notation's rows of one document arrive: rows are folded, everything else is counted. */
export class RowIntake {
  rows = 0;
  skipped = 0;
  /** Rows whose member `causeway` could not be read. */
  ownUnread = 0;
  /** The first thing that was wrong with the document as a whole. */
  problem: string | undefined;
  private readonly document: string;
  private readonly folder: TrafficFolder;
  private readonly reader = new RowReader();

  constructor(document: string, folder: TrafficFolder) {
    this.document = document;
    this.folder = folder;
    folder.addDocument(document);
  }

  /** `row`: the whole of it, where it may have more than the vendor's fields. */
  take(fields: RowFields, line: number, row?: object): void {
    const kind = this.reader.read(fields);
    const own = row && ownRowOf(row, this.document, line);
    if (own === "unreadable") this.ownUnread++;
    else if (own !== undefined) this.folder.own.take(own);
    if (kind === "access") {
      this.rows++;
      this.folder.add(this.reader, this.document, line, own === "unreadable" ? undefined : own);
    } else if (kind === "internal") this.folder.addInternal();
    else if (kind === "other-category") this.folder.addOtherCategory(this.reader.category);
    else this.skip(line);
  }

  skip(line: number): void {
    this.skipped++;
    this.folder.addSkipped(this.document, line);
  }

  report(problem: string): void {
    this.problem ??= problem;
  }
}
