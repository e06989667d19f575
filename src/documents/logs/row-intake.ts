import type { RowFields } from "./fields.ts";
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

  take(fields: RowFields, line: number): void {
    const kind = this.reader.read(fields);
    if (kind === "access") {
      this.rows++;
      this.folder.add(this.reader, this.document, line);
    } else if (kind === "internal") this.folder.addInternal();
    else if (kind === "other-category") this.folder.addOtherCategory(this.reader.category);
    else this.skip(line);
  }

  /** What `causeway run` says in a row beyond the vendor's fields. */
  takeOwn(row: object, line: number): void {
    if (!this.folder.own.take(row, this.document, line)) this.ownUnread++;
  }

  skip(line: number): void {
    this.skipped++;
    this.folder.addSkipped(this.document, line);
  }

  report(problem: string): void {
    this.problem ??= problem;
  }
}
