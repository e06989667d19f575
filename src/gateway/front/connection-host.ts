import type { ClientPlace } from "../exchange/client-side.ts";
import type { Serving } from "../exchange/parts.ts";

/** One client's connection, whatever it speaks. */
export interface FrontConnection {
  readonly place: ClientPlace;
  /** Until when it may be idle, by `loopNowMs()`; undefined = something is under way on it. */
  readonly idleUntilMs: number | undefined;
  /** Ends it now when no request is under way, otherwise after the responses to those that are. */
  drain(): void;
  /** Ends it whatever is going on. */
  destroy(): void;
}

/** What a connection belongs to. */
export interface ConnectionHost {
  /** The configuration for the next request. */
  serving(): Serving;
  /** No further request is taken: each connection ends after the one under way. */
  readonly draining: boolean;
  gone(connection: FrontConnection): void;
}
