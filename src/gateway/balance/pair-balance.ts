import { inService } from "../../health/server-state.ts";
import type { Pair } from "../../routing/routes.ts";
import type { ConnectionOwner } from "../upstream/contract.ts";
import { affinityCookies, affinityOf } from "./affinity.ts";
import type { NoServerWhy, ServerChoice, ServerWanted } from "./contract.ts";
import type { Member } from "./member.ts";
import type { ServerStandings } from "./standings.ts";

/**
 * Chooses among the servers of one pair, each in turn. What changes seldom (health, the operator's wishes) is worked out
 * once, at the next choice after it changed.
 */
export class PairBalance {
  readonly pair: Pair;
  readonly members: readonly Member[];
  /** Of a configuration before: taken out of the pool, and still draining. */
  readonly removed: readonly Member[];
  readonly #minServers: number;
  readonly #standings: ServerStandings;
  readonly #byAffinity: ReadonlyMap<string, Member>;
  /** Of dedicated connections. */
  readonly #byOwner = new WeakMap<ConnectionOwner, Member>();
  readonly #cookies: ReadonlyMap<Member, readonly string[]>;
  /** In service; undefined = to be worked out. */
  #inService: readonly Member[] | undefined;
  /** Of these, those that new clients get. */
  #preferred: readonly Member[] = [];
  /** When the first that is aside comes back. */
  #nextReturnMs = Number.POSITIVE_INFINITY;
  #next: number;

  constructor(
    pair: Pair,
    members: readonly Member[],
    removed: readonly Member[],
    options: { readonly minServers: number; readonly standings: ServerStandings; readonly start: number },
  ) {
    this.pair = pair;
    this.members = members;
    this.removed = removed;
    this.#minServers = options.minServers;
    this.#standings = options.standings;
    this.#next = Math.floor(options.start * members.length);
    const all = [...removed, ...members];
    this.#byAffinity = new Map(all.map((member) => [member.affinity, member]));
    const name = pair.setting.affinityCookieName;
    this.#cookies = new Map(all.map((member) => [member, affinityCookies(name, member.affinity)]));
  }

  /** Something about a server changed. */
  changed(): void {
    this.#inService = undefined;
  }

  choose(wanted: ServerWanted, nowMs: number): ServerChoice {
    const members = this.#current(nowMs);
    const { setting } = this.pair;
    if (!setting.cookieBasedAffinity) {
      const member = this.#forConnection(members, wanted, nowMs);
      return member === undefined ? this.#none(members) : { server: member.server, setCookies: noCookies };
    }
    const value = wanted.cookies === "" ? undefined : affinityOf(wanted.cookies, setting.affinityCookieName);
    const known = value === undefined ? undefined : this.#byAffinity.get(value);
    if (known !== undefined && !wanted.tried.includes(known.server) && this.#keeps(known, nowMs)) {
      return { server: known.server, setCookies: noCookies };
    }
    const member = this.#forConnection(members, wanted, nowMs);
    if (member === undefined) return this.#none(members);
    return { server: member.server, setCookies: this.#cookies.get(member) ?? noCookies };
  }

  /** A dedicated one has one towards servers: what the client has proven about itself holds there alone. */
  #forConnection(members: readonly Member[], wanted: ServerWanted, nowMs: number): Member | undefined {
    const { owner, tried } = wanted;
    if (!this.pair.setting.dedicatedBackendConnection) return this.#inTurn(members, wanted);
    const known = owner && this.#byOwner.get(owner);
    if (known !== undefined && !tried.includes(known.server) && this.#keeps(known, nowMs)) return known;
    const member = this.#inTurn(members, wanted);
    if (owner !== undefined && member !== undefined) this.#byOwner.set(owner, member);
    return member;
  }

  /** Brings `serving` of every member up to date. */
  refresh(nowMs: number): void {
    this.#current(nowMs);
  }

  #current(nowMs: number): readonly Member[] {
    const known = this.#inService;
    if (known !== undefined && nowMs < this.#nextReturnMs) return known;
    const enabled = this.members.filter(({ admin }) => admin === "enabled");
    const { healthy, kept } = inService(enabled, (member) => this.#standings.isUp(member), this.#minServers);
    const serving = new Set([...healthy, ...kept]);
    const members = enabled.filter((member) => serving.has(member));
    for (const member of this.members) member.serving = serving.has(member);
    const free = members.filter(({ asideUntilMs }) => asideUntilMs <= nowMs);
    this.#preferred = preferredOf(members, free);
    const returns = members.flatMap(({ asideUntilMs }) => (asideUntilMs > nowMs ? asideUntilMs : []));
    this.#nextReturnMs = Math.min(Number.POSITIVE_INFINITY, ...returns);
    this.#inService = members;
    return members;
  }

  /** A client with the cookie of this server stays with it. */
  #keeps(member: Member, nowMs: number): boolean {
    if (member.admin === "enabled") return member.serving;
    if (member.admin === "disabled" || nowMs >= member.drainUntilMs) return false;
    return this.#standings.isUp(member) && member.failuresInRow === 0;
  }

  #inTurn(members: readonly Member[], { tried }: ServerWanted): Member | undefined {
    if (tried.length === 0) return this.#takeTurn(this.#preferred, tried, false);
    // Most requests are tried once more only: not on a server that may have the same trouble.
    return this.#takeTurn(this.#preferred, tried, true) ?? this.#takeTurn(members, tried, false);
  }

  #takeTurn(
    members: readonly Member[],
    tried: ServerWanted["tried"],
    unsuspected: boolean,
  ): Member | undefined {
    const { length } = members;
    for (let step = 0; step < length; step++) {
      const at = (this.#next + step) % length;
      const member = members[at];
      if (member === undefined || (tried.length > 0 && tried.includes(member.server))) continue;
      if (unsuspected && member.failuresInRow > 0) continue;
      this.#next = at + 1 === length ? 0 : at + 1;
      return member;
    }
    return undefined;
  }

  #none(members: readonly Member[]): ServerChoice {
    const why = this.#whyNone(members);
    if (why === "pool-empty") return { server: undefined, why, cause: "pool-empty" };
    const cause = why === "none-healthy" ? this.#standings.causeFor(this.members) : undefined;
    return { server: undefined, why, cause };
  }

  #whyNone(serving: readonly Member[]): NoServerWhy {
    if (this.members.length === 0) return "pool-empty";
    if (serving.length > 0) return "all-tried";
    return this.members.some(({ admin }) => admin === "enabled") ? "none-healthy" : "taken-out";
  }
}

/**
 * Those that are not put aside, or all when all are. A suspicion counts only while half of them are left: whoever can make
 * a server fail one request must not be able to send all others to a single one.
 */
function preferredOf(members: readonly Member[], free: readonly Member[]): readonly Member[] {
  if (free.length * 2 >= members.length) return free;
  const unproven = members.filter((member) => free.includes(member) || member.suspected);
  return unproven.length === 0 ? members : unproven;
}

const noCookies: readonly string[] = [];
