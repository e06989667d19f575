import type { CauseId } from "../../diagnosis/cause-ids.ts";
import { drainTimeS } from "../../health/drain-time.ts";
import type { Attempt } from "../../model/attempt.ts";
import type { Pair, Server, Wiring } from "../../routing/routes.ts";
import type { BoardEntry, HealthBoard } from "../health/health-board.ts";
import type { ProbeTargets } from "../health/probe-targets.ts";
import type { TimerWheel } from "../timer-wheel.ts";
import type { UpstreamAttempt } from "../upstream/contract.ts";
import type { AdminWish, PassiveSignal } from "../workers/messages.ts";
import { affinityValue } from "./affinity.ts";
import type { Chooser, ServerChoice, ServerWanted } from "./contract.ts";
import { Departures } from "./departures.ts";
import { type AdminState, Member } from "./member.ts";
import { PairBalance } from "./pair-balance.ts";
import { ServerStandings } from "./standings.ts";

export interface BalancerOptions {
  readonly gatewayId: string;
  readonly wiring: Pick<Wiring, "pairs">;
  readonly targets: Pick<ProbeTargets, "keyOf" | "minServersOf">;
  readonly board: HealthBoard;
  /** By a clock that only goes up. */
  readonly nowMs: () => number;
  /** By the same clock: ends what is left when drain times are over. */
  readonly wheel: Pick<TimerWheel, "set" | "clear">;
  /** From 0 up to, but not, 1: with which server each pair begins, so that workers do not all begin with the same. */
  readonly start: () => number;
  /** A server was put aside, or is back, by an attempt; undefined = nobody else needs to know. */
  readonly onPassive?: ((signal: PassiveSignal) => void) | undefined;
  /** Of the configuration before: what it knows of servers that stay goes on, those that left drain. */
  readonly before?: Balancer | undefined;
}

/** A server as the admin port shows it. */
export interface MemberView {
  readonly pair: Pair;
  readonly server: Server;
  readonly admin: AdminState;
  /** It left the pool and drains. */
  readonly removed: boolean;
  readonly inService: boolean;
  readonly aside: boolean;
  readonly busy: number;
  readonly entry: BoardEntry | undefined;
  readonly says: string;
}

/** The servers of one configuration, and which of them gets the next request. */
export class Balancer implements Chooser {
  readonly #options: Omit<BalancerOptions, "before">;
  /** Until this one is served: a chain of all that ever were must not stay in memory. */
  #before: Balancer | undefined;
  readonly #standings: ServerStandings;
  readonly #pairs = new Map<Pair, PairBalance>();
  readonly #pairsById = new Map<string, PairBalance>();
  readonly #members = new Map<Server, Member>();
  readonly #pairOf = new Map<Member, PairBalance>();
  readonly #pairsByKey = new Map<string, Set<PairBalance>>();
  /** What is done to the configuration before once this one is served, and not while it may yet be refused. */
  readonly #takeOver: (() => void)[] = [];
  readonly #stopListening: () => void;
  /** Of the balancer that is asked. */
  #departures: Departures | undefined;

  constructor(options: BalancerOptions) {
    const { before, ...others } = options;
    this.#options = others;
    this.#before = before;
    this.#standings = new ServerStandings(options.board);
    for (const pair of options.wiring.pairs) this.#add(pair);
    if (before !== undefined) this.#leavePairs(before);
    this.#stopListening = options.board.onChange(({ key, state }, before) => {
      if (state.up === before?.state.up) return;
      for (const balance of this.#pairsByKey.get(key) ?? []) balance.changed();
    });
  }

  /**
   * It is asked from now on: takes over what is known of servers that stay, and those that left drain. Before the board
   * forgets what the configuration before had probed.
   */
  served(): void {
    const { wheel, nowMs } = this.#options;
    this.#departures = this.#before?.handOn() ?? new Departures(wheel);
    this.#before = undefined;
    this.#departures.forgetDrained(nowMs());
    for (const take of this.#takeOver.splice(0)) take();
  }

  choose(wanted: ServerWanted): ServerChoice {
    const balance = this.#pairs.get(wanted.pair);
    if (balance === undefined) return { server: undefined, why: "none-healthy", cause: undefined };
    return balance.choose(wanted, this.#options.nowMs());
  }

  began(server: Server, attempt: UpstreamAttempt): void {
    this.#members.get(server)?.underWay.began(attempt);
  }

  ended(server: Server, attempt: UpstreamAttempt, record: Attempt): void {
    const member = this.#members.get(server);
    if (member === undefined) return;
    member.underWay.ended(attempt);
    const nowMs = this.#options.nowMs();
    if (!member.took(record, nowMs)) return;
    const balance = this.#pairOf.get(member);
    balance?.changed();
    if (balance === undefined || this.#options.onPassive === undefined) return;
    const { failuresInRow, asideUntilMs } = member;
    const asideForMs = Math.max(0, asideUntilMs - nowMs);
    const address = server.address ?? "";
    this.#options.onPassive({ pairId: balance.pair.id, address, failuresInRow, asideForMs });
  }

  /** What another process has seen of a server counts as if it had been seen here. */
  passive({ pairId, address, failuresInRow, asideForMs }: PassiveSignal): void {
    const found = this.#find(pairId, address);
    if (found === undefined) return;
    found.member.failuresInRow = failuresInRow;
    found.member.asideUntilMs = asideForMs === 0 ? 0 : this.#options.nowMs() + asideForMs;
    found.balance.changed();
  }

  /** What keeps the servers of a pair from being healthy, as far as their probes tell. */
  causeOfUnhealthy(pair: Pair): CauseId | undefined {
    const balance = this.#pairs.get(pair);
    return balance && this.#standings.causeFor(balance.members);
  }

  /** False = there is no such server. `address` as in the pool; `drainForMs`: what is left of its drain time. */
  setAdmin(pairId: string, address: string, admin: AdminState, drainForMs?: number): boolean {
    const found = this.#find(pairId, address);
    if (found === undefined) return false;
    const { balance, member } = found;
    member.admin = admin;
    if (admin === "draining")
      member.drainUntilMs = this.#options.nowMs() + (drainForMs ?? drainMsOf(balance.pair));
    balance.changed();
    return true;
  }

  /** Every server, those that left and drain last of their pair. */
  view(): readonly MemberView[] {
    const nowMs = this.#options.nowMs();
    return [...this.#pairs.values()].flatMap((balance) => {
      balance.refresh(nowMs);
      const draining = balance.removed.filter((one) => one.underWay.size > 0 || nowMs < one.drainUntilMs);
      return [...balance.members, ...draining].map((member) => ({
        pair: balance.pair,
        server: member.server,
        admin: member.admin,
        removed: draining.includes(member),
        inService: member.serving,
        aside: member.asideUntilMs > nowMs,
        busy: member.underWay.size,
        entry: this.#standings.entryOf(member),
        says: this.#standings.says(member),
      }));
    });
  }

  /** What the operator has wished, but for servers that are as any other. */
  wishes(): readonly AdminWish[] {
    const nowMs = this.#options.nowMs();
    return [...this.#pairs.values()].flatMap(({ pair, members }) =>
      members.flatMap(({ server: { address = "" }, admin, drainUntilMs }) => {
        const drainForMs = Math.max(0, drainUntilMs - nowMs);
        return admin === "enabled" ? [] : [{ pairId: pair.id, address, admin, drainForMs }];
      }),
    );
  }

  /** It is not asked any more; attempts under way are still told. */
  close(): void {
    this.#stopListening();
    this.#departures?.close();
  }

  #find(pairId: string, address: string): { balance: PairBalance; member: Member } | undefined {
    const balance = this.#pairsById.get(pairId.toLowerCase());
    const wanted = address.toLowerCase();
    const member = balance?.members.find(({ server }) => addressKey(server) === wanted);
    return balance && member && { balance, member };
  }

  #add(pair: Pair): void {
    const { targets, gatewayId, start } = this.#options;
    const before = this.#before;
    const old = before?.pairLike(pair);
    const oldMembers = new Map(old?.members.map((one) => [addressKey(one.server), one]));
    const members = pair.servers.map((server) => {
      const member = new Member(server, targets.keyOf(server), affinityValue(gatewayId, addressKey(server)));
      const known = server.address === undefined ? undefined : oldMembers.get(addressKey(server));
      if (known !== undefined) this.#takeOver.push(() => member.goOnAs(known));
      else if (before !== undefined) this.#takeOver.push(() => this.#return(member, pair));
      return member;
    });
    const removed = old === undefined || before === undefined ? [] : this.#leaving(old, pair, before);
    const options = { minServers: targets.minServersOf(pair), standings: this.#standings, start: start() };
    const balance = new PairBalance(pair, members, removed, options);
    this.#pairs.set(pair, balance);
    this.#pairsById.set(pair.id.toLowerCase(), balance);
    for (const member of [...members, ...removed]) this.#register(member, balance);
  }

  #register(member: Member, balance: PairBalance): void {
    this.#members.set(member.server, member);
    this.#pairOf.set(member, balance);
    if (member.key === undefined) return;
    const known = this.#pairsByKey.get(member.key);
    if (known === undefined) this.#pairsByKey.set(member.key, new Set([balance]));
    else known.add(balance);
  }

  /** Those of the pair before that are not in it any more. */
  #leaving(old: PairBalance, pair: Pair, before: Balancer): Member[] {
    const { nowMs } = this.#options;
    const staying = new Set(pair.servers.map(addressKey));
    const isBack = ({ server }: Member): boolean => staying.has(addressKey(server));
    const left = old.members.filter((member) => !isBack(member));
    const still = old.removed.filter((member) => !isBack(member) && nowMs() < member.drainUntilMs);
    const all = [...left, ...still];
    this.#takeOver.push(() => {
      for (const member of all) this.#standings.leave(member, before.#standings.entryOf(member));
      for (const member of left) {
        if (member.admin !== "enabled") continue;
        member.admin = "draining";
        member.drainUntilMs = nowMs() + drainMsOf(old.pair);
      }
      this.#depart(old.pair, left);
    });
    return all;
  }

  /** Pairs that rules lead to no more: nobody is sent there again, and what is under way has as long as elsewhere. */
  #leavePairs(before: Balancer): void {
    const gone = [...before.#pairs.values()].filter(({ pair }) => this.pairLike(pair) === undefined);
    if (gone.length === 0) return;
    this.#takeOver.push(() => {
      for (const { pair, members } of gone) this.#depart(pair, members);
    });
  }

  #depart(pair: Pair, members: readonly Member[]): void {
    const untilMs = this.#options.nowMs() + drainMsOf(pair);
    for (const { server, underWay } of members)
      this.#departures?.leave(departureKey(pair, server), underWay, untilMs);
  }

  #return(member: Member, pair: Pair): void {
    const underWay = this.#departures?.back(departureKey(pair, member.server));
    if (underWay !== undefined) member.underWay = underWay;
  }

  /** Those that left, for the balancer that is asked from now on. */
  private handOn(): Departures | undefined {
    const departures = this.#departures;
    this.#departures = undefined;
    return departures;
  }

  /** The balance of the pair that is called like this one. */
  pairLike({ id }: Pair): PairBalance | undefined {
    return this.#pairsById.get(id.toLowerCase());
  }
}

function departureKey({ id }: Pair, server: Server): string {
  return `${id.toLowerCase()} ${addressKey(server)}`;
}

const drainMsOf = ({ setting }: Pair): number => drainTimeS(setting) * 1000;

function addressKey({ address, member }: Server): string {
  return address?.toLowerCase() ?? member.source.pointer;
}
