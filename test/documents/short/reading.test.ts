import { readFileSync } from "node:fs";
import { Ajv2020 } from "ajv/dist/2020.js";
import { describe, expect, test } from "vitest";
import { parse } from "yaml";
import { buildModel } from "../../../src/model/build.ts";
import type { Gateway } from "../../../src/model/gateway.ts";
import { wiringOf } from "../../../src/routing/routes.ts";
import { expanded, readText } from "./support.ts";

const root = new URL("../../../", import.meta.url);
const docs = readFileSync(new URL("docs/short-notation.md", root), "utf8");
const schema = JSON.parse(
  readFileSync(new URL("schema/gateway-short.v1.schema.json", root), "utf8"),
) as object;
const validate = new Ajv2020({ strict: false }).compile(schema);

function example(name: string): string {
  const found = new RegExp(`<!-- example: ${name} -->\\n\`\`\`yaml\\n([^]*?)\`\`\``).exec(docs)?.[1];
  if (found === undefined) throw new Error(`no example ${name}`);
  return found;
}

async function gatewayIn(text: string, name = "gateway.yaml"): Promise<Gateway> {
  const set = await readText(text, name);
  expect(set.failures).toEqual([]);
  const { gateways, problems } = buildModel(set);
  expect(problems).toEqual([]);
  const [gateway] = gateways;
  if (gateway === undefined) throw new Error(JSON.stringify(set.documents));
  return gateway;
}

describe("the documentation", () => {
  test.each(["smallest", "whole"])("its example %s fits the schema", (name) => {
    expect(validate(parse(example(name))) || validate.errors).toBe(true);
  });

  test("its smallest example is a whole gateway", async () => {
    const gateway = await gatewayIn(example("smallest"), "folder/small.yaml");
    expect(gateway.name).toBe("small");
    expect(example("smallest").trimEnd().split("\n").length).toBeLessThanOrEqual(10);
    const [route, ...others] = wiringOf(gateway).routes;
    expect(others).toEqual([]);
    expect(route?.id).toBe("listener-1/listener-1");
    expect(route?.pair?.servers.map(({ address }) => address)).toEqual(["10.0.1.4", "10.0.1.5"]);
    expect(route?.pair?.setting).toMatchObject({
      port: 8080,
      protocol: "Http",
      probe: { target: { path: "/healthz" } },
    });
    expect(route?.listener).toMatchObject({ protocol: "Http", frontendPort: { target: { port: 80 } } });
  });

  test("its whole example has every route", async () => {
    const { routes } = wiringOf(await gatewayIn(example("whole")));
    const seen = routes.map(
      ({ id, pair, leadsTo }) => `${id}: ${pair?.id ?? leadsTo.redirect?.target?.name}`,
    );
    expect(seen).toEqual([
      "web/to-https: to-https",
      "shop/shop/path-1: images~images",
      "shop/shop/path-2: shop-path-2",
      "shop/shop/path-3: app~slow",
      "shop/shop/default: app~app",
    ]);
  });

  test("the schema refuses what is none", () => {
    for (const wrong of [
      {},
      { gateway: {} },
      { gateway: { pools: "x" } },
      { gateway: { listeners: [{ port: 0 }] } },
    ]) {
      expect(validate(wrong), JSON.stringify(wrong)).toBe(false);
    }
  });
});

describe("places", () => {
  const text =
    "gateway:\n  listeners:\n    - port: 80\n  pools:\n    app:\n      - 10.0.1.4\n      - 10.0.1.5\n";

  test("are lines, in YAML and in JSON", async () => {
    const gateway = await gatewayIn(text);
    expect(gateway.pools[0]?.source.pointer).toBe("line 5");
    expect(gateway.pools[0]?.members.map(({ source }) => source.pointer)).toEqual(["line 6", "line 7"]);
    expect(gateway.listeners[0]?.source.pointer).toBe("line 3");
    const json = '{ "gateway": {\n"listeners": [{ "port": 80 }],\n"pools": { "app": [\n"10.0.1.4"] } } }';
    const fromJson = await gatewayIn(json, "gateway.json");
    expect(fromJson.pools[0]?.members[0]?.source.pointer).toBe("line 4");
  });

  test("of what nobody wrote are those of what it was made from", async () => {
    const gateway = await gatewayIn(text);
    expect(gateway.rules[0]?.source.pointer).toBe("line 3");
    expect(gateway.rules[0]?.source.at("priority").pointer).toBe("line 3");
    expect(gateway.settings[0]?.source.pointer).toBe("line 1");
  });

  test("of values that are not what they should be are told", async () => {
    const set = await readText(`${text}  settings:\n    app: { port: 80, requestTimeout: soon }\n`);
    expect(buildModel(set).problems).toMatchObject([
      { document: "gateway.yaml", pointer: "line 9", found: '"soon"' },
    ]);
  });
});

describe("what is meant", () => {
  const base = { listeners: { web: null }, pools: { app: ["10.0.1.4"] } };
  const list = (short: unknown, name: string): Record<string, unknown>[] =>
    expanded(short).resource[name] as Record<string, unknown>[];

  test.each<[string, Record<string, unknown>, string, unknown]>([
    [
      "a certificate makes a listener secure",
      { listeners: { web: { certificate: "c" } } },
      "httpListeners",
      [{ protocol: "Https" }],
    ],
    [
      "a secure setting has port 443",
      { settings: { a: { protocol: "Https" } } },
      "backendHttpSettingsCollection",
      [{ port: 443 }],
    ],
    [
      "rules on v2 have priorities",
      { listeners: { a: { port: 1 }, b: { port: 2 } } },
      "requestRoutingRules",
      [{ priority: 10 }, { priority: 20 }],
    ],
    [
      "names tell themselves from addresses",
      { pools: { app: "app.internal" } },
      "backendAddressPools",
      [{ backendAddresses: [{ fqdn: "app.internal" }] }],
    ],
    [
      "a probe picks the host of its setting",
      { settings: { a: { host: "x.contoso.com", probe: {} } } },
      "probes",
      [{ name: "a", path: "/", pickHostNameFromBackendHttpSettings: true }],
    ],
    [
      "affinity is a switch",
      { settings: { a: { cookieBasedAffinity: true } } },
      "backendHttpSettingsCollection",
      [{ cookieBasedAffinity: "Enabled" }],
    ],
    [
      "layer 4 by its protocol",
      {
        listeners: { db: { port: 5432, protocol: "Tcp" } },
        settings: { db: { port: 5432, protocol: "Tcp", timeout: 9 } },
      },
      "backendSettingsCollection",
      [{ timeout: 9 }],
    ],
    [
      "rules of layer 4 by their listener",
      {
        listeners: { db: { port: 5432, protocol: "Tcp" } },
        settings: { db: { port: 5432, protocol: "Tcp" } },
        rules: { db: { pool: "app" } },
      },
      "routingRules",
      [{ priority: 10 }],
    ],
  ])("%s", (_name, fields, collection, expected) => {
    expect(list({ ...base, ...fields }, collection)).toMatchObject(expected as object[]);
  });

  test("a gateway that somebody writes down runs; its state may be left open", () => {
    expect(expanded(base).resource).toHaveProperty("operationalState", "Running");
    expect(expanded({ ...base, operationalState: null }).resource).toHaveProperty("operationalState", null);
    expect(expanded({ ...base, provisioningState: "Succeeded" }).resource).not.toHaveProperty(
      "operationalState",
    );
  });

  test("rules on v1 have none", () => {
    expect(list({ ...base, sku: "Standard_Medium" }, "requestRoutingRules")[0]).not.toHaveProperty(
      "priority",
    );
  });

  test("an explicit false stays", () => {
    expect(
      list({ ...base, settings: { a: { validateSNI: false } } }, "backendHttpSettingsCollection"),
    ).toMatchObject([{ validateSNI: false }]);
  });
});

describe("what is refused, with its place", () => {
  const gateway = (rest: string): string =>
    `gateway:\n  pools: { app: [10.0.1.4] }\n  listeners: { web: { port: 80 } }\n${rest}`;

  test.each<[string, string, string, RegExp]>([
    [
      "a name twice",
      gateway("  pools: { b: [10.0.1.5] }\n"),
      "4:3",
      /"pools" stands here twice \(first in line 2\)/,
    ],
    ["two names for one thing", gateway("  backendAddressPools: []\n"), "4:3", /under two names/],
    ["a misspelt field", gateway("  setings: { a: { port: 1 } }\n"), "4:3", /did you mean settings/],
    ["a misspelt field of a part", gateway("  settings:\n    a: { prot: 1 }\n"), "5:16", /did you mean port/],
    [
      "a port with a server",
      "gateway:\n  pools: { app: ['10.0.1.4:8080'] }\n",
      "2:18",
      /port: 8080 in the setting/,
    ],
    ["no port", "gateway:\n  pools: { app: [] }\n  listeners: [{ port: 70000 }]\n", "3:23", /1 to 65535/],
    [
      "several pools without rules",
      gateway("").replace("app: [10.0.1.4]", "a: [], b: []"),
      "1:1",
      /several pools \(a, b\)/,
    ],
    ["a tag", gateway("  name: !!js/function 'x'\n"), "4:23", /tags/],
    ["a tag of one's own", gateway("  name: !secret x\n"), "4:17", /tag/i],
    ["a merge key", gateway("  settings:\n    a: { <<: { port: 1 } }\n"), "5:10", /merge keys/],
    ["an alias to nothing", gateway("  name: *gone\n"), "4:9", /\*?gone|anchor/],
    ["an alias to itself", gateway("  tags: &a { b: *a }\n"), "4:17", /no whole value &a/],
    ["a list as a part", gateway("  settings: { a: [1] }\n"), "4:15", /has to be an object/],
    ["broken YAML", gateway("  settings: { a: \n"), "4:18", /not valid YAML/],
    ["a tab", gateway("  settings:\n\t a: 1\n"), "5:1", /not valid YAML/],
    ["other defaults", gateway("  defaults: all\n"), "4:13", /only be `none`/],
    ["a name with a slash", gateway("  name: a/b\n"), "4:9", /no \/ in it/],
    [
      "two parts of one name",
      gateway("  settings: [{ name: a }, { name: A }]\n"),
      "4:27",
      /two settings are called/,
    ],
  ])("%s", async (_name, text, place, says) => {
    const { failures, records } = await readText(text);
    expect(records).toEqual([]);
    expect(failures.map(({ line, column }) => `${line}:${column}`)).toEqual([place]);
    expect(failures[0]?.message).toMatch(says);
  });

  test("aliases that would fill the memory", async () => {
    const levels = Array.from(
      { length: 30 },
      (_, i) => `  a${i}: &a${i} [${i === 0 ? "x" : `*a${i - 1}, *a${i - 1}`}]\n`,
    );
    const { failures } = await readText(gateway(levels.join("")));
    expect(failures[0]?.message).toContain("more than 200000 values");
  });

  test.each([
    ["brackets", `gateway:\n  pools: ${"[".repeat(100_000)}`],
    ["levels", gateway(`  tags: ${"{a: ".repeat(300)}1${"}".repeat(300)}\n`)],
    ["levels of JSON", `{"gateway":{"pools":{"a":${"[".repeat(150_000)}`],
  ])("deep %s", async (_name, text) => {
    const { failures } = await readText(text);
    expect(failures).toHaveLength(1);
  });

  test("many names, in good time", async () => {
    const names = Array.from({ length: 30_000 }, (_, i) => `    x${i}: [10.0.1.4]\n`).join("");
    const { failures } = await readText(`gateway:\n  listeners: [{ port: 80 }]\n  pools:\n${names}`);
    expect(failures[0]?.message).toContain("several pools");
  });

  test("text over 4 MiB", async () => {
    const { failures } = await readText(gateway(`# ${"x".repeat(4 * 1024 * 1024)}\n`));
    expect(failures[0]?.message).toContain("larger than 4 MiB");
  });
});

describe("what is no gateway of the short notation", () => {
  test.each([
    ["YAML of something else", "name: x\nvalues: [1]\n"],
    ["values of a chart", "gateway:\n  enabled: true\n"],
    ["a manifest", "apiVersion: v1\ngateway:\n  listeners: []\n"],
  ])("%s is left aside", async (_name, text) => {
    const { failures, records, documents } = await readText(text, "some.yaml");
    expect([failures, records]).toEqual([[], []]);
    expect(documents[0]?.used).toBe(false);
  });

  test.each<[string, string, string, string, RegExp]>([
    ["a list that does not end", "shop.yaml", "gateway: [\n", "2:1", /`\]` at the end/],
    ["a tab below the gateway", "shop.yml", "gateway:\n\tname: shop\n", "2:1", /blanks, not tabs/],
    ["a tab before the gateway", "shop.yaml", "\tgateway:\n\t  pools: {}\n", "1:1", /blanks, not tabs/],
    ["no colon", "shop.yaml", "gateway\n  listeners: { web: { port: 80 } }\n", "1:1", /`:` behind a name/],
    ["a gateway in a file of any name", "shop", "gateway: {\n", "2:1", /`}` at the end/],
  ])("%s is a fault of its syntax", async (_name, file, text, place, expected) => {
    const { failures } = await readText(text, file);
    expect(failures.map(({ line, column }) => `${line}:${column}`)).toEqual([place]);
    expect(failures[0]?.expected).toMatch(expected);
    expect(failures[0]?.message).toContain(`${file}:${place}: not valid YAML`);
  });

  test.each([
    ["a template of YAML", "values.yaml", "a: {{ .Values.a }}\n b: c\n"],
    ["text", "notes.txt", "gateways:\n\tnone yet: [\n"],
    ["a broken manifest", "pod.yaml", "apiVersion: v1\nspec: [\n"],
  ])("%s is left aside, broken as it is", async (_name, file, text) => {
    const { failures, documents } = await readText(text, file);
    expect(failures).toEqual([]);
    expect(documents[0]?.used).toBe(false);
  });

  test("an export below such a name is read as an export", async () => {
    const id = "/subscriptions/s/resourceGroups/r/providers/Microsoft.Network/applicationGateways/g";
    const text = JSON.stringify({
      applicationGateway: { id, properties: { httpListeners: [{ name: "l" }] } },
    });
    const { records } = await readText(text, "created.json");
    expect(records).toMatchObject([{ id, source: { pointer: "/applicationGateway" } }]);
  });

  test("several documents are several gateways", async () => {
    const one = "gateway:\n  listeners: [{ port: 80 }]\n  pools: { a: [10.0.1.4] }\n";
    const { records } = await readText(`${one}---\n${one}`, "two.yaml");
    expect(records.map(({ source }) => source.text("name"))).toEqual(["two-1", "two-2"]);
  });
});
