import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { documentOf, readDocuments } from "../../../src/documents/read-documents.ts";
import { canonicalGateway } from "../../../src/documents/short/canonical.ts";
import { compactGateway } from "../../../src/documents/short/compact.ts";
import { expanded, modelOf, withoutPlaces } from "./support.ts";

type Plain = Readonly<Record<string, unknown>>;

const root = new URL("../../../", import.meta.url).pathname;

/** Every gateway among the documents of the tests and the examples, in all their notations. */
async function knownGateways(): Promise<{ name: string; id: string; value: Plain }[]> {
  const files = ["test/cases", "examples"].flatMap((folder) =>
    readdirSync(join(root, folder), { recursive: true, encoding: "utf8" })
      .filter((file) => file.endsWith(".json") && !file.endsWith("expected.json"))
      .map((file) => join(folder, file)),
  );
  const found: { name: string; id: string; value: Plain }[] = [];
  for (const file of files) {
    const set = await readDocuments([documentOf(file, readFileSync(join(root, file)))]);
    for (const { id, type, source } of set.records) {
      if (type === "microsoft.network/applicationgateways")
        found.push({ name: file, id, value: source.value as Plain });
    }
  }
  return found;
}

function thereAndBack(id: string, value: Plain): void {
  const short = compactGateway(value, id);
  expect(short).toBeDefined();
  const back = expanded(short);
  expect(back.id).toBe(id);
  expect(canonicalGateway(back.resource, id)).toEqual(canonicalGateway(value, id));
  expect(withoutPlaces(modelOf(id, back.resource))).toEqual(withoutPlaces(modelOf(id, value)));
}

describe("Azure → short → Azure", () => {
  test("gives every known gateway back", async () => {
    const gateways = await knownGateways();
    expect(gateways.length).toBeGreaterThan(50);
    for (const { name, id, value } of gateways) {
      try {
        thereAndBack(id, value);
      } catch (error) {
        throw new Error(`${name}: ${(error as Error).message}`);
      }
    }
  });

  test("gives random gateways back, with ids and fields of any kind", () => {
    fc.assert(
      fc.property(azureGateway, ({ id, value }) => thereAndBack(id, value)),
      { numRuns: 300 },
    );
  });
});

describe("short → Azure → short", () => {
  test("ends with what stands for the same gateway, and does not change any more", () => {
    fc.assert(
      fc.property(shortGateway, (short) => {
        const { id, resource } = expanded(short);
        const again = compactGateway(resource, id) as Plain;
        const back = expanded(again);
        expect(canonicalGateway(back.resource, id)).toEqual(canonicalGateway(resource, id));
        expect(compactGateway(back.resource, back.id)).toEqual(again);
      }),
      { numRuns: 300 },
    );
  });

  test("keeps the short words of a usual gateway", () => {
    const short = {
      name: "shop",
      listeners: { web: { port: 80 }, secure: { port: 443, certificate: "site", hosts: ["*.contoso.com"] } },
      certificates: { site: { keyVaultSecretId: "https://contoso.vault.azure.net/secrets/site" } },
      rules: {
        web: { listener: "web", redirect: "to-https" },
        secure: { listener: "secure", pool: "app", setting: "app" },
      },
      redirects: { "to-https": { redirectType: "Permanent", targetListener: "secure" } },
      pools: { app: ["10.0.1.4", "app.internal"] },
      settings: { app: { port: 8080, timeout: 5 } },
    };
    const { id, resource } = expanded(short);
    expect(compactGateway(resource, id)).toEqual(short);
  });
});

const name = fc.stringMatching(/^[a-zA-Z][a-zA-Z0-9_.-]{0,8}$/);
const names = fc.uniqueArray(name, { minLength: 1, maxLength: 4, selector: (one) => one.toLowerCase() });
const anything = fc.oneof(
  fc.string(),
  fc.integer(),
  fc.boolean(),
  fc.constant(null),
  fc.array(fc.string(), { maxLength: 3 }),
);
const extras = fc.dictionary(fc.stringMatching(/^x[a-zA-Z]{4,9}$/), anything, { maxKeys: 2 });
const host = fc.constantFrom("10.0.1.4", "fd00::4", "app.internal", "a.contoso.com", "1234", "x:8080", "");
const port = fc.constantFrom(80, 443, 8080, 8443);

const resourceId = fc
  .tuple(
    fc.constantFrom("00000000-0000-0000-0000-000000000000", "11111111-2222-3333-4444-555555555555"),
    fc.constantFrom("local", "rg-Shop"),
    fc.constantFrom("resourceGroups", "resourcegroups"),
    name,
  )
  .map(
    ([s, g, word, n]) =>
      `/subscriptions/${s}/${word}/${g}/providers/Microsoft.Network/applicationGateways/${n}`,
  );

/** A field is left out, null, or one of the values. */
const maybe = <T>(key: string, value: fc.Arbitrary<T>): fc.Arbitrary<Record<string, unknown>> =>
  fc.oneof(
    { weight: 5, arbitrary: value.map((one) => ({ [key]: one })) },
    { weight: 2, arbitrary: fc.constant({}) },
    { weight: 1, arbitrary: fc.constant({ [key]: null }) },
  );

const merged = (...parts: fc.Arbitrary<Record<string, unknown>>[]): fc.Arbitrary<Record<string, unknown>> =>
  fc.tuple(...parts).map((all) => Object.assign({}, ...all) as Record<string, unknown>);

const azureGateway = fc
  .tuple(resourceId, names, names, names, fc.boolean(), fc.boolean())
  .chain(([id, pools, listeners, settings, nested, withIds]) => {
    const reference = (collection: string, among: readonly string[]): fc.Arbitrary<unknown> =>
      fc.oneof(
        {
          weight: 8,
          arbitrary: fc
            .constantFrom(...among, "gone")
            .map((n) => ({ id: `${id}/${collection}/${n}`, resourceGroup: "rg-Shop" })),
        },
        {
          weight: 1,
          arbitrary: fc.constantFrom(...among).map((n) => ({ id: `/elsewhere/${collection}/${n}` })),
        },
        { weight: 1, arbitrary: fc.constantFrom(...among).map((n) => `${id}/${collection}/${n}`) },
      );
    const part = (collection: string, n: string, fields: Record<string, unknown>): unknown => {
      const head = { name: n, ...(withIds ? { id: `${id}/${collection}/${n}`, etag: 'W/"1"' } : {}) };
      return nested ? { ...head, properties: fields } : { ...head, ...fields };
    };
    const each = (
      collection: string,
      all: readonly string[],
      fields: fc.Arbitrary<Record<string, unknown>>,
    ) =>
      fc
        .tuple(...all.map(() => fields))
        .map((values) =>
          all.map((n, index) => part(collection, n, values[index] as Record<string, unknown>)),
        );
    return fc
      .record({
        sku: fc.constantFrom(
          { name: "Standard_v2", tier: "Standard_v2" },
          { name: "WAF_Medium", tier: "WAF", capacity: 2 },
        ),
        enableHttp2: fc.boolean(),
        frontendIPConfigurations: each("frontendIPConfigurations", ["frontend"], extras),
        frontendPorts: each("frontendPorts", ["port_80", "p2"], merged(maybe("port", port), extras)),
        backendAddressPools: each(
          "backendAddressPools",
          pools,
          merged(
            maybe(
              "backendAddresses",
              fc.array(
                fc.oneof(
                  host.map((h) => ({ fqdn: h })),
                  host.map((h) => ({ ipAddress: h })),
                  fc.constant({}),
                ),
                { maxLength: 3 },
              ),
            ),
          ),
        ),
        backendHttpSettingsCollection: each(
          "backendHttpSettingsCollection",
          settings,
          merged(
            maybe("port", port),
            maybe("protocol", fc.constantFrom("Http", "Https", "http")),
            maybe("hostName", host),
            extras,
          ),
        ),
        httpListeners: each(
          "httpListeners",
          listeners,
          merged(
            maybe("frontendIPConfiguration", reference("frontendIPConfigurations", ["frontend"])),
            maybe("frontendPort", reference("frontendPorts", ["port_80", "p2"])),
            maybe("protocol", fc.constantFrom("Http", "Https", "Tcp")),
            maybe("hostNames", fc.array(host, { maxLength: 2 })),
          ),
        ),
        requestRoutingRules: each(
          "requestRoutingRules",
          listeners,
          merged(
            maybe("ruleType", fc.constantFrom("Basic", "PathBasedRouting")),
            maybe("priority", fc.constantFrom(10, 20, 30)),
            maybe("httpListener", reference("httpListeners", listeners)),
            maybe("backendAddressPool", reference("backendAddressPools", pools)),
            maybe("backendHttpSettings", reference("backendHttpSettingsCollection", settings)),
          ),
        ),
        extra: extras,
      })
      .map(({ extra, sku, ...collections }) => {
        const body = { sku, ...collections, ...extra };
        const value = nested
          ? { id, properties: body }
          : { id, type: "Microsoft.Network/applicationGateways", ...body };
        return { id, value: value as Plain };
      });
  });

const shortGateway = fc.tuple(names, names, names).chain(([pools, settings, listeners]) =>
  fc.record({
    pools: fc
      .tuple(
        ...pools.map(() =>
          fc.oneof(
            fc.array(fc.constantFrom("10.0.1.4", "app.internal"), { maxLength: 3 }),
            fc.constant("10.0.1.5"),
          ),
        ),
      )
      .map((all) => Object.fromEntries(pools.map((n, i) => [n, all[i]]))),
    settings: fc
      .tuple(
        ...settings.map(() =>
          merged(
            maybe("port", port),
            maybe("probe", fc.constant({ path: "/healthz" })),
            maybe("timeout", fc.constant(5)),
          ),
        ),
      )
      .map((all) => Object.fromEntries(settings.map((n, i) => [n, all[i]]))),
    listeners: fc
      .tuple(
        ...listeners.map(() =>
          merged(
            maybe("port", port),
            maybe("protocol", fc.constantFrom("Http", "Https", "Tcp")),
            maybe("host", fc.constant("a.contoso.com")),
          ),
        ),
      )
      .map((all) => listeners.map((n, i) => ({ name: n, ...all[i] }))),
    rules: fc
      .tuple(
        ...listeners.map(() =>
          merged(
            maybe("pool", fc.constantFrom(...pools)),
            maybe("setting", fc.constantFrom(...settings)),
            maybe(
              "paths",
              fc.constant({ "/a/*": pools[0], "/b": { redirect: { targetUrl: "https://contoso.com" } } }),
            ),
          ),
        ),
      )
      .map((all) => Object.fromEntries(listeners.map((n, i) => [`r-${n}`, { listener: n, ...all[i] }]))),
  }),
);
