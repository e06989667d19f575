/** The fault lab: `npm run lab`. See lab/README.md. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline/promises";
import { fileURLToPath } from "node:url";
import { runPrefix, startJanitor, sweep } from "./machine/namespaces.ts";
import { type LabOptions, LabUsageError, labOptions, usage } from "./options.ts";
import { type KeptPlace, runScenario, type ScenarioResult } from "./run-scenario.ts";
import { scenarios } from "./scenarios/all.ts";
import { idOf, type Scenario } from "./scenarios/scenario.ts";
import { questions } from "./score/score.ts";

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
  const chosen = scenarios.filter((scenario) => options.only.test(idOf(scenario)));
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
  await sweep();
  const folder = mkdtempSync(join(tmpdir(), "causeway-lab-"));
  const janitor = startJanitor(folder);
  try {
    const results = await runAll(options.keep ? chosen.slice(0, 1) : chosen, options, folder);
    return results.some(({ invalid }) => invalid !== undefined) ? 1 : 0;
  } finally {
    rmSync(folder, { recursive: true, force: true });
    janitor.stdin?.end();
  }
}

/** So many at once as allowed; a line for each as soon as it is done. */
async function runAll(
  chosen: readonly Scenario[],
  options: LabOptions,
  folder: string,
): Promise<readonly ScenarioResult[]> {
  const program = [process.execPath, fileURLToPath(new URL("../bin/causeway.js", import.meta.url))];
  const results: ScenarioResult[] = [];
  const waiting = chosen.map((scenario, index) => ({ scenario, index }));
  const worker = async (): Promise<void> => {
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
      const { scenario, index } = next;
      const place = { prefix: `${runPrefix}${index}-`, folder: join(folder, `${index}`) };
      const result = await runScenario(scenario, {
        program,
        ...place,
        ...(options.keep ? { keep: stay } : {}),
      });
      results.push(result);
      console.log(lineOf(result));
    }
  };
  await Promise.all(Array.from({ length: options.jobs }, worker));
  return results.toSorted((a, b) => (a.id < b.id ? -1 : 1));
}

function lineOf({ id, answers, healing, statuses, tookMs, invalid, experiments }: ScenarioResult): string {
  const asked = questions.map((question) => {
    const answer = answers[question];
    if (answer === undefined) return `${question} –`;
    const { outcome, roots } = answer;
    const named = outcome === "first" || outcome === "quiet" ? "" : ` (${roots.join(", ")})`;
    return `${question} ${outcome}${named}`;
  });
  const seconds = (tookMs / 1000).toFixed(1);
  const line = `${id}: ${statuses.join(" ")} | ${asked.join(" | ")} | ${healing} | ${experiments} experiments | ${seconds} s`;
  return invalid === undefined ? line : `${line}\n  INVALID: ${invalid}`;
}

async function stay({ namespaces, folder, gateway }: KeptPlace): Promise<void> {
  console.log(`The network stands. Files: ${folder}\nNamespaces:\n  ${namespaces.join("\n  ")}`);
  console.log(`A shell where the gateway stands:\n  nsenter --net=/run/netns/${gateway} bash`);
  const terminal = createInterface({ input: process.stdin, output: process.stdout });
  await terminal.question("Enter goes on: asks, heals, and takes it away. ");
  terminal.close();
}
