import { gzipSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import { readDocuments } from "../../src/documents/read-documents.ts";
import { buildModel } from "../../src/model/build.ts";
import { flattened, inPieces, nsg, pascalCased, readOne } from "./support.ts";

const text = JSON.stringify(nsg);

const notations: readonly (readonly [name: string, content: unknown, listed: boolean])[] = [
  ["raw ARM", nsg, false],
  ["az show", flattened(nsg), false],
  ["az list", [flattened(nsg)], true],
  ["ARM list page", { value: [nsg] }, true],
  ["ARM list page with a next page", { value: [nsg], nextLink: "https://example/next" }, false],
  ["PowerShell 5 list", { value: [nsg], Count: 1 }, true],
  ["Resource Graph", { count: 1, data: [nsg], skip_token: null, total_records: 1 }, false],
  ["PowerShell dump", pascalCased(flattened(nsg)), false],
  ["az create", { NewNSG: flattened(nsg) }, false],
  ["bundle of exports", { securityGroups: [nsg], note: "exported by hand" }, true],
  ["REST example", { parameters: { subscriptionId: "s" }, responses: { "200": { body: nsg } } }, false],
  ["without type", { ...nsg, type: undefined }, false],
  ["without id and type", { ...nsg, id: undefined, type: undefined }, false],
  ["type in another case", { ...nsg, type: "MICROSOFT.NETWORK/NETWORKSECURITYGROUPS" }, false],
  ["az resource show", { ...nsg, sku: null, plan: null, managedBy: null }, false],
  ["pretty-printed", JSON.stringify(nsg, undefined, 2), false],
  ["messages of az before it", `WARNING: This command is in preview.\n${text}`, false],
  ["UTF-8 with mark", Buffer.from(`\uFEFF${text}`, "utf8"), false],
  ["UTF-16 LE with mark", Buffer.from(`\uFEFF${text}`, "utf16le"), false],
  ["UTF-16 LE without mark", Buffer.from(text, "utf16le"), false],
  ["UTF-16 BE with mark", Buffer.from(`\uFEFF${text}`, "utf16le").swap16(), false],
  ["UTF-16 BE without mark", Buffer.from(text, "utf16le").swap16(), false],
  ["gzip", gzipSync(text), false],
  ["gzip of UTF-16", gzipSync(Buffer.from(`\uFEFF${text}`, "utf16le")), false],
  ["several gzip members", Buffer.concat([gzipSync(text.slice(0, 50)), gzipSync(text.slice(50))]), false],
];

describe("one security group in every notation", () => {
  it.each(notations)("%s", async (_name, content, listed) => {
    const set = await readOne(content);
    expect(set.failures).toEqual([]);
    expect(set.documents).toMatchObject([{ path: "one.json", kind: "network security group", used: true }]);
    expect(set.listedTypes.has("microsoft.network/networksecuritygroups")).toBe(listed);
    const model = buildModel(set);
    expect(model.problems).toEqual([]);
    expect(model.network.networkSecurityGroups).toMatchObject([{ name: "nsg1" }]);
    expect(model.network.networkSecurityGroups[0]?.rules).toHaveLength(7);
    expect(model.network.networkSecurityGroups[0]?.rules[0]).toMatchObject({
      name: "deny-gateway",
      priority: 200,
      access: "Deny",
      sourcePrefixes: ["10.0.1.0/24"],
      destinationPorts: ["8080"],
    });
  });

  it.each([1, 2, 3, 7, 1000])("cut into pieces of %d bytes", async (size) => {
    for (const bytes of [
      Buffer.from(`\uFEFF${text}`, "utf16le"),
      gzipSync(text),
      Buffer.from(`\uFEFF${text}`),
    ]) {
      const set = await readDocuments([inPieces("a", bytes, size)]);
      expect(set.failures).toEqual([]);
      expect(set.records).toHaveLength(1);
    }
  });

  it("keeps characters that pieces cut in two", async () => {
    const named = { ...nsg, tags: { note: "Zürich 🏔" } };
    for (const encoding of ["utf8", "utf16le"] as const) {
      const set = await readDocuments([inPieces("a", Buffer.from(JSON.stringify(named), encoding), 1)]);
      expect(set.records[0]?.source.value).toEqual(named);
    }
  });
});

describe("several documents in one file", () => {
  const other = { ...nsg, id: nsg.id.replace("nsg1", "nsg2"), name: "nsg2" };

  it.each([
    ["one a line", `${text}\n${JSON.stringify(other)}\n`],
    [
      "pretty-printed one after another",
      `${JSON.stringify(nsg, null, 2)}\n${JSON.stringify(other, null, 2)}`,
    ],
    ["separated by record separators", `\u001e${text}\n\u001e${JSON.stringify(other)}\n`],
    ["a list behind an object", `${text}[${JSON.stringify(other)}]`],
  ])("%s", async (_name, content) => {
    const set = await readOne(content);
    expect(set.failures).toEqual([]);
    expect(set.records.map(({ source }) => source.document)).toEqual([
      "one.json (document 1)",
      "one.json (document 2)",
    ]);
    expect(set.documents).toHaveLength(1);
    expect(set.documents[0]?.note).toBe("read: 2 network security groups");
  });
});
