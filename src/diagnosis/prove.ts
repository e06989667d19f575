import type { Server } from "../routing/routes.ts";
import type { Cause } from "./cause.ts";
import { type Experiment, experimentOf, type Trial } from "./experiment.ts";
import type { Facets } from "./facets.ts";
import { type FailingGroup, failingGroups } from "./failing-groups.ts";
import type { Certainty, Effect } from "./finding.ts";
import type { Draft } from "./judge.ts";
import type { Failing } from "./live-evidence.ts";
import { provokedBy } from "./provoked.ts";
import { serversOf } from "./weigh.ts";

/**
 * Holds claims against the experiments that were made. One whose change made the failure go away is proven. One none of
 * whose changes helped is not what is wrong. One that was only guessed from the symptom gives way to another that is
 * proven for all of it.
 */
export function proveDrafts(drafts: readonly Draft[], facets: Facets): readonly Draft[] {
  if (!facets.live.tried) return drafts;
  const groups = failingGroups(facets.live);
  const tested = drafts.map((draft) => testedBy(draft, groups, facets));
  const healed = tested.flatMap(({ draft, flips }) =>
    flips.filter(({ experiment }) => heals(experiment)).map((flip) => ({ ...flip, by: draft.id })),
  );
  return tested.flatMap((one) => settled(one, healed));
}

/** Nothing else is wrong with what fails so, and that is certain. */
function heals({ after, constancy }: Experiment): boolean {
  return after.outcome === "fine" && constancy === "constant";
}

/** Failures that went away, and the claim that explains them. */
interface Healed {
  readonly group: FailingGroup;
  readonly experiment: Experiment;
  readonly by: string;
}

/** Where a name leads, or should, tells nothing of other names. */
export function speaksFor(experiment: Experiment, { server }: Failing): boolean {
  return !isOfName(experiment) || server.address === experiment.before.server.address;
}

function isOfName({ what }: Experiment): boolean {
  return what === "address" || what === "DNS server";
}

interface Tested {
  readonly draft: Draft;
  /** The failures it speaks of. */
  readonly groups: readonly FailingGroup[];
  readonly flips: readonly { readonly group: FailingGroup; readonly experiment: Experiment }[];
  /** Tried as often as can be, in vain. */
  readonly vain: readonly Experiment[];
  readonly refuted: readonly FailingGroup[];
  /** Its fault was provoked on servers that it speaks of. */
  readonly shown: readonly Experiment[];
}

function testedBy(draft: Draft, groups: readonly FailingGroup[], facets: Facets): Tested {
  const own = groups.filter((group) => speaksOf(draft, group));
  const results = own.map((group) => ({ group, ...groupResult(draft.cause, group, facets) }));
  const provoked = provokedBy(draft.cause, facets);
  const isOwn = ({ before }: Experiment): boolean => serversOf(draft.weighed.affects).includes(before.server);
  return {
    draft,
    groups: own,
    shown: provoked.shown.filter(isOwn),
    flips: results.flatMap(({ group, flips }) => flips.map((experiment) => ({ group, experiment }))),
    vain: [...results.flatMap(({ vain }) => vain), ...provoked.vain.filter(isOwn)],
    refuted: results.flatMap(({ group, refuted }) => (refuted ? [group] : [])),
  };
}

/** Whether a fault with this effect can be what makes a probe, or a request, fail. */
export function concerns(effect: Effect, { plan: { purpose } }: Failing): boolean {
  if (effect === "stops-probes") return purpose === "probe";
  if (effect === "stops-requests") return purpose === "request";
  return true;
}

function speaksOf({ weighed: { affects, effect } }: Draft, { members }: FailingGroup): boolean {
  if (!concerns(effect, members[0])) return false;
  if (affects.gateway) return true;
  const servers = new Set(serversOf(affects));
  const routes = new Set(affects.routes ?? []);
  return members.some(
    (failing) => servers.has(failing.server) || ("route" in failing && routes.has(failing.route)),
  );
}

/** What the trials of one cause came to for failures that are alike. */
export interface GroupResult {
  readonly flip: Experiment | undefined;
  /** That one, and what helped those of the failures for which it does not speak. */
  readonly flips: readonly Experiment[];
  readonly vain: readonly Experiment[];
  /** All that can be tried was, and nothing helped. */
  readonly refuted: boolean;
  /** Something helped, and not again: the failure comes and goes. */
  readonly byChance: boolean;
  /** What nobody has sent yet: of the first member for whom there is something to try. */
  readonly open: readonly { readonly failing: Failing; readonly trial: Trial }[];
}

export function groupResult(cause: Cause, { members }: FailingGroup, facets: Facets): GroupResult {
  const results = members.map((failing) => {
    const trials = cause.trials?.(facets, failing) ?? [];
    const made = trials.map((trial) => ({ trial, experiment: experimentOf(facets.live, failing, trial) }));
    return {
      flip: made.find(({ experiment }) => experiment?.flipped)?.experiment,
      vain: made.flatMap(({ experiment }) =>
        experiment === undefined || experiment.flipped || experiment.constancy === "by-chance"
          ? []
          : [experiment],
      ),
      byChance: made.some(({ experiment }) => experiment?.constancy === "by-chance"),
      open: made.flatMap(({ trial, experiment }) => (experiment === undefined ? [{ failing, trial }] : [])),
    };
  });
  const flips: Experiment[] = [];
  for (const { flip: one } of results) {
    if (one !== undefined && !flips.some((known) => speaksFor(known, one.before))) flips.push(one);
  }
  const [flip] = flips;
  const vain = results.find((result) => result.vain.length > 0)?.vain ?? [];
  const byChance = results.some((result) => result.byChance);
  const refuted =
    flip === undefined &&
    !byChance &&
    results.some(({ vain: made, open }) => made.length > 0 && open.length === 0);
  const tried = results.find(({ vain: made, open }) => made.length > 0 || open.length > 0);
  return { flip, flips, vain, refuted, byChance, open: tried?.open ?? [] };
}

function settled({ draft, groups, flips, vain, refuted, shown }: Tested, healed: readonly Healed[]): Draft[] {
  if (flips.length + shown.length > 0) {
    const experiments = [...flips.map(({ experiment }) => experiment), ...shown, ...vain];
    const left = withoutGroups(draft, namesHealed(draft, flips, healed)) ?? draft;
    return [{ ...left, experiments, weighed: { ...left.weighed, certainty: provenBy(draft, experiments) } }];
  }
  if (groups.length === 0) return [vain.length === 0 ? draft : { ...draft, experiments: vain }];
  const { basis } = draft.found;
  const known = basis === "state" || (basis === "configuration" && draft.cause.trials === undefined);
  if (known || draft.weighed.denied || draft.weighed.effect === "threatens") return [draft];
  const gone = groups.flatMap((group) =>
    refuted.some(({ key }) => key === group.key) ? [group] : healedByOthers(draft, group, healed),
  );
  if (gone.length === 0) return [{ ...draft, experiments: vain }];
  const left = withoutGroups(draft, gone);
  if (left !== undefined) return [{ ...left, experiments: vain }];
  if (basis !== "configuration") return [];
  const weighed = { ...draft.weighed, effect: "threatens", certainty: "possible", denied: true } as const;
  return [{ ...draft, weighed, experiments: vain }];
}

/** What helped once may have done so by chance. */
function provenBy({ weighed: { certainty } }: Draft, experiments: readonly Experiment[]): Certainty {
  const constant = experiments.some(({ flipped, constancy }) => flipped && constancy === "constant");
  return constant || certainty === "proven" ? "proven" : "likely";
}

/** Names which this claim is only taken to explain as it does others, while another was shown to explain them. */
function namesHealed(draft: Draft, own: Tested["flips"], healed: readonly Healed[]): FailingGroup[] {
  const tried = new Set(own.map(({ experiment }) => experiment.before.server.address));
  return healed.flatMap(({ by, group: { key, members }, experiment }): FailingGroup[] => {
    if (by === draft.id || !isOfName(experiment)) return [];
    const [first, ...rest] = members.filter(
      (one) => speaksFor(experiment, one) && !tried.has(one.server.address),
    );
    return first === undefined ? [] : [{ key, members: [first, ...rest] }];
  });
}

/** Those of these failures that another claim explains; none or one group. */
function healedByOthers(
  draft: Draft,
  { key, members }: FailingGroup,
  healed: readonly Healed[],
): FailingGroup[] {
  const others = healed.filter(({ by, group }) => by !== draft.id && group.key === key);
  const [first, ...rest] = members.filter((one) =>
    others.some(({ experiment }) => speaksFor(experiment, one)),
  );
  return first === undefined ? [] : [{ key, members: [first, ...rest] }];
}

/** The claim without these failures; undefined when nothing is left of it. */
function withoutGroups(draft: Draft, gone: readonly FailingGroup[]): Draft | undefined {
  const members = gone.flatMap((group) => group.members);
  const { affects } = draft.weighed;
  if (affects.gateway) return draft;
  const away = new Set<Server>(members.map(({ server }) => server));
  const lost = new Set(members.flatMap((failing) => ("route" in failing ? [failing.route] : [])));
  const servers = serversOf(affects).filter((server) => !away.has(server));
  const routes = (affects.routes ?? []).filter((route) => !lost.has(route));
  if (servers.length === 0 && routes.length === 0) return undefined;
  return { ...draft, weighed: { ...draft.weighed, affects: { servers, routes } } };
}
