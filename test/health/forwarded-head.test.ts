import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  type ForwardableFields,
  forwardedHead,
  hostFor,
  type RequestToForward,
} from "../../src/health/forwarded-head.ts";
import type { HostChoice } from "../../src/health/request-plan.ts";
import { Source } from "../../src/model/source.ts";
import { HeaderFields } from "../../src/wire/http1/fields.ts";

/** The lines of a head, as the reader gives them. */
function fieldsOf(lines: readonly string[]): ForwardableFields {
  const fields = new HeaderFields();
  let text = "";
  for (const line of lines) {
    const colon = line.indexOf(":");
    const value = text.length + line.length - line.slice(colon + 1).trimStart().length;
    fields.add(text.length, text.length + colon, value, text.length + line.length);
    text += `${line}\r\n`;
  }
  fields.seal(text, 0);
  return fields;
}

interface Wish extends Partial<Omit<RequestToForward, "fields">> {
  readonly came?: readonly string[];
}

function linesOf({ came = [], ...wish }: Wish): readonly string[] {
  const head = forwardedHead({
    method: "GET",
    target: "/a?b",
    host: "app.example",
    fields: fieldsOf(came),
    changes: [],
    origin: { scheme: "https", port: 443, host: "shop.contoso.com" },
    clientAddress: "203.0.113.9",
    clientPort: 50123,
    originalTarget: "/A?b",
    traceId: "0123456789abcdef0123456789abcdef",
    body: "none",
    upgrade: undefined,
    expectContinue: false,
    ...wish,
  });
  expect(head.endsWith("\r\n\r\n")).toBe(true);
  return head.slice(0, -4).split("\r\n");
}

const added = [
  "X-Forwarded-For: 203.0.113.9:50123",
  "X-Forwarded-Proto: https",
  "X-Forwarded-Port: 443",
  "X-Original-Host: shop.contoso.com",
  "X-Original-URL: /A?b",
  "X-Appgw-Trace-Id: 0123456789abcdef0123456789abcdef",
];

const start = ["GET /a?b HTTP/1.1", "Host: app.example"];

describe("what a server is sent (request-handling.md §6)", () => {
  test("a request without anything", () => {
    expect(linesOf({})).toEqual([...start, ...added]);
  });

  const rows: Readonly<Record<string, readonly [came: readonly string[], passed: readonly string[]]>> = {
    "end-to-end fields, in order": [
      ["Accept: a", "Cookie: c", "accept: b"],
      ["Accept: a", "Cookie: c", "accept: b"],
    ],
    "the client's Host is replaced": [["HOST: shop.contoso.com", "A: 1"], ["A: 1"]],
    "fields of the connection": [
      [
        "Connection: keep-alive",
        "Keep-Alive: timeout=5",
        "Proxy-Connection: x",
        "TE: trailers",
        "Trailer: x",
        "Upgrade: h2c",
        "A: 1",
      ],
      ["A: 1"],
    ],
    "what Connection names": [
      ["Connection: close, X-Hop ,x-other", "X-Hop: 1", "X-OTHER: 2", "A: 1"],
      ["A: 1"],
    ],
    "naming Host takes nothing away": [["Connection: host", "A: 1"], ["A: 1"]],
    "framing is written anew": [["Content-Length: 5", "Transfer-Encoding: chunked", "A: 1"], ["A: 1"]],
    "credentials for proxies": [
      ["Proxy-Authorization: Basic x", "Authorization: Basic y"],
      ["Authorization: Basic y"],
    ],
    expectations: [["Expect: 100-continue", "A: 1"], ["A: 1"]],
    "settings of HTTP/2": [["HTTP2-Settings: x", "A: 1"], ["A: 1"]],
    "names of other characters": [["X_Under: 1", "X.Dot: 1", "X!: 1", "x-9: 1"], ["x-9: 1"]],
    "what the gateway says itself": [
      [
        "X-Forwarded-Proto: http",
        "x-forwarded-port: 1",
        "X-Original-Host: h",
        "X-ORIGINAL-URL: /",
        "X-AppGW-Trace-Id: 1",
        "A: 1",
      ],
      ["A: 1"],
    ],
    "no Via is added, and one that came stays": [["Via: 1.1 edge"], ["Via: 1.1 edge"]],
    "bytes stay bytes": [["X-A: \xe9\t\xff"], ["X-A: \xe9\t\xff"]],
  };

  test.each(Object.entries(rows))("%s", (_, [came, passed]) => {
    expect(linesOf({ came })).toEqual([...start, ...passed, ...added]);
  });

  test("the client is appended to those before it", () => {
    const came = ["X-Forwarded-For: 10.0.0.1", "A: 1", "x-forwarded-for: 10.0.0.2:5, 10.0.0.3"];
    expect(linesOf({ came })).toContain("X-Forwarded-For: 10.0.0.1, 10.0.0.2:5, 10.0.0.3, 203.0.113.9:50123");
    expect(linesOf({ clientAddress: "2001:db8::9" })).toContain("X-Forwarded-For: [2001:db8::9]:50123");
  });

  test("X-Original-URL can be left out", () => {
    expect(linesOf({ originalTarget: undefined }).join()).not.toContain("X-Original-URL");
  });

  test.each<[Wish, readonly string[]]>([
    [{ body: { bytes: 0 } }, ["Content-Length: 0"]],
    [{ body: { bytes: 70 } }, ["Content-Length: 70"]],
    [{ body: "chunked" }, ["Transfer-Encoding: chunked"]],
    [{ body: { bytes: 70 }, expectContinue: true }, ["Expect: 100-continue", "Content-Length: 70"]],
    [{ body: "none", expectContinue: true }, []],
    [
      { upgrade: "websocket", came: ["Connection: Upgrade", "Upgrade: websocket"] },
      ["Connection: Upgrade", "Upgrade: websocket"],
    ],
  ])("this connection is told: %j", (wish, told) => {
    expect(linesOf(wish)).toEqual([...start, ...added, ...told]);
  });

  const change = (name: string, value: string | undefined) => ({ lower: name.toLowerCase(), name, value });

  test("rewrite rules have the last word", () => {
    const changes = [
      change("Accept", "x"),
      change("Cookie", undefined),
      change("X-Forwarded-For", "203.0.113.9"),
      change("X-Appgw-Trace-Id", undefined),
    ];
    const lines = linesOf({
      changes,
      came: ["accept: a", "ACCEPT: b", "Cookie: c", "A: 1", "Connection: X-Hop", "X-Hop: 1"],
    });
    expect(lines).toEqual([
      ...start,
      "A: 1",
      ...added.slice(1, 5),
      "Accept: x",
      "X-Forwarded-For: 203.0.113.9",
    ]);
  });

  test("every head has one Host, at most one framing, and no line but those that are meant", () => {
    const names = fc.constantFrom(
      "Host",
      "host",
      "Content-Length",
      "Transfer-Encoding",
      "Connection",
      "Accept",
      "X-A",
      "X_A",
      "X-Forwarded-For",
    );
    const values = fc.stringMatching(/^[\x21-\x7e]{1,12}$/);
    const bodies = fc.constantFrom<RequestToForward["body"]>("none", "chunked", { bytes: 3 });
    fc.assert(
      fc.property(fc.array(fc.tuple(names, values), { maxLength: 12 }), bodies, (pairs, body) => {
        const lines = linesOf({ body, came: pairs.map(([name, value]) => `${name}: ${value}`) });
        const count = (name: RegExp): number => lines.filter((line) => name.test(line)).length;
        expect(count(/^host:/i)).toBe(1);
        expect(count(/^x-forwarded-for:/i)).toBe(1);
        expect(count(/^(content-length|transfer-encoding):/i)).toBe(body === "none" ? 0 : 1);
        expect(count(/^connection:/i)).toBe(0);
        for (const line of lines.slice(1)) expect(line).toMatch(/^[A-Za-z\d-]+: ?[\x20-\x7e]*$/);
      }),
    );
  });
});

describe("Host", () => {
  const because = new Source("gw.json", "", {});
  const client: HostChoice = { from: "client", because };
  const setting: HostChoice = { from: "configuration", value: "setting.example", because };
  const nothing: HostChoice = { from: "configuration", value: undefined, because };

  test.each<[HostChoice, string | undefined, "setting" | "rewrite", string | undefined]>([
    [client, undefined, "setting", "client.example"],
    [client, "rule.example", "setting", "rule.example"],
    [client, "rule.example", "rewrite", "rule.example"],
    [setting, undefined, "setting", "setting.example"],
    [setting, "rule.example", "setting", "setting.example"],
    [setting, "rule.example", "rewrite", "rule.example"],
    [setting, undefined, "rewrite", "setting.example"],
    [nothing, undefined, "setting", undefined],
  ])("%j, rule %s, %s first: %s", (choice, rewritten, rewrittenHost, expected) => {
    expect(hostFor(choice, "client.example", rewritten, { rewrittenHost })).toBe(expected);
  });
});
