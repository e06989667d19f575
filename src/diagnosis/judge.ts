import type { Cause, ClosedFound, Undecided } from "./cause.ts";
import type { CauseId } from "./cause-ids.ts";
import { causes } from "./causes/all.ts";
import type { Experiment } from "./experiment.ts";
import type { Facets } from "./facets.ts";
import type { Finding, FixProposal, Need, Role } from "./finding.ts";
import { foldSymptoms } from "./fold.ts";
import { proveDrafts } from "./prove.ts";
import { rankFindings } from "./rank.ts";
import { allSteps, type Steps } from "./steps.ts";
import { untried } from "./untried.ts";
import { type RouteVerdict, verdictOf } from "./verdict.ts";
import { type Weighed, weigh } from "./weigh.ts";

export interface Check {
  readonly cause: CauseId;
  readonly status: "found" | "ruled-out" | "undecided";
  readonly needs: readonly Need[];
}

/** A finding whose fix was not tried yet. */
export interface Judged extends Omit<Finding, "fix"> {
  readonly proposal: () => FixProposal | undefined;
}

/** Everything the checks say of one gateway, before any fix is tried. */
export interface Judgement {
  readonly facets: Facets;
  readonly routes: readonly RouteVerdict[];
  readonly findings: readonly Judged[];
  readonly checks: readonly Check[];
  readonly undecided: readonly (Undecided & { readonly cause: CauseId })[];
  /** Checks that threw: faults of Causeway, which must not silence the other checks. */
  readonly crashes: readonly { readonly cause: CauseId; readonly error: unknown }[];
}

const liveOnly: Need = {
  what: "what the server really answers, which no exported document says",
  command: "probe the server from the gateway's network",
};

/** Runs every check on one gateway and weighs what they found against what was seen. */
export function judge(facets: Facets): Judgement {
  return allSteps(judging(facets));
}

/** The same a check at a time, for whoever has other things to do in between: of the largest gateway it takes a second. */
export function* judging(facets: Facets): Steps<Judgement> {
  const checks: Check[] = [];
  const crashes: { cause: CauseId; error: unknown }[] = [];
  const undecided: (Undecided & { cause: CauseId })[] = [];
  const drafts: Draft[] = [];
  for (const cause of causes) {
    const decided = decide(cause, facets);
    if ("error" in decided) crashes.push({ cause: cause.id, error: decided.error });
    undecided.push(...decided.open.map((open) => ({ ...open, cause: cause.id })));
    for (const found of decided.found) {
      drafts.push(draftOf(cause, found, weigh(found, found.showsAt ?? cause.layer, facets)));
    }
    if (cause.reportedAs === undefined)
      checks.push(checkOf(cause, decided.found.length > 0, decided.open, facets));
    yield;
  }
  const folded = foldSymptoms(proveDrafts(drafts, facets), facets.live);
  yield;
  const findings = folded.drafts.map((draft) => judgedOf(draft, folded.explained));
  const roots = findings.filter(({ role }) => role === "root");
  yield;
  const routes = verdictOf(facets, roots);
  return { facets, routes, findings: rankFindings(findings, routes), checks, undecided, crashes };
}

/** A found cause on its way to a finding. */
export interface Draft {
  readonly id: string;
  readonly cause: Cause;
  readonly found: ClosedFound;
  readonly weighed: Weighed;
  /** What was tried to prove it, those that helped first. */
  readonly experiments: readonly Experiment[];
}

function decide(cause: Cause, facets: Facets): { found: ClosedFound[]; open: Undecided[]; error?: unknown } {
  if (cause.decide === undefined) return { found: [], open: [] };
  const found: ClosedFound[] = [];
  const open: Undecided[] = [];
  try {
    for (const decision of cause.decide(facets)) {
      if (decision.is === "found") found.push(decision);
      else open.push(decision);
    }
    return { found, open };
  } catch (error) {
    const needs = { what: "this check: Causeway failed in it", command: "report the failure with the input" };
    return { found: [], open: [{ is: "undecided", needs, affects: { gateway: true } }], error };
  }
}

function checkOf(cause: Cause, found: boolean, open: readonly Undecided[], facets: Facets): Check {
  if (found) return { cause: cause.id, status: "found", needs: [] };
  if (cause.decide === undefined || (!facets.live.tried && open.length === 0 && isLiveOnly(cause))) {
    return { cause: cause.id, status: "undecided", needs: [liveOnly] };
  }
  const unseen = open.length > 0 ? undefined : untried(cause, facets);
  if (unseen !== undefined) return { cause: cause.id, status: "undecided", needs: [unseen] };
  const needs = new Map(open.map(({ needs: need }) => [`${need.what}\n${need.command}`, need]));
  const status = open.length > 0 ? "undecided" : "ruled-out";
  return { cause: cause.id, status, needs: [...needs.values()] };
}

/** Nothing but what is really sent can decide it. */
function isLiveOnly({ decidedBy }: Cause): boolean {
  return decidedBy.every((by) => by === "live");
}

function draftOf(cause: Cause, found: ClosedFound, weighed: Weighed): Draft {
  return { id: `${cause.id}:${found.key}`, cause, found, weighed, experiments: [] };
}

function judgedOf(draft: Draft, explained: ReadonlyMap<string, readonly string[]>): Judged {
  const { id, cause, found, weighed, experiments } = draft;
  const explainers = explained.get(id) ?? [];
  const explains = [...explained].filter(([, by]) => by.includes(id)).map(([symptom]) => symptom);
  return {
    id,
    cause: cause.id,
    layer: cause.layer,
    role: roleOf(weighed, explainers.length > 0),
    certainty: weighed.certainty,
    effect: weighed.effect,
    status: found.status ?? 502,
    affects: weighed.affects,
    explains,
    azureMessage: null,
    experiments,
    ...found.say(weighed.affects),
    proposal: () => found.fix(weighed.affects),
  };
}

function roleOf(weighed: Weighed, explained: boolean): Role {
  if (weighed.denied || weighed.effect === "threatens") return "risk";
  return explained ? "contributing" : "root";
}
