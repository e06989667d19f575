import type { CauseId } from "../../diagnosis/cause-ids.ts";
import type { AttemptFailure } from "../../model/attempt.ts";

/** A server by its pool and setting, and its address as in the pool. */
export interface ServerAsked {
  readonly pairId: string;
  readonly address: string;
}

/** What failed in a way of which many causes are: the name did not resolve, or nothing came back from the way there. */
export type SilentPhase = "name" | "way";

/**
 * What the documents say, before anything is sent, of why a server cannot be reached; undefined = nothing, or nothing in
 * this phase. A silent drop looks alike whoever dropped it: only the documents know of a rule that would.
 */
export type DocumentedCause = (asked: ServerAsked, phase: SilentPhase) => CauseId | undefined;

export const nothingDocumented: DocumentedCause = () => undefined;

/** Undefined: the failure tells by itself, or an answer came. */
export function silentPhaseOf(kind: AttemptFailure["kind"]): SilentPhase | undefined {
  if (kind === "dns") return "name";
  return kind === "connect-timeout" || kind === "connect-unreachable" ? "way" : undefined;
}
