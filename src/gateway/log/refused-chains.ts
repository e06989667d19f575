const minuteMs = 60_000;
/** More servers than refuse at once. */
const mostServers = 256;

interface Written {
  readonly chain: readonly Buffer[];
  readonly atMs: number;
}

/** Which chains of servers stand in the log of late: each is some kilobytes, and every request may meet it again. */
export class RefusedChains {
  readonly #byServer = new Map<string, Written>();

  /** Whether a row has to have it: true once a minute for a server, and for one that is new there. */
  isDue(server: string, chain: readonly Buffer[], nowMs: number): boolean {
    const known = this.#byServer.get(server);
    if (known !== undefined && nowMs - known.atMs < minuteMs && isSame(known.chain, chain)) return false;
    this.#byServer.delete(server);
    this.#byServer.set(server, { chain, atMs: nowMs });
    for (const oldest of this.#byServer.keys()) {
      if (this.#byServer.size <= mostServers) break;
      this.#byServer.delete(oldest);
    }
    return true;
  }
}

function isSame(one: readonly Buffer[], other: readonly Buffer[]): boolean {
  return one.length === other.length && one.every((der, at) => other[at]?.equals(der) === true);
}
