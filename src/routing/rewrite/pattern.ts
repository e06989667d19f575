import { RE2JS } from "re2js";

/** Why a pattern is none that a gateway takes. */
export interface PatternProblem {
  readonly problem: "pattern-syntax" | "pattern-too-large";
  readonly detail: string;
}

/** A pattern of a rewrite condition made ready: RE2 flavour, found anywhere in the text, in time linear in its length. */
export interface Pattern {
  /** How many groups it captures. */
  readonly groups: number;
  test(text: string): boolean;
  /** The groups from 1 on at index 0; those that took no part are empty. Undefined = no match. */
  capture(text: string): readonly string[] | undefined;
}

/** Longer ones are refused unread. */
const mostUnits = 4096;

/** Instructions of the compiled program: time is at most this × the length of the text. */
const mostInstructions = 5000;

/** Gateways have hundreds of conditions at most; a reload finds the ones it had. */
const mostRemembered = 2000;

const remembered = new Map<string, Pattern | PatternProblem>();

/** Compiles a pattern, or finds it compiled. Never throws. */
export function compilePattern(source: string, ignoreCase: boolean): Pattern | PatternProblem {
  const key = `${ignoreCase ? "i" : "c"}${source}`;
  const known = remembered.get(key);
  if (known !== undefined) return known;
  const made = compiled(source, ignoreCase);
  if (source.length <= mostUnits) {
    if (remembered.size >= mostRemembered) forgetOldest();
    remembered.set(key, made);
  }
  return made;
}

function forgetOldest(): void {
  const [oldest] = remembered.keys();
  if (oldest !== undefined) remembered.delete(oldest);
}

function compiled(source: string, ignoreCase: boolean): Pattern | PatternProblem {
  if (source.length > mostUnits) {
    return { problem: "pattern-too-large", detail: `longer than ${mostUnits} characters` };
  }
  let machine: RE2JS;
  try {
    machine = RE2JS.compile(source, ignoreCase ? RE2JS.CASE_INSENSITIVE : 0);
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    return { problem: "pattern-syntax", detail: message.replace(/^error parsing regexp: /, "") };
  }
  const size = machine.programSize();
  if (size > mostInstructions) {
    return {
      problem: "pattern-too-large",
      detail: `${size} steps, of which ${mostInstructions} are allowed`,
    };
  }
  const groups = machine.groupCount();
  return { groups, test: (text) => machine.test(characters(text)), capture: capturing(machine, groups) };
}

function capturing(machine: RE2JS, groups: number): (text: string) => readonly string[] | undefined {
  return (text) => {
    const read = characters(text);
    // Most texts do not match, and telling that takes no groups.
    if (!machine.test(read)) return undefined;
    const matcher = machine.matcher(read);
    if (!matcher.find()) return undefined;
    const found: string[] = [];
    for (let group = 1; group <= groups; group++) {
      const value = matcher.group(group) ?? "";
      found.push(read === text ? value : bytesOf(value));
    }
    return found;
  };
}

/** Text of a head is bytes, one a character; patterns speak of characters: what is UTF-8 is read as such. */
function characters(bytes: string): string {
  if (!/[\x80-\xff]/.test(bytes)) return bytes;
  const text = Buffer.from(bytes, "latin1").toString("utf8");
  return text.includes("\ufffd") ? bytes : text;
}

/** Text of a configuration as it stands in a head: its UTF-8 bytes, one a character. */
export function bytesOf(text: string): string {
  return /[^\0-\x7f]/.test(text) ? Buffer.from(text, "utf8").toString("latin1") : text;
}
