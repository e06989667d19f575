import type { Gateway } from "../../model/gateway.ts";
import type { RewriteProblem } from "../../routing/rewrite/rule-set.ts";
import type { NotServed } from "./prepared.ts";

/** What rewrite sets that are used say and is not done; the rest of each set is. */
export function rewriteGaps(gateway: Gateway, problems: readonly RewriteProblem[]): NotServed[] {
  return problems.map(({ set, rule, problem, detail }) => {
    const where = gateway.rewriteRuleSets.find(({ name }) => name === set) ?? gateway;
    const named =
      rule === undefined ? `the rewrite set ${set}` : `the rule ${rule} of the rewrite set ${set}`;
    return {
      what: "rewrite",
      weight: "less",
      says: `${named} ${words[problem](detail)}`,
      instead: undefined,
      at: where.source,
    };
  });
}

const words: Readonly<Record<RewriteProblem["problem"], (detail: string) => string>> = {
  "pattern-syntax": (detail) =>
    `has a pattern that is no RE2 expression, so that what depends on it is not done: ${detail}`,
  "pattern-too-large": (detail) =>
    `has a pattern that is too large, so that what depends on it is not done: ${detail}`,
  "unknown-variable": (detail) => `names a server variable that there is not: ${detail}`,
  "no-rewrites": (detail) => `does nothing: ${detail}`,
  "field-refused": (detail) => `does not change a field that belongs to the gateway: ${detail}`,
  "field-name": (detail) => `does not change what is no field name: ${detail}`,
  "needs-response": (detail) => `cannot change the request by what the response says: ${detail}`,
  "matcher-refused": (detail) =>
    `has a value matcher for a field of the request, which only responses have: ${detail}`,
  "reroute-refused": (detail) => `does not evaluate the path map again: ${detail}`,
  "always-reroutes": (detail) => `always evaluates the path map again, which Azure refuses: ${detail}`,
};
