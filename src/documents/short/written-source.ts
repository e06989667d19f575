import { type ReadProblem, Source } from "../../model/source.ts";
import type { Written } from "./written.ts";

/**
 * A value whose places are lines of a text that has another shape: evidence points at what a person wrote, not at what
 * it stands for. What nobody wrote, a default, points at the nearest thing around it that somebody did.
 */
export class WrittenSource extends Source {
  private readonly written: Written;

  constructor(document: string, written: Written, value: unknown, problems: ReadProblem[] = []) {
    const { pointer, line } = written.at;
    super(document, line === undefined ? pointer : `line ${line}`, value, problems);
    this.written = written;
  }

  override reportingTo(problems: ReadProblem[]): Source {
    return new WrittenSource(this.document, this.written, this.value, problems);
  }

  override withValue(value: unknown): Source {
    return new WrittenSource(this.document, this.written, value, this.problems);
  }

  protected override child(key: string, value: unknown): Source {
    const { written } = this;
    const inner =
      written.kind === "object"
        ? written.fields.get(key)
        : written.kind === "list"
          ? written.items[Number(key)]
          : undefined;
    return new WrittenSource(this.document, inner ?? written, value, this.problems);
  }
}
