import type { CauseId } from "../../diagnosis/cause-ids.ts";
import type { Switches } from "../../health/switches.ts";
import type { Listener } from "../../model/gateway.ts";
import type { Rewriter } from "../../routing/rewrite/rewriter.ts";
import type { Server } from "../../routing/routes.ts";
import type { Chooser } from "../balance/contract.ts";
import type { PreparedGateway } from "../config/prepared.ts";
import type { Gate } from "../limits/gate.ts";
import type { TimerWheel } from "../timer-wheel.ts";
import type { Upstream } from "../upstream/contract.ts";
import type { ExchangeRecord } from "./exchange-record.ts";
import type { BodyBudget } from "./request-body.ts";

/** Takes the record of every exchange, once each; must not throw. */
export interface RecordSink {
  record(record: ExchangeRecord): void;
}

/** An answer of the gateway's own. */
export interface OwnPage {
  readonly contentType: string;
  readonly body: Buffer;
}

export interface OwnPages {
  /** The page for an error that the gateway makes itself. */
  pageFor(listener: Listener | undefined, status: number): OwnPage;
  /** The value of its `Server` field. */
  readonly server: string;
}

export interface ExchangeLimits {
  /** For a whole request head, the longest silence within a body, and how long any body may take. */
  readonly clientMs: number;
  /** A body that takes longer than that comes at least so fast on average. */
  readonly bodyBytesPerS: number;
  /** What a request may be long, its body without framing. */
  readonly requestBytes: number;
  /** What waits for a client is taken within `clientMs` and, beyond that, at least so fast. */
  readonly responseBytesPerS: number;
  /** How long clients may be idle between two requests. */
  readonly keepAliveMs: number;
  /** How long an exchange goes on for a client that sends no more, before it is taken to have left. */
  readonly halfClosedMs: number;
  /** How much of a request body is kept, so that it can be sent whole and again. */
  readonly bodyBytes: number;
}

/** Everything exchanges need of one configuration. A reload makes another; exchanges under way keep theirs. */
export interface Serving {
  readonly prepared: PreparedGateway;
  readonly switches: Switches;
  readonly rewriter: Rewriter;
  readonly chooser: Chooser;
  readonly upstreams: { of(server: Server): Upstream };
  readonly pages: OwnPages;
  readonly records: RecordSink;
  /** Undefined where nothing is wrong on the gateway's side. */
  causeOf(record: ExchangeRecord): CauseId | undefined;
  readonly limits: ExchangeLimits;
  readonly bodies: BodyBudget;
  readonly gate: Gate;
  readonly wheel: TimerWheel;
  /** Errors of the gateway's own say their cause to the client. */
  readonly explainHeader: boolean;
}
