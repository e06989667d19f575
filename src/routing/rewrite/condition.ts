import type { RewriteCondition } from "../../model/gateway.ts";
import { FactNotKnown, type RequestView, type ResponseFacts } from "./facts.ts";
import { compilePattern, type Pattern, type PatternProblem } from "./pattern.ts";
import { type Variable, variableNamed } from "./server-variables.ts";

/** A condition made ready. */
export interface Condition {
  /** Its place among the conditions of the rule. */
  readonly place: number;
  readonly variable: Variable;
  readonly pattern: Pattern;
  readonly negate: boolean;
  /** Some value of the rule takes its groups. */
  readonly keeps: boolean;
}

export interface ConditionProblem {
  readonly problem: PatternProblem["problem"] | "unknown-variable";
  readonly detail: string;
}

/** `place`, `keeps`: see `Condition`. */
export function compileCondition(
  { variable: written, pattern: source, ignoreCase, negate }: RewriteCondition,
  place: number,
  keeps: boolean,
): Condition | ConditionProblem {
  const variable = variableNamed(written);
  if (variable === undefined) return { problem: "unknown-variable", detail: written };
  const pattern = compilePattern(source, ignoreCase);
  if ("problem" in pattern) return pattern;
  return { place, variable, pattern, negate, keeps };
}

/**
 * Whether all hold; groups are put into `captures`. What is not there is empty text. Where something is not known, one
 * condition that surely does not hold settles it all the same; otherwise `FactNotKnown` is thrown.
 */
export function allHold(
  conditions: readonly Condition[],
  view: RequestView,
  response: ResponseFacts | undefined,
  captures: (readonly string[] | undefined)[],
): boolean {
  let notKnown: FactNotKnown | undefined;
  for (const condition of conditions) {
    try {
      if (!holds(condition, view, response, captures)) return false;
    } catch (error) {
      if (!(error instanceof FactNotKnown)) throw error;
      notKnown ??= error;
    }
  }
  if (notKnown !== undefined) throw notKnown;
  return true;
}

function holds(
  { place, variable, pattern, negate, keeps }: Condition,
  view: RequestView,
  response: ResponseFacts | undefined,
  captures: (readonly string[] | undefined)[],
): boolean {
  const text = variable.read(view, response);
  if (!keeps) return pattern.test(text) !== negate;
  const groups = pattern.capture(text);
  captures[place] = groups;
  return (groups !== undefined) !== negate;
}
