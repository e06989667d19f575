import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { type AskedAll, askAgain } from "./ask/questions.ts";
import { type Healing, heal, mend } from "./heal.ts";
import type { Scenario } from "./scenarios/scenario.ts";
import { isWorse, type Question } from "./score/score.ts";
import type { StandingWorld } from "./standing-world.ts";

/** Probes are sent every second, and have a second. */
const settlesMs = 3_000;

/**
 * A fault that stood behind another: the first is mended as Causeway said, requests still have to fail, and what is wrong
 * now is asked anew. Of two answers to a question the worse one counts.
 */
export async function secondFault(
  scenario: Scenario & Required<Pick<Scenario, "behind">>,
  standing: StandingWorld,
  first: AskedAll,
  folder: string,
): Promise<{ readonly asked: AskedAll; readonly healing: Healing; readonly invalid: string | undefined }> {
  const mended = await mend(scenario, standing, first.live);
  if (mended !== "mended") return { asked: first, healing: mended, invalid: undefined };
  await sleep(settlesMs);
  const seen = await standing.requests(scenario);
  const second: Scenario = { ...scenario, expects: scenario.behind };
  const own = join(folder, "second");
  mkdirSync(own, { recursive: true });
  const again = await askAgain(second, standing, seen, own);
  return {
    asked: worseOf(first, again),
    healing: await heal(second, standing, again.live),
    invalid: seen.some(({ right }) => !right) ? undefined : "nothing fails once the first fault is mended",
  };
}

function worseOf(first: AskedAll, second: AskedAll): AskedAll {
  const answers = { ...first.answers };
  for (const question of ["live", "explain"] as const satisfies Question[]) {
    const [before, now] = [first.answers[question], second.answers[question]];
    if (before !== undefined && now !== undefined && isWorse(before.outcome, now.outcome))
      answers[question] = now;
  }
  return { answers, experiments: first.experiments + second.experiments, live: second.live };
}
