import type { BypassTry, BypassVerdict } from "../health/bypass-verdict.ts";
import type { ExchangePlan } from "../model/exchange-plan.ts";
import type { Gateway } from "../model/gateway.ts";
import type { ProbeObservation } from "../model/probe-observation.ts";
import type { RequestRoute } from "../routing/request-route.ts";
import type { Server } from "../routing/routes.ts";

/** One request that was sent, without its body, and what it came to. */
export interface BypassEnd {
  readonly observation: ProbeObservation;
  readonly judged: BypassTry;
}

/** The same request straight to one server. */
export interface BypassServerEnds {
  readonly server: Server;
  readonly place: string;
  /** Undefined when nothing can be sent. */
  readonly plan: ExchangePlan | undefined;
  /** Why nothing was sent, as a clause. */
  readonly notSent: string | undefined;
  readonly ends: readonly BypassEnd[];
  /** Once more with the client's own Host, where that is another and the gateway's failed. */
  readonly ownHost: BypassEnd | undefined;
}

export interface BypassReport {
  readonly gateway: Gateway;
  /** Without its query. */
  readonly url: string;
  readonly method: string;
  /** Names only. */
  readonly fields: readonly string[];
  readonly tries: number;
  /** The method may change something on the servers. */
  readonly unsafe: boolean;
  readonly taken: RequestRoute;
  /** Where the gateway was asked, when that was told. */
  readonly via: string | undefined;
  readonly through: readonly BypassEnd[];
  /** What a browser would hold against the gateway's certificate; undefined = none was seen. */
  readonly certificate: readonly string[] | undefined;
  readonly servers: readonly BypassServerEnds[];
  readonly verdict: BypassVerdict;
  /** What to run next. */
  readonly next: string;
}
