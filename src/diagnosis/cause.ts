import { type CauseId, describedOnly } from "./cause-ids.ts";
import type { Provocation, Trial } from "./experiment.ts";
import type { Facet, Facets } from "./facets.ts";
import type { Affects, Effect, FixProposal, Layer, Need, Statement } from "./finding.ts";
import type { Failing } from "./live-evidence.ts";

/** How a cause can be decided at all; the catalogue says so for every id. */
export type DecidedBy = "configuration" | "health" | "log" | "activity" | "live";

/** One decision of a check about the servers, pairs or routes it names. What it names in none is ruled out. */
export type Decision<Match> = Found<Match> | Undecided;

export interface Found<Match> {
  readonly is: "found";
  /** Tells this fault from others of the same cause; built from names, stable. */
  readonly key: string;
  readonly match: Match;
  readonly affects: Affects;
  readonly effect: Effect;
  /**
   * `configuration`: a deciding object is in the documents; becomes proven when what was seen agrees. `state`: the
   * documents are the fact itself (an empty pool, a stopped gateway): proven. Otherwise how far the observation goes.
   */
  readonly basis: "configuration" | "state" | "observed-likely" | "observed-possible";
  /**
   * The layer at which the fault shows, when it is not the cause's own: a name that resolves to a wrong address, e.g.,
   * shows as whatever answers there. A health message past this layer contradicts the claim.
   */
  readonly showsAt?: Layer;
  /** What clients get, when it is not 502 (504 for a time-out on v2, 404 for no listener …). */
  readonly status?: number;
}

export interface Undecided {
  readonly is: "undecided";
  readonly needs: Need;
  readonly affects: Affects;
}

/**
 * A cause: what it is, how it is decided, what it says, what would fix it. `find`, `say` and `fix` never mix: deciding
 * knows no wording, wording decides nothing.
 */
export interface CauseDefinition<Reads extends Facet, Match> {
  readonly id: CauseId;
  /** A short noun phrase, e.g. "NSG of the backend subnet denies the gateway". */
  readonly title: string;
  readonly layer: Layer;
  readonly decidedBy: readonly DecidedBy[];
  /** The only facets `find` can see; a guard test fails when one of them is never read. */
  readonly reads: readonly Reads[];
  /**
   * Causes which, found on the same servers, explain this one away: it is then folded under them. Deeper objects
   * explain symptoms (causes-of-502.md §L); two independent faults stay two roots.
   */
  readonly explainedBy: readonly CauseId[];
  /**
   * For causes that show only once the gateway has tried a server: while there is no health report, silence about these
   * servers means "could not tell", not "ruled out".
   */
  readonly showsInHealthOf?: "every-server" | "tls-servers" | "named-servers";
  /** Markdown for the catalogue: what happens, why, how to recognise it. Two to five sentences. */
  readonly about: string;
  /** Absent for causes that nothing but live probing can decide. */
  find?(facets: Pick<Facets, Reads>): readonly Decision<Match>[];
  /**
   * The changes that make this failure go away if, and only if, this cause is what is wrong; none where it cannot be.
   * What became of those that were sent is asked with `flipOf`; a claim none of whose trials helped is dropped, one of
   * which helped is proven.
   */
  trials?(facets: Pick<Facets, Reads>, failing: Failing): readonly Trial[];
  /**
   * For faults that come and go: what goes well, and the change under which the fault must then show, on the servers
   * that something else makes suspicious. A claim of this cause on such a server is proven when it does.
   */
  provocations?(facets: Pick<Facets, Reads>): readonly Provocation[];
  /** `affects` is what is left of the claim once it was held against what was seen and what others explain. */
  say?(match: Match, affects: Affects): Statement;
  /** Undefined when there is nothing sensible to offer. */
  fix?(match: Match, affects: Affects): FixProposal | undefined;
}

/** A cause with its match type closed over, so that all causes fit one list. */
export interface Cause
  extends Omit<CauseDefinition<Facet, never>, "find" | "trials" | "provocations" | "say" | "fix"> {
  /** Undefined for causes that nothing but live probing can decide. */
  readonly decide: ((facets: Facets) => readonly ClosedDecision[]) | undefined;
  readonly trials: ((facets: Facets, failing: Failing) => readonly Trial[]) | undefined;
  readonly provocations?: ((facets: Facets) => readonly Provocation[]) | undefined;
  /** Set for descriptions: the causes under which the situation is reported. */
  readonly reportedAs?: readonly CauseId[];
}

export type ClosedDecision = ClosedFound | Undecided;

export type ClosedFound = Omit<Found<unknown>, "match"> & {
  say(affects: Affects): Statement;
  fix(affects: Affects): FixProposal | undefined;
};

/** A cause that documents or recorded observations can decide. */
export function defineCause<const Reads extends Facet, Match>(
  definition: CauseDefinition<Reads, Match> & Required<Pick<CauseDefinition<Reads, Match>, "find" | "say">>,
): Cause {
  const { find, trials, provocations, say, fix, ...facts } = definition;
  return {
    ...facts,
    trials: trials && ((facets, failing) => trials(facets, failing)),
    provocations: provocations && ((facets) => provocations(facets)),
    decide: (facets) =>
      find(facets).map((decision): ClosedDecision => {
        if (decision.is === "undecided") return decision;
        const { match, ...rest } = decision;
        return { ...rest, say: (affects) => say(match, affects), fix: (affects) => fix?.(match, affects) };
      }),
  };
}

/** A cause of which no document says anything: probing, or somebody who looks, has to decide it. */
export function defineLiveCause(
  definition: Omit<
    CauseDefinition<never, never>,
    "find" | "trials" | "provocations" | "say" | "fix" | "reads" | "decidedBy"
  >,
): Cause {
  return { ...definition, reads: [], decidedBy: ["live"], decide: undefined, trials: undefined };
}

/** A situation with a name of its own that is reported under other causes (causes-of-502.md §L.7); never decided. */
export function defineDescription(
  definition: Pick<CauseDefinition<never, never>, "title" | "layer" | "about"> & {
    readonly id: keyof typeof describedOnly;
  },
): Cause {
  const reportedAs = describedOnly[definition.id];
  return {
    ...definition,
    explainedBy: [],
    reads: [],
    decidedBy: ["live"],
    decide: undefined,
    trials: undefined,
    reportedAs,
  };
}
