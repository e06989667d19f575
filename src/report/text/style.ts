import { styleText } from "node:util";

/** What a piece of text is; the palette decides how that looks. */
export type Tone = "plain" | "heading" | "bad" | "good" | "unsure" | "quiet";

/** Signs of the report, in Unicode and in plain ASCII. */
export interface Signs {
  readonly bad: string;
  readonly good: string;
  readonly unsure: string;
  readonly risk: string;
  readonly arrow: string;
  readonly dot: string;
  readonly rule: string;
  readonly divider: string;
  readonly down: string;
  readonly broken: string;
  readonly here: string;
}

const unicode: Signs = {
  bad: "✗",
  good: "✓",
  unsure: "?",
  risk: "!",
  arrow: "→",
  dot: "·",
  rule: "─",
  divider: "═",
  down: "│",
  broken: "┆",
  here: "▲",
};

const ascii: Signs = {
  bad: "x",
  good: "+",
  unsure: "?",
  risk: "!",
  arrow: "->",
  dot: "-",
  rule: "-",
  divider: "=",
  down: "|",
  broken: ":",
  here: "^",
};

/** How a text report is to look. */
export interface TextStyle {
  /** Columns to write in. */
  readonly width: number;
  readonly color: boolean;
  readonly unicode: boolean;
}

type Format = Parameters<typeof styleText>[0];

/**
 * The eight basic colours only: every terminal, dark or light, makes them readable on its own background. Bright black
 * is none of them, and some palettes give it the colour of the background.
 */
const formats: Readonly<Record<Exclude<Tone, "plain">, Format>> = {
  heading: "bold",
  bad: ["bold", "red"],
  good: "green",
  unsure: "magenta",
  quiet: "dim",
};

export function signsOf({ unicode: fancy }: TextStyle): Signs {
  return fancy ? unicode : ascii;
}

export function toned(text: string, tone: Tone, { color }: TextStyle): string {
  return tone === "plain" || !color || text === ""
    ? text
    : styleText(formats[tone], text, { validateStream: false });
}
