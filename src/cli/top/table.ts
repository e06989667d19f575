import { plain } from "../../report/plain.ts";
import { type TextStyle, type Tone, toned } from "../../report/text/style.ts";
import { columnsOf } from "../../report/text/width.ts";

/** Text of one tone. */
export interface Piece {
  readonly text: string;
  readonly tone?: Tone;
}

export type Line = readonly Piece[];

/** One column of a table of `T`. */
export interface Column<T> {
  readonly title: string;
  readonly cell: (item: T) => Piece;
  readonly right?: true;
  /** It may be made narrower, down to so many columns; otherwise it is as wide as what is in it. */
  readonly least?: number;
  /** Made narrower only when those of smaller numbers cannot be any more; without one 0. */
  readonly yields?: number;
  /** Where there is no room for all of a text, its end tells more than its beginning. */
  readonly keeps?: "end";
  /** Shown on screens that are at least so wide. */
  readonly from?: number;
}

/** From so many columns on there is room for everything. */
export const wide = 110;

/** Columns between two columns, where there is room. */
const gapOf = ({ width }: TextStyle): string => (width >= wide ? "  " : " ");

/** The title line and a line an item, no wider than the screen as long as the columns that must be shown allow it. */
export function tableOf<T>(
  columns: readonly Column<T>[],
  items: readonly T[],
  style: TextStyle,
): readonly Line[] {
  const shown = columns.filter(({ from = 0 }) => style.width >= from);
  const rows = items.map((item) => shown.map(({ cell }) => cleaned(cell(item))));
  const gap = gapOf(style);
  const widths = widthsOf(shown, rows, style.width - gap.length * (shown.length - 1));
  const line = (cells: readonly Piece[]): Line =>
    cells.flatMap((cell, at): Line => {
      const { right, keeps } = shown[at] ?? {};
      const text = fitted(cell.text, widths[at] ?? 0, style, keeps);
      const space = " ".repeat(Math.max(0, (widths[at] ?? 0) - columnsOf(text)));
      const padded = right === true ? space + text : text + space;
      return [...(at === 0 ? [] : [{ text: gap }]), { ...cell, text: padded }];
    });
  const titles = shown.map(({ title }): Piece => ({ text: title, tone: "heading" }));
  return [line(titles), ...rows.map(line)];
}

const cleaned = (piece: Piece): Piece => ({ ...piece, text: plain(piece.text) });

/** As wide as what is in them, together no wider than `room` if they can be; of those that may be narrower and yield first the widest gives way. */
function widthsOf<T>(
  columns: readonly Column<T>[],
  rows: readonly (readonly Piece[])[],
  room: number,
): readonly number[] {
  const widths = columns.map(({ title }, at) =>
    rows.reduce((widest, row) => Math.max(widest, columnsOf(row[at]?.text ?? "")), columnsOf(title)),
  );
  let over = widths.reduce((sum, width) => sum + width, 0) - room;
  while (over > 0) {
    const next = givingWay(columns, widths);
    if (next < 0) break;
    widths[next] = (widths[next] ?? 0) - 1;
    over -= 1;
  }
  return widths;
}

/** Index of the column that is made narrower next; -1: none can be. */
function givingWay<T>(columns: readonly Column<T>[], widths: readonly number[]): number {
  let next = -1;
  for (const [at, { least, yields = 0 }] of columns.entries()) {
    const width = widths[at] ?? 0;
    if (least === undefined || width <= least) continue;
    const before = columns[next]?.yields ?? 0;
    if (next < 0 || yields < before || (yields === before && width > (widths[next] ?? 0))) next = at;
  }
  return next;
}

/** The text, or as much of it as there is room for, and a sign that there is more. */
function fitted(
  text: string,
  columns: number,
  { unicode }: Pick<TextStyle, "unicode">,
  keeps: "beginning" | "end" = "beginning",
): string {
  if (columnsOf(text) <= columns) return text;
  if (columns <= 0) return "";
  const sign = unicode ? "…" : "~";
  const characters = keeps === "end" ? [...text].reverse() : [...text];
  const kept: string[] = [];
  let used = 1;
  for (const character of characters) {
    used += columnsOf(character);
    if (used > columns) break;
    kept.push(character);
  }
  return keeps === "end" ? sign + kept.reverse().join("") : kept.join("") + sign;
}

/**
 * A line as it goes to the terminal: no wider than the screen, nothing in it that a terminal would obey but its tones.
 * Everything that is shown goes through here.
 */
export function lineText(line: Line, style: TextStyle): string {
  let room = style.width;
  let text = "";
  for (const piece of line) {
    const part = fitted(plain(piece.text), room, style);
    room -= columnsOf(part);
    text += toned(part, piece.tone ?? "plain", style);
  }
  return style.color ? text : text.trimEnd();
}
