import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { createServer as createTlsServer } from "node:tls";
import { describe, expect, it } from "vitest";
import { columnsOf } from "../../src/report/text/width.ts";
import { validBypassReport } from "../report/schema.ts";
import { makeCertificate } from "../support/certificates.ts";
import { closedPort, type Listener, listen } from "../support/listener.ts";
import { type RoutingWish, routingDocument } from "../support/routing-gateway.ts";
import { folderWith, type Outcome, runCli, type Surroundings } from "./run-cli.ts";

const response = (status: string, body = "", more = ""): string =>
  `HTTP/1.1 ${status}\r\n${more}Content-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`;

const ok = response("200 OK", "hello", "Server: contoso\r\nX-Secret: s3cret\r\n");
const page = (status: string, product: string): string =>
  response(
    status,
    `<html><body><center><h1>${status}</h1></center><hr><center>${product}</center></body></html>`,
  );
const gateway502 = page("502 Bad Gateway", "Microsoft-Azure-Application-Gateway/v2");

/** Answers the connections one after another with these texts, the last one again and again; keeps what was asked. */
async function answering(...texts: readonly string[]): Promise<Listener & { readonly asked: string[] }> {
  const asked: string[] = [];
  let next = 0;
  const listener = await listen((socket) => {
    const text = texts[Math.min(next, texts.length - 1)] ?? "";
    next += 1;
    socket.once("data", (bytes) => {
      asked.push(bytes.toString("latin1"));
      socket.end(text);
    });
  });
  return { ...listener, asked, [Symbol.asyncDispose]: () => listener[Symbol.asyncDispose]() };
}

const url = "http://shop.contoso.com/cart?token=s3cret";
const one: RoutingWish = {
  listeners: [{ name: "shop", protocol: "Http", hosts: ["shop.contoso.com"], to: "web" }],
};

async function bypass(
  wish: RoutingWish,
  places: { readonly gateway: number; readonly servers?: Readonly<Record<string, number>> },
  words: readonly string[] = [],
  around: Surroundings = {},
): Promise<Outcome & { readonly flat: string }> {
  using folder = folderWith({ "gateway.json": routingDocument(wish) });
  const backends = Object.entries(places.servers ?? {}).flatMap(([member, port]) => [
    "--backend",
    `${member}=127.0.0.1:${port}`,
  ]);
  const via = ["--via", `127.0.0.1:${places.gateway}`];
  const given = words.some((word) => word.includes("://")) ? [] : [url];
  const outcome = await runCli(
    ["bypass", ...given, "--case", folder.path, ...via, ...backends, ...words],
    around,
  );
  return { ...outcome, flat: outcome.stdout.replaceAll(/\s+/g, " ") };
}

describe("causeway bypass", () => {
  it("0: not reproduced, with what was sent to both", async () => {
    await using gateway = await answering(ok);
    await using server = await answering(ok);
    const { code, flat, stderr } = await bypass(one, {
      gateway: gateway.port,
      servers: { "10.0.1.4": server.port },
    });
    expect(stderr).toBe("");
    expect(flat).toContain(
      "✓ Not reproduced in 3 tries: no request failed, neither through the gateway nor straight to a server.",
    );
    expect([gateway.asked.length, server.asked.length]).toEqual([3, 3]);
    expect(gateway.asked[0]).toMatch(/^GET \/cart\?token=s3cret HTTP\/1\.1\r\nHost: shop\.contoso\.com\r\n/);
    expect(gateway.asked[0]).not.toContain("X-Forwarded");
    expect(server.asked[0]).toMatch(/^GET \/cart\?token=s3cret HTTP\/1\.1\r\nHost: shop\.contoso\.com\r\n/);
    expect(server.asked[0]).toContain("X-Forwarded-Proto: http\r\n");
    expect(flat).toMatch(
      /Next: causeway diagnose \S+ --live --url http:\/\/shop\.contoso\.com\/cart --backend 10\.0\.1\.4=127\.0\.0\.1:\d+ --via 127\.0\.0\.1:\d+ $/,
    );
    expect(flat).not.toContain("s3cret");
    expect(code).toBe(0);
  });

  it("1: the backend itself fails", async () => {
    await using gateway = await answering(page("502 Bad Gateway", "nginx"));
    await using server = await answering(page("502 Bad Gateway", "nginx"));
    const { code, flat } = await bypass(one, { gateway: gateway.port, servers: { "10.0.1.4": server.port } });
    expect(flat).toContain(
      "✗ The backend itself fails: asked directly it fails too; at 10.0.1.4:8080: the server answers 502, with the error page of nginx.",
    );
    expect(flat).toContain("Made by what stands behind the gateway");
    expect(code).toBe(1);
  });

  it("1: a server nobody listens on is the backend's own failure", async () => {
    await using gateway = await answering(gateway502);
    const { flat } = await bypass(one, {
      gateway: gateway.port,
      servers: { "10.0.1.4": await closedPort() },
    });
    expect(flat).toContain(
      "✗ The backend itself fails: asked directly it fails too; at 10.0.1.4:8080: nothing listens on",
    );
    expect(flat).toContain("Made by the gateway agw-route itself");
  });

  it("1: only through the gateway", async () => {
    await using gateway = await answering(
      gateway502,
      response("200 OK", "hello", "Server: shop\r\nDate: now\r\n"),
      gateway502,
    );
    await using server = await answering(ok);
    const { code, flat } = await bypass(one, { gateway: gateway.port, servers: { "10.0.1.4": server.port } });
    expect(flat).toContain(
      "✗ Only through the gateway: there 2 of 3 tries failed with 502 (the page of an application gateway), and asked directly the server answers.",
    );
    expect(flat).toMatch(/Through the gateway ─+ fails 2 of 3/);
    expect(flat).toContain(
      "Headers only through the gateway: date only straight: x-secret server: shop through the gateway, contoso straight",
    );
    expect(code).toBe(1);
  });

  it("1: a refusal of the gateway's own counts", async () => {
    await using gateway = await answering(page("403 Forbidden", "Microsoft-Azure-Application-Gateway/v2"));
    await using server = await answering(ok);
    const { flat } = await bypass(one, { gateway: gateway.port, servers: { "10.0.1.4": server.port } });
    expect(flat).toContain("✗ Only through the gateway: there 3 of 3 tries failed with 403");
  });

  it("1: a refusal that no server gives counts, whoever makes it", async () => {
    await using gateway = await answering(page("404 Not Found", "nginx"));
    await using server = await answering(ok);
    const places = { gateway: gateway.port, servers: { "10.0.1.4": server.port } };
    expect((await bypass(one, places)).flat).toContain(
      "✗ Only through the gateway: there 3 of 3 tries failed with 404 (the page of nginx)",
    );
    await using lost = await answering(response("404 Not Found"));
    const both = await bypass(one, { ...places, servers: { "10.0.1.4": lost.port } });
    expect(both.flat).toContain("✓ Not reproduced in 3 tries");
  });

  it("1: a gateway behind the gateway", async () => {
    await using gateway = await answering(gateway502);
    await using server = await answering(gateway502);
    const { flat } = await bypass(one, { gateway: gateway.port, servers: { "10.0.1.4": server.port } });
    expect(flat).toContain("the server answers 502, with the error page of an application gateway.");
    expect(flat).not.toContain("Made by");
  });

  it("1: a backend that fails where the gateway cannot be asked, or only now and then", async () => {
    await using server = await answering(response("500 Oops"), ok);
    const servers = { "10.0.1.4": server.port };
    expect((await bypass(one, { gateway: await closedPort(), servers })).flat).toContain(
      "The backend itself fails: asked directly it fails, and the gateway could not be asked; at 10.0.1.4:8080: the server answers 500.",
    );
    await using moody = await answering(response("500 Oops"), ok);
    await using gateway = await answering(ok);
    expect(
      (await bypass(one, { gateway: gateway.port, servers: { "10.0.1.4": moody.port } })).flat,
    ).toContain("The backend itself fails: asked directly it fails, though not through the gateway;");
  });

  it("1: only some servers fail", async () => {
    await using gateway = await answering(ok, response("500 Oops"));
    await using good = await answering(ok);
    await using bad = await answering(response("500 Oops"));
    const wish = { ...one, members: ["10.0.1.4", "10.0.1.5"] };
    const servers = { "10.0.1.4": good.port, "10.0.1.5": bad.port };
    const more = { ...one, members: ["10.0.1.4", "10.0.1.5", "10.0.1.6"] };
    const two = await bypass(more, { gateway: good.port, servers: { ...servers, "10.0.1.6": bad.port } });
    expect(two.flat).toContain(
      "fail, 2 of the 3: 10.0.1.5:8080, 10.0.1.6:8080; at 10.0.1.5:8080: the server",
    );
    const { code, flat } = await bypass(wish, { gateway: gateway.port, servers });
    expect(flat).toContain("✗ Only some servers fail, 1 of the 2; at 10.0.1.5:8080: the server answers 500.");
    expect(flat.indexOf("Straight to 10.0.1.5")).toBeLessThan(flat.indexOf("Straight to 10.0.1.4"));
    expect(code).toBe(1);
  });

  it("1: the gateway gets what this machine does not", async () => {
    await using gateway = await answering(ok);
    await using server = await answering(response("503 Not for you"));
    const { flat } = await bypass(one, { gateway: gateway.port, servers: { "10.0.1.4": server.port } });
    expect(flat).toContain(
      "Could not tell: the gateway gives good answers, while the server fails when asked from here;",
    );
  });

  it("1: nothing can be reached from here", async () => {
    const wish = { ...one, members: ["app.contoso.example"] };
    const { code, flat } = await bypass(wish, { gateway: await closedPort() });
    expect(flat).toContain(
      "? Could not tell: nothing could be reached from here; of the gateway: nothing listens on",
    );
    expect(flat).toContain("and of the servers: the name app.contoso.example does not exist");
    expect(code).toBe(1);
  });

  it("1: the gateway cannot be reached, its server can", async () => {
    await using server = await answering(ok);
    const { flat } = await bypass(one, { gateway: await closedPort(), servers: { "10.0.1.4": server.port } });
    expect(flat).toContain(
      "? Could not tell: the servers answer when asked directly, and the gateway could not be asked",
    );
  });

  it("1: the gateway fails and its server cannot be asked", async () => {
    await using gateway = await answering(gateway502);
    const wish = { ...one, members: ["app.contoso.example"] };
    const { flat } = await bypass(wish, { gateway: gateway.port });
    expect(flat).toContain(
      "✗ Could not tell: through the gateway 3 of 3 tries failed, and no server could be asked directly;",
    );
  });

  it("asks with the client's own Host where the gateway's fails", async () => {
    await using gateway = await answering(page("404 Not Found", "nginx"));
    const asked: string[] = [];
    await using server = await listen((socket) => {
      socket.once("data", (bytes) => {
        asked.push(bytes.toString("latin1"));
        socket.end(bytes.includes("\r\nHost: shop.contoso.com") ? ok : response("404 Not Found"));
      });
    });
    const wish = { ...one, setting: { hostName: "inner.contoso.example", path: "/app/" } };
    const { flat } = await bypass(wish, { gateway: gateway.port, servers: { "10.0.1.4": server.port } }, [
      "--tries",
      "1",
    ]);
    expect(flat).toContain("As Http GET /app/cart?…, Host inner.contoso.example");
    expect(flat).toContain("Own Host with shop.contoso.com: The server answers 200.");
    expect(asked.map((text) => /\r\nHost: (\S+)/.exec(text)?.[1])).toEqual([
      "inner.contoso.example",
      "shop.contoso.com",
    ]);
  });

  it("says what a browser would hold against the gateway, and asks all the same", async () => {
    const dates = { notBeforeMs: Date.now() - 86_400_000, notAfterMs: Date.now() + 86_400_000 };
    const { pem, keyPem } = makeCertificate({
      commonName: "other",
      names: ["other.contoso.com"],
      ca: true,
      ...dates,
    });
    const gateway = createTlsServer({ cert: pem, key: keyPem }, (socket) => {
      socket.on("error", () => {}).once("data", () => socket.end(ok));
    });
    gateway.on("tlsClientError", () => {}).listen(0, "127.0.0.1");
    await once(gateway, "listening");
    await using server = await answering(ok);
    const wish: RoutingWish = { listeners: [{ name: "shop", hosts: ["shop.contoso.com"], to: "web" }] };
    const { port } = gateway.address() as AddressInfo;
    const { code, flat } = await bypass(wish, { gateway: port, servers: { "10.0.1.4": server.port } }, [
      "https://shop.contoso.com/",
    ]);
    gateway.close();
    await once(gateway, "close");
    expect(flat).toContain("CN=other is not for shop.contoso.com (not held against it here)");
    expect(server.asked[0]).toContain("X-Forwarded-Proto: https\r\n");
    expect(code).toBe(0);
  });

  it("sends what may change something once, and says so; values of headers nowhere", async () => {
    await using gateway = await answering(ok);
    await using server = await answering(ok);
    const words = ["--method", "post", "--header", "Authorization: Bearer s3cret", "-H", "X_odd: 1"];
    const { flat } = await bypass(
      one,
      { gateway: gateway.port, servers: { "10.0.1.4": server.port } },
      words,
    );
    expect(flat).toContain("POST may change something");
    expect(flat).toContain("with authorization and x_odd (values withheld)");
    expect(flat).not.toContain("s3cret");
    expect(gateway.asked).toHaveLength(1);
    expect(gateway.asked[0]).toMatch(/^POST .*authorization: Bearer s3cret\r\n.*x_odd: 1\r\n/s);
    expect(server.asked[0]).toContain("authorization: Bearer s3cret\r\n");
    // A name of other than letters, digits and hyphens is not passed on by the gateway.
    expect(server.asked[0]).not.toContain("x_odd");
  });

  it("asks for a WebSocket where the URL does", async () => {
    await using gateway = await answering(response("426 Upgrade Required"));
    await using server = await answering(response("426 Upgrade Required"));
    const places = { gateway: gateway.port, servers: { "10.0.1.4": server.port } };
    const { flat } = await bypass(one, places, ["ws://shop.contoso.com/live", "--tries", "1"]);
    for (const { asked } of [gateway, server]) expect(asked[0]).toMatch(/\r\nUpgrade: websocket\r\n/i);
    expect(flat).toContain("Request GET ws://shop.contoso.com/live");
  });

  it("takes the frontend that is asked, where several have the port", async () => {
    await using gateway = await answering(ok);
    await using server = await answering(ok);
    const { id } = routingDocument({ listeners: [] });
    const frontend = (name: string, more: object) => ({
      id: `${id}/frontendIPConfigurations/${name}`,
      name,
      ...more,
    });
    const more = {
      frontendIPConfigurations: [
        frontend("public", { publicIPAddress: { id: "/pip" } }),
        frontend("private", { privateIPAddress: "127.0.0.1" }),
      ],
    };
    const listeners: RoutingWish["listeners"] = [
      { name: "outer", protocol: "Http", priority: 1, to: "web" },
      { name: "inner", protocol: "Http", frontend: "private", priority: 2, to: "api" },
    ];
    const places = { gateway: gateway.port, servers: { "10.0.1.4": server.port } };
    expect((await bypass({ listeners, more }, places)).flat).toContain("Route inner/inner");
    expect((await bypass({ listeners }, places)).flat).toContain("name the one with --via");
  });

  it("says why no server is asked", async () => {
    await using gateway = await answering(response("301 Moved"));
    const redirect: RoutingWish = {
      listeners: [{ name: "shop", protocol: "Http", to: { redirect: "Permanent" } }],
    };
    expect((await bypass(redirect, { gateway: gateway.port })).flat).toContain(
      "Route shop/shop: route shop/shop redirects it with 301",
    );
    const rewritten = { ...one, rule: { rewriteRuleSet: { id: "/x/rewriteRuleSets/set-a" } } };
    await using failing = await answering(gateway502);
    expect((await bypass(rewritten, { gateway: failing.port })).flat).toContain(
      "no server could be asked directly; rewrite rule set set-a may change what servers are asked.",
    );
  });

  it("servers are asked what rewrite rules make of the request", async () => {
    const id = `${routingDocument({ listeners: [] }).id}/rewriteRuleSets/set-a`;
    const requestHeaderConfigurations = [{ headerName: "Host", headerValue: "app.contoso.example" }];
    const urlConfiguration = {
      modifiedPath: "/buy{var_uri_path}",
      modifiedQueryString: "{var_query_string}&v=2",
    };
    const actionSet = { requestHeaderConfigurations, urlConfiguration };
    const rewriteRules = [{ name: "r", ruleSequence: 1, conditions: [], actionSet }];
    const wish: RoutingWish = {
      ...one,
      rule: { rewriteRuleSet: { id } },
      more: { rewriteRuleSets: [{ id, name: "set-a", rewriteRules }] },
    };
    await using gateway = await answering(gateway502);
    await using server = await answering(ok);
    const { flat } = await bypass(wish, { gateway: gateway.port, servers: { "10.0.1.4": server.port } });
    expect(gateway.asked[0]).toMatch(/^GET \/cart\?token=s3cret HTTP/);
    expect(server.asked[0]).toMatch(
      /^GET \/buy\/cart\?token=s3cret&v=2 HTTP\/1\.1\r\nHost: app\.contoso\.example\r\n/,
    );
    expect(server.asked[0]).toContain("X-Original-Host: shop.contoso.com\r\n");
    expect(flat).toContain("Only through the gateway");
    expect(flat).not.toContain("s3cret");
  });

  it("130: interrupted, with what came back until then", async () => {
    const interruption = new AbortController();
    await using gateway = await answering(gateway502);
    await using silent = await listen((socket) => socket.once("data", () => interruption.abort()));
    const { code, flat } = await bypass(
      one,
      { gateway: gateway.port, servers: { "10.0.1.4": silent.port } },
      [],
      {
        interruption: interruption.signal,
      },
    );
    expect(flat).toContain("Could not tell");
    expect(code).toBe(130);
  });

  const wrong: readonly (readonly [readonly string[], RegExp])[] = [
    [["ftp://shop.contoso.com/"], /no URL of http, https, ws or wss/],
    [["http://user:s3cret@shop.contoso.com/"], /a URL with a user name is not sent/],
    [[url, "https://two.contoso.com/"], /one URL at a time/],
    [["--tries", "0"], /--tries takes a number from 1 to 100/],
    [["--method", "GE T"], /--method takes a method/],
    [["--header", "s3cret"], /--header takes 'Name: value'/],
    [["--header", "A: b\r\nC: s3cret"], /--header takes 'Name: value'/],
    [["--header", "Host: x"], /the host stands in the URL/],
    [["--header", "A: 1", "--header", "a: 2"], /--header a is given twice/],
    [["--header", "Connection: close"], /the request cannot be sent: connection belongs/],
    [["--via", "gw.contoso.com"], /--via takes an address/],
    [["--backend", "x"], /--backend: expected/],
    [["--format", "markdown"], /--format takes text, json/],
  ];

  it.each(wrong)("2: %j, and nothing is sent", async (words, line) => {
    await using gateway = await answering(ok);
    const { code, stdout, stderr } = await bypass(one, { gateway: gateway.port }, words);
    expect(stderr).toMatch(line);
    expect(stderr).not.toContain("s3cret");
    expect([code, stdout, gateway.asked.length]).toEqual([2, "", 0]);
  });

  it("2: no URL, no documents, several gateways", async () => {
    expect(await runCli(["bypass"])).toMatchObject({
      code: 2,
      stderr: expect.stringContaining("give a URL"),
    });
    expect(await runCli(["bypass", url])).toMatchObject({
      code: 2,
      stderr: expect.stringContaining("--case PATH"),
    });
    const second = JSON.stringify(routingDocument(one)).replaceAll("agw-route", "agw-other");
    using folder = folderWith({ "a.json": routingDocument(one), "b.json": second });
    expect(await runCli(["bypass", url, "--case", folder.path])).toMatchObject({
      code: 2,
      stderr: expect.stringContaining("choose with --gateway NAME"),
    });
  });
});

describe("how causeway bypass writes", () => {
  it("JSON as its schema says, without secrets", async () => {
    await using gateway = await answering(gateway502);
    await using server = await answering(ok);
    const wish = { ...one, members: ["10.0.1.4", "app.contoso.example"] };
    const { stdout } = await bypass(wish, { gateway: gateway.port, servers: { "10.0.1.4": server.port } }, [
      "--format",
      "json",
      "--tries",
      "2",
    ]);
    expect(validBypassReport(stdout)).toMatchObject({
      format: "causeway/bypass/v1",
      request: { method: "GET", url: "http://shop.contoso.com/cart?…", tries: 2, unsafe: false },
      route: "shop/shop",
      verdict: { outcome: "could-not-tell", failureSeen: true },
      through: {
        via: `127.0.0.1:${gateway.port}`,
        tries: [{ answer: "bad", status: 502, madeBy: "gateway" }, {}],
      },
      servers: [
        { place: "10.0.1.4:8080", sent: { path: "/cart?" }, tries: [{ answer: "fine" }, {}] },
        { place: "app.contoso.example:8080", tries: [{ answer: "untold", kind: "name-not-found" }, {}] },
      ],
    });
    expect(stdout).not.toContain("s3cret");
    const closed = await closedPort();
    const redirect: RoutingWish = {
      listeners: [{ name: "shop", protocol: "Http", to: { redirect: "Found" } }],
    };
    expect(
      validBypassReport((await bypass(redirect, { gateway: closed }, ["-f", "json"])).stdout),
    ).toMatchObject({
      noServer: { why: "redirect" },
      servers: [],
    });
  });

  it("within the width, in colour and in ASCII", async () => {
    await using gateway = await answering(gateway502);
    await using server = await answering(ok);
    const members = Array.from({ length: 14 }, (_, index) => `10.0.1.${index + 4}`);
    const servers = Object.fromEntries(members.map((member) => [member, server.port]));
    const places = { gateway: gateway.port, servers };
    const piped = await bypass({ ...one, members }, places, ["--ascii", "--tries", "1"]);
    const body = piped.stdout.replace(/ {2}causeway diagnose.*\n/, "");
    expect(body).toMatch(/^[\n\x20-\x7e]*$/);
    expect(body.split("\n").filter((line) => columnsOf(line) > 80)).toEqual([]);
    expect(piped.flat).toContain("2 more servers, with --verbose.");
    const shown = await bypass({ ...one, members }, places, ["-v", "--tries", "1"], {
      columns: 60,
      env: { LANG: "C.UTF-8" },
    });
    expect(shown.stdout).toContain("\u001b[");
    expect(shown.flat).not.toContain("more servers");
    const quiet = await bypass(one, { gateway: gateway.port, servers: { "10.0.1.4": server.port } }, ["-q"]);
    expect(quiet.stdout).toMatch(/^✗ Only through the gateway/);
  });
});
