import { fieldValue } from "./clean-text.ts";
import { allHold } from "./condition.ts";
import type { RequestView, ResponseFacts } from "./facts.ts";
import type { OpenRule } from "./request-side.ts";
import type { CompiledHeaderAction } from "./rule-set.ts";
import type { MatchedLine, ValueScope } from "./value.ts";

/** One field line of a response. */
export interface ResponseLine {
  readonly name: string;
  readonly value: string;
}

/**
 * The field lines of a server's answer after the rules that are open for it; undefined = nothing changes. `lines` are
 * those that go to the client, framing left out. Answers that the gateway makes itself are not rewritten. A field that
 * several lines have is left as one line, except with a value matcher, which takes line by line.
 */
export function rewriteResponse(
  open: readonly OpenRule[],
  view: RequestView,
  response: Omit<ResponseFacts, "field">,
  lines: readonly ResponseLine[],
): readonly ResponseLine[] | undefined {
  let now = lines;
  const facts: ResponseFacts = { ...response, field: (lower) => joined(now, lower) };
  for (const { rule, captures: before } of open) {
    const captures = [...before];
    if (!allHold(rule.responseConditions, view, facts, captures)) continue;
    const scope = { view, response: facts, captures, line: undefined };
    // As for requests: all of a rule is evaluated before any of it is done.
    const steps = rule.responseActions.map((action) => stepOf(action, scope, now));
    for (const step of steps) now = step(now);
  }
  return now === lines ? undefined : now;
}

type Step = (lines: readonly ResponseLine[]) => readonly ResponseLine[];

function stepOf(action: CompiledHeaderAction, scope: ValueScope, before: readonly ResponseLine[]): Step {
  if (action.matcher !== undefined) return matchedStep(action, scope, before);
  const { lower, name } = action;
  const value = action.value === undefined ? "" : fieldValue(action.value.evaluate(scope));
  return (lines) => {
    const others = lines.filter((line) => line.name.toLowerCase() !== lower);
    if (value !== "") return [...others, { name, value }];
    return others.length === lines.length ? lines : others;
  };
}

/** Every line whose value the matcher takes gets a value of its own. */
function matchedStep(
  { lower, name, value, matcher }: CompiledHeaderAction,
  scope: ValueScope,
  before: readonly ResponseLine[],
): Step {
  const instead = new Map<ResponseLine, string>();
  for (const line of before) {
    if (matcher === undefined || line.name.toLowerCase() !== lower) continue;
    const groups = matcher.pattern.capture(line.value);
    if ((groups !== undefined) === matcher.negate) continue;
    const taken: MatchedLine = { value: line.value, groups: groups ?? [] };
    instead.set(line, value === undefined ? "" : fieldValue(value.evaluate({ ...scope, line: taken })));
  }
  if (instead.size === 0) return (lines) => lines;
  return (lines) =>
    lines.flatMap((line) => {
      const made = instead.get(line);
      if (made === undefined) return [line];
      return made === "" ? [] : [{ name, value: made }];
    });
}

function joined(lines: readonly ResponseLine[], lower: string): string | undefined {
  let text: string | undefined;
  for (const { name, value } of lines) {
    if (name.length !== lower.length || name.toLowerCase() !== lower) continue;
    text = text === undefined ? value : `${text}, ${value}`;
  }
  return text;
}
