/** The fault lab: `npm run lab`. See lab/README.md. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { readBoard, writeBoard } from "./board-files.ts";
import { startJanitor, sweep } from "./machine/namespaces.ts";
import { type LabOptions, LabUsageError, labOptions, usage } from "./options.ts";
import { ScenarioRuns } from "./run-all.ts";
import type { ScenarioResult } from "./run-scenario.ts";
import { scenarios } from "./scenarios/all.ts";
import { idOf, type Scenario } from "./scenarios/scenario.ts";
import { merged, regressions, third } from "./score/scoreboard.ts";

process.exitCode = await lab(process.argv.slice(2));

async function lab(words: readonly string[]): Promise<number> {
  let options: LabOptions;
  try {
    options = labOptions(words);
  } catch (error) {
    if (!(error instanceof LabUsageError)) throw error;
    console.error(`lab: ${error.message}\n\n${usage}`);
    return 2;
  }
  const sampled = options.sample ? third(scenarios) : scenarios;
  const chosen = sampled.filter((scenario) => options.only.test(idOf(scenario)));
  if (options.list) {
    for (const one of chosen) console.log(`${idOf(one).padEnd(44)} ${one.about}`);
    return 0;
  }
  if (process.getuid?.() !== 0) {
    console.error("lab: the lab makes network namespaces, for which it has to be root");
    return 2;
  }
  if (chosen.length === 0) {
    console.error("lab: no scenario fits");
    return 2;
  }
  return run(options.keep ? chosen.slice(0, 1) : chosen, options);
}

async function run(chosen: readonly Scenario[], options: LabOptions): Promise<number> {
  await sweep();
  const folder = mkdtempSync(join(tmpdir(), "causeway-lab-"));
  const janitor = startJanitor(folder);
  const begun = Date.now();
  try {
    const program = [process.execPath, fileURLToPath(new URL("../bin/causeway.js", import.meta.url))];
    const runs = new ScenarioRuns(program, folder, options);
    const results = await againAlone(await runs.all(chosen), chosen, runs);
    const code = options.write ? write(results) : compare(results);
    console.log(`${results.length} scenarios in ${Math.round((Date.now() - begun) / 1000)} s`);
    return code;
  } finally {
    rmSync(folder, { recursive: true, force: true });
    janitor.stdin?.end();
  }
}

/** What got worse is asked once more with the machine to itself: a busy one may be late, a regression stays. */
async function againAlone(
  results: readonly ScenarioResult[],
  chosen: readonly Scenario[],
  runs: ScenarioRuns,
): Promise<readonly ScenarioResult[]> {
  const board = readBoard();
  const final: ScenarioResult[] = [];
  for (const result of results) {
    const scenario = chosen.find((one) => idOf(one) === result.id);
    const worse = regressions(board, result);
    if (worse.length === 0 || scenario === undefined) {
      final.push(result);
      continue;
    }
    const second = await runs.one(scenario);
    if (regressions(board, second).length === 0)
      console.log(`${result.id}: well when alone; before: ${worse.join("; ")}`);
    final.push(second);
  }
  return final;
}

function write(results: readonly ScenarioResult[]): number {
  const invalid = results.filter((one) => one.invalid !== undefined);
  for (const one of invalid) console.error(`not written: ${one.id}: ${one.invalid}`);
  const good = results.filter((one) => one.invalid === undefined);
  writeBoard(merged(readBoard(), good, scenarios.map(idOf)));
  return invalid.length > 0 ? 1 : 0;
}

function compare(results: readonly ScenarioResult[]): number {
  const board = readBoard();
  const fresh = results.filter(({ id }) => board?.scenarios[id] === undefined);
  if (fresh.length > 0)
    console.log(`not on the scoreboard yet (--write): ${fresh.map(({ id }) => id).join(", ")}`);
  const why = new Map(
    scenarios.flatMap((one) => (one.unsteady === undefined ? [] : [[idOf(one), one.unsteady]])),
  );
  let worse = 0;
  for (const result of results) {
    const reason = why.get(result.id);
    for (const one of regressions(board, result)) {
      console.error(reason === undefined ? `REGRESSION ${one}` : `worse by the moment: ${one}; ${reason}`);
      if (reason === undefined) worse += 1;
    }
  }
  return worse > 0 ? 1 : 0;
}
