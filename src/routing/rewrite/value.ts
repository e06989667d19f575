import { mostValueBytes } from "./clean-text.ts";
import type { RequestView, ResponseFacts } from "./facts.ts";
import { bytesOf } from "./pattern.ts";
import { type Variable, variableNamed } from "./server-variables.ts";

/** The groups that the conditions of a rule captured, by the place of the condition; undefined = none were. */
export type Captures = readonly (readonly string[] | undefined)[];

/** The field line that a value matcher took, with the groups of its pattern. */
export interface MatchedLine {
  readonly value: string;
  readonly groups: readonly string[];
}

/** What a value is evaluated with. */
export interface ValueScope {
  readonly view: RequestView;
  readonly response: ResponseFacts | undefined;
  readonly captures: Captures;
  readonly line: MatchedLine | undefined;
}

/** A value made ready: literal text mixed with references. */
export interface Value {
  /** It is always this; undefined = it depends on the exchange. */
  readonly constant: string | undefined;
  /** It needs the answer of the server. */
  readonly needsResponse: boolean;
  /** Places of the conditions whose groups it takes. */
  readonly captured: readonly number[];
  evaluate(scope: ValueScope): string;
}

/** What names in a value may refer to. */
export interface ValueNames {
  /** The variables of the rule's conditions as written, in order. */
  readonly conditions: readonly { readonly variable: string; readonly negate: boolean }[];
  /** The field that a value matcher looks at, as `http_resp_<name>`; undefined = there is none. */
  readonly matched: string | undefined;
}

type Piece =
  | { readonly is: "text"; readonly text: string }
  | { readonly is: "variable"; readonly variable: Variable }
  | { readonly is: "group"; readonly condition: number; readonly group: number }
  | { readonly is: "line"; readonly group: number };

/** Only these are references; other braces are text, such as JSON in a header. */
const reference = /\{((?:http_req_|http_resp_|var_)[^{}\s]+)\}/g;

/** Compiles a value; `unknown` takes the names that no gateway knows, which stand for nothing. */
export function compileValue(text: string, names: ValueNames, unknown: (name: string) => void): Value {
  const pieces: Piece[] = [];
  let from = 0;
  for (const found of text.matchAll(reference)) {
    if (found.index > from) pieces.push({ is: "text", text: bytesOf(text.slice(from, found.index)) });
    from = found.index + found[0].length;
    const name = found[1] ?? "";
    const piece = referred(name, names);
    if (piece === undefined) unknown(name);
    else pieces.push(piece);
  }
  if (from < text.length) pieces.push({ is: "text", text: bytesOf(text.slice(from)) });
  return valueFrom(pieces);
}

/**
 * A captured group where a condition of the rule has that very variable, case and all; else the variable itself. Where
 * several conditions have it, the first that is not negated counts.
 */
function referred(name: string, { conditions, matched }: ValueNames): Piece | undefined {
  const [, base = name, digits] = /^(.+)_(\d{1,3})$/.exec(name) ?? [];
  const group = digits === undefined ? 0 : Number(digits);
  if (group > 0) {
    const condition = conditions.findIndex(({ variable, negate }) => variable === base && !negate);
    if (condition >= 0) return { is: "group", condition, group };
    if (sameName(base, matched)) return { is: "line", group };
  } else if (sameName(name, matched)) return { is: "line", group: 0 };
  const variable = variableNamed(name);
  return variable && { is: "variable", variable };
}

const sameName = (name: string, other: string | undefined): boolean =>
  other !== undefined && name.toLowerCase() === other.toLowerCase();

function valueFrom(pieces: readonly Piece[]): Value {
  const constant = pieces.every(({ is }) => is === "text")
    ? pieces.map((piece) => (piece.is === "text" ? piece.text : "")).join("")
    : undefined;
  const captured = pieces.flatMap((piece) => (piece.is === "group" ? [piece.condition] : []));
  return {
    constant,
    needsResponse: pieces.some(
      (piece) => piece.is === "line" || (piece.is === "variable" && piece.variable.side === "response"),
    ),
    captured,
    evaluate: (scope) => constant ?? evaluated(pieces, scope),
  };
}

function evaluated(pieces: readonly Piece[], scope: ValueScope): string {
  let text = "";
  for (const piece of pieces) {
    text += pieceText(piece, scope);
    if (text.length > mostValueBytes) return text.slice(0, mostValueBytes);
  }
  return text;
}

function pieceText(piece: Piece, { view, response, captures, line }: ValueScope): string {
  switch (piece.is) {
    case "text":
      return piece.text;
    case "variable":
      return piece.variable.read(view, response);
    case "group":
      return captures[piece.condition]?.[piece.group - 1] ?? "";
    case "line":
      return (piece.group === 0 ? line?.value : line?.groups[piece.group - 1]) ?? "";
  }
}
