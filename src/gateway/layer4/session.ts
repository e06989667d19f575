import type { Socket } from "node:net";
import type { Attempt, AttemptFailure } from "../../model/attempt.ts";
import type { Pair, Server } from "../../routing/routes.ts";
import type { HeaderFields } from "../../wire/http1/fields.ts";
import type { ResponseHead } from "../../wire/http1/response-reader.ts";
import type { NoServerWhy } from "../balance/contract.ts";
import { CallbackTimer } from "../callback-timer.ts";
import type { ClientPlace } from "../exchange/client-side.ts";
import { endingOfFailure, endingOfTunnel } from "../exchange/endings.ts";
import type { FrontConnection } from "../front/connection-host.ts";
import { loopNowMs } from "../loop-clock.ts";
import type { ResponseTaker, Tunnel, UpstreamAttempt } from "../upstream/contract.ts";
import { type Arrival, connectionFor } from "./arrival.ts";
import { type Layer4Ended, recordOf } from "./record.ts";

/** So much of what a client says is taken while no server is there yet. */
const earlyBytes = 64 * 1024;
/** Servers that cannot be reached are tried one after the other for so long. */
const patienceMs = 60_000;

/**
 * One client of layer 4 and its server: chosen, connected to, and then bytes both ways, each side waiting for the other
 * where it is slower, each direction with an end of its own. It leaves one record, whatever happens.
 */
export class Layer4Session implements FrontConnection, ResponseTaker {
  readonly #client: Socket;
  readonly #arrival: Arrival;
  readonly #gone: (session: Layer4Session) => void;
  readonly #timer = new CallbackTimer(() => this.#endFor("idle"));
  readonly #tried: Server[] = [];
  readonly #attempts: Attempt[] = [];
  #early: Buffer[] = [];
  #attempt: UpstreamAttempt | undefined;
  #server: Server | undefined;
  #tunnel: Tunnel | undefined;
  #receivedBytes = 0;
  #sentBytes = 0;
  #clientEnded = false;
  #serverEnded = false;
  #clientClosed = false;
  #serverClosed = false;
  #over = false;

  /** `gone`: it has left its record. */
  constructor(client: Socket, arrival: Arrival, gone: (session: Layer4Session) => void) {
    this.#client = client;
    this.#arrival = arrival;
    this.#gone = gone;
    client.on("data", (chunk: Buffer) => this.#received(chunk));
    client.on("drain", () => this.#drained());
    client.on("end", () => this.#ended());
    client.on("error", () => client.destroy());
    client.on("close", () => this.#closed());
  }

  get place(): ClientPlace {
    return this.#arrival.place;
  }

  /** It is not known to be idle: what is carried is not understood. */
  get idleUntilMs(): undefined {
    return undefined;
  }

  /** Whatever is left of it ends now. */
  destroy(): void {
    this.#endFor("drained");
  }

  /** It goes on until it ends by itself, or is destroyed. */
  drain(): void {}

  start(): void {
    const pair = this.#arrival.route?.pair;
    if (pair === undefined) this.#refuse(undefined);
    else this.#dial(pair);
  }

  // What the client does.

  #received(chunk: Buffer): void {
    this.#receivedBytes += chunk.length;
    const tunnel = this.#tunnel;
    if (tunnel === undefined) {
      this.#early.push(chunk);
      if (this.#receivedBytes >= earlyBytes) this.#client.pause();
      return;
    }
    this.#touch();
    if (!tunnel.write(chunk, 0, chunk.length)) this.#client.pause();
  }

  #drained(): void {
    this.#touch();
    this.#tunnel?.resume();
  }

  #ended(): void {
    this.#clientEnded = true;
    this.#tunnel?.end();
  }

  #closed(): void {
    if (this.#over) return;
    this.#clientClosed = true;
    if (this.#clientEnded && this.#serverEnded) {
      this.#settle();
      return;
    }
    const phase = this.#tunnel === undefined ? "CC" : "CU";
    this.#abandon();
    this.#finish({ status: 200, ending: phase });
  }

  // The way to a server.

  #dial(pair: Pair): void {
    const { serving, place, sinceMs } = this.#arrival;
    const secure = place.tls !== undefined;
    const choice = serving.chooser.choose({ pair, cookies: "", tried: this.#tried, secure });
    const { server } = choice;
    if (server === undefined) return void this.#refuse(choice.why);
    this.#server = server;
    const wanted = connectionFor(server, this.#arrival);
    const attempt = serving.upstreams.of(server).start(wanted, this, { fresh: true, sinceMs });
    this.#attempt = attempt;
    serving.chooser.began(server, attempt);
  }

  /** Nobody is there, or nobody else. */
  #refuse(noServer: NoServerWhy | undefined): void {
    const failure = this.#attempts.at(-1)?.failure;
    this.#client.destroy();
    if (failure === undefined) this.#finish({ status: 502, ending: "PQ", noServer });
    else this.#finish({ status: 502, ending: endingOfFailure(failure) });
  }

  #abandon(): void {
    this.#attempt?.abort();
    this.#attemptOver();
  }

  #attemptOver(): void {
    const [attempt, server] = [this.#attempt, this.#server];
    this.#attempt = undefined;
    this.#tunnel = undefined;
    if (attempt === undefined || server === undefined) return;
    const record = attempt.record();
    this.#attempts.push(record);
    this.#arrival.serving.chooser.ended(server, attempt, record);
  }

  // What the server does.

  upgraded(tunnel: Tunnel): void {
    this.#tunnel = tunnel;
    const early = this.#early;
    this.#early = [];
    let room = true;
    for (const part of early) room = tunnel.write(part, 0, part.length);
    this.#touch();
    if (this.#clientEnded) tunnel.end();
    else if (room) this.#client.resume();
    else this.#client.pause();
  }

  data(buffer: Buffer, from: number, to: number): boolean {
    if (this.#over) return true;
    this.#touch();
    this.#sentBytes += to - from;
    return this.#client.write(Buffer.from(buffer.subarray(from, to)));
  }

  drained(): void {
    if (this.#tunnel === undefined) return;
    this.#touch();
    this.#client.resume();
  }

  halfEnded(): void {
    this.#serverEnded = true;
    this.#client.end();
  }

  end(): void {
    this.#serverEnded = true;
    this.#serverClosed = true;
    this.#attemptOver();
    this.#client.end();
    this.#settle();
  }

  failed(failure: AttemptFailure): void {
    const [carried, server] = [this.#tunnel !== undefined, this.#server];
    this.#attemptOver();
    if (carried) return void this.#broke(failure);
    if (server !== undefined) this.#tried.push(server);
    const pair = this.#arrival.route?.pair;
    const patient = loopNowMs() - this.#arrival.sinceMs < patienceMs;
    if (pair !== undefined && patient) this.#dial(pair);
    else this.#refuse("all-tried");
  }

  /** A TLS 1.3 server refuses what it does not like only after the handshake: then nothing was carried yet. */
  #broke(failure: AttemptFailure): void {
    if (this.#arrival.place.tls === undefined) this.#client.resetAndDestroy();
    else this.#client.destroy();
    const refused = failure.kind.startsWith("tls-");
    if (refused) this.#finish({ status: 502, ending: endingOfFailure(failure) });
    else this.#finish({ status: 200, ending: endingOfTunnel(failure) });
  }

  // A server of layer 4 answers no requests.

  interim(_head: ResponseHead): void {}

  head(_head: ResponseHead): void {}

  trailers(_fields: HeaderFields): void {}

  // The end.

  #settle(): void {
    if (this.#clientClosed && this.#serverClosed) this.#finish({ status: 200, ending: "--" });
  }

  #endFor(endedFor: "idle" | "drained"): void {
    if (this.#over) return;
    this.#abandon();
    this.#client.destroy();
    this.#finish({ status: 200, ending: "PU", endedFor });
  }

  #touch(): void {
    const { serving, idleMs } = this.#arrival;
    if (!this.#over) serving.wheel.set(this.#timer, loopNowMs() + idleMs);
  }

  #finish(ended: Layer4Ended): void {
    if (this.#over) return;
    this.#over = true;
    this.#early = [];
    const { serving } = this.#arrival;
    serving.wheel.clear(this.#timer);
    const bytes = { receivedBytes: this.#receivedBytes, sentBytes: this.#sentBytes };
    serving.records.record(recordOf(this.#arrival, this.#attempts, bytes, ended));
    this.#gone(this);
  }
}
