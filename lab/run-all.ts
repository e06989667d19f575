import { join } from "node:path";
import { createInterface } from "node:readline/promises";
import { runPrefix } from "./machine/namespaces.ts";
import type { LabOptions } from "./options.ts";
import { type KeptPlace, runScenario, type ScenarioResult } from "./run-scenario.ts";
import type { Scenario } from "./scenarios/scenario.ts";
import { questions } from "./score/score.ts";

/** So many at once as allowed; each is told of as soon as it is done. */
export class ScenarioRuns {
  readonly #program: readonly string[];
  readonly #folder: string;
  readonly #options: LabOptions;
  #count = 0;

  /** `program`: the words that start Causeway. */
  constructor(program: readonly string[], folder: string, options: LabOptions) {
    this.#program = program;
    this.#folder = folder;
    this.#options = options;
  }

  async all(chosen: readonly Scenario[]): Promise<readonly ScenarioResult[]> {
    const results: ScenarioResult[] = [];
    const waiting = [...chosen];
    const worker = async (): Promise<void> => {
      for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
        const result = await this.one(next);
        results.push(result);
        console.log(lineOf(result));
      }
    };
    await Promise.all(Array.from({ length: this.#options.jobs }, worker));
    return results;
  }

  one(scenario: Scenario): Promise<ScenarioResult> {
    const number = this.#count++;
    const { peers, keep } = this.#options;
    return runScenario(scenario, {
      program: this.#program,
      prefix: `${runPrefix}${number}-`,
      folder: join(this.#folder, `${number}`),
      peers,
      ...(keep ? { keep: stay } : {}),
    });
  }
}

function lineOf(result: ScenarioResult): string {
  const { id, answers, healing, statuses, tookMs, invalid, experiments } = result;
  const asked = questions.map((question) => {
    const answer = answers[question];
    if (answer === undefined) return `${question} –`;
    const { outcome, roots } = answer;
    const named =
      outcome === "first" || outcome === "quiet" || roots.length === 0 ? "" : ` (${roots.join(", ")})`;
    return `${question} ${outcome}${named}`;
  });
  const parts = [
    statuses.join(" "),
    ...asked,
    healing,
    `${experiments} experiments`,
    `${(tookMs / 1000).toFixed(1)} s`,
  ];
  const line = `${id}: ${parts.join(" | ")}`;
  return invalid === undefined ? line : `${line}\n  INVALID: ${invalid}`;
}

async function stay({ namespaces, folder, gateway }: KeptPlace): Promise<void> {
  console.log(`The network stands. Files: ${folder}\nNamespaces:\n  ${namespaces.join("\n  ")}`);
  console.log(`A shell where the gateway stands:\n  nsenter --net=/run/netns/${gateway} bash`);
  const terminal = createInterface({ input: process.stdin, output: process.stdout });
  await terminal.question("Enter goes on: asks, heals, and takes it away. ");
  terminal.close();
}
