import type { Generation, HeaderAction, RewriteRule, RewriteRuleSet } from "../../model/gateway.ts";
import { type Condition, type ConditionProblem, compileCondition } from "./condition.ts";
import { compilePattern, type Pattern } from "./pattern.ts";
import { compileValue, type Value, type ValueNames } from "./value.ts";

/** What a rewrite set says that is not done, told once when it is compiled. */
export interface RewriteProblem {
  readonly set: string;
  /** Undefined = the whole set. */
  readonly rule: string | undefined;
  readonly problem:
    | ConditionProblem["problem"]
    /** v1, and the Basic SKU, have no rewrites. */
    | "no-rewrites"
    /** The field belongs to the connection or the framing, or Host would be deleted. */
    | "field-refused"
    /** Not the name of a field. */
    | "field-name"
    /** Requests cannot be changed by what their answers say. */
    | "needs-response"
    /** Only fields of responses have a value matcher. */
    | "matcher-refused"
    /** A Basic rule has no path map to evaluate again. */
    | "reroute-refused"
    /** Every rule of the set always acts and reroutes: Azure refuses it, since it never ends. */
    | "always-reroutes";
  readonly detail: string;
}

/** One header action made ready. */
export interface CompiledHeaderAction {
  readonly lower: string;
  readonly name: string;
  /** Undefined = the field is deleted. */
  readonly value: Value | undefined;
  /** Only lines with such values are meant. */
  readonly matcher: { readonly pattern: Pattern; readonly negate: boolean } | undefined;
}

export interface CompiledUrl {
  readonly path: Value | undefined;
  readonly query: Value | undefined;
  readonly reroute: boolean;
}

/** One rule made ready: what cannot be done is left out. */
export interface CompiledRule {
  readonly name: string;
  readonly requestConditions: readonly Condition[];
  /** Decided when the answer comes. */
  readonly responseConditions: readonly Condition[];
  readonly requestActions: readonly CompiledHeaderAction[];
  readonly url: CompiledUrl | undefined;
  readonly responseActions: readonly CompiledHeaderAction[];
}

/** A rewrite rule set made ready: rules that do something, in the order in which they run. */
export interface CompiledRewriteSet {
  readonly name: string;
  readonly rules: readonly CompiledRule[];
}

export interface CompiledWithProblems {
  readonly set: CompiledRewriteSet;
  readonly problems: readonly RewriteProblem[];
}

/** Where a set is used, and how far it is done. */
export interface RewriteUse {
  readonly generation: Generation;
  /** SKU tier, e.g. `Standard_v2`, `Basic`. */
  readonly tier: string;
  /** Fields of requests, in lower case, whose rewriting is of no interest. */
  readonly passOver?: ReadonlySet<string>;
}

/** Belong to one connection, or say where the body ends, which the gateway says itself. */
const refusedFields: ReadonlySet<string> = new Set([
  "connection",
  "content-length",
  "keep-alive",
  "proxy-connection",
  "te",
  "trailer",
  "transfer-encoding",
  "upgrade",
]);

/** Compiles a set (request-handling.md §5). Whatever it says, this does not throw. */
export function compileRewriteSet(set: RewriteRuleSet, use: RewriteUse): CompiledWithProblems {
  const { name } = set;
  if (use.generation === "v1" || use.tier.toLowerCase() === "basic") {
    const detail = `${use.tier} gateways do not rewrite`;
    const problem: RewriteProblem = { set: name, rule: undefined, problem: "no-rewrites", detail };
    return { set: { name, rules: [] }, problems: set.rewriteRules.length === 0 ? [] : [problem] };
  }
  const problems: RewriteProblem[] = [];
  const inOrder = set.rewriteRules.toSorted((a, b) => a.ruleSequence - b.ruleSequence);
  const rules = inOrder.flatMap((rule) => {
    const compiled = new RuleCompiler(rule, use, (problem, detail) =>
      problems.push({ set: name, rule: rule.name, problem, detail }),
    ).rule();
    return compiled === undefined || isIdle(compiled) ? [] : [compiled];
  });
  return { set: { name, rules }, problems };
}

/** Whether every rule of a set always acts and has the path map evaluated again. */
export function alwaysReroutes({ rules }: CompiledRewriteSet): boolean {
  return rules.length > 0 && rules.every((rule) => rule.url?.reroute && rule.requestConditions.length === 0);
}

function isIdle({ requestActions, responseActions, url }: CompiledRule): boolean {
  return requestActions.length === 0 && responseActions.length === 0 && url === undefined;
}

type Tell = (problem: RewriteProblem["problem"], detail: string) => void;

class RuleCompiler {
  readonly #rule: RewriteRule;
  readonly #use: RewriteUse;
  readonly #tell: Tell;
  readonly #captured = new Set<number>();

  constructor(rule: RewriteRule, use: RewriteUse, tell: Tell) {
    this.#rule = rule;
    this.#use = use;
    this.#tell = tell;
  }

  /** Undefined: a condition cannot be evaluated, so that the rule never acts. */
  rule(): CompiledRule | undefined {
    const { name, requestHeaders, responseHeaders } = this.#rule;
    const asked = requestHeaders.flatMap((action) => this.#requestAction(action));
    const responseActions = responseHeaders.flatMap((action) => this.#responseAction(action));
    const url = this.#url();
    const conditions = this.#conditions();
    if (conditions === undefined) return undefined;
    const responseConditions = conditions.filter(({ variable }) => variable.side === "response");
    const late = responseConditions.length > 0 && (asked.length > 0 || url !== undefined);
    if (late)
      this.#tell("needs-response", "a condition on the response cannot decide what becomes of the request");
    return {
      name,
      requestConditions: conditions.filter(({ variable }) => variable.side === "request"),
      responseConditions,
      requestActions: late ? [] : asked,
      url: late ? undefined : url,
      responseActions,
    };
  }

  #conditions(): readonly Condition[] | undefined {
    const made = this.#rule.conditions.map((condition, place) =>
      compileCondition(condition, place, this.#captured.has(place)),
    );
    const conditions: Condition[] = [];
    for (const [place, condition] of made.entries()) {
      if ("problem" in condition) {
        const { variable } = this.#rule.conditions[place] ?? { variable: "" };
        this.#tell(condition.problem, `${variable}: ${condition.detail}`);
      } else conditions.push(condition);
    }
    return conditions.length === made.length ? conditions : undefined;
  }

  #value(text: string, matched?: string): Value {
    const names: ValueNames = { conditions: this.#rule.conditions, matched };
    const value = compileValue(text, names, (name) => this.#tell("unknown-variable", name));
    for (const place of value.captured) this.#captured.add(place);
    return value;
  }

  #requestAction(action: HeaderAction): CompiledHeaderAction[] {
    const { headerName, headerValue, valueMatcher } = action;
    const lower = headerName.toLowerCase();
    if (this.#use.passOver?.has(lower)) return [];
    if (!this.#isAllowed(headerName, /^[a-z\d-]+$/i)) return [];
    if (valueMatcher !== undefined) {
      this.#tell("matcher-refused", headerName);
      return [];
    }
    if (lower === "host" && headerValue === "") {
      this.#tell("field-refused", "Host cannot be deleted");
      return [];
    }
    const value = headerValue === "" ? undefined : this.#value(headerValue);
    if (value?.needsResponse) {
      this.#tell("needs-response", headerName);
      return [];
    }
    return [{ lower, name: headerName, value, matcher: undefined }];
  }

  #responseAction({ headerName, headerValue, valueMatcher }: HeaderAction): CompiledHeaderAction[] {
    if (!this.#isAllowed(headerName, /^[\w!#$%&'*+.^`|~-]+$/)) return [];
    const lower = headerName.toLowerCase();
    const matched = valueMatcher === undefined ? undefined : `http_resp_${headerName}`;
    const value = headerValue === "" ? undefined : this.#value(headerValue, matched);
    if (valueMatcher === undefined) return [{ lower, name: headerName, value, matcher: undefined }];
    const pattern = compilePattern(valueMatcher.pattern, valueMatcher.ignoreCase);
    if ("problem" in pattern) {
      this.#tell(pattern.problem, `${headerName}: ${pattern.detail}`);
      return [];
    }
    return [{ lower, name: headerName, value, matcher: { pattern, negate: valueMatcher.negate } }];
  }

  #isAllowed(name: string, form: RegExp): boolean {
    if (!form.test(name)) {
      this.#tell("field-name", JSON.stringify(name.slice(0, 80)));
      return false;
    }
    if (!refusedFields.has(name.toLowerCase())) return true;
    this.#tell("field-refused", name);
    return false;
  }

  #url(): CompiledUrl | undefined {
    const { url } = this.#rule;
    if (url === undefined) return undefined;
    const path =
      url.modifiedPath === undefined || url.modifiedPath === "" ? undefined : this.#value(url.modifiedPath);
    const query = url.modifiedQueryString === undefined ? undefined : this.#value(url.modifiedQueryString);
    if (path?.needsResponse || query?.needsResponse) {
      this.#tell("needs-response", "URL");
      return undefined;
    }
    return path === undefined && query === undefined && !url.reroute
      ? undefined
      : { path, query, reroute: url.reroute };
  }
}
