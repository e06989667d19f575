import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { fieldValue, hostText, pathText, queryText } from "../../../src/routing/rewrite/clean-text.ts";
import { compileRewriteSet } from "../../../src/routing/rewrite/rule-set.ts";
import { type FactsWish, type RuleWish, rewritten, ruleSet, v2 } from "./rewriting.ts";

const set = (value: string): RuleWish => ({ request: { "X-Out": value } });
const certificate = {
  pem: "-----BEGIN CERTIFICATE-----\nMIIB\nAAAA\n-----END CERTIFICATE-----\n",
  subject: "CN=device-1",
  issuer: "CN=Contoso Devices",
  serial: "0A1B",
  startDate: "Jan 1 00:00:00 2026 GMT",
  endDate: "Jan 1 00:00:00 2027 GMT",
  fingerprint: "ab12",
  verification: "SUCCESS",
} as const;
const tls = { protocol: "TLSv1.3", cipher: "TLS_AES_256_GCM_SHA384", offeredCiphers: "A:B" };

describe("server variables (request-handling.md §5)", () => {
  const rows: readonly (readonly [string, string | undefined, FactsWish?])[] = [
    ["add_x_forwarded_for_proxy", "203.0.113.9"],
    ["add_x_forwarded_for_proxy", "10.0.0.1, 203.0.113.9", { fields: { "X-Forwarded-For": "10.0.0.1" } }],
    ["ciphers_supported", "A:B", { tls }],
    ["ciphers_used", "TLS_AES_256_GCM_SHA384", { tls }],
    ["ciphers_used", undefined],
    ["client_ip", "203.0.113.9"],
    ["client_port", "50123"],
    ["client_tcp_rtt", "1500", { clientRttUs: 1500 }],
    ["client_tcp_rtt", undefined],
    ["client_user", "ada", { fields: { Authorization: `Basic ${btoa("ada:lovelace")}` } }],
    ["client_user", undefined, { fields: { Authorization: "Bearer abc" } }],
    ["host", "contoso.com"],
    ["host", "[2001:db8::1]", { host: "[2001:db8::1]:8443" }],
    ["cookie_session", "s1", { fields: { Cookie: "a=b; session=s1; session=s2" } }],
    ["cookie_Session", undefined, { fields: { Cookie: "session=s1" } }],
    ["http_method", "PATCH", { method: "PATCH" }],
    ["http_version", "HTTP/2.0", { httpVersion: "HTTP/2.0" }],
    ["query_string", "id=123&title=fabrikam"],
    ["query_string", undefined, { target: "/x" }],
    ["received_bytes", "321"],
    ["request_query", "id=123&title=fabrikam"],
    ["request_scheme", "https", { scheme: "https" }],
    ["request_uri", "/article.aspx?id=123&title=fabrikam"],
    ["server_port", "8080"],
    ["ssl_connection_protocol", "TLSv1.3", { tls }],
    ["ssl_enabled", "On", { tls }],
    ["ssl_enabled", undefined],
    ["uri_path", "/article.aspx"],
    [
      "client_certificate",
      "-----BEGIN CERTIFICATE----- MIIB AAAA -----END CERTIFICATE-----",
      { clientCertificate: certificate },
    ],
    ["client_certificate_end_date", "Jan 1 00:00:00 2027 GMT", { clientCertificate: certificate }],
    ["client_certificate_fingerprint", "ab12", { clientCertificate: certificate }],
    ["client_certificate_issuer", "CN=Contoso Devices", { clientCertificate: certificate }],
    ["client_certificate_serial", "0A1B", { clientCertificate: certificate }],
    ["client_certificate_start_date", "Jan 1 00:00:00 2026 GMT", { clientCertificate: certificate }],
    ["client_certificate_subject", "CN=device-1", { clientCertificate: certificate }],
    ["client_certificate_verification", "SUCCESS", { clientCertificate: certificate }],
    [
      "client_certificate_verification",
      "FAILED:expired",
      { clientCertificate: { ...certificate, verification: "FAILED:expired" } },
    ],
    ["client_certificate_verification", "NONE"],
  ];

  test.each(rows.map(([name, expected, facts]) => ({ name, expected, facts })))("$name: $expected", (row) => {
    const { name, expected, facts } = row;
    expect(rewritten([set(`{var_${name}}`)], facts).fields).toEqual({ "X-Out": expected });
    // In a condition it reads the same.
    const when = [[`var_${name}`, `^${(expected ?? "").replace(/[^\w ]/g, "\\$&")}$`]] as const;
    const rule = { when, request: { "X-Out": "held" } };
    const plain = name !== "client_certificate";
    if (plain) expect(rewritten([rule], facts).fields).toEqual({ "X-Out": "held" });
  });
});

describe("conditions", () => {
  const facts: FactsWish = { fields: { "User-Agent": "Contoso-App/2", Accept: "text/html" } };
  const rows: readonly (readonly [NonNullable<RuleWish["when"]>, boolean])[] = [
    [[], true],
    [[["http_req_User-Agent", "App"]], true],
    [[["http_req_user-agent", "^Contoso"]], true],
    [[["http_req_User-Agent", "^App"]], false],
    [[["http_req_User-Agent", "app"]], false],
    [[["http_req_User-Agent", "app", "i"]], true],
    [[["http_req_User-Agent", "app", "i", "not"]], false],
    [[["http_req_X-Absent", ".+"]], false],
    [[["http_req_X-Absent", ".+", "not"]], true],
    [[["http_req_X-Absent", "^$"]], true],
    [
      [
        ["http_req_Accept", "html"],
        ["var_uri_path", "aspx$"],
      ],
      true,
    ],
    [
      [
        ["http_req_Accept", "html"],
        ["var_uri_path", "php$"],
      ],
      false,
    ],
    [[["var_uri_path", "/(a|b)rticle\\.[[:alpha:]]+"]], true],
    [[["http_req_Host", "contoso"]], true],
  ];

  test.each(rows)("%j: %s", (when, acts) => {
    const { fields, problems } = rewritten([{ when, request: { "X-Out": "1" } }], facts);
    expect(problems).toEqual([]);
    expect(fields).toEqual(acts ? { "X-Out": "1" } : {});
  });

  test("characters, not bytes, are what a pattern sees", () => {
    const bytes = Buffer.from("Grün", "utf8").toString("latin1");
    const rule: RuleWish = {
      when: [["http_req_X-Colour", "^Gr(.)n$"]],
      request: { "X-Out": "{http_req_X-Colour_1}é" },
    };
    const { fields } = rewritten([rule], { fields: { "X-Colour": bytes } });
    expect(fields).toEqual({ "X-Out": Buffer.from("üé", "utf8").toString("latin1") });
  });
});

describe("values", () => {
  const path = { target: "/fashion/shirts" };
  const shop = [["var_uri_path", "/(.+)/(.+)"]] as const;
  const rows: readonly (readonly [RuleWish, Record<string, string | undefined>, FactsWish?])[] = [
    [{ request: { "X-Out": "text" } }, { "X-Out": "text" }],
    [{ request: { "X-Out": "" } }, { "X-Out": undefined }],
    [{ request: { "X-Out": "{http_req_X-Absent}" } }, { "X-Out": undefined }],
    [{ request: { "X-Out": "a{http_req_Accept}b{var_client_ip}" } }, { "X-Out": "ab203.0.113.9" }],
    [{ request: { "X-Out": '{"json": "{var_host}"}' } }, { "X-Out": '{"json": "contoso.com"}' }],
    [{ request: { "X-Out": "{HTTP_REQ_A}{other}" } }, { "X-Out": "{HTTP_REQ_A}{other}" }],
    [
      { when: shop, request: { "X-Out": "{var_uri_path_2}/{var_uri_path_1}" } },
      { "X-Out": "shirts/fashion" },
      path,
    ],
    // A group that does not exist, and one that took no part.
    [{ when: shop, request: { "X-Out": "[{var_uri_path_9}]" } }, { "X-Out": "[]" }, path],
    [
      { when: [["var_uri_path", "(x)?fash"]], request: { "X-Out": "[{var_uri_path_1}]" } },
      { "X-Out": "[]" },
      path,
    ],
    // The spelling has to be the condition's.
    [
      { when: [["http_req_user-agent", "(.+)"]], request: { "X-Out": "[{http_req_User-Agent_1}]" } },
      { "X-Out": "[]" },
      { fields: { "User-Agent": "x" } },
    ],
    [
      { when: [["http_req_User-Agent", "v(.+)"]], request: { "X-Out": "{http_req_User-Agent_1}" } },
      { "X-Out": "2" },
      { fields: { "User-Agent": "v2" } },
    ],
    // Without a condition the number is part of the cookie's name.
    [{ request: { "X-Out": "{var_cookie_id_1}" } }, { "X-Out": "c" }, { fields: { Cookie: "id_1=c" } }],
    // Negated conditions capture nothing; another one on the same variable does.
    [
      {
        when: [
          ["var_uri_path", "(zzz)", "not"],
          ["var_uri_path", "^/(.)"],
        ],
        request: { "X-Out": "{var_uri_path_1}" },
      },
      { "X-Out": "f" },
      path,
    ],
  ];

  test.each(rows.map(([rule, expected, facts]) => ({ rule, expected, facts })))(
    "$rule → $expected",
    (row) => {
      const { rule, expected, facts } = row;
      expect(rewritten([rule], facts)).toMatchObject({ fields: expected, problems: [] });
    },
  );

  test("rules run by sequence, and see what those before them did", () => {
    const rules: RuleWish[] = [
      {
        name: "late",
        sequence: 200,
        when: [["http_req_X-Step", "1"]],
        request: { "X-Step": "{http_req_X-Step}2" },
      },
      { name: "early", sequence: 10, request: { "X-Step": "1" }, url: { modifiedPath: "/new" } },
      {
        name: "last",
        sequence: 300,
        when: [["var_uri_path", "^/new$"]],
        request: { "X-Was": "{var_request_uri}" },
      },
    ];
    expect(rewritten(rules, { target: "/old?q" })).toMatchObject({
      target: "/new?q",
      fields: { "X-Step": "12", "X-Was": "/old?q" },
    });
  });

  test("all of one rule is evaluated before any of it is done", () => {
    const rule = { request: { "X-A": "{http_req_X-B}", "X-B": "{http_req_X-A}" } };
    expect(rewritten([rule], { fields: { "X-A": "a", "X-B": "b" } }).fields).toEqual({
      "X-A": "b",
      "X-B": "a",
    });
  });
});

describe("Host and URL", () => {
  const rows: readonly (readonly [RuleWish, string, string, string])[] = [
    [{ request: { Host: "fabrikam.example" } }, "/a?b", "fabrikam.example", "/a?b"],
    [{ request: { host: "{http_req_X-Absent}" } }, "/a", "contoso.com:8080", "/a"],
    [{ request: { Host: "a b/c" } }, "/a", "contoso.com:8080", "/a"],
    [{ url: { modifiedPath: "/new" } }, "/a?b=1", "contoso.com:8080", "/new?b=1"],
    [{ url: { modifiedPath: "buy.aspx" } }, "/a", "contoso.com:8080", "/buy.aspx"],
    [{ url: { modifiedQueryString: "x=1" } }, "/a?b=1", "contoso.com:8080", "/a?x=1"],
    [{ url: { modifiedQueryString: "" } }, "/a?b=1", "contoso.com:8080", "/a"],
    [{ url: { modifiedPath: "" } }, "/a?b=1", "contoso.com:8080", "/a?b=1"],
    [{ url: { modifiedPath: "/a b/é?#" } }, "/a", "contoso.com:8080", "/a%20b/%C3%A9%3F%23"],
    [{ url: { modifiedQueryString: "p={var_uri_path}&q=a b" } }, "/a", "contoso.com:8080", "/a?p=/a&q=a%20b"],
    [
      {
        when: [["var_uri_path", "/(.+)/(.+)"]],
        url: {
          modifiedPath: "/buy.aspx",
          modifiedQueryString: "category={var_uri_path_1}&product={var_uri_path_2}",
        },
      },
      "/fashion/shirts",
      "contoso.com:8080",
      "/buy.aspx?category=fashion&product=shirts",
    ],
  ];

  test.each(rows)("%j of %s", (rule, target, host, expected) => {
    expect(rewritten([rule], { target })).toMatchObject({ host, target: expected });
  });
});

describe("what is not done is told when a set is compiled", () => {
  const rows: readonly (readonly [RuleWish, string])[] = [
    [{ when: [["var_uri_path", "(?=x)"]], request: { "X-A": "1" } }, "pattern-syntax"],
    [{ when: [["var_uri_path", "(?<!x)y"]], request: { "X-A": "1" } }, "pattern-syntax"],
    [{ when: [["var_uri_path", "\\1"]], request: { "X-A": "1" } }, "pattern-syntax"],
    [{ when: [["var_uri_path", "(".repeat(3000)]], request: { "X-A": "1" } }, "pattern-syntax"],
    [{ when: [["var_uri_path", "a".repeat(5000)]], request: { "X-A": "1" } }, "pattern-too-large"],
    [{ when: [["var_uri_path", "\\pL{900}".repeat(9)]], request: { "X-A": "1" } }, "pattern-too-large"],
    [{ when: [["var_nothing", "x"]], request: { "X-A": "1" } }, "unknown-variable"],
    [{ when: [["uri_path", "x"]], request: { "X-A": "1" } }, "unknown-variable"],
    [{ request: { "X-A": "{var_nothing}" } }, "unknown-variable"],
    [{ request: { Connection: "close" } }, "field-refused"],
    [{ request: { upgrade: "" } }, "field-refused"],
    [{ response: [["Connection", "close"]] }, "field-refused"],
    [{ request: { "Content-Length": "5" } }, "field-refused"],
    [{ response: [["Transfer-Encoding", "gzip"]] }, "field-refused"],
    [{ request: { Host: "" } }, "field-refused"],
    [{ request: { "X A": "1" } }, "field-name"],
    [{ request: { "X-A\r\nX-B": "1" } }, "field-name"],
    [{ request: { X_A: "1" } }, "field-name"],
    [{ response: [["X:A", "1"]] }, "field-name"],
    [{ when: [["var_http_status", "200"]], request: { "X-A": "1" } }, "needs-response"],
    [{ when: [["http_resp_Server", "x"]], url: { modifiedPath: "/x" } }, "needs-response"],
    [{ request: { "X-A": "{http_resp_Server}" } }, "needs-response"],
    [{ url: { modifiedPath: "/{var_http_status}" } }, "needs-response"],
    [{ response: [["Set-Cookie", "x", { pattern: "(" }]] }, "pattern-syntax"],
  ];

  test.each(rows)("%j: %s", (rule, problem) => {
    const { problems, fields, target, open } = rewritten([rule], { target: "/x" });
    expect(problems.map((one) => one.problem)).toEqual([problem]);
    expect({ target, open }).toEqual({ target: "/x", open: [] });
    // Nothing is sent for it; an unknown variable in a value stands for nothing.
    expect(Object.values(fields).filter((value) => value !== undefined)).toEqual([]);
  });

  test("a matcher for a field of requests", () => {
    const document = { ...ruleSet([]), rewriteRules: [] };
    const action = {
      headerName: "Cookie",
      headerValue: "x",
      valueMatcher: { pattern: "x", ignoreCase: false, negate: false },
    };
    const rule = {
      name: "r",
      ruleSequence: 1,
      conditions: [],
      requestHeaders: [action],
      responseHeaders: [],
      url: undefined,
    };
    const { set: compiled, problems } = compileRewriteSet({ ...document, rewriteRules: [rule] }, v2);
    expect({ rules: compiled.rules, problems: problems.map(({ problem }) => problem) }).toEqual({
      rules: [],
      problems: ["matcher-refused"],
    });
  });

  test.each([
    { generation: "v1", tier: "Standard" },
    { generation: "v2", tier: "Basic" },
  ] as const)("%j rewrites nothing", (use) => {
    const { set: compiled, problems } = compileRewriteSet(ruleSet([set("1")]), use);
    expect(compiled.rules).toEqual([]);
    expect(problems.map(({ problem }) => problem)).toEqual(["no-rewrites"]);
  });
});

describe("no rule and no client makes a head say more than it should", () => {
  const anything = fc.string({ unit: "binary", maxLength: 60 });
  const pieces = fc.array(
    fc.oneof(
      anything,
      fc.constantFrom(
        "{http_req_X-In}",
        "{var_uri_path_1}",
        "{var_query_string}",
        "\r\n",
        "\0",
        "é",
        "?",
        "#",
      ),
    ),
    { maxLength: 6 },
  );

  test("fields, Host, path and query stay what they are", () => {
    fc.assert(
      fc.property(pieces, anything, anything, (parts, field, query) => {
        const value = parts.join("");
        const rule: RuleWish = {
          when: [["var_uri_path", "(.*)"]],
          request: { "X-Out": value, Host: value },
          response: [["X-Out", value]],
          url: { modifiedPath: value, modifiedQueryString: value },
        };
        const { fields, host, target } = rewritten([rule], {
          target: `/p?${query}`,
          fields: { "X-In": field },
        });
        expect(fields["X-Out"] ?? "").toMatch(/^[\t\x20-\x7e\x80-\xff]*$/);
        expect(host).toMatch(/^[\x21-\x7e]+$/);
        expect(target.split("?")[0]).toMatch(/^\/[\x21-\x7e]*$/);
        // What a rule leaves alone is the client's, which the reader has looked at.
        if (value !== "") expect(target).toMatch(/^\/[!"$-~]*$/);
      }),
    );
  });

  test("cleaning twice is cleaning once", () => {
    fc.assert(
      fc.property(anything, (text) => {
        for (const clean of [fieldValue, pathText, queryText]) expect(clean(clean(text))).toBe(clean(text));
        const host = hostText(text);
        if (host !== undefined) expect(hostText(host)).toBe(host);
      }),
    );
  });

  test("values are bounded, whatever refers to what", () => {
    const value = "{http_req_X-In}".repeat(200);
    const { fields, target } = rewritten([{ request: { "X-Out": value }, url: { modifiedPath: value } }], {
      fields: { "X-In": "x".repeat(60_000) },
    });
    expect(fields["X-Out"]?.length).toBeLessThanOrEqual(65_536);
    expect(target.length).toBeLessThan(70_000);
  });

  test.each([
    "(a+)+$",
    "(a|aa)+$",
    "(.*)(.*)(.*)(.*)x",
    "(?:a?){300}(a{300})b",
    "^(([a-z])+.)+[A-Z]([a-z])+$",
  ])("%s takes time in proportion to the text", (pattern) => {
    const rule: RuleWish = { when: [["http_req_X-In", pattern]], request: { "X-Out": "{http_req_X-In_1}" } };
    // A backtracking engine would not end within a lifetime.
    const { fields } = rewritten([rule], { fields: { "X-In": `${"a".repeat(30_000)}!` } });
    expect(fields).toEqual({});
  });
});
