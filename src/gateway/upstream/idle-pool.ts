import type { ServerConnection } from "./connection.ts";
import type { ConnectionOwner } from "./contract.ts";

/** Which of them a request can use. */
export interface IdleWish {
  readonly sni: string | undefined;
  readonly owner: ConnectionOwner | undefined;
  /** Idle since then or later. */
  readonly sinceMs: number;
}

/**
 * Connections without an exchange. The one that was used last is used next, so that few are used and the others age; those
 * that are idle for longest stand first.
 */
export class IdlePool {
  readonly #most: number;
  readonly #idle: ServerConnection[] = [];

  constructor(most: number) {
    this.#most = most;
  }

  get size(): number {
    return this.#idle.length;
  }

  /** Returns the one that has to give way for it. */
  put(connection: ServerConnection): ServerConnection | undefined {
    this.#idle.push(connection);
    return this.#idle.length > this.#most ? this.#idle.shift() : undefined;
  }

  take({ sni, owner, sinceMs }: IdleWish): ServerConnection | undefined {
    const idle = this.#idle;
    for (let at = idle.length - 1; at >= 0; at--) {
      const connection = idle[at] as ServerConnection;
      if (connection.idleSinceMs < sinceMs) return undefined;
      if (connection.sni !== sni || connection.owner !== owner) continue;
      if (at === idle.length - 1) idle.pop();
      else idle.splice(at, 1);
      return connection;
    }
    return undefined;
  }

  remove(connection: ServerConnection): void {
    const at = this.#idle.lastIndexOf(connection);
    if (at >= 0) this.#idle.splice(at, 1);
  }

  /** Takes out those that are idle since before then, or whose owner is gone. */
  takeOld(sinceMs: number): readonly ServerConnection[] {
    const old = this.#idle.filter(({ idleSinceMs, owner }) => idleSinceMs < sinceMs || owner?.gone === true);
    for (const connection of old) this.remove(connection);
    return old;
  }

  takeAll(): readonly ServerConnection[] {
    return this.#idle.splice(0);
  }
}
