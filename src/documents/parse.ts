import { UnreadableDocument } from "./document-set.ts";
import { locateFault, placeOf } from "./json-fault.ts";

/** No export nests half as deep; deeper input is made to exhaust the stack. */
export const deepestNesting = 200;

/** The JSON values of a text: usually one; several where documents were written one after another, or one a line. */
export async function parseJson(text: string): Promise<unknown[]> {
  let values: unknown[];
  try {
    values = [JSON.parse(text) as unknown];
  } catch {
    values = parseSequence(text) ?? (await refuse(text));
  }
  if (values.some((value) => isTooDeep(value))) refuseDepth(text);
  return values;
}

/** Several objects or lists one after another, or undefined when the text is not that. */
function parseSequence(text: string): unknown[] | undefined {
  const values: unknown[] = [];
  for (let start = nextStart(text, 0); start < text.length; ) {
    const end = endOfValue(text, start);
    if (end === undefined) return undefined;
    try {
      values.push(JSON.parse(text.slice(start, end)) as unknown);
    } catch {
      return undefined;
    }
    start = nextStart(text, end);
  }
  return values.length > 0 ? values : undefined;
}

/** White space and record separators (RFC 7464) stand between documents. */
function nextStart(text: string, from: number): number {
  let at = from;
  while (at < text.length && (text.charCodeAt(at) === 0x1e || /\s/.test(text.charAt(at)))) at++;
  return at;
}

/** The offset behind the object or list that begins at `start`; undefined when it does not end. */
export function endOfValue(text: string, start: number): number | undefined {
  const first = text.charAt(start);
  if (first !== "{" && first !== "[") return undefined;
  let depth = 0;
  for (let at = start; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code === 0x22 /* " */) {
      at = endOfString(text, at);
    } else if (code === 0x7b /* { */ || code === 0x5b /* [ */) {
      depth++;
    } else if ((code === 0x7d /* } */ || code === 0x5d) /* ] */ && --depth === 0) {
      return at + 1;
    }
  }
  return undefined;
}

/** The offset of the closing quote. */
function endOfString(text: string, start: number): number {
  let at = start + 1;
  while (at < text.length && text.charCodeAt(at) !== 0x22) at += text.charCodeAt(at) === 0x5c /* \ */ ? 2 : 1;
  return at;
}

async function refuse(text: string): Promise<never> {
  const deep = offsetOfDepth(text, deepestNesting);
  if (deep !== undefined) refuseDepth(text);
  const { expected, line, column } = await locateFault(text);
  throw new UnreadableDocument("not valid JSON; export it again, or repair that place", expected, {
    line,
    column,
  });
}

function refuseDepth(text: string): never {
  const place = placeOf(text, offsetOfDepth(text, deepestNesting) ?? 0);
  throw new UnreadableDocument(
    `nested more than ${deepestNesting} levels deep, which no export is; leave this file out`,
    `at most ${deepestNesting} levels of nesting`,
    place,
  );
}

function offsetOfDepth(text: string, limit: number): number | undefined {
  let depth = 0;
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code === 0x22) at = endOfString(text, at);
    else if ((code === 0x7b || code === 0x5b) && ++depth > limit) return at;
    else if (code === 0x7d || code === 0x5d) depth--;
  }
  return undefined;
}

/** Level by level, without recursion: the input decides how deep this goes. */
function isTooDeep(value: unknown): boolean {
  let level: object[] = isHolder(value) ? [value] : [];
  for (let depth = 0; level.length > 0; depth++) {
    if (depth >= deepestNesting) return true;
    const next: object[] = [];
    for (const holder of level) {
      if (Array.isArray(holder)) {
        for (const inner of holder) if (isHolder(inner)) next.push(inner);
      } else {
        for (const key in holder) {
          const inner = (holder as Readonly<Record<string, unknown>>)[key];
          if (isHolder(inner)) next.push(inner);
        }
      }
    }
    level = next;
  }
  return false;
}

function isHolder(value: unknown): value is object {
  return typeof value === "object" && value !== null;
}
