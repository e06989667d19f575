import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { answered, type FactsWish, type RuleWish } from "./rewriting.ts";

type Row = readonly [
  what: string,
  rule: RuleWish,
  before: readonly string[],
  after: readonly string[],
  facts?: FactsWish & { readonly status?: number },
];

const two = [
  "Set-Cookie: ARRAffinity=x; Path=/",
  "Set-Cookie: ApplicationGatewayAffinity=y; Path=/",
  "Vary: a",
];

const rows: readonly Row[] = [
  ["sets", { response: [["X-Frame-Options", "DENY"]] }, ["A: 1"], ["A: 1", "X-Frame-Options: DENY"]],
  ["replaces, case aside", { response: [["server", "x"]] }, ["Server: IIS", "A: 1"], ["A: 1", "server: x"]],
  ["deletes", { response: [["Server", ""]] }, ["Server: IIS", "A: 1"], ["A: 1"]],
  ["what is not there cannot be deleted", { response: [["Server", ""]] }, ["A: 1"], ["A: 1"]],
  [
    "drops the other lines of that name",
    { response: [["Set-Cookie", "z"]] },
    two,
    ["Vary: a", "Set-Cookie: z"],
  ],
  [
    "the vendor's example: another host in Location",
    {
      when: [["http_resp_Location", "(https?):\\/\\/.*azurewebsites\\.net(.*)$"]],
      response: [["Location", "{http_resp_Location_1}://contoso.com{http_resp_Location_2}"]],
    },
    ["Location: https://app.azurewebsites.net/path2"],
    ["Location: https://contoso.com/path2"],
  ],
  [
    "a condition on a field that is not there",
    { when: [["http_resp_Location", "(.+)"]], response: [["X-Has", "1"]] },
    ["A: 1"],
    ["A: 1"],
  ],
  [
    "a matcher takes line by line",
    { response: [["Set-Cookie", "{http_resp_Set-Cookie}; Secure", { pattern: "^ARRAffinity=" }]] },
    two,
    ["Set-Cookie: ARRAffinity=x; Path=/; Secure", two[1] ?? "", "Vary: a"],
  ],
  [
    "a matcher's groups",
    {
      response: [
        ["Set-Cookie", "{http_resp_Set-Cookie_1}={http_resp_Set-Cookie_2}", { pattern: "^(\\w+)=(.)" }],
      ],
    },
    two,
    ["Set-Cookie: ARRAffinity=x", "Set-Cookie: ApplicationGatewayAffinity=y", "Vary: a"],
  ],
  [
    "a matcher that negates, and deletes",
    { response: [["Set-Cookie", "", { pattern: "^arraffinity", ignoreCase: true, negate: true }]] },
    two,
    [two[0] ?? "", "Vary: a"],
  ],
  ["a matcher that takes nothing", { response: [["Set-Cookie", "x", { pattern: "^zzz" }]] }, two, two],
  [
    "the status of the answer",
    { when: [["var_http_status", "^5"]], response: [["X-Status", "{var_http_status}/{var_sent_bytes}"]] },
    [],
    ["X-Status: 503/17"],
    { status: 503 },
  ],
  [
    "not for this status",
    { when: [["var_http_status", "^5"]], response: [["X-S", "1"]] },
    [],
    [],
    { status: 200 },
  ],
  [
    "what the request was, and groups taken from it",
    { when: [["var_uri_path", "^/(\\w+)/"]], response: [["X-Area", "{var_uri_path_1} {http_req_Accept}"]] },
    [],
    ["X-Area: shop text/html"],
    { target: "/shop/x", fields: { Accept: "text/html" } },
  ],
  [
    "decided by the request as it came, though the rule itself changes it",
    {
      when: [["var_uri_path", "^/old"]],
      url: { modifiedPath: "/new" },
      response: [["X-Was-Old", "{var_uri_path}"]],
    },
    [],
    ["X-Was-Old: /new"],
    { target: "/old" },
  ],
  [
    "not decided for it",
    { when: [["var_uri_path", "^/other"]], response: [["X-A", "1"]] },
    ["A: 1"],
    ["A: 1"],
    { target: "/old" },
  ],
  [
    "conditions on both sides",
    {
      when: [
        ["http_req_Accept", "html"],
        ["http_resp_Content-Type", "json"],
      ],
      response: [["X-A", "1"]],
    },
    ["Content-Type: application/json"],
    ["Content-Type: application/json", "X-A: 1"],
    { fields: { Accept: "text/html" } },
  ],
];

describe("response fields (request-handling.md §5)", () => {
  test.each(rows.map((row) => ({ what: row[0], row })))("$what", ({ row }) => {
    const [, rule, before, after, facts] = row;
    expect(answered([rule], before, facts)).toEqual(after);
  });

  test("rules see what those before them did", () => {
    const rules: RuleWish[] = [
      { sequence: 2, when: [["http_resp_X-A", "1"]], response: [["X-B", "2"]] },
      { sequence: 1, response: [["X-A", "1"]] },
    ];
    expect(answered(rules, [])).toEqual(["X-A: 1", "X-B: 2"]);
  });

  test("no server can break out of its line", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary", maxLength: 80 }), (value) => {
        const rule: RuleWish = {
          response: [
            ["X-Out", "{http_resp_X-In}\r\n{http_resp_X-In}"],
            ["Set-Cookie", "{http_resp_Set-Cookie}", { pattern: "" }],
          ],
        };
        for (const line of answered([rule], [`X-In: ${value}`]).slice(1)) {
          expect(line).toMatch(/^[\w-]+: [\t\x20-\x7e\x80-\xff]*$/);
        }
      }),
    );
  });
});
