import type { Attempt } from "../../model/attempt.ts";
import type { Generation, Listener } from "../../model/gateway.ts";
import type { ResponseHead } from "../../wire/http1/response-reader.ts";
import type { Limit } from "../limits/gate.ts";
import { loopNowMs } from "../loop-clock.ts";
import type { ClientSide } from "./client-side.ts";
import { ErrorPage } from "./error-page.ts";
import type { ExchangeRecord } from "./exchange-record.ts";
import type { Serving } from "./parts.ts";
import { type Ended, noOutcome, type Outcome, recordOf } from "./record.ts";
import type { RequestSeen } from "./request-seen.ts";
import { newTransactionId } from "./transaction-id.ts";

/**
 * The account of one exchange after the other: what becomes known of it, what it counts for at the gate, and the one record
 * that it leaves. It is open from `open` to `close`.
 */
export class Account {
  /** Of the exchange that is open, or of the last one until `forget`. */
  serving: Serving | undefined;
  /** Undefined as long as there is no head that can be read. */
  request: RequestSeen | undefined;
  outcome: Outcome = noOutcome("");
  /** When the first byte of the request came, by `loopNowMs()`. */
  sinceMs = 0;
  #listener: Listener | undefined;
  readonly #errorPage = new ErrorPage();
  #counted = false;
  #webSocket = false;

  /** `listener`: where the route will not say. */
  open(serving: Serving, sinceMs: number, listener: Listener | undefined): void {
    this.serving = serving;
    this.sinceMs = sinceMs;
    this.request = undefined;
    this.outcome = noOutcome(newTransactionId());
    this.#listener = listener;
  }

  get generation(): Generation {
    return this.serving?.prepared.gateway.generation ?? "v2";
  }

  /** It counts as a request under way from now on. Returns what there is too much of; undefined = it is welcome. */
  count(): Limit | undefined {
    this.#counted = true;
    return this.serving?.gate.requestBegins();
  }

  /** A server's response began. */
  responded(head: ResponseHead): void {
    const { outcome } = this;
    outcome.status = head.status;
    outcome.responseMs = loopNowMs();
    if (head.status >= 500) {
      outcome.backendError = true;
      this.#errorPage.begin(head);
    }
    if (head.status !== 101 || this.request?.upgrade?.toLowerCase() !== "websocket") return;
    this.#webSocket = true;
    this.serving?.gate.webSocketBegan();
  }

  /** A part of that response, in a buffer that is only lent. */
  relayed(lent: Buffer, from: number, to: number): void {
    if (this.outcome.backendError) this.#errorPage.take(lent, from, to);
  }

  /** As it stands now, with its cause. */
  recordOf(ended: Ended, client: ClientSide, attempts: readonly Attempt[]): ExchangeRecord {
    const { request, outcome, sinceMs, serving } = this;
    if (outcome.backendError) outcome.answeredBy = this.#errorPage.maker();
    const record = recordOf({ client, request, outcome, attempts, sinceMs, listener: this.#listener }, ended);
    // What a server answered may be whole and yet say that something behind it failed.
    if (ended.ending === "--" && !record.backendError) return record;
    return { ...record, cause: serving?.causeOf(record) };
  }

  /** It has ended: it counts no longer, and this is what it leaves. */
  close(record: ExchangeRecord): void {
    const { serving } = this;
    if (this.#counted) serving?.gate.requestEnded();
    this.#counted = false;
    if (this.#webSocket) serving?.gate.webSocketEnded();
    this.#webSocket = false;
    serving?.records.record(record);
  }

  /** Nothing of the one that was closed is kept. */
  forget(): void {
    this.serving = undefined;
    this.request = undefined;
    this.#listener = undefined;
  }
}
