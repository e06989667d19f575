import { inService, isKnown, type ServerState } from "../health/server-state.ts";
import type { Pair } from "../routing/routes.ts";
import type { PlannedProbe } from "./probe-list.ts";

/** A server of which the watch knows how it is. */
interface Member {
  readonly probe: PlannedProbe;
  readonly state: ServerState;
}

/** A pool × setting whose probe has a `minServers`, with all its servers. */
interface Group<M> {
  readonly pair: Pair;
  readonly minServers: number;
  readonly members: readonly M[];
  kept: ReadonlySet<M>;
}

/** A server begins, or ends, to be treated as healthy though its probes fail. */
export interface Keeping<M> {
  readonly member: M;
  readonly pair: Pair;
  readonly minServers: number;
  readonly kept: boolean;
}

/**
 * Follows whom `minServers` keeps in service. That depends on every server of a pool: a pool of which only some are
 * watched is not followed, and nothing is said of one before all its servers have shown how they are.
 */
export class WatchGroups<M extends Member> {
  readonly #groups = new Map<Pair, Group<M>>();

  constructor(members: readonly M[]) {
    const byPair = new Map<Pair, M[]>();
    for (const member of members) {
      if (member.probe.plan.minServers <= 0) continue;
      for (const pair of member.probe.pairs) {
        const known = byPair.get(pair);
        if (known === undefined) byPair.set(pair, [member]);
        else known.push(member);
      }
    }
    for (const [pair, ofPair] of byPair) {
      const minServers = ofPair[0]?.probe.plan.minServers ?? 0;
      if (isWhole(pair, ofPair)) {
        this.#groups.set(pair, { pair, minServers, members: ofPair, kept: new Set() });
      }
    }
  }

  /** What changes in the pools of a server that has a new state. */
  changesAt({ probe }: M): Keeping<M>[] {
    return probe.pairs.flatMap((pair) => {
      const group = this.#groups.get(pair);
      return group === undefined ? [] : changesOf(group);
    });
  }
}

function isWhole({ servers }: Pair, members: readonly Member[]): boolean {
  const watched = new Set(members.map(({ probe }) => probe.server.address?.toLowerCase()));
  return servers.every(({ address }) => address !== undefined && watched.has(address.toLowerCase()));
}

function changesOf<M extends Member>(group: Group<M>): Keeping<M>[] {
  const { pair, minServers, members, kept: before } = group;
  if (!members.every(({ state }) => isKnown(state))) return [];
  const after = new Set(inService(members, ({ state }) => state.up, minServers).kept);
  group.kept = after;
  const keeping = (kept: boolean) => (member: M) => ({ member, pair, minServers, kept });
  return [
    ...[...before].filter((member) => !after.has(member)).map(keeping(false)),
    ...[...after].filter((member) => !before.has(member)).map(keeping(true)),
  ];
}
