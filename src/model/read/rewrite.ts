import type {
  CustomErrorPage,
  GatewayPart,
  HeaderAction,
  RewriteCondition,
  RewriteRule,
  RewriteRuleSet,
} from "../gateway.ts";
import type { Source } from "../source.ts";

/** Reads `rewriteRuleSets[]`; below a set there is no `properties` level (gateway-resource.md §4.10). */
export function readRewriteRuleSet(item: Source): Omit<RewriteRuleSet, keyof GatewayPart> {
  return { rewriteRules: item.list("rewriteRules").map(readRewriteRule) };
}

export function readCustomErrorPages(item: Source): CustomErrorPage[] {
  return item.list("customErrorConfigurations").map((page) => ({
    statusCode: page.text("statusCode") ?? "",
    url: page.text("customErrorPageUrl") ?? "",
  }));
}

function readRewriteRule(item: Source): RewriteRule {
  const actions = item.object("actionSet");
  const url = actions?.object("urlConfiguration");
  return {
    name: item.text("name") ?? "",
    ruleSequence: item.number("ruleSequence") ?? 100,
    conditions: item.list("conditions").map(readCondition),
    requestHeaders: actions?.list("requestHeaderConfigurations").map(readHeaderAction) ?? [],
    responseHeaders: actions?.list("responseHeaderConfigurations").map(readHeaderAction) ?? [],
    url: url && {
      modifiedPath: url.text("modifiedPath"),
      modifiedQueryString: url.text("modifiedQueryString"),
      reroute: url.boolean("reroute") ?? false,
    },
  };
}

function readCondition(item: Source): RewriteCondition {
  return {
    variable: item.text("variable") ?? "",
    pattern: item.text("pattern") ?? "",
    ignoreCase: item.boolean("ignoreCase") ?? false,
    negate: item.boolean("negate") ?? false,
  };
}

function readHeaderAction(item: Source): HeaderAction {
  const matcher = item.object("headerValueMatcher");
  return {
    headerName: item.text("headerName") ?? "",
    headerValue: item.text("headerValue") ?? "",
    valueMatcher: matcher && {
      pattern: matcher.text("pattern") ?? "",
      ignoreCase: matcher.boolean("ignoreCase") ?? false,
      negate: matcher.boolean("negate") ?? false,
    },
  };
}
