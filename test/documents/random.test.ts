import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { readDocuments } from "../../src/documents/read-documents.ts";
import { resourceKinds } from "../../src/documents/resource-kinds.ts";
import { buildModel } from "../../src/model/build.ts";
import { input } from "./support.ts";

/** Field names that mean something somewhere, so that random documents get past recognition. */
const fieldNames = [
  "id",
  "name",
  "type",
  "properties",
  "value",
  "values",
  "records",
  "data",
  "parameters",
  "responses",
  "body",
  "200",
  "backendAddressPools",
  "backendAddressPool",
  "backendHttpSettingsCollection",
  "backendHttpSettings",
  "servers",
  "httpListeners",
  "requestRoutingRules",
  "probes",
  "probe",
  "urlPathMaps",
  "pathRules",
  "paths",
  "subnet",
  "subnets",
  "sku",
  "tier",
  "gatewayIPConfigurations",
  "backendAddresses",
  "fqdn",
  "ipAddress",
  "backendIPConfigurations",
  "securityRules",
  "priority",
  "direction",
  "access",
  "addressSpace",
  "addressPrefixes",
  "virtualNetworkPeerings",
  "routes",
  "nextHopType",
  "addressPrefix",
  "ipConfigurations",
  "privateIPAddress",
  "instanceView",
  "statuses",
  "code",
  "effectiveSecurityRules",
  "association",
  "networkInterface",
  "siteConfig",
  "config",
  "ipSecurityRestrictions",
  "eventTimestamp",
  "operationName",
  "properties",
  "category",
  "httpStatus",
  "tables",
  "columns",
  "rows",
  "__proto__",
  "aRecords",
  "A",
  "virtualNetworkLinks",
  "ProbesText",
  "constructor",
  "toString",
  "length",
];

const types = Object.keys(resourceKinds);
const ids = fc.tuple(fc.constantFrom(...types), fc.constantFrom("a", "b", "@", "")).map(([type, name]) => {
  const [provider, ...collections] = type.split("/");
  return `/subscriptions/s/resourceGroups/r/providers/${provider}/${collections.map((c) => `${c}/${name}`).join("/")}`;
});

const leaf = fc.oneof(
  fc.constantFrom(
    null,
    true,
    false,
    0,
    -1,
    1.5,
    "",
    "*",
    "10.0.0.0/8",
    "Inbound",
    "Allow",
    "constructor",
    "2026-01-01",
  ),
  fc.string({ maxLength: 8 }),
  ids,
  fc.constantFrom(...types),
);

const { document } = fc.letrec((tie) => ({
  document: fc.oneof(
    { maxDepth: 6, depthSize: "medium", withCrossShrink: true },
    leaf,
    fc.array(tie("document"), { maxLength: 4 }),
    fc.dictionary(fc.constantFrom(...fieldNames), tie("document"), { maxKeys: 7, noNullPrototype: false }),
    fc
      .tuple(ids, fc.dictionary(fc.constantFrom(...fieldNames), tie("document"), { maxKeys: 6 }))
      .map(([id, fields]) => ({ ...(fields as object), id })),
  ),
}));

describe("random documents", () => {
  it("are read and built into a model without an error", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(document, { maxLength: 4 }), async (values) => {
        const set = await readDocuments(values.map((value, i) => input(`${i}.json`, JSON.stringify(value))));
        expect(set.documents).toHaveLength(values.length);
        for (const { note, kind } of set.documents) expect(note.length * kind.length).toBeGreaterThan(0);
        const model = buildModel(set);
        // The same records give the same model, as often as it is built.
        expect(buildModel(set).problems).toEqual(model.problems);
      }),
      { numRuns: 1500 },
    );
  });

  it("of any bytes end in a note", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.uint8Array({ maxLength: 200 }),
        fc.constantFrom("", "{", "[{", '{"records":['),
        async (bytes, start) => {
          const set = await readDocuments([input("x", Buffer.concat([Buffer.from(start), bytes]))]);
          expect(set.documents).toHaveLength(1);
          expect(set.documents[0]?.note).not.toBe("");
          buildModel(set);
        },
      ),
      { numRuns: 1500 },
    );
  });

  it("of any JSON fail at a place inside the text when a piece is taken out", async () => {
    await fc.assert(
      fc.asyncProperty(fc.json(), fc.nat(), async (json, cut) => {
        const at = cut % json.length;
        const text = `[${json.slice(0, at)}${json.slice(at + 1)}]`;
        const { failures } = await readDocuments([input("x", text)]);
        for (const { line = 0, column = 0 } of failures) {
          const lines = text.split("\n");
          expect(line).toBeGreaterThan(0);
          expect(line).toBeLessThanOrEqual(lines.length);
          expect(column).toBeGreaterThan(0);
          expect(column).toBeLessThanOrEqual((lines[line - 1]?.length ?? 0) + 1);
        }
      }),
      { numRuns: 500 },
    );
  });
});
