import type { CauseId } from "../../diagnosis/cause-ids.ts";
import type { Attempt } from "../../model/attempt.ts";
import type { NoServer } from "../../model/own-member.ts";
import type { Pair, Server } from "../../routing/routes.ts";
import type { ConnectionOwner, UpstreamAttempt } from "../upstream/contract.ts";

/** What a request wants of a pair. */
export interface ServerWanted {
  readonly pair: Pair;
  /** The `Cookie` fields of the request as received, joined with `; `; empty when there are none. */
  readonly cookies: string;
  /** Servers that were tried for this request; they are not chosen again. */
  readonly tried: readonly Server[];
  /** The client came over TLS. */
  readonly secure: boolean;
  /** The client's connection: with connections of its own towards servers it stays with one server. */
  readonly owner?: ConnectionOwner | undefined;
}

/** Why no server can be chosen. */
export type NoServerWhy = NoServer;

export type ServerChoice =
  | {
      readonly server: Server;
      /** Whole values of `Set-Cookie` fields for the response: affinity. */
      readonly setCookies: readonly string[];
    }
  | { readonly server: undefined; readonly why: NoServerWhy; readonly cause: CauseId | undefined };

/** Chooses servers for requests: affinity, then round robin over the healthy ones. Asked on the hot path. */
export interface Chooser {
  choose(wanted: ServerWanted): ServerChoice;
  /** An attempt at this server has begun: it counts as under way until `ended`, and is told when the server has drained. */
  began(server: Server, attempt: UpstreamAttempt): void;
  /** What became of it, for passive signals and draining. Called once for every `began`. */
  ended(server: Server, attempt: UpstreamAttempt, record: Attempt): void;
}
