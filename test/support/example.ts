import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import type { Case } from "../../src/diagnosis/case.ts";
import { readDocuments } from "../../src/documents/read-documents.ts";
import { TrustStore } from "../../src/health/certificates/trust-store.ts";
import { defaultSwitches } from "../../src/health/switches.ts";
import { buildModel } from "../../src/model/build.ts";
import { applyChanges, type Change } from "../../src/model/change.ts";
import type { Observations } from "../../src/model/observations.ts";

const nothingSeen: Observations = { healthReports: [], traffic: undefined, activities: [], live: [] };

/** An example folder as a case. `observed: false` leaves only its configuration. */
export async function exampleCase(name: string, { observed }: { observed: boolean }): Promise<Case> {
  const folder = fileURLToPath(new URL(`../../examples/${name}/`, import.meta.url));
  const set = await readDocuments(
    readdirSync(folder)
      .sort()
      .map((file) => ({
        name: file,
        open: async function* () {
          yield readFileSync(`${folder}${file}`);
        },
      })),
  );
  const configuration = { records: set.records, listedTypes: set.listedTypes };
  return {
    configuration,
    model: buildModel(configuration),
    observations: observed ? set.observations : nothingSeen,
    switches: defaultSwitches,
    wellKnownRoots: () => new TrustStore([]),
    nowMs: Date.parse("2026-06-01T00:00:00Z"),
  };
}

/** The same case with changes made to its documents, and nothing seen since. */
export function changed(kase: Case, changes: readonly Change[]): Case {
  const configuration = {
    ...kase.configuration,
    records: applyChanges(kase.configuration.records, changes),
  };
  return { ...kase, configuration, model: buildModel(configuration), observations: nothingSeen };
}
