import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { gatewayDocument, nsgDocument, vnetDocument } from "../report/hand-made.ts";
import { folderWith, runCli } from "./run-cli.ts";

const gateway = gatewayDocument(["orders", "web"]);
const files = { "gateway.json": gateway, "vnet.json": vnetDocument, "nsg.json": nsgDocument };
const healthy = { health: "Healthy", healthProbeLog: "Success. Received 200 status code" };

/** The gateway's own report, with everything well. */
const wellReport = {
  backendAddressPools: gateway.backendAddressPools.map((pool, index) => ({
    backendAddressPool: { id: pool.id },
    backendHttpSettingsCollection: [
      {
        backendHttpSettings: { id: gateway.backendHttpSettingsCollection[index]?.id },
        servers: pool.backendAddresses.map(({ ipAddress }) => ({ address: ipAddress, ...healthy })),
      },
    ],
  })),
};
const fine = { "gateway.json": gateway, "vnet.json": vnetDocument, "health.json": wellReport };

describe("exit codes of causeway diagnose", () => {
  it("0: nothing wrong was found", async () => {
    using folder = folderWith(fine);
    const { code, stdout, stderr } = await runCli(["diagnose", folder.path]);
    expect(stderr).toBe("");
    expect(stdout).toContain("All 2 routes are fine.");
    expect(code).toBe(0);
  });

  it("1: a root cause was found", async () => {
    using folder = folderWith(files);
    const { code, stdout } = await runCli(["diagnose", folder.path]);
    expect(stdout).toContain("NSG nsg-orders");
    expect(code).toBe(1);
  });

  it("2: a document cannot be read; the others are diagnosed all the same", async () => {
    using folder = folderWith({ ...files, "broken.json": '{\n  "id": \n}' });
    const { code, stdout, stderr } = await runCli(["diagnose", folder.path]);
    expect(stderr).toMatch(/broken\.json:\d+:\d+: expected /);
    expect(stderr.trim().split("\n")).toHaveLength(1);
    expect(stdout).toContain("nsg-backend-subnet-in");
    expect(code).toBe(2);
  });

  const wrong: readonly (readonly [string, readonly string[], RegExp])[] = [
    ["no command known by that name", ["dignose"], /unknown command dignose; did you mean diagnose\?/],
    [
      "no such command at all",
      ["xyzzy"],
      /unknown command xyzzy; there are diagnose, probe, bypass, run, top, convert, explain, causes/,
    ],
    ["no path", ["diagnose"], /nothing to diagnose/],
    [
      "an unknown option",
      ["diagnose", ".", "--fromat=json"],
      /unknown option --fromat; did you mean --format\?/,
    ],
    ["an unknown short option", ["diagnose", ".", "-z"], /unknown option -z/],
    ["an option without its value", ["diagnose", ".", "--output"], /--output needs a value: --output FILE/],
    ["a value for a flag", ["diagnose", ".", "--quiet=yes"], /--quiet takes no value/],
    [
      "a wrong value",
      ["diagnose", ".", "--format", "jsn"],
      /--format takes text, json, markdown, not "jsn"; did you mean json\?/,
    ],
    ["an unknown switch", ["diagnose", ".", "--switch", "path-cas=x"], /did you mean path-case\?/],
    ["a wrong switch value", ["diagnose", ".", "--switch", "path-case=x"], /insensitive or sensitive/],
    ["a time that is none", ["diagnose", ".", "--now", "yesterday"], /--now takes a time like/],
    ["a path that is not there", ["diagnose", "no-such-place"], /no-such-place: expected .*exists/],
    ["nothing known by that name to explain", ["explain", "pool-emty"], /did you mean pool-empty/],
    ["words nothing fits", ["explain", "qqqq zzzz"], /no cause fits "qqqq zzzz"/],
    ["words no cause fits", ["causes", "qqqq"], /no cause fits/],
  ];

  it.each(wrong)("2: %s", async (_, words, line) => {
    const { code, stdout, stderr } = await runCli(words);
    expect(stderr).toMatch(line);
    expect(stderr).not.toMatch(/\n\s+at /);
    expect(stdout).toBe("");
    expect(code).toBe(2);
  });

  it("2: no gateway among the documents, with what to export", async () => {
    using folder = folderWith({ "vnet.json": vnetDocument });
    const { code, stderr } = await runCli(["diagnose", folder.path]);
    expect(stderr).toContain(
      "there is no application gateway among 1 document; export it with az network application-gateway show",
    );
    expect(code).toBe(2);
  });

  it("2: nothing of use among the documents, with what each is", async () => {
    using folder = folderWith({ "main.tf": 'resource "azurerm_subnet" "a" {}', "empty.json": "" });
    const { code, stderr } = await runCli(["diagnose", folder.path]);
    expect(stderr).toContain("main.tf: left aside, Terraform: ");
    expect(stderr).toContain("empty.json: left aside, empty: ");
    expect(stderr).toContain("there is no application gateway among 2 documents");
    expect(code).toBe(2);
  });

  it("2: nothing that can be read, in one line", async () => {
    using folder = folderWith({ "broken.json": "{" });
    const { code, stderr } = await runCli(["diagnose", folder.path]);
    expect(stderr).toMatch(/^[^\n]*broken\.json:1:2: expected [^\n]*\n$/);
    expect(code).toBe(2);
  });

  it("2: no gateway of that name, with the one there is", async () => {
    using folder = folderWith(files);
    const { code, stderr } = await runCli(["diagnose", folder.path, "--gateway", "agw-shp"]);
    expect(stderr).toContain("did you mean agw-shop?");
    expect(code).toBe(2);
  });

  it("2: a file that cannot be written, and nothing half-written stays", async () => {
    using folder = folderWith(fine);
    const target = join(folder.path, "missing", "report.txt");
    const { code, stderr } = await runCli(["diagnose", folder.path, "-o", target]);
    expect(stderr).toContain(`cannot write ${target}: there is no such folder`);
    expect(code).toBe(2);
    expect(existsSync(target)).toBe(false);
  });
});

describe("causeway diagnose", () => {
  it("writes to a file, whole, and nothing to standard output", async () => {
    using folder = folderWith(fine);
    const target = join(folder.path, "report.md");
    const { stdout } = await runCli(["diagnose", folder.path, "--format", "markdown", "--output", target]);
    expect(stdout).toBe("");
    expect(readFileSync(target, "utf8")).toMatch(/^# agw-shop/);
    expect(readdirSync(folder.path).sort()).toEqual([
      "gateway.json",
      "health.json",
      "report.md",
      "vnet.json",
    ]);
  });

  it("reads standard input", async () => {
    const { code, stdout } = await runCli(["diagnose", "-", "--format", "json"], {
      stdin: JSON.stringify([gateway]),
    });
    expect(JSON.parse(stdout)).toMatchObject({
      gateway: { name: "agw-shop" },
      documents: [{ path: "-", used: true }],
    });
    expect(code).toBeLessThan(2);
  });

  it("diagnoses several gateways, or the one that is named", async () => {
    const text = JSON.stringify(gateway).replaceAll("agw-shop", "agw-other");
    using folder = folderWith({ ...files, "other.json": text });
    const all = await runCli(["diagnose", folder.path, "--format", "json"]);
    expect(JSON.parse(all.stdout)).toHaveLength(2);
    const one = await runCli(["diagnose", folder.path, "--format", "json", "--gateway", "AGW-Other"]);
    expect(JSON.parse(one.stdout)).toMatchObject({ gateway: { name: "agw-other" } });
  });

  it("marks a gateway of which nothing is known as such, among several", async () => {
    const other = JSON.parse(JSON.stringify(gateway).replaceAll("agw-shop", "agw-other"));
    using folder = folderWith({ "gateways.json": [gateway, other] });
    const { stdout } = await runCli(["diagnose", folder.path]);
    expect(stdout).toMatch(/^2 gateways\n\? agw-shop: Nothing among .*\n\? agw-other: Nothing among /);
  });

  it("has colour on a terminal only, and never against NO_COLOR", async () => {
    using folder = folderWith(fine);
    // biome-ignore lint/suspicious/noControlCharactersInRegex: the sequences that colour text
    const colour = /\u001b\[/;
    const words = ["diagnose", folder.path];
    expect((await runCli(words, { columns: 100 })).stdout).toMatch(colour);
    expect((await runCli(words)).stdout).not.toMatch(colour);
    expect((await runCli([...words, "--no-color"], { columns: 100 })).stdout).not.toMatch(colour);
    const env = { LANG: "C.UTF-8", NO_COLOR: "1" };
    expect((await runCli(words, { columns: 100, env })).stdout).not.toMatch(colour);
  });

  it("3: a fault of its own is called that, with the place of it only when asked", async () => {
    using folder = folderWith(fine);
    const now = (): number => {
      throw new Error("the clock stopped");
    };
    const short = await runCli(["diagnose", folder.path], { now });
    expect(short.code).toBe(3);
    expect(short.stderr).toContain("Causeway itself failed: the clock stopped");
    expect(short.stderr).not.toMatch(/^\s+at /m);
    const long = await runCli(["diagnose", folder.path, "--verbose"], { now });
    expect(long.code).toBe(3);
    expect(long.stderr).toMatch(/^\s+at /m);
  });

  it("keeps to ASCII when asked to, and in a locale that knows no more", async () => {
    using folder = folderWith(fine);
    const words = ["diagnose", folder.path, "--no-color"];
    const ascii = /^[\n\x20-\x7e]*$/;
    expect((await runCli(words, { env: { LANG: "C.UTF-8" } })).stdout).not.toMatch(ascii);
    expect((await runCli([...words, "--ascii"], { env: { LANG: "C.UTF-8" } })).stdout).toMatch(ascii);
    expect((await runCli(words, { env: { LANG: "C" } })).stdout).toMatch(ascii);
  });

  it("writes as wide as the terminal, within reason", async () => {
    using folder = folderWith(fine);
    const widest = async (columns?: number): Promise<number> => {
      const around = columns === undefined ? { env: {} } : { columns, env: { NO_COLOR: "1" } };
      const { stdout } = await runCli(["diagnose", folder.path], around);
      return Math.max(...stdout.split("\n").map((line) => (line.startsWith("  ") ? 0 : line.length)));
    };
    expect(await widest()).toBe(80);
    expect(await widest(60)).toBe(60);
    expect(await widest(300)).toBe(110);
  });

  it("says what it does on a terminal only when it takes a while", async () => {
    using folder = folderWith(fine);
    const { stderr } = await runCli(["diagnose", folder.path], { errorsToTerminal: true });
    expect(stderr).toBe("");
  });
});
