import { readdirSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import type { Case } from "../../src/diagnosis/case.ts";
import { diagnose } from "../../src/diagnosis/diagnose.ts";
import type { Finding } from "../../src/diagnosis/finding.ts";
import { idKey } from "../../src/model/resource.ts";
import { loadCase } from "../support/case-folder.ts";
import { changed } from "../support/example.ts";

const casesFolder = fileURLToPath(new URL("../cases/", import.meta.url));
const names = readdirSync(casesFolder)
  .filter((name) => !name.startsWith("_"))
  .sort();

function rootsOf(kase: Case, gatewayId: string): readonly Finding[] {
  const gateway = kase.model.gateways.find(({ id }) => idKey(id) === idKey(gatewayId));
  if (gateway === undefined) throw new Error(`${gatewayId} is gone`);
  return diagnose(kase, gateway).findings.filter(({ role }) => role === "root");
}

/**
 * What "verified" promises, without the code that decides it: the change made to the documents themselves, which are then
 * read as if nothing had been seen. What only an observation shows is not told here, and cannot be told wrongly either.
 */
describe("every fix that is called verified, made to the documents of its case", () => {
  test.each(names)("%s", async (name) => {
    const { kase, gateway } = await loadCase(name);
    const verified = diagnose(kase, gateway).findings.filter(
      ({ role, fix }) => role === "root" && fix?.verified === true,
    );
    if (verified.length === 0) return;
    const unseen = rootsOf(changed(kase, []), gateway.id).map(({ id }) => id);
    for (const { id, explains, fix } of verified) {
      const left = rootsOf(changed(kase, fix?.changes ?? []), gateway.id).map((finding) => finding.id);
      expect(left, `what the fix of ${id} leaves`).not.toContain(id);
      const known = new Set([...unseen, ...explains]);
      expect(
        left.filter((other) => !known.has(other)),
        `what the fix of ${id} makes`,
      ).toEqual([]);
    }
  });
});
