import fc from "fast-check";
import { beforeAll, describe, expect, test } from "vitest";
import type { Case } from "../../src/diagnosis/case.ts";
import { diagnose } from "../../src/diagnosis/diagnose.ts";
import type { Finding } from "../../src/diagnosis/finding.ts";
import { changed, exampleCase } from "../support/example.ts";
import { breakers } from "./breakers.ts";

/** The healthy example, configuration only: nothing seen can hide a fault or a bad fix. */
let healthy: Case;
beforeAll(async () => {
  healthy = await exampleCase("contoso-shop-fixed", { observed: false });
});

function roots(kase: Case): readonly Finding[] {
  const [gateway] = kase.model.gateways;
  if (gateway === undefined) throw new Error("the example has a gateway");
  return diagnose(kase, gateway).findings.filter(({ role }) => role === "root");
}

describe("break the healthy example by a cause, apply the offered fix: it is healthy again", () => {
  test("the example is healthy to begin with", () => {
    expect(roots(healthy).map(({ id }) => id)).toEqual([]);
  });

  test.each(breakers.map((breaker) => [breaker.cause, breaker] as const))("%s", (cause, { changes }) => {
    fc.assert(
      fc.property(changes, (broken) => {
        const found = roots(changed(healthy, broken));
        expect([...new Set(found.map((finding) => finding.cause))]).toEqual([cause]);
        let healed = changed(healthy, broken);
        for (const { fix } of found) {
          expect(fix?.reason).toBeUndefined();
          expect(fix?.verified).toBe(true);
          healed = changed(healed, fix?.changes ?? []);
        }
        expect(roots(healed).map(({ id }) => id)).toEqual([]);
      }),
      { numRuns: 25 },
    );
  });
});
