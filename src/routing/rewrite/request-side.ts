import { fieldValue, hostText, pathText, queryText } from "./clean-text.ts";
import { allHold } from "./condition.ts";
import type { RequestView } from "./facts.ts";
import type { CompiledHeaderAction, CompiledRewriteSet, CompiledRule, CompiledUrl } from "./rule-set.ts";
import type { Captures, Value, ValueScope } from "./value.ts";

/** A rule that may still act on the answer: what it decided by the request holds. */
export interface OpenRule {
  readonly rule: CompiledRule;
  readonly captures: Captures;
}

const noCaptures: Captures = [];

/**
 * Lets the rules of a set act on a request: every rule whose conditions all hold, in sequence. Rules that have something
 * to do with the answer are put into `open`. True: the path map is to be evaluated again.
 */
export function rewriteRequest(set: CompiledRewriteSet, view: RequestView, open: OpenRule[]): boolean {
  let reroute = false;
  for (const rule of set.rules) {
    const captures: (readonly string[] | undefined)[] = [];
    if (!allHold(rule.requestConditions, view, undefined, captures)) continue;
    if (rule.responseActions.length > 0) open.push({ rule, captures });
    if (rule.requestActions.length === 0 && rule.url === undefined) continue;
    const scope: ValueScope = { view, response: undefined, captures, line: undefined };
    // All of a rule is evaluated before any of it is done: its values speak of what its conditions saw.
    const done = rule.requestActions.map((action) => ({ action, value: action.value?.evaluate(scope) }));
    if (rule.url !== undefined) changeUrl(rule.url, scope);
    for (const { action, value } of done) changeField(action, value, view);
    reroute ||= rule.url?.reroute ?? false;
  }
  return reroute;
}

/** The rules of a set that wait for the answer, where no request can change which they are; else undefined. */
export function openForAll({ rules }: CompiledRewriteSet): readonly OpenRule[] | undefined {
  const waits = rules.every(
    (rule) =>
      rule.requestConditions.length === 0 && rule.requestActions.length === 0 && rule.url === undefined,
  );
  return waits ? rules.map((rule) => ({ rule, captures: noCaptures })) : undefined;
}

function changeUrl({ path, query }: CompiledUrl, scope: ValueScope): void {
  const { view } = scope;
  const text = (value: Value | undefined): string | undefined => value?.evaluate(scope);
  const newPath = text(path);
  const newQuery = text(query);
  if (newPath !== undefined) view.path = pathText(newPath);
  if (newQuery !== undefined) view.query = newQuery === "" ? undefined : queryText(newQuery);
}

/** What evaluates to nothing is not sent; a Host that is none stays as it was. */
function changeField(
  { lower, name }: CompiledHeaderAction,
  evaluated: string | undefined,
  view: RequestView,
): void {
  if (lower === "host") {
    const host = hostText(evaluated ?? "");
    if (host === undefined) return;
    view.host = host;
    view.hostSet = true;
    return;
  }
  const value = evaluated === undefined ? undefined : fieldValue(evaluated);
  view.change({ lower, name, value: value === "" ? undefined : value });
}
