import { existsSync, readdirSync, readFileSync } from "node:fs";
import { basename } from "node:path";
import { fileURLToPath } from "node:url";
import type { Case } from "../../src/diagnosis/case.ts";
import type { DocumentInput } from "../../src/documents/document-set.ts";
import { readDocuments } from "../../src/documents/read-documents.ts";
import { TrustStore } from "../../src/health/certificates/trust-store.ts";
import { defaultSwitches, type Switches } from "../../src/health/switches.ts";
import { buildModel } from "../../src/model/build.ts";
import { applyChanges, type Change } from "../../src/model/change.ts";
import type { Gateway } from "../../src/model/gateway.ts";

/** `expected.json` of a case; the fields are described in CONTRIBUTING.md. */
export interface Expected {
  readonly about: string;
  readonly extends?: string;
  readonly changes?: readonly Change[];
  readonly now?: string;
  readonly switches?: Partial<Switches>;
  readonly gateway?: string;
  readonly roots: readonly string[];
  readonly risks?: readonly string[];
  readonly contributing?: readonly string[];
  readonly absent?: readonly string[];
  readonly undecided?: readonly string[];
  readonly ruledOut?: readonly string[];
  readonly routes?: Readonly<Record<string, string>>;
  readonly verified?: readonly string[];
  readonly unverified?: readonly string[];
}

const fields: readonly (keyof Expected)[] = [
  "about",
  "extends",
  "changes",
  "now",
  "switches",
  "gateway",
  "roots",
  "risks",
  "contributing",
  "absent",
  "undecided",
  "ruledOut",
  "routes",
  "verified",
  "unverified",
];

const casesFolder = fileURLToPath(new URL("../cases/", import.meta.url));

/** Reads a case folder, with its base under it, as the command line would read the files. */
export async function loadCase(name: string): Promise<{ kase: Case; gateway: Gateway; expected: Expected }> {
  const expected = readExpectedOf(name);
  const paths = [
    ...documentsIn(`${casesFolder}${name}`),
    ...(expected.extends === undefined ? [] : documentsIn(`${casesFolder}_base/${expected.extends}`)),
  ];
  const byName = new Map<string, string>();
  for (const path of paths) if (!byName.has(basename(path))) byName.set(basename(path), path);
  const set = await readDocuments([...byName.values()].sort().map(inputOf));
  if (set.failures.length > 0) throw new Error(set.failures.map(({ message }) => message).join("\n"));
  const records = applyChanges(set.records, expected.changes ?? []);
  const configuration = { records, listedTypes: set.listedTypes };
  const kase: Case = {
    configuration,
    model: buildModel(configuration),
    observations: set.observations,
    switches: { ...defaultSwitches, ...expected.switches },
    wellKnownRoots: () => new TrustStore([]),
    nowMs: Date.parse(expected.now ?? "2026-06-01T00:00:00Z"),
  };
  const gateway = kase.model.gateways.find(
    (one) => expected.gateway === undefined || one.name === expected.gateway,
  );
  if (gateway === undefined) throw new Error(`case ${name} has no gateway`);
  return { kase, gateway, expected };
}

/** What a case expects, without reading its documents. */
export function readExpectedOf(name: string): Expected {
  return readExpected(`${casesFolder}${name}/expected.json`);
}

function readExpected(path: string): Expected {
  const expected = JSON.parse(readFileSync(path, "utf8")) as Expected;
  const unknown = Object.keys(expected).filter((key) => !(fields as readonly string[]).includes(key));
  if (unknown.length > 0) throw new Error(`${path}: unknown fields ${unknown.join(", ")}`);
  return expected;
}

function documentsIn(folder: string): string[] {
  if (!existsSync(folder)) throw new Error(`no folder ${folder}`);
  return readdirSync(folder)
    .filter((name) => name !== "expected.json")
    .map((name) => `${folder}/${name}`);
}

function inputOf(path: string): DocumentInput {
  return {
    name: basename(path),
    open: async function* () {
      yield readFileSync(path);
    },
  };
}
