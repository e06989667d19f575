import { describe, expect, it } from "vitest";
import { messageCauses } from "../../src/cli/catalogue/message-causes.ts";
import { commands } from "../../src/cli/command-table.ts";
import { version } from "../../src/cli/version.ts";
import { causeIds } from "../../src/diagnosis/cause-ids.ts";
import { runCli } from "./run-cli.ts";

describe("causeway explain", () => {
  it.each(causeIds)("%s", async (id) => {
    const { code, stdout } = await runCli(["explain", id]);
    expect(code).toBe(0);
    expect(stdout).toContain(id);
  });

  const messages: readonly (readonly [string, string])[] = [
    [
      "Cannot connect to backend server. Check whether any NSG/UDR/Firewall is blocking access",
      "nsg-backend-subnet-in",
    ],
    ["Cannot connect to backend server", "nsg-backend-subnet-in"],
    ["Received invalid status code: 401 in the backend server's HTTP response.", "probe-auth"],
    [
      "The root certificate of the server certificate used by the backend does not match",
      "tls-root-mismatch",
    ],
    ["error_info ERRORINFO_UPSTREAM_CLOSED_CONNECTION", "keepalive-race"],
    ["empty pool", "pool-empty"],
  ];

  it.each(messages)("finds the causes of %s", async (words, first) => {
    const { code, stdout } = await runCli(["explain", words, "--format", "json"]);
    expect(code).toBe(0);
    expect((JSON.parse(stdout) as { id: string }[])[0]?.id).toBe(first);
  });

  it("joins words that were not quoted", async () => {
    const { stdout } = await runCli(["explain", "health", "probe", "is", "more", "than", "the", "time"]);
    expect(stdout).toContain("probe-timeout-short");
  });

  it("names only causes of the catalogue", () => {
    for (const ids of Object.values(messageCauses)) {
      expect(new Set(ids).size).toBe(ids.length);
      expect(causeIds).toEqual(expect.arrayContaining([...ids]));
    }
  });
});

describe("causeway causes", () => {
  it("lists all of them, each once", async () => {
    const { stdout } = await runCli(["causes", "--quiet"]);
    expect(stdout.trim().split("\n")).toEqual([...causeIds]);
  });

  it("finds by words", async () => {
    const { stdout } = await runCli(["causes", "peering", "--quiet"]);
    expect(stdout.split("\n")).toContain("peering-broken");
    expect(stdout.split("\n")).not.toContain("pool-empty");
  });
});

describe("help", () => {
  it("of the program", async () => {
    await expect((await runCli(["--help"])).stdout.replace(version(), "VERSION")).toMatchFileSnapshot(
      "snapshots/help.txt",
    );
  });

  it.each(commands.map(({ name }) => name))("of %s", async (name) => {
    const { code, stdout } = await runCli([name, "--help"]);
    expect(code).toBe(0);
    expect((await runCli(["help", name])).stdout).toBe(stdout);
    await expect(stdout).toMatchFileSnapshot(`snapshots/help-${name}.txt`);
  });

  it("names every option of a command", async () => {
    for (const { name, options } of commands) {
      const { stdout } = await runCli([name, "--help"]);
      for (const option of options) expect(stdout).toContain(`--${option.name}`);
    }
  });

  it.each([
    ["diagnose", "0 1 2 3 130"],
    ["probe", "0 1 2 3 130"],
    ["bypass", "0 1 2 3 130"],
    ["run", "0 2 3 130"],
    ["top", "0 1 2 3"],
    ["convert", "0 2 3"],
    ["explain", "0 2 3"],
    ["causes", "0 2 3"],
  ])("of %s has the exit codes it ends with: %s", async (name, codes) => {
    const [, list = ""] = (await runCli([name, "--help"])).stdout.split("Exit codes:\n");
    expect([...list.matchAll(/^ {2}(\d+) /gm)].map(([, code]) => code).join(" ")).toBe(codes);
  });

  it("is shown, with exit code 2, to who says nothing", async () => {
    const { code, stdout, stderr } = await runCli([]);
    expect([code, stdout]).toEqual([2, ""]);
    expect(stderr).toContain("Usage: causeway COMMAND");
  });

  it("the version", async () => {
    expect(await runCli(["--version"])).toEqual({ code: 0, stdout: `${version()}\n`, stderr: "" });
  });
});
