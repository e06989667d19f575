import type { RewriteRuleSet } from "../../../src/model/gateway.ts";
import { readRewriteRuleSet } from "../../../src/model/read/rewrite.ts";
import { Source } from "../../../src/model/source.ts";
import { type RequestFacts, RequestView } from "../../../src/routing/rewrite/facts.ts";
import { type OpenRule, rewriteRequest } from "../../../src/routing/rewrite/request-side.ts";
import { type ResponseLine, rewriteResponse } from "../../../src/routing/rewrite/response-side.ts";
import { compileRewriteSet, type RewriteUse } from "../../../src/routing/rewrite/rule-set.ts";

/** A rewrite rule as documents write it, shortened. */
export interface RuleWish {
  readonly name?: string;
  readonly sequence?: number;
  /** `[variable, pattern]`, then `ignoreCase` and `negate`. */
  readonly when?: readonly (readonly [string, string, ...("i" | "not")[]])[];
  readonly request?: Readonly<Record<string, string>>;
  readonly response?: readonly ResponseWish[];
  readonly url?: {
    readonly modifiedPath?: string;
    readonly modifiedQueryString?: string;
    readonly reroute?: boolean;
  };
}

type ResponseWish = readonly [
  string,
  string,
  { readonly pattern: string; readonly ignoreCase?: boolean; readonly negate?: boolean }?,
];

export function ruleDocument({
  name = "r",
  sequence = 100,
  when = [],
  request = {},
  response = [],
  url,
}: RuleWish) {
  return {
    name,
    ruleSequence: sequence,
    conditions: when.map(([variable, pattern, ...flags]) => ({
      variable,
      pattern,
      ignoreCase: flags.includes("i"),
      negate: flags.includes("not"),
    })),
    actionSet: {
      requestHeaderConfigurations: Object.entries(request).map(([headerName, headerValue]) => ({
        headerName,
        headerValue,
      })),
      responseHeaderConfigurations: response.map(([headerName, headerValue, headerValueMatcher]) => ({
        headerName,
        headerValue,
        ...(headerValueMatcher && { headerValueMatcher }),
      })),
      ...(url && { urlConfiguration: url }),
    },
  };
}

export function ruleSet(rules: readonly RuleWish[]): RewriteRuleSet {
  const source = new Source("gw.json", "", { rewriteRules: rules.map(ruleDocument) });
  return {
    id: "/rewriteRuleSets/set",
    name: "set",
    source,
    provisioningState: undefined,
    ...readRewriteRuleSet(source),
  };
}

export const v2: RewriteUse = { generation: "v2", tier: "Standard_v2" };

export interface FactsWish extends Partial<Omit<RequestFacts, "field">> {
  readonly fields?: Readonly<Record<string, string>>;
}

export function requestFacts({ fields = {}, ...facts }: FactsWish = {}): RequestFacts {
  const byName = new Map(Object.entries(fields).map(([name, value]) => [name.toLowerCase(), value]));
  return {
    method: "GET",
    httpVersion: "HTTP/1.1",
    scheme: "http",
    host: "contoso.com:8080",
    target: "/article.aspx?id=123&title=fabrikam",
    field: (lower) => byName.get(lower),
    clientAddress: "203.0.113.9",
    clientPort: 50123,
    clientRttUs: undefined,
    serverPort: 8080,
    receivedBytes: 321,
    tls: undefined,
    clientCertificate: undefined,
    ...facts,
  };
}

/** A request after the rules: what was changed, one text each. */
export function rewritten(rules: readonly RuleWish[], facts: FactsWish = {}) {
  const { set, problems } = compileRewriteSet(ruleSet(rules), v2);
  const view = new RequestView(requestFacts(facts));
  const open: OpenRule[] = [];
  const reroute = rewriteRequest(set, view, open);
  const fields = Object.fromEntries(view.changes.map(({ name, value }) => [name, value]));
  return { target: view.target, host: view.host, fields, reroute, problems, open, view };
}

/** The field lines of an answer after the rules, as `Name: value`. */
export function answered(
  rules: readonly RuleWish[],
  lines: readonly string[],
  { status = 200, ...facts }: FactsWish & { readonly status?: number } = {},
): readonly string[] {
  const { open, view } = rewritten(rules, facts);
  const before = lines.map((line): ResponseLine => {
    const colon = line.indexOf(": ");
    return { name: line.slice(0, colon), value: line.slice(colon + 2) };
  });
  const after = rewriteResponse(open, view, { status, sentBytes: 17 }, before) ?? before;
  return after.map(({ name, value }) => `${name}: ${value}`);
}
