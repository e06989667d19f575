import type { AttemptFailure } from "../../model/attempt.ts";
import type { Listener } from "../../model/gateway.ts";
import { upgradeLines } from "../../wire/http1/hop-by-hop.ts";
import type { RequestHead } from "../../wire/http1/request-reader.ts";
import type { ResponseHead } from "../../wire/http1/response-reader.ts";
import type { NoServerWhy } from "../balance/contract.ts";
import { answerToLimit } from "../limits/refusals.ts";
import { loopNowMs } from "../loop-clock.ts";
import type { Tunnel } from "../upstream/contract.ts";
import { Account } from "./account.ts";
import { Attempts, type AttemptsOwner } from "./attempts.ts";
import { misdirected } from "./client-demand.ts";
import type { ClientSide } from "./client-side.ts";
import { endingOfFailure, endingOfLeaving, endingOfTunnel } from "./endings.ts";
import type { Ending, ExchangeRecord, RequestFault } from "./exchange-record.ts";
import { answerToFailure, type OwnAnswer, sendOwn } from "./own-answer.ts";
import type { Serving } from "./parts.ts";
import { RequestBody } from "./request-body.ts";
import { type RequestSeen, seen } from "./request-seen.ts";
import { responseLines, rewritten, type Way } from "./rewrite.ts";
import { answerWithoutServer, refusalOf } from "./route.ts";

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
  readonly #account = new Account();
  #phase: Phase = "idle";
  #way: Way | undefined;
  #bodyPaused = false;
  #clientFull = false;

  constructor(client: ClientSide) {
    this.#client = client;
  }

  /** Its exchanges are this client's from now on; it keeps nothing of those before. */
  moveTo(client: ClientSide): void {
    this.#client = client;
  }

  /** Nothing of the exchange that ended is kept. */
  forget(): void {
    this.#account.forget();
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
    const account = this.#account;
    const { outcome } = account;
    const request = seen(head, outcome.transactionId, this.#client.place);
    account.request = request;
    outcome.host = request.host;
    outcome.target = request.target;
    this.#body.ended = request.body === "none";
    const refused = refusalOf(request);
    if (refused !== undefined) return void this.#answer(refused);
    const taken = serving.prepared.router.routeOf(request.arriving);
    outcome.route = taken.route;
    const elsewhere = misdirected(taken.route?.listener, this.#client.place, serving.prepared);
    if (elsewhere !== undefined) return void this.#answer(elsewhere);
    const limit = account.count();
    if (limit !== undefined) return void this.#answer(answerToLimit(limit));
    if ((head.contentLength ?? 0) > serving.limits.requestBytes) return void this.#answer(tooLarge);
    if (taken.to === "none") return void this.#answer(answerWithoutServer(taken, request, serving));
    const way = rewritten(taken, request, this.#client, serving);
    if ("status" in way) return void this.#answer(way);
    outcome.route = way.taken.route;
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
    if (this.#body.bytes > (this.#account.serving?.limits.requestBytes ?? 0))
      return void this.#refuseLength();
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
    if (this.responding) return void this.#finish(ending, clientClosed);
    this.#account.outcome.status = this.#account.generation === "v1" ? 0 : 499;
    this.#finish(ending, clientClosed);
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
    this.#account.outcome.host = host;
    this.#account.outcome.target = target;
  }

  interim(head: ResponseHead): void {
    // 100 was said already where the client waited for it.
    if (head.status !== 100)
      this.#client.interim(head.status, head.reason, responseLines(head.status, head.fields, undefined, 0));
  }

  responded(head: ResponseHead, setCookies: readonly string[]): void {
    const { status } = head;
    this.#body.release();
    this.#account.responded(head);
    this.#phase = status === 101 ? "tunnel" : "relaying";
    let lines = responseLines(status, head.fields, this.#way?.response, this.#client.sentBytes);
    if (status === 101) lines += upgradeLines(head.fields) ?? "";
    for (const cookie of setCookies) lines += `Set-Cookie: ${cookie}\r\n`;
    lines += `X-Appgw-Trace-Id: ${this.#account.outcome.transactionId}\r\n`;
    const { reason, body, contentLength } = head;
    this.#client.respond({ status, reason, lines, body, contentLength, last: !this.#body.ended });
  }

  data(buffer: Buffer, from: number, to: number): boolean {
    this.#account.relayed(buffer, from, to);
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
    this.#finish("--", undefined);
  }

  noServer(noServer: NoServerWhy): void {
    this.#answer({ status: 502, ending: "PQ", errorInfo: "ERRORINFO_UPSTREAM_NO_LIVE", noServer });
  }

  gaveUp(failure: AttemptFailure): void {
    // A server whose status is known answered, and did not close the connection.
    const answered = this.#attempts.records.at(-1)?.status !== undefined;
    this.#answer(answerToFailure(failure, this.#account.generation, answered));
  }

  broke(failure: AttemptFailure): void {
    const tunnel = this.#phase === "tunnel";
    const ending = tunnel ? endingOfTunnel(failure) : endingOfFailure(failure);
    const errorInfo = "ERRORINFO_UPSTREAM_CLOSED_CONNECTION";
    // Nothing is missing from a tunnel that was silent: it ends as one does that a server ends.
    if (tunnel && failure.kind === "relay-timeout") this.#finish(ending, errorInfo);
    else this.#breakOff(ending, errorInfo);
  }

  #start(serving: Serving, sinceMs: number, listener: Listener | undefined): void {
    this.#account.open(serving, sinceMs, listener);
    this.#way = undefined;
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
    const { request, serving, sinceMs } = this.#account;
    const way = this.#way;
    if (request === undefined || way === undefined || serving === undefined) return;
    this.#phase = "trying";
    this.#attempts.start({ request, way, body: this.#body, serving, sinceMs, owner: this.#client });
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
    const { serving, request, outcome } = this.#account;
    if (serving === undefined) return;
    const record = this.#account.recordOf(answer, this.#client, this.#attempts.records);
    const last = answer.close === true || !this.#body.ended;
    outcome.responseMs = loopNowMs();
    sendOwn(this.#client, answer, {
      serving,
      listener: record.listener,
      transactionId: record.transactionId,
      cause: record.cause,
      headOnly: request?.method === "HEAD",
      last,
    });
    this.#leave({ ...record, sentBytes: this.#client.sentBytes, clientResponseMs: 0 });
  }

  /** The client sees that the response has no end. */
  #breakOff(ending: Ending, errorInfo: string | undefined, fault?: RequestFault): void {
    this.#client.cut();
    this.#finish(ending, errorInfo, fault);
  }

  #finish(ending: Ending, errorInfo: string | undefined, fault?: RequestFault): void {
    const ended = { status: this.#account.outcome.status, ending, errorInfo, fault };
    this.#leave(this.#account.recordOf(ended, this.#client, this.#attempts.records));
  }

  #leave(record: ExchangeRecord): void {
    this.#phase = "idle";
    this.#body.release();
    this.#clientFull = false;
    this.#account.close(record);
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
