import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Case } from "../../src/diagnosis/case.ts";
import { type Diagnosis, diagnose } from "../../src/diagnosis/diagnose.ts";
import type { DocumentInput } from "../../src/documents/document-set.ts";
import { readDocuments } from "../../src/documents/read-documents.ts";
import { TrustStore } from "../../src/health/certificates/trust-store.ts";
import { defaultSwitches } from "../../src/health/switches.ts";
import { buildModel } from "../../src/model/build.ts";
import { breakWorld } from "./break-world.ts";
import { Dice } from "./dice.ts";
import { documentsOf, everything, healthyWorld } from "./healthy-world.ts";

/** `CAUSEWAY_SEED=random CAUSEWAY_HEALTHY_RUNS=5000` hunts further. */
const numRuns = Number(process.env.CAUSEWAY_HEALTHY_RUNS ?? 60);

async function diagnosisOf(documents: readonly DocumentInput[]): Promise<Diagnosis> {
  const set = await readDocuments(documents);
  expect(set.failures).toEqual([]);
  const configuration = { records: set.records, listedTypes: set.listedTypes };
  const kase: Case = {
    configuration,
    model: buildModel(configuration),
    observations: set.observations,
    switches: defaultSwitches,
    wellKnownRoots: () => new TrustStore([]),
    nowMs: Date.parse("2026-06-01T00:00:00Z"),
  };
  const [gateway] = kase.model.gateways;
  if (gateway === undefined) throw new Error("the documents have no gateway");
  return diagnose(kase, gateway);
}

function rootsOf({ findings }: Diagnosis): string[] {
  return findings.filter(({ role }) => role === "root").map(({ id, summary }) => `${id}: ${summary}`);
}

function expectNoAlarm(diagnosis: Diagnosis): void {
  expect(diagnosis.crashes).toEqual([]);
  expect(rootsOf(diagnosis)).toEqual([]);
  const bad = diagnosis.routes.filter(({ outcome }) => outcome === "fails" || outcome === "degraded");
  expect(bad.map(({ route, outcome }) => `${route.id} ${outcome}`)).toEqual([]);
}

describe("a healthy gateway", () => {
  test("raises no alarm, and every route is ok where the health report says so", async () => {
    await fc.assert(
      fc.asyncProperty(fc.gen(), async (source) => {
        const dice = new Dice(source);
        const world = healthyWorld(dice);
        const wanted = everything(world);
        const seen = dice.chance();
        if (seen) wanted.add("health");
        if (dice.chance()) wanted.add("log");
        const diagnosis = await diagnosisOf(documentsOf(dice, world, wanted));
        expectNoAlarm(diagnosis);
        if (seen) expect(diagnosis.routes.filter(({ outcome }) => outcome !== "ok")).toEqual([]);
      }),
      { numRuns },
    );
  });

  test("raises none for want of documents either", async () => {
    await fc.assert(
      fc.asyncProperty(fc.gen(), async (source) => {
        const dice = new Dice(source);
        const world = healthyWorld(dice);
        const wanted = new Set(dice.some([...everything(world), "health", "log"]));
        expectNoAlarm(await diagnosisOf(documentsOf(dice, world, wanted)));
      }),
      { numRuns },
    );
  });
});

describe("a healthy gateway with one thing broken", () => {
  test("has that for its only root", async () => {
    await fc.assert(
      fc.asyncProperty(fc.gen(), async (source) => {
        const dice = new Dice(source);
        const world = healthyWorld(dice);
        const cause = breakWorld(dice, world);
        const diagnosis = await diagnosisOf(documentsOf(dice, world, everything(world)));
        expect(diagnosis.crashes).toEqual([]);
        const roots = diagnosis.findings.filter(({ role }) => role === "root");
        expect([...new Set(roots.map((root) => root.cause))], rootsOf(diagnosis).join("\n")).toEqual([cause]);
      }),
      { numRuns },
    );
  });
});
