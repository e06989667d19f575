import type { DnsPhase } from "../../model/probe-observation.ts";
import type { Clock } from "../../probe/clock.ts";

/** Ends within the budget and never rejects for what DNS servers do. */
export type Resolve = (name: string, budgetMs: number, signal: AbortSignal | undefined) => Promise<DnsPhase>;

export type Found = { readonly address: string } | { readonly failure: string };

/** Of the system's resolver no time to live is known. */
const defaultTtlMs = 30_000;
const shortestTtlMs = 1_000;
const longestTtlMs = 3_600_000;
/** How long a failed look-up stands, with and without an address from before. */
const retryMs = 5_000;
const failureMs = 1_000;

interface Entry {
  addresses: readonly string[];
  /** Which of them is used. */
  at: number;
  failure: string;
  untilMs: number;
  waiting: ((found: Found) => void)[] | undefined;
}

/**
 * The addresses of servers that are known by name: kept for as long as DNS says, asked for once however many want to
 * know, and the last good ones kept when DNS fails. Names come from the configuration, so there are few.
 */
export class AddressBook {
  readonly #resolve: Resolve;
  readonly #clock: Clock;
  readonly #entries = new Map<string, Entry>();

  constructor(resolve: Resolve, clock: Clock) {
    this.#resolve = resolve;
    this.#clock = clock;
  }

  /** Calls back at once when the answer is known. */
  find(name: string, budgetMs: number, found: (found: Found) => void): void {
    let entry = this.#entries.get(name);
    if (entry === undefined) {
      entry = { addresses: [], at: 0, failure: "", untilMs: Number.NEGATIVE_INFINITY, waiting: undefined };
      this.#entries.set(name, entry);
    }
    if (entry.waiting === undefined && this.#clock.nowMs() < entry.untilMs) found(answerOf(entry));
    else if (entry.waiting !== undefined) entry.waiting.push(found);
    else {
      entry.waiting = [found];
      void this.#ask(name, budgetMs, entry);
    }
  }

  /** A connection to the address failed: the next one is used, if the name has several. */
  failed(name: string, address: string): void {
    const entry = this.#entries.get(name);
    if (entry === undefined || entry.addresses[entry.at] !== address) return;
    entry.at = (entry.at + 1) % entry.addresses.length;
  }

  async #ask(name: string, budgetMs: number, entry: Entry): Promise<void> {
    try {
      learn(entry, await this.#resolve(name, budgetMs, undefined), this.#clock.nowMs());
    } catch (error) {
      learnFailure(entry, error instanceof Error ? error.name : "failed", this.#clock.nowMs());
    }
    const waiting = entry.waiting ?? [];
    entry.waiting = undefined;
    const answer = answerOf(entry);
    for (const found of waiting) found(answer);
  }
}

function answerOf({ addresses, at, failure }: Entry): Found {
  const address = addresses[at];
  return address === undefined ? { failure } : { address };
}

function learn(entry: Entry, dns: DnsPhase, nowMs: number): void {
  if (dns.used.length === 0) {
    learnFailure(entry, failureOf(dns), nowMs);
    return;
  }
  const inUse = entry.addresses[entry.at];
  entry.addresses = dns.used;
  // The one in use stays in use: that another address of the name failed before is not forgotten by asking again.
  entry.at = Math.max(0, inUse === undefined ? 0 : dns.used.indexOf(inUse));
  entry.untilMs = nowMs + ttlMs(dns);
}

function learnFailure(entry: Entry, failure: string, nowMs: number): void {
  entry.failure = failure;
  entry.untilMs = nowMs + (entry.addresses.length > 0 ? retryMs : failureMs);
}

function ttlMs({ answers, used }: DnsPhase): number {
  const ttls = answers
    .filter(({ role, addresses }) => role !== "comparison" && addresses.some((one) => used.includes(one)))
    .flatMap(({ ttlS }) => ttlS ?? []);
  const ms = ttls.length === 0 ? defaultTtlMs : Math.min(...ttls) * 1000;
  return Math.min(Math.max(ms, shortestTtlMs), longestTtlMs);
}

/** e.g. `NXDOMAIN`, `ENOTFOUND`, `no-answer` */
function failureOf({ unaskable, answers }: DnsPhase): string {
  if (unaskable !== undefined) return unaskable;
  const [first] = answers.filter(({ role }) => role !== "comparison");
  const said = answers.find(({ role, outcome }) => role !== "comparison" && outcome === "answered") ?? first;
  return said?.errno ?? said?.rcode ?? said?.outcome ?? "no-answer";
}
