import { readdirSync } from "node:fs";
import { describe, expect, test } from "vitest";
import type { Diagnosis } from "../src/diagnosis/diagnose.ts";
import { diagnose } from "../src/diagnosis/diagnose.ts";
import type { Role } from "../src/diagnosis/finding.ts";
import { type Expected, loadCase } from "./support/case-folder.ts";

/**
 * Every folder of test/cases is one case: documents and what must be said of them (CONTRIBUTING.md). What a case does
 * not state is not asserted, except the roots: they must be exactly those.
 */
const folder = new URL("./cases/", import.meta.url);
const names = readdirSync(folder, { withFileTypes: true })
  .filter((entry) => entry.isDirectory() && !entry.name.startsWith("_"))
  .map(({ name }) => name)
  .sort();

describe("cases", () => {
  test.each(names)("%s", async (name) => {
    const { kase, gateway, expected } = await loadCase(name);
    const diagnosis = diagnose(kase, gateway);
    expect(diagnosis.crashes).toEqual([]);
    expect(causesIn(diagnosis, "root"), `roots, in: ${expected.about}`).toEqual([...expected.roots].sort());
    expectRoles(diagnosis, expected);
    expectChecks(diagnosis, expected);
    expectFixes(diagnosis, expected);
    for (const [id, outcome] of Object.entries(expected.routes ?? {})) {
      const route = diagnosis.routes.find((one) => one.route.id === id);
      expect(route?.outcome, `outcome of route ${id}`).toBe(outcome);
    }
  });
});

function causesIn(diagnosis: Diagnosis, role: Role): string[] {
  const causes = diagnosis.findings.filter((finding) => finding.role === role).map(({ cause }) => cause);
  return [...new Set(causes)].sort();
}

function expectRoles(diagnosis: Diagnosis, expected: Expected): void {
  const risks = causesIn(diagnosis, "risk");
  for (const cause of expected.risks ?? []) expect(risks, "risks").toContain(cause);
  const folded = causesIn(diagnosis, "contributing");
  for (const cause of expected.contributing ?? []) expect(folded, "contributing").toContain(cause);
  const all = diagnosis.findings.map(({ cause }) => cause as string);
  for (const cause of expected.absent ?? []) expect(all, "found at all").not.toContain(cause);
}

function expectChecks(diagnosis: Diagnosis, expected: Expected): void {
  const status = new Map(diagnosis.checks.map((check) => [check.cause as string, check.status]));
  for (const cause of expected.undecided ?? []) expect(status.get(cause), cause).toBe("undecided");
  for (const cause of expected.ruledOut ?? []) expect(status.get(cause), cause).toBe("ruled-out");
}

function expectFixes(diagnosis: Diagnosis, expected: Expected): void {
  const fixOf = (cause: string) => diagnosis.findings.find((finding) => finding.cause === cause)?.fix;
  for (const cause of expected.verified ?? []) {
    const fix = fixOf(cause);
    expect(fix, `a fix for ${cause}`).toBeDefined();
    expect(fix?.reason, `why the fix for ${cause} is not verified`).toBeUndefined();
    expect(fix?.verified).toBe(true);
  }
  for (const cause of expected.unverified ?? []) {
    expect(fixOf(cause), `a fix for ${cause}`).toBeDefined();
    expect(fixOf(cause)?.verified, `${cause} is not verified`).toBe(false);
  }
}
