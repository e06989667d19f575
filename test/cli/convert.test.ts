import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { parse } from "yaml";
import { documentOf, readDocuments } from "../../src/documents/read-documents.ts";
import { canonicalGateway } from "../../src/documents/short/canonical.ts";
import { runCli } from "./run-cli.ts";

const folder = mkdtempSync(join(tmpdir(), "convert-"));
afterAll(() => rmSync(folder, { recursive: true }));

const shop = join(folder, "shop.yaml");
writeFileSync(shop, "gateway:\n  listeners: [{ port: 80 }]\n  pools: { app: [10.0.1.4, app.internal] }\n");
const azure = new URL("../../examples/contoso-shop/application-gateway.json", import.meta.url).pathname;

async function canonicalIn(text: string): Promise<unknown> {
  const { records, failures } = await readDocuments([documentOf("shop.json", text)]);
  expect(failures).toEqual([]);
  const [record] = records;
  return record && canonicalGateway(record.source.value as Record<string, unknown>, record.id);
}

describe("convert", () => {
  test("writes an export in the short notation, and that as the export again", async () => {
    const short = await runCli(["convert", azure]);
    expect(short.code).toBe(0);
    expect(Object.keys(parse(short.stdout) as object)).toEqual(["gateway"]);
    const file = join(folder, "example.yaml");
    writeFileSync(file, short.stdout);
    const back = await runCli(["convert", file]);
    expect(back.code).toBe(0);
    expect(await canonicalIn(back.stdout)).toEqual(await canonicalIn(readFileSync(azure, "utf8")));
  });

  test("writes the short notation in JSON, which is read as well", async () => {
    const { stdout } = await runCli(["convert", azure, "--json"]);
    expect(JSON.parse(stdout)).toHaveProperty("gateway.name", "agw-contoso-shop");
    expect(await canonicalIn(stdout)).toEqual(await canonicalIn(readFileSync(azure, "utf8")));
  });

  test("writes what was meant in full", async () => {
    const { stdout, code } = await runCli(["convert", shop, "--to", "short"]);
    expect(code).toBe(0);
    expect(parse(stdout)).toMatchObject({
      gateway: { name: "shop", rules: { "listener-1": { pool: "app", setting: "http" } } },
    });
  });

  test("keeps texts of several lines and strange ones", async () => {
    const data = "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n";
    const odd = {
      gateway: {
        name: "odd",
        listeners: { web: { port: 80 } },
        pools: { app: ["10.0.1.4"] },
        certificates: { a: { data } },
        tags: { a: "yes", b: "1", c: "~", d: " x ", e: "" },
      },
    };
    const file = join(folder, "odd.json");
    writeFileSync(file, JSON.stringify(odd));
    const { stdout, stderr } = await runCli(["convert", file, "--to", "short"]);
    expect(parse(stdout)).toMatchObject({
      gateway: { certificates: { a: { data } }, tags: odd.gateway.tags },
    });
    expect(stderr).toContain("holds keys or passwords");
    expect(await canonicalIn(stdout)).toEqual(await canonicalIn(JSON.stringify(odd)));
  });

  test.each([
    [[], "nothing to convert"],
    [[shop, "--yaml", "--json"], "two answers to one question"],
    [[shop, "--to", "azure", "--yaml"], "written as JSON"],
    [[shop, azure], "say which one to write with --to"],
    [[shop, "--to", "terraform"], "--to takes azure, short"],
    [[join(folder, "gone.yaml")], "no application gateway"],
  ])("refuses %j", async (args, says) => {
    const { code, stderr } = await runCli(["convert", ...args]);
    expect(code).toBe(2);
    expect(stderr).toContain(says);
  });
});

test("a finding in the short notation points at the line", async () => {
  const file = join(folder, "broken.yaml");
  writeFileSync(file, "gateway:\n  listeners: [{ port: 80 }]\n  pools:\n    app: []\n");
  const { code, stdout } = await runCli(["diagnose", file]);
  expect(code).toBe(1);
  expect(stdout).toContain("empty");
  expect(stdout).toContain("broken.yaml, line 4");
});
