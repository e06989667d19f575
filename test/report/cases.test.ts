import { readdirSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { diagnose } from "../../src/diagnosis/diagnose.ts";
import { fixCommands } from "../../src/diagnosis/fixes/commands.ts";
import { jsonReport } from "../../src/report/json.ts";
import { markdownReport } from "../../src/report/markdown.ts";
import type { ReportInput } from "../../src/report/report-input.ts";
import { textReport } from "../../src/report/text/report.ts";
import { columnsOf } from "../../src/report/text/width.ts";
import { loadCase } from "../support/case-folder.ts";
import { validReport } from "./schema.ts";

/** Every case of test/cases is told in every format: whatever the causes say must fit, and be runnable. */
const names = readdirSync(new URL("../cases/", import.meta.url)).filter((name) => !name.startsWith("_"));

describe("reports on the cases", () => {
  test.each(names)("%s", async (name) => {
    const { kase, gateway } = await loadCase(name);
    const diagnosis = diagnose(kase, gateway);
    const { records } = kase.configuration;
    const input: ReportInput = { diagnoses: [diagnosis], documents: [], sent: [], records };
    validReport(jsonReport(input));
    const text = textReport(input, { width: 80, color: false, unicode: true, verbose: true, quiet: false });
    for (const told of [text, markdownReport(input)]) {
      expect(told).not.toMatch(/\bundefined\b|\[object |\bNaN\b/);
    }
    const commands = new Set(
      diagnosis.findings.flatMap(({ fix }) =>
        Object.values(fixCommands(fix?.changes ?? [], { gatewayId: gateway.id, records })).flat(),
      ),
    );
    for (const command of commands) expect(command).not.toMatch(/<(name|index|address|resource-group)\b/);
    for (const line of text.split("\n")) {
      if (!/^ {2,}/.test(line)) expect(columnsOf(line), line).toBeLessThanOrEqual(80);
    }
  });
});
