import type { Healing } from "../heal.ts";
import type { PeerAnswers } from "../peers/ask.ts";
import type { ScenarioResult } from "../run-scenario.ts";
import { isWorse, type Outcome, type Question, questions } from "./score.ts";

export interface ScoredAnswer {
  readonly outcome: Outcome;
  /** The roots that were named, where they are not what was expected. */
  readonly roots?: readonly string[];
}

/** What is kept of one scenario: what is the same in every run, but for the last two. */
export interface ScoredScenario {
  readonly expects: readonly string[];
  readonly answers: Readonly<Partial<Record<Question, ScoredAnswer>>>;
  readonly healing: Healing;
  readonly peers?: PeerAnswers | string;
  /** Until `--live` had its verdict. */
  readonly liveMs: number;
  readonly experiments: number;
}

/** `lab/scoreboard.json` */
export interface Scoreboard {
  readonly format: "causeway/lab/v1";
  readonly scenarios: Readonly<Record<string, ScoredScenario>>;
}

export function scored(result: ScenarioResult): ScoredScenario {
  const answers = questions.flatMap((question) => {
    const answer = result.answers[question];
    if (answer === undefined) return [];
    const asExpected = answer.outcome === "quiet" || answer.roots.join() === result.expects.join();
    return [[question, { outcome: answer.outcome, ...(asExpected ? {} : { roots: answer.roots }) }] as const];
  });
  return {
    expects: result.expects,
    answers: Object.fromEntries(answers),
    healing: result.healing,
    ...(result.peers === undefined ? {} : { peers: result.peers }),
    liveMs: Math.round((result.answers.live?.tookMs ?? 0) / 100) * 100,
    experiments: result.experiments,
  };
}

/** The old board with what was run now; what exists no more is left out. */
export function merged(
  before: Scoreboard | undefined,
  results: readonly ScenarioResult[],
  known: readonly string[],
): Scoreboard {
  const all = { ...before?.scenarios, ...Object.fromEntries(results.map((one) => [one.id, scored(one)])) };
  const left = Object.entries(all).filter(([id]) => known.includes(id));
  return {
    format: "causeway/lab/v1",
    scenarios: Object.fromEntries(left.sort(([a], [b]) => (a < b ? -1 : 1))),
  };
}

/** What is worse than the board says, in a line each. */
export function regressions(board: Scoreboard | undefined, result: ScenarioResult): readonly string[] {
  const { id, invalid } = result;
  if (invalid !== undefined) return [`${id}: ${invalid.split("\n")[0]}`];
  const before = board?.scenarios[id];
  if (before === undefined) return [];
  const worse = questions.flatMap((question) => {
    const was = before.answers[question]?.outcome;
    const is = result.answers[question]?.outcome ?? "none";
    if (was === undefined || !isWorse(was, is)) return [];
    return [
      `${id}: ${question} was ${was}, is ${is} (${(result.answers[question]?.roots ?? []).join(", ")})`,
    ];
  });
  const heals = before.healing === "healed" && result.healing !== "healed";
  return heals ? [...worse, `${id}: was healed, is ${result.healing}`] : worse;
}

/** Every third of each family, from the first on, so that every family has one. */
export function third<T extends { readonly family: string }>(all: readonly T[]): readonly T[] {
  return [...Map.groupBy(all, ({ family }) => family).values()].flatMap((family) =>
    family.filter((_, index) => index % 3 === 0),
  );
}
