import { plain } from "../plain.ts";
import { type Signs, signsOf, type TextStyle, type Tone, toned } from "./style.ts";
import { columnsOf, wrapped } from "./width.ts";

/** Text in less than this goes below its lead instead of beside it. */
const narrowestText = 16;

interface Block {
  /** Columns before every line. */
  readonly indent?: number;
  /** Written before the first line; the others are indented by as much. */
  readonly lead?: string;
  readonly leadTone?: Tone;
  readonly tone?: Tone;
}

/** Collects the lines of a text report. Everything written is neutralised, wrapped and toned here. */
export class Page {
  readonly style: TextStyle;
  readonly signs: Signs;
  private readonly lines: string[] = [];

  constructor(style: TextStyle) {
    this.style = style;
    this.signs = signsOf(style);
  }

  /** A paragraph. */
  write(text: string, { indent = 0, lead = "", leadTone, tone = "plain" }: Block = {}): void {
    const before = " ".repeat(indent);
    const hang = columnsOf(lead);
    const room = this.style.width - indent - hang;
    if (room < narrowestText && hang > 2) {
      this.lines.push(`${before}${toned(lead.trimEnd(), leadTone ?? tone, this.style)}`);
      this.write(text, { indent: indent + 2, tone });
      return;
    }
    wrapped(this.signed(plain(text)), Math.max(room, narrowestText)).forEach((line, index) => {
      const start = index === 0 ? toned(lead, leadTone ?? tone, this.style) : " ".repeat(hang);
      this.lines.push(`${before}${start}${toned(line, tone, this.style)}`.trimEnd());
    });
  }

  /** A line as it is, never wrapped: for commands, which must stay as they can be pasted. */
  verbatim(text: string, indent: number, tone: Tone = "plain"): void {
    this.lines.push(`${" ".repeat(indent)}${toned(plain(text), tone, this.style)}`.trimEnd());
  }

  /** A heading across the page, with something at its right end where there is room. */
  heading(text: string, end = ""): void {
    this.gap();
    const { width } = this.style;
    const title = this.signed(plain(text));
    const tail = end === "" ? "" : ` ${end}`;
    const fill = width - columnsOf(title) - columnsOf(tail) - 1;
    if (fill < 4) {
      this.write(end === "" ? text : `${text} (${end})`, { tone: "heading" });
      return;
    }
    const rule = this.signs.rule.repeat(fill);
    this.lines.push(
      `${toned(title, "heading", this.style)} ${toned(rule, "quiet", this.style)}${toned(tail, "heading", this.style)}`,
    );
  }

  /** A line across the page, between gateways. */
  divide(): void {
    this.gap();
    this.lines.push(toned(this.signs.divider.repeat(this.style.width), "quiet", this.style), "");
  }

  /** One empty line, never two, none at the start. */
  gap(): void {
    if (this.lines.length > 0 && this.lines.at(-1) !== "") this.lines.push("");
  }

  text(): string {
    const last = this.lines.at(-1) === "" ? this.lines.slice(0, -1) : this.lines;
    return `${last.join("\n")}\n`;
  }

  /** Signs of the documents' own wording that plain ASCII does not have. */
  private signed(text: string): string {
    return this.style.unicode ? text : text.replaceAll("→", "->").replaceAll("…", "...").replace(/[×]/g, "x");
  }
}
