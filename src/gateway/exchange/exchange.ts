import type { AttemptFailure } from "../../model/attempt.ts";
import type { Listener } from "../../model/gateway.ts";
import { upgradeLines } from "../../wire/http1/hop-by-hop.ts";
import type { RequestHead } from "../../wire/http1/request-reader.ts";
import type { ResponseHead } from "../../wire/http1/response-reader.ts";
import type { NoServerWhy } from "../balance/contract.ts";
import { answerToLimit } from "../limits/refusals.ts";
import { loopNowMs } from "../loop-clock.ts";
import type { Tunnel } from "../upstream/contract.ts";
import { Attempts, type AttemptsOwner } from "./attempts.ts";
import { misdirected } from "./client-demand.ts";
import type { ClientSide } from "./client-side.ts";
import { endingOfFailure, endingOfLeaving, endingOfTunnel } from "./endings.ts";
import { ErrorPage } from "./error-page.ts";
import type { Ending, ExchangeRecord, RequestFault } from "./exchange-record.ts";
import { type OwnAnswer, sendOwn } from "./own-answer.ts";
import type { Serving } from "./parts.ts";
import { type Ended, type Outcome, recordOf } from "./record.ts";
import { statusOfFailure } from "./repeat.ts";
import { RequestBody } from "./request-body.ts";
import { type RequestSeen, seen } from "./request-seen.ts";
import { responseLines, rewritten, type Way } from "./rewrite.ts";
import { answerWithoutServer, refusalOf } from "./route.ts";
import { newTransactionId } from "./transaction-id.ts";

type Phase =
  | "idle"
  /** The body is read before a server is chosen. */
  | "buffering"
  /** Servers are tried. */
  | "trying"
  | "relaying"
  | "tunnel";

/**
 * One exchange after the other for one client, each through the phases of docs/gateway-phases.md. The client's side tells
 * what comes of the request; what comes of the response, the attempts. Whatever happens, each leaves one record.
 */
export class Exchange implements AttemptsOwner {
  #client: ClientSide;
  readonly #attempts = new Attempts(this);
  readonly #body = new RequestBody();
  readonly #errorPage = new ErrorPage();
  #serving: Serving | undefined;
  #listener: Listener | undefined;
  #phase: Phase = "idle";
  #request: RequestSeen | undefined;
  #way: Way | undefined;
  #outcome: Outcome = noOutcome();
  #sinceMs = 0;
  #bodyPaused = false;
  #clientFull = false;
  #counted = false;
  #webSocket = false;

  constructor(client: ClientSide) {
    this.#client = client;
  }

  /** Its exchanges are this client's from now on; it keeps nothing of those before. */
  moveTo(client: ClientSide): void {
    this.#client = client;
  }

  /** Nothing of the exchange that ended is kept. */
  forget(): void {
    this.#serving = undefined;
    this.#listener = undefined;
    this.#request = undefined;
    this.#way = undefined;
    this.#attempts.reset();
  }

  get idle(): boolean {
    return this.#phase === "idle";
  }

  /** The client has the head of a response. */
  get responding(): boolean {
    return this.#phase === "relaying" || this.#phase === "tunnel";
  }

  /** A request head came. `sinceMs`: when its first byte did, by `loopNowMs()`. */
  begin(head: RequestHead, serving: Serving, sinceMs: number): void {
    this.#start(serving, sinceMs, undefined);
    const request = seen(head, this.#outcome.transactionId, this.#client.place);
    this.#request = request;
    this.#outcome.host = request.host;
    this.#outcome.target = request.target;
    this.#body.ended = request.body === "none";
    const refused = refusalOf(request);
    if (refused !== undefined) return void this.#answer(refused);
    const taken = serving.prepared.router.routeOf(request.arriving);
    this.#outcome.route = taken.route;
    const elsewhere = misdirected(taken.route?.listener, this.#client.place, serving.prepared);
    if (elsewhere !== undefined) return void this.#answer(elsewhere);
    this.#counted = true;
    const limit = serving.gate.requestBegins();
    if (limit !== undefined) return void this.#answer(answerToLimit(limit));
    if ((head.contentLength ?? 0) > serving.limits.requestBytes) return void this.#answer(tooLarge);
    if (taken.to === "none") return void this.#answer(answerWithoutServer(taken, request, serving));
    const way = rewritten(taken, request, this.#client, serving);
    if ("status" in way) return void this.#answer(way);
    this.#outcome.route = way.taken.route;
    this.#way = way;
    this.#takeBody(request, serving);
  }

  /** What came is no request that can be read, or it did not come in time. */
  refuse(answer: OwnAnswer, serving: Serving, sinceMs: number, listener: Listener | undefined): void {
    if (this.#phase === "idle") this.#start(serving, sinceMs, listener);
    this.#attempts.abandon();
    if (this.responding) return void this.#breakOff(answer.ending, answer.errorInfo, answer.fault);
    this.#answer(answer);
  }

  /** The client does not take what waits for it. */
  clientStalled(): void {
    if (this.#phase === "idle") return;
    const ending = this.#phase === "tunnel" ? "cU" : "cD";
    this.#attempts.abandon();
    this.#breakOff(ending, clientTimedOut);
  }

  /** A part of the request body, in a buffer that is only lent. */
  bodyData(lent: Buffer, from: number, to: number): void {
    if (this.#phase === "idle" || this.#phase === "tunnel") return;
    const part = this.#body.add(lent, from, to);
    if (this.#body.bytes > (this.#serving?.limits.requestBytes ?? 0)) return void this.#refuseLength();
    if (this.#phase === "buffering") {
      if (this.#body.tooLarge) this.#tryServers();
      return;
    }
    if (!this.#attempts.write(part)) this.#pauseBody();
    else if (this.#body.tooLarge) this.#body.release();
  }

  bodyEnd(): void {
    if (this.#phase === "idle") return;
    this.#body.ended = true;
    if (this.#phase === "buffering") this.#tryServers();
    else this.#attempts.endBody();
  }

  clientGone(): void {
    if (this.#phase === "idle") return;
    const ending = this.#endingOfLeaving();
    if (this.responding) return void this.#finish(this.#outcome.status, ending, clientClosed);
    this.#finish(this.#generation === "v1" ? 0 : 499, ending, clientClosed);
  }

  /** The client takes no more for now; the rest waits. */
  clientFull(): void {
    this.#clientFull = true;
    this.#attempts.pause();
  }

  clientDrained(): void {
    this.#clientFull = false;
    this.#attempts.resume();
  }

  forwarded(host: string, target: string): void {
    this.#outcome.host = host;
    this.#outcome.target = target;
  }

  interim(head: ResponseHead): void {
    // 100 was said already where the client waited for it.
    if (head.status !== 100)
      this.#client.interim(head.status, head.reason, responseLines(head.status, head.fields, undefined, 0));
  }

  responded(head: ResponseHead, setCookies: readonly string[]): void {
    const { status } = head;
    this.#body.release();
    this.#outcome.status = status;
    this.#outcome.responseMs = loopNowMs();
    if (status >= 500) {
      this.#outcome.backendError = true;
      this.#errorPage.begin(head);
    }
    this.#phase = status === 101 ? "tunnel" : "relaying";
    if (status === 101 && this.#request?.upgrade?.toLowerCase() === "websocket") {
      this.#webSocket = true;
      this.#serving?.gate.webSocketBegan();
    }
    let lines = responseLines(status, head.fields, this.#way?.response, this.#client.sentBytes);
    if (status === 101) lines += upgradeLines(head.fields) ?? "";
    for (const cookie of setCookies) lines += `Set-Cookie: ${cookie}\r\n`;
    lines += `X-Appgw-Trace-Id: ${this.#outcome.transactionId}\r\n`;
    const { reason, body, contentLength } = head;
    this.#client.respond({ status, reason, lines, body, contentLength, last: !this.#body.ended });
  }

  data(buffer: Buffer, from: number, to: number): boolean {
    if (this.#outcome.backendError) this.#errorPage.take(buffer, from, to);
    this.#client.write(buffer, from, to);
    return !this.#clientFull;
  }

  upgraded(tunnel: Tunnel): void {
    this.#client.startTunnel(tunnel);
  }

  drained(): void {
    // The server takes it: what is more than is to be kept has gone there.
    if (this.#body.tooLarge) this.#body.release();
    if (this.#phase === "tunnel") return void this.#client.resumeBody();
    if (!this.#bodyPaused) return;
    this.#bodyPaused = false;
    this.#client.resumeBody();
  }

  full(): void {
    this.#pauseBody();
  }

  ended(): void {
    this.#client.finish();
    this.#finish(this.#outcome.status, "--", undefined);
  }

  noServer(noServer: NoServerWhy): void {
    this.#answer({ status: 502, ending: "PQ", errorInfo: "ERRORINFO_UPSTREAM_NO_LIVE", noServer });
  }

  gaveUp(failure: AttemptFailure): void {
    const status = statusOfFailure(failure, this.#generation);
    // A server whose status is known answered, and did not close the connection: nothing in the log says what was wrong.
    const answered = this.#attempts.records.at(-1)?.status !== undefined;
    const unanswered =
      status === 504 ? "ERRORINFO_UPSTREAM_TIMED_OUT" : "ERRORINFO_UPSTREAM_CLOSED_CONNECTION";
    const errorInfo = answered ? "ERRORINFO_NO_ERROR" : unanswered;
    this.#answer({ status, ending: endingOfFailure(failure), errorInfo });
  }

  broke(failure: AttemptFailure): void {
    const tunnel = this.#phase === "tunnel";
    const ending = tunnel ? endingOfTunnel(failure) : endingOfFailure(failure);
    const errorInfo = "ERRORINFO_UPSTREAM_CLOSED_CONNECTION";
    // Nothing is missing from a tunnel that was silent: it ends as one does that a server ends.
    if (tunnel && failure.kind === "relay-timeout")
      this.#finish(this.#outcome.status, ending, errorInfo, undefined);
    else this.#breakOff(ending, errorInfo);
  }

  get #generation(): "v1" | "v2" {
    return this.#serving?.prepared.gateway.generation ?? "v2";
  }

  #start(serving: Serving, sinceMs: number, listener: Listener | undefined): void {
    this.#serving = serving;
    this.#listener = listener;
    this.#sinceMs = sinceMs;
    this.#request = undefined;
    this.#way = undefined;
    this.#outcome = noOutcome();
    this.#outcome.transactionId = newTransactionId();
    this.#bodyPaused = false;
    this.#attempts.reset();
    this.#body.start(serving.limits.bodyBytes, serving.bodies);
    this.#phase = "trying";
  }

  #refuseLength(): void {
    this.#attempts.abandon();
    if (this.responding) this.#breakOff(tooLarge.ending, tooLarge.errorInfo);
    else this.#answer(tooLarge);
  }

  #takeBody(request: RequestSeen, serving: Serving): void {
    if (request.expectsContinue && !this.#body.ended) this.#client.interim(100, "Continue", "");
    if (!this.#body.ended && serving.prepared.buffering.request) this.#phase = "buffering";
    else this.#tryServers();
  }

  #tryServers(): void {
    const [request, way, serving] = [this.#request, this.#way, this.#serving];
    if (request === undefined || way === undefined || serving === undefined) return;
    this.#phase = "trying";
    this.#attempts.start({
      request,
      way,
      body: this.#body,
      serving,
      sinceMs: this.#sinceMs,
      owner: this.#client,
    });
  }

  #pauseBody(): void {
    if (this.#bodyPaused || this.#body.ended) return;
    this.#bodyPaused = true;
    this.#client.pauseBody();
  }

  #endingOfLeaving(): Ending {
    const buffering = this.#phase === "buffering" || !this.#body.ended;
    const tunnel = this.#phase === "tunnel";
    const attempt = this.#attempts.abandon();
    if (tunnel) return "CU";
    return this.responding || !buffering ? endingOfLeaving(attempt) : "CR";
  }

  #answer(answer: OwnAnswer): void {
    const serving = this.#serving;
    if (serving === undefined) return;
    const record = this.#record(answer);
    const last = answer.close === true || !this.#body.ended;
    this.#outcome.responseMs = loopNowMs();
    sendOwn(this.#client, answer, {
      serving,
      listener: record.listener,
      transactionId: record.transactionId,
      cause: record.cause,
      headOnly: this.#request?.method === "HEAD",
      last,
    });
    this.#leave({ ...record, sentBytes: this.#client.sentBytes, clientResponseMs: 0 });
  }

  /** The client sees that the response has no end. */
  #breakOff(ending: Ending, errorInfo: string | undefined, fault?: RequestFault): void {
    this.#client.cut();
    this.#finish(this.#outcome.status, ending, errorInfo, fault);
  }

  #finish(status: number, ending: Ending, errorInfo: string | undefined, fault?: RequestFault): void {
    this.#leave(this.#record({ status, ending, errorInfo, fault }));
  }

  #record(ended: Ended): ExchangeRecord {
    if (this.#outcome.backendError) this.#outcome.answeredBy = this.#errorPage.maker();
    const record = recordOf(
      {
        client: this.#client,
        request: this.#request,
        outcome: this.#outcome,
        attempts: this.#attempts.records,
        sinceMs: this.#sinceMs,
        listener: this.#listener,
      },
      ended,
    );
    // What a server answered may be whole and yet say that something behind it failed.
    if (ended.ending === "--" && !record.backendError) return record;
    return { ...record, cause: this.#serving?.causeOf(record) };
  }

  #leave(record: ExchangeRecord): void {
    const serving = this.#serving;
    this.#phase = "idle";
    if (this.#counted) serving?.gate.requestEnded();
    this.#counted = false;
    if (this.#webSocket) serving?.gate.webSocketEnded();
    this.#webSocket = false;
    this.#body.release();
    this.#clientFull = false;
    serving?.records.record(record);
    this.#client.exchangeOver();
  }
}

const clientClosed = "ERRORINFO_CLIENT_CLOSED_REQUEST";
const clientTimedOut = "ERRORINFO_CLIENT_TIMED_OUT";

/** Longer than the generation takes (gateway-resource.md §6). */
const tooLarge: OwnAnswer = {
  status: 413,
  ending: "PR",
  errorInfo: "ERRORINFO_INVALID_CONTENT_LENGTH",
  close: true,
};

function noOutcome(): Outcome {
  return {
    transactionId: "",
    route: undefined,
    host: "",
    target: "",
    status: 0,
    responseMs: undefined,
    backendError: false,
    answeredBy: undefined,
  };
}
