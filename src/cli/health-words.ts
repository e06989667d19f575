import type { MemberView } from "../gateway/balance/balancer.ts";
import { type BoardEntry, type HealthBoard, isProbed } from "../gateway/health/health-board.ts";
import type { Io } from "./io.ts";
import { say } from "./write-out.ts";

/** So many lines within `windowMs`: servers that go up and down all the time must not fill the disk. */
const mostLines = 10;
const windowMs = 10_000;

/** What is told of: the servers, and how they stand. */
export interface HealthTold {
  readonly board: Pick<HealthBoard, "onChange">;
  /** As the admin port shows them, of the configuration that is served. */
  members(): readonly MemberView[];
}

/** Says on standard error which servers are down and why, at the start and whenever that changes. */
export class HealthWords {
  readonly #told: HealthTold;
  readonly #io: Pick<Io, "now" | "stderr">;
  #windowEndsMs = 0;
  #left = 0;

  constructor(told: HealthTold, io: Pick<Io, "now" | "stderr">) {
    this.#told = told;
    this.#io = io;
  }

  /** Those that are not up now. */
  async sayDown(): Promise<void> {
    const down = this.#told.members().filter(({ entry }) => entry?.state.up !== true);
    for (const { server, pair, says } of down.slice(0, mostLines))
      await this.#say(`${server.address ?? "a server"} of ${pair.id} is down: ${says}`);
    const more = down.length - mostLines;
    if (more > 0) await this.#say(`${more} more are down; /health on the admin port has them all`);
  }

  /** From now on, every server that goes up or down; the answer ends it. */
  follow(): () => void {
    return this.#told.board.onChange((entry, before) => {
      if (isNews(entry, before)) void this.#sayChange(entry);
    });
  }

  async #sayChange(entry: BoardEntry): Promise<void> {
    const nowMs = this.#io.now();
    if (nowMs >= this.#windowEndsMs) {
      this.#windowEndsMs = nowMs + windowMs;
      this.#left = mostLines;
    }
    if (this.#left < 0) return;
    this.#left -= 1;
    if (this.#left < 0) {
      await this.#say(`more servers go up and down than are told of; /health on the admin port has them all`);
      return;
    }
    // One probe may stand for a server in several pools. Of one that is not served yet, or any more, nothing is said.
    const members = this.#told.members().filter((one) => one.entry?.key === entry.key && !one.removed);
    const [first] = members;
    if (first === undefined) return;
    const pairs = members.map(({ pair }) => pair.id);
    const where = `${pairs.slice(0, 2).join(" and ")}${pairs.length > 2 ? ` and ${pairs.length - 2} more` : ""}`;
    const stands = entry.state.up ? "is up" : "is down";
    const why = entry.state.last?.says ?? entry.notSent ?? "";
    await this.#say(`${first.server.address ?? "a server"} of ${where} ${stands}: ${why}`);
  }

  async #say(text: string): Promise<void> {
    await say(this.#io, `causeway: ${text}`);
  }
}

/** It went up or down, or its first probe, which came late, found it down. */
function isNews({ state, ...entry }: BoardEntry, before: BoardEntry | undefined): boolean {
  if (state.up !== (before?.state.up ?? false)) return true;
  return !state.up && isProbed({ state, ...entry }) && !isProbed(before);
}
