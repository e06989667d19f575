import type { Answered } from "../ask/verdicts.ts";
import type { Scenario } from "../scenarios/scenario.ts";

export const questions = ["documents", "evidence", "live", "explain", "settled"] as const;
export type Question = (typeof questions)[number];

/**
 * What an answer is worth. `first`: the right root stands first. `present`: it is among the roots. `wrong`: there are roots,
 * and none is right. `named`: undecided, and the missing document is named. `undecided`: the check of the cause could not
 * tell. `silent`: nothing is found, and the cause was ruled out or never thought of. `quiet`: healthy, and nothing found.
 * `false-alarm`: healthy, and a root found. `none`: the question could not be put.
 */
export type Outcome =
  | "first"
  | "present"
  | "wrong"
  | "named"
  | "undecided"
  | "silent"
  | "quiet"
  | "false-alarm"
  | "none";

export interface Score {
  readonly outcome: Outcome;
  /** The roots that were named. */
  readonly roots: readonly string[];
}

/** The worst over the routes that a scenario says something of. */
export function scoreOf(
  { expects: expected, withhold }: Pick<Scenario, "expects" | "withhold">,
  answered: Answered | undefined,
  question: Question,
): Score {
  const expects = expected.map(({ equals = [], ...rest }) => ({
    ...rest,
    equals: equals.filter(({ until }) => until === undefined || question !== until),
  }));
  if (answered === undefined) return { outcome: "none", roots: [] };
  const all = [...new Set([...[...answered.roots.values()].flat(), ...answered.otherRoots])];
  if (expects.length === 0) return { outcome: all.length === 0 ? "quiet" : "false-alarm", roots: all };
  const risks = expects.filter(({ asRisk }) => asRisk === true);
  const faults = onlyOf(
    answered.ofRoute,
    expects.filter(({ asRisk }) => asRisk !== true),
  );
  const byRoute = Map.groupBy(faults, ({ route = "web/app" }) => route);
  const outcomes = [...byRoute].map(([route, expected]) =>
    routeOutcome(
      expected,
      [...(answered.roots.get(route) ?? []), ...answered.otherRoots],
      answered,
      withhold,
    ),
  );
  for (const risk of risks) {
    outcomes.push(faults.length === 0 ? riskOutcome(risk, all, answered) : besideFaults(risk, answered));
  }
  const outcome = worstFirst.find((one) => outcomes.includes(one)) ?? "none";
  return { outcome, roots: all };
}

/** What is expected of the one route that was asked about, when anything is. */
function onlyOf(asked: string | undefined, expects: Scenario["expects"]): Scenario["expects"] {
  const own = expects.filter(({ route = "web/app" }) => route === asked);
  return own.length === 0 ? expects : own;
}

const worstFirst: readonly Outcome[] = ["wrong", "silent", "undecided", "named", "present", "first"];

/** Where something fails, its cause is the answer; a risk that is not told of beside it is what lacks. */
function besideFaults({ cause }: Scenario["expects"][number], { risks }: Answered): Outcome {
  return risks.includes(cause) ? "first" : "present";
}

/**
 * Where nothing fails, another root beside the risk is a false alarm that stands for the answer. The risk itself as a root
 * is right, and told as worse than it is: documents alone do not tell that nothing fails.
 */
function riskOutcome(
  { cause }: Scenario["expects"][number],
  roots: readonly string[],
  answered: Answered,
): Outcome {
  if (roots.some((root) => root !== cause)) return "wrong";
  if (roots.length > 0) return "present";
  if (answered.risks.includes(cause)) return "first";
  return answered.statusOf(cause) === "undecided" ? "undecided" : "silent";
}

function routeOutcome(
  expected: Scenario["expects"],
  roots: readonly string[],
  answered: Answered,
  withhold: Scenario["withhold"],
): Outcome {
  const isRight = (root: string, index?: number): boolean =>
    expected.some(
      ({ cause, equals = [] }, at) =>
        (index === undefined || at === index) && (cause === root || equals.some((one) => one.cause === root)),
    );
  const complete = expected.every((_, index) => roots.some((root) => isRight(root, index)));
  const [first] = roots;
  if (first !== undefined && isRight(first) && complete) return "first";
  if (roots.some((root) => isRight(root))) return "present";
  if (roots.length > 0) return "wrong";
  const causes = expected.flatMap(({ cause, equals = [] }) => [cause, ...equals.map((one) => one.cause)]);
  if (withhold !== undefined) {
    const needs = [...answered.needs].flatMap(([cause, texts]) =>
      causes.some((one) => one === cause) ? texts : [],
    );
    if (needs.some((text) => withhold.asks.test(text))) return "named";
  }
  return causes.some((cause) => answered.statusOf(cause) === "undecided") ? "undecided" : "silent";
}

/** Whether the second is worse than the first: what makes a run fail. */
export function isWorse(before: Outcome, now: Outcome): boolean {
  return rank[now] < rank[before];
}

const rank: Readonly<Record<Outcome, number>> = {
  first: 5,
  quiet: 5,
  present: 4,
  named: 3,
  undecided: 2,
  silent: 1,
  none: 1,
  wrong: 0,
  "false-alarm": 0,
};
