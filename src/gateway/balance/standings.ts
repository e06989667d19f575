import type { CauseId } from "../../diagnosis/cause-ids.ts";
import { type BoardEntry, type HealthBoard, isProbed } from "../health/health-board.ts";
import type { Member } from "./member.ts";

/** How members stand by their probes. */
export class ServerStandings {
  readonly #board: HealthBoard;
  /** Members of configurations before: nobody probes them, and what was known last holds. */
  readonly #left = new Map<Member, BoardEntry | undefined>();

  constructor(board: HealthBoard) {
    this.#board = board;
  }

  /** The member will not be probed any more. */
  leave(member: Member, last: BoardEntry | undefined): void {
    this.#left.set(member, last);
  }

  entryOf(member: Member): BoardEntry | undefined {
    if (this.#left.has(member)) return this.#left.get(member);
    return member.key === undefined ? undefined : this.#board.get(member.key);
  }

  isUp(member: Member): boolean {
    return this.entryOf(member)?.state.up ?? false;
  }

  /** What keeps most of these from being healthy, as far as their probes tell; those taken out by hand do not count. */
  causeFor(members: readonly Member[]): CauseId | undefined {
    const counts = new Map<CauseId | undefined, number>();
    for (const member of members) {
      if (member.admin !== "enabled" || this.isUp(member)) continue;
      const cause = this.#causeOf(member);
      counts.set(cause, (counts.get(cause) ?? 0) + 1);
    }
    const [most] = [...counts].sort(([, a], [, b]) => b - a);
    return most?.[0];
  }

  /** One sentence on each, for people. */
  says(member: Member): string {
    if (member.admin === "disabled") return "taken out by the operator";
    const entry = this.entryOf(member);
    if (entry === undefined) return "its address is not known, so it cannot be probed";
    if (entry.notSent !== undefined) return `its probe cannot be sent: ${entry.notSent}`;
    return entry.state.last?.says ?? "it has not been probed yet";
  }

  #causeOf(member: Member): CauseId | undefined {
    const entry = this.entryOf(member);
    if (entry === undefined) return undefined;
    if (entry.notSent === "host-rejected") return "probe-pick-without-host";
    // A probe that came back undecided, as for want of an answer from DNS, is pending no more.
    return isProbed(entry) ? entry.cause : "probe-first-success-pending";
  }
}
