import {
  type Alias,
  isAlias,
  isMap,
  isScalar,
  isSeq,
  LineCounter,
  type Node,
  type Pair,
  parseAllDocuments,
  type YAMLParseError,
} from "yaml";
import { UnreadableDocument } from "../document-set.ts";
import { deepestNesting } from "../parse.ts";
import { list, object, pointerStep, scalar, type Written, type WrittenAt } from "./written.ts";

/** Aliases repeat what they name: with them counted, no more values than this. */
const mostValues = 200_000;

/** No text needs so many documents. */
const mostDocuments = 100;

/**
 * The documents of a YAML text (JSON is YAML, too) with the place of every value. YAML 1.2 with its core types alone:
 * tags, merge keys and keys that are no texts are refused, as are names that stand twice. Throws `UnreadableDocument`.
 */
export function parseYaml(text: string): Written[] {
  const lines = new LineCounter();
  const documents = withoutFault(text, lines);
  if (documents.length > mostDocuments) {
    throw new UnreadableDocument(
      `more than ${mostDocuments} YAML documents in one file; split it`,
      `at most ${mostDocuments} documents`,
    );
  }
  return documents.flatMap((document) => {
    if (document.contents === null) return [];
    return [new Walk(lines).written(document.contents, "", 0)];
  });
}

/** Of a text that shall be YAML, whatever it holds. Throws `UnreadableDocument` where it is none. */
export function refuseBrokenYaml(text: string): void {
  withoutFault(text, new LineCounter());
}

function withoutFault(text: string, lines: LineCounter): ReturnType<typeof parsed> {
  const documents = parsed(text, lines);
  for (const { errors } of documents) {
    const [fault] = errors;
    if (fault === undefined) continue;
    throw new UnreadableDocument(
      `not valid YAML: ${oneLine(fault.message)}`,
      expectationOf(fault),
      placeAt(lines, fault.pos[0]),
    );
  }
  return documents;
}

/** Codes of the parser → what was expected, as the end of "expected …". */
const expectations: Readonly<Record<string, string>> = {
  BAD_INDENT: "every field of an object in the same column",
  MISSING_CHAR: "`:` behind a name, or the end of a text or list",
  TAB_AS_INDENT: "blanks, not tabs, at the beginning of a line",
  MULTILINE_IMPLICIT_KEY: "`:` behind a name, in the same line",
  BLOCK_AS_IMPLICIT_KEY: "one `:` in a line; put texts that hold `: ` in quotes",
  BAD_ALIAS: "an anchor's name behind `*`, or the text in quotes",
  BAD_SCALAR_START: "a text that begins with this sign in quotes",
};

/** Lists and objects in brackets that do not end have the code of a wrong column. */
function expectationOf({ code, message }: YAMLParseError): string {
  const bracket = /end with a ([\]}])/.exec(message)?.[1];
  if (bracket !== undefined) return `\`${bracket}\` at the end of what began before`;
  return expectations[code] ?? "valid YAML";
}

function parsed(
  text: string,
  lineCounter: LineCounter,
): ReturnType<typeof parseAllDocuments> & { length: number } {
  try {
    // Equal names are looked for below: the parser's own search takes the square of their number.
    return parseAllDocuments(text, {
      lineCounter,
      prettyErrors: false,
      uniqueKeys: false,
      version: "1.2",
      schema: "core",
      merge: false,
      logLevel: "silent",
    }) as ReturnType<typeof parseAllDocuments> & { length: number };
  } catch (error) {
    // The parser goes one call deeper for every level.
    if (!(error instanceof RangeError)) throw error;
    throw tooDeep(undefined);
  }
}

function placeAt(lines: LineCounter, offset: number): { line: number; column: number } {
  const { line, col } = lines.linePos(offset);
  return { line: Math.max(line, 1), column: Math.max(col, 1) };
}

function oneLine(message: string): string {
  return message.replace(/\s+/g, " ").slice(0, 200);
}

function tooDeep(place: { line: number; column: number } | undefined): UnreadableDocument {
  return new UnreadableDocument(
    `nested more than ${deepestNesting} levels deep, which no gateway is`,
    `at most ${deepestNesting} levels of nesting`,
    place,
  );
}

/** One document. */
class Walk {
  private readonly lines: LineCounter;
  /** Only those that are whole: nothing can hold itself. */
  private readonly anchors = new Map<
    string,
    { readonly written: Written; readonly values: number; readonly depth: number }
  >();
  private values = 0;

  constructor(lines: LineCounter) {
    this.lines = lines;
  }

  written(node: unknown, pointer: string, depth: number, around?: Node): Written {
    if (isAlias(node)) return this.aliased(node, depth);
    const at = this.at(node as Node | null, pointer, around);
    if (depth > deepestNesting) throw tooDeep(this.placeOf(at));
    this.count(1, at);
    const before = this.values;
    const result = this.read(node, at, depth);
    const anchor = (node as Node | null) && (node as { anchor?: string }).anchor;
    if (anchor)
      this.anchors.set(anchor, { written: result, values: this.values - before + 1, depth: depthOf(result) });
    return result;
  }

  private read(node: unknown, at: WrittenAt, depth: number): Written {
    const tag = (node as { tag?: string } | null)?.tag;
    if (tag !== undefined) this.refuseTag(at);
    if (isMap(node)) return this.map(node.items, at, depth);
    if (isSeq(node)) {
      return list(
        node.items.map((item, index) => this.written(item, `${at.pointer}/${index}`, depth + 1, node)),
        at,
      );
    }
    const value = isScalar(node) ? node.value : null;
    if (typeof value === "bigint") return scalar(String(value), at);
    if (value === null || typeof value === "string" || typeof value === "boolean") return scalar(value, at);
    if (typeof value !== "number") return this.refuseTag(at);
    if (Number.isFinite(value)) return scalar(value, at);
    throw new UnreadableDocument("not a number that a setting can have", "a number", this.placeOf(at));
  }

  private map(pairs: readonly Pair<unknown, unknown>[], at: WrittenAt, depth: number): Written {
    const fields = new Map<string, Written>();
    for (const { key, value } of pairs) {
      const here = this.at(key as Node | null, at.pointer, undefined);
      const name = this.nameOf(key, here);
      const known = fields.get(name);
      if (known !== undefined) {
        const first = known.at.line === undefined ? "" : ` (first in line ${known.at.line})`;
        throw new UnreadableDocument(
          `"${name}" stands here twice${first}; only one of them can count`,
          "every name once",
          this.placeOf(here),
        );
      }
      const pointer = `${at.pointer}/${pointerStep(name)}`;
      const inner = this.written(value, pointer, depth + 1, key as Node);
      // What stands below its name is found at its name.
      fields.set(
        name,
        inner.kind === "scalar" || isAlias(value) ? inner : { ...inner, at: { ...here, pointer } },
      );
    }
    return object(fields, at);
  }

  private nameOf(key: unknown, at: WrittenAt): string {
    const value = isScalar(key) ? key.value : undefined;
    if (value === "<<" || typeof value === "object" || value === undefined) {
      throw new UnreadableDocument(
        value === "<<" ? "merge keys (<<) are not read; write the fields out" : "a name has to be a text",
        "the name of a field",
        this.placeOf(at),
      );
    }
    return String(isScalar(key) && typeof value === "number" ? (key.source ?? value) : value);
  }

  private aliased(alias: Alias, depth: number): Written {
    const at = this.at(alias, "", undefined);
    const known = this.anchors.get(alias.source);
    if (known === undefined) {
      throw new UnreadableDocument(
        `there is no whole value &${oneLine(alias.source).slice(0, 40)} before this place`,
        "the name of an anchor that stands before it",
        this.placeOf(at),
      );
    }
    this.count(known.values, at);
    if (depth + known.depth > deepestNesting) throw tooDeep(this.placeOf(at));
    return known.written;
  }

  private count(values: number, at: WrittenAt): void {
    this.values += values;
    if (this.values <= mostValues) return;
    throw new UnreadableDocument(
      `with its aliases it has more than ${mostValues} values, which no gateway has`,
      `at most ${mostValues} values`,
      this.placeOf(at),
    );
  }

  private refuseTag(at: WrittenAt): never {
    throw new UnreadableDocument(
      "tags (!…) are not read; write the value plainly",
      "a value without tag",
      this.placeOf(at),
    );
  }

  private at(node: Node | null, pointer: string, around: Node | undefined): WrittenAt {
    const offset = node?.range?.[0] ?? around?.range?.[0];
    if (offset === undefined) return { pointer, line: undefined, column: undefined };
    return { pointer, ...placeAt(this.lines, offset) };
  }

  private placeOf({ line, column }: WrittenAt): { line: number; column: number } | undefined {
    return line === undefined || column === undefined ? undefined : { line, column };
  }
}

/** Its nesting, for values that are named. Each is looked at once for every anchor that holds it. */
function depthOf(written: Written): number {
  let level: readonly Written[] = [written];
  let depth = 0;
  while (level.length > 0) {
    depth++;
    const next = new Set<Written>();
    for (const one of level) {
      if (one.kind === "list") for (const inner of one.items) next.add(inner);
      if (one.kind === "object") for (const inner of one.fields.values()) next.add(inner);
    }
    level = [...next];
  }
  return depth;
}
