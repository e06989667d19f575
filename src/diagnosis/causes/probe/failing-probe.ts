import type { Server } from "../../../routing/routes.ts";
import { type Experiment, experimentOf, flipOf, type Trial } from "../../experiment.ts";
import type { Facets } from "../../facets.ts";
import { type FailingGroup, failingGroups } from "../../failing-groups.ts";
import type { Failing, Live } from "../../live-evidence.ts";

/** The status a live probe was refused for; undefined for whatever else fails. */
export function refusedStatus({ plan, kind, status }: Failing): number | undefined {
  return plan.purpose === "probe" && kind === "status" ? status : undefined;
}

/** Servers whose probes fail alike, and the experiment that made one of them well. */
export interface Healed {
  /** At least one. */
  readonly servers: readonly Server[];
  readonly experiment: Experiment;
}

/** The failing probes that one of a cause's trials made well. */
export function healedProbes(
  live: Live,
  trialsOf: (failing: Failing) => readonly Trial[],
): readonly Healed[] {
  return groupsOf(live).flatMap(({ members }): Healed[] => {
    if (members[0].plan.purpose !== "probe") return [];
    for (const failing of members) {
      const experiment = flipOf(live, failing, trialsOf(failing));
      if (experiment !== undefined) return [{ servers: members.map(({ server }) => server), experiment }];
    }
    return [];
  });
}

/** The experiment that made each of these servers' probes well. */
export function experimentsByServer(healed: readonly Healed[]): ReadonlyMap<Server, Experiment> {
  return new Map(healed.flatMap(({ servers, experiment }) => servers.map((server) => [server, experiment])));
}

/** What made these servers' probes well; undefined where nothing did, or not the same. */
export function valueFor(
  servers: readonly Server[],
  healed: ReadonlyMap<Server, Experiment>,
): string | undefined {
  const values = new Set(servers.flatMap((server) => healed.get(server)?.to ?? []));
  const [value] = values;
  return values.size === 1 ? value : undefined;
}

/** One of these trials helped, or was not made yet and may help. */
export function mayHelp({ live }: Pick<Facets, "live">, failing: Failing, trials: readonly Trial[]): boolean {
  return trials.some((trial) => experimentOf(live, failing, trial)?.flipped ?? true);
}

const known = new WeakMap<Live, readonly FailingGroup[]>();

function groupsOf(live: Live): readonly FailingGroup[] {
  const found = known.get(live) ?? failingGroups(live);
  known.set(live, found);
  return found;
}
