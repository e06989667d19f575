import type { Decision } from "../../cause.ts";
import type { RefusedAnswers } from "./refused-answers.ts";
import type { SeenLive } from "./seen-live.ts";

/** Answers that the gateway cannot take: read from its log, or seen themselves. */
export type RefusedOrSeen =
  | { readonly by: "log"; readonly refused: RefusedAnswers }
  | { readonly by: "live"; readonly seen: SeenLive };

export function fromLog(decision: Decision<RefusedAnswers>): Decision<RefusedOrSeen> {
  return decision.is === "found" ? { ...decision, match: { by: "log", refused: decision.match } } : decision;
}
