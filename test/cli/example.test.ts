import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import type { DiagnosisJson } from "../../src/report/json-types.ts";
import { validReport } from "../report/schema.ts";
import { runCli } from "./run-cli.ts";

const example = (name: string): string => fileURLToPath(new URL(`../../examples/${name}`, import.meta.url));
const when = ["--now", "2026-06-01T00:00:00Z"];

describe("the example", () => {
  it.each([
    ["contoso-shop", 1],
    ["contoso-shop-fixed", 0],
  ])("%s is diagnosed in every format", async (name, expected) => {
    const words = ["diagnose", example(name), ...when];
    const json = await runCli([...words, "--format", "json"]);
    expect([json.code, json.stderr]).toEqual([expected, ""]);
    const { findings } = validReport(json.stdout) as DiagnosisJson;
    const text = await runCli(words);
    const markdown = await runCli([...words, "--format", "markdown"]);
    for (const { role, cause } of findings) {
      if (role === "contributing") continue;
      expect(text.stdout).toContain(cause);
      expect(markdown.stdout).toContain(cause);
    }
  });

  it("gives every command of a fix something to run", async () => {
    const { stdout } = await runCli(["diagnose", example("contoso-shop"), ...when, "--format", "json"]);
    for (const { fix } of (JSON.parse(stdout) as DiagnosisJson).findings) {
      if (fix === null || fix.changes.length === 0) continue;
      expect(fix.commands.az.join("\n")).toMatch(/^az /);
      expect(fix.commands.powershell.length).toBeGreaterThan(0);
    }
  });

  it("answers the same twice", async () => {
    const words = ["diagnose", example("contoso-shop"), ...when];
    expect((await runCli(words)).stdout).toBe((await runCli(words)).stdout);
  });
});
