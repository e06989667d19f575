import type { PeerAnswers } from "../peers/ask.ts";
import type { Outcome, Question } from "./score.ts";
import type { Scoreboard, ScoredScenario } from "./scoreboard.ts";

export type Entry = readonly [id: string, scenario: ScoredScenario];

export const isBroken = ([, { expects }]: Entry): boolean => expects.length > 0;

export function entriesOf({ scenarios }: Scoreboard): readonly Entry[] {
  return Object.entries(scenarios);
}

/** How often a question had each outcome; answers that could not be put are left out. */
export function outcomes(entries: readonly Entry[], question: Question): ReadonlyMap<Outcome, number> {
  const found = entries.flatMap(([, { answers }]) => answers[question]?.outcome ?? []);
  return counted(found.filter((outcome) => outcome !== "none"));
}

export function counted<T>(items: readonly T[]): ReadonlyMap<T, number> {
  const counts = new Map<T, number>();
  for (const item of items) counts.set(item, (counts.get(item) ?? 0) + 1);
  return counts;
}

export interface Confusion {
  readonly expected: string;
  readonly named: string;
  readonly where: readonly string[];
}

/** Which cause was taken for which, and in which scenarios; the commonest first. */
export function confusions(entries: readonly Entry[], question: Question): readonly Confusion[] {
  const pairs = entries.flatMap(([id, { expects, answers }]) => {
    const answer = answers[question];
    if (answer === undefined || !["wrong", "present", "false-alarm"].includes(answer.outcome)) return [];
    const expected = expects.length === 0 ? "healthy" : expects.join(" + ");
    const named = (answer.roots ?? []).filter((root) => !expects.includes(root));
    return named.map((root) => ({ id, expected, root }));
  });
  return [...Map.groupBy(pairs, ({ expected, root }) => `${expected}\n${root}`).values()]
    .map((same) => ({
      expected: same[0]?.expected ?? "",
      named: same[0]?.root ?? "",
      where: same.map(({ id }) => id),
    }))
    .sort((a, b) => b.where.length - a.where.length);
}

export interface PeerTally {
  /** Causes it was asked of. */
  readonly causes: number;
  /** Different statuses clients got. */
  readonly statuses: number;
  /** Different answers, of status and log together. */
  readonly answers: number;
  /** Causes none of whose answers was any other cause's. */
  readonly apart: number;
}

type AnswersOf = (
  scenario: ScoredScenario,
) => { readonly status: string; readonly answer: string } | undefined;

/** Into how many answers the causes fall that were made in the network and on servers. */
export function distinguishable(entries: readonly Entry[], answersOf: AnswersOf): PeerTally {
  const asked = entries.flatMap(([, scenario]) => {
    const answer = answersOf(scenario);
    const [cause] = scenario.expects;
    return answer === undefined || cause === undefined ? [] : [{ cause, ...answer }];
  });
  const byAnswer = Map.groupBy(asked, ({ answer }) => answer);
  const causes = [...new Set(asked.map(({ cause }) => cause))];
  const apart = causes.filter((cause) =>
    asked
      .filter((one) => one.cause === cause)
      .every(({ answer }) => (byAnswer.get(answer) ?? []).every((one) => one.cause === cause)),
  );
  const statuses = new Set(asked.map(({ status }) => status));
  return { causes: causes.length, statuses: statuses.size, answers: byAnswer.size, apart: apart.length };
}

/** Of another proxy. Scenarios it was not asked in are left out. */
export function peerAnswers(name: keyof PeerAnswers): AnswersOf {
  return ({ peers }) => {
    const said = typeof peers === "object" ? peers[name] : undefined;
    if (said === undefined) return undefined;
    const status = [...new Set(said.statuses)].join(" ");
    return { status, answer: [status, ...said.says].join("\n") };
  };
}

/** Of Causeway in the same scenarios: the root that stands first. */
export function ownAnswers(question: Question): AnswersOf {
  return ({ peers, answers, expects }) => {
    const answer = answers[question];
    if (typeof peers !== "object" || answer === undefined || answer.outcome === "none") return undefined;
    const [root = "nothing"] = answer.roots ?? expects;
    return { status: "", answer: root };
  };
}

export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? 0;
}
