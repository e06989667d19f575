import type { Attempt, AttemptFailure } from "../../model/attempt.ts";
import type { Server } from "../../routing/routes.ts";
import type { HeaderFields } from "../../wire/http1/fields.ts";
import type { ResponseHead } from "../../wire/http1/response-reader.ts";
import type { NoServerWhy } from "../balance/contract.ts";
import { loopNowMs } from "../loop-clock.ts";
import type { ConnectionOwner, ResponseTaker, Tunnel, UpstreamAttempt } from "../upstream/contract.ts";
import { forwardTo } from "./forward.ts";
import type { Serving } from "./parts.ts";
import { mayRepeat } from "./repeat.ts";
import type { RequestBody } from "./request-body.ts";
import type { RequestSeen } from "./request-seen.ts";
import type { Way } from "./rewrite.ts";

/** A request on its way to a server. */
export interface Task {
  readonly request: RequestSeen;
  readonly way: Way;
  readonly body: RequestBody;
  readonly serving: Serving;
  /** When the exchange began, by `loopNowMs()`. */
  readonly sinceMs: number;
  /** Of dedicated connections. */
  readonly owner: ConnectionOwner;
}

/** Who waits for what comes of it. One of `noServer`, `gaveUp`, or `responded` and then `ended` or `broke`. */
export interface AttemptsOwner {
  /** Before each attempt: what this server is sent. */
  forwarded(host: string, target: string): void;
  interim(head: ResponseHead): void;
  /** `setCookies`: whole values, to be added. */
  responded(head: ResponseHead, setCookies: readonly string[]): void;
  /** False: no more until `resume`. */
  data(buffer: Buffer, from: number, to: number): boolean;
  ended(): void;
  upgraded(tunnel: Tunnel): void;
  /** More of the request may be written. */
  drained(): void;
  /** No more of it for now. */
  full(): void;
  noServer(why: NoServerWhy): void;
  /** No response head came, and nothing more is done about it. */
  gaveUp(failure: AttemptFailure): void;
  /** The response ended before its end. */
  broke(failure: AttemptFailure): void;
}

/** Phases 6 to 11 of one exchange after the other: servers are chosen and tried until one responds or none may be tried. */
export class Attempts {
  readonly #owner: AttemptsOwner;
  #task: Task | undefined;
  #link: Link | undefined;
  #attempt: UpstreamAttempt | undefined;
  #server: Server | undefined;
  #setCookies: readonly string[] = [];
  #tried: Server[] = [];
  #records: Attempt[] = [];
  #firstMs = 0;
  #repeatedStale = false;
  #repeatedElsewhere = false;
  #responded = false;

  constructor(owner: AttemptsOwner) {
    this.#owner = owner;
  }

  /** Those that have ended. */
  get records(): readonly Attempt[] {
    return this.#records;
  }

  get underWay(): boolean {
    return this.#attempt !== undefined;
  }

  /** For the next request. */
  reset(): void {
    this.#task = undefined;
    this.#server = undefined;
    this.#setCookies = [];
    this.#tried = [];
    this.#records = [];
    this.#repeatedStale = false;
    this.#repeatedElsewhere = false;
    this.#responded = false;
  }

  start(task: Task): void {
    this.#task = task;
    this.#firstMs = loopNowMs();
    const why = this.#tryNext(task);
    if (why !== undefined) this.#owner.noServer(why);
  }

  /** False: no more until `drained`. */
  write(part: Buffer): boolean {
    return this.#attempt?.write(part, 0, part.length) ?? true;
  }

  endBody(): void {
    this.#attempt?.endBody();
  }

  pause(): void {
    this.#attempt?.pause();
  }

  resume(): void {
    this.#attempt?.resume();
  }

  /** What is under way is given up; nothing more is told. */
  abandon(): Attempt | undefined {
    this.#attempt?.abort();
    return this.#over();
  }

  /** Why there is no server to try, if there is none. */
  #tryNext(task: Task): NoServerWhy | undefined {
    const { request, way, serving, owner } = task;
    const choice = serving.chooser.choose({
      pair: way.taken.route.pair,
      cookies: request.cookies,
      tried: this.#tried,
      secure: request.place.tls !== undefined,
      owner,
    });
    if (choice.server === undefined) return choice.why;
    this.#setCookies = choice.setCookies;
    // A second connection that had ended could not be made good: it would end the request, and hide why the first was in vain.
    this.#try(choice.server, task, this.#repeatedStale);
    return undefined;
  }

  #try(server: Server, task: Task, fresh: boolean): void {
    const { request, way, body, serving, sinceMs, owner } = task;
    const forwarded = forwardTo(server, request, way, body, serving);
    this.#owner.forwarded(forwarded.host, forwarded.target);
    const link = new Link(this, this.#owner);
    this.#server = server;
    this.#link = link;
    const attempt = serving.upstreams.of(server).start(forwarded.request, link, { fresh, sinceMs, owner });
    this.#attempt = attempt;
    serving.chooser.began(server, attempt);
    let room = true;
    for (const part of body.parts) room = attempt.write(part, 0, part.length);
    if (body.ended) {
      if (forwarded.request.body !== "none") attempt.endBody();
    } else if (room) this.#owner.drained();
    else this.#owner.full();
  }

  /** The attempt has ended: its record is taken, and its link tells nothing more. */
  #over(): Attempt | undefined {
    const attempt = this.#attempt;
    if (attempt === undefined) return undefined;
    this.#attempt = undefined;
    this.#link?.cut();
    this.#link = undefined;
    const record = attempt.record();
    this.#records.push(record);
    if (this.#server !== undefined) this.#task?.serving.chooser.ended(this.#server, attempt, record);
    return record;
  }

  // What the link tells.

  responded(head: ResponseHead): void {
    this.#responded = true;
    this.#owner.responded(head, this.#setCookies);
  }

  ended(): void {
    this.#over();
    this.#owner.ended();
  }

  failed(failure: AttemptFailure): void {
    const record = this.#over();
    if (this.#responded) this.#owner.broke(failure);
    else if (!this.#again(failure, record)) this.#owner.gaveUp(failure);
  }

  /** Whether it was tried once more. */
  #again(failure: AttemptFailure, record: Attempt | undefined): boolean {
    const [task, server] = [this.#task, this.#server];
    if (task === undefined || server === undefined) return false;
    const { request, body, serving, way } = task;
    const repeat = mayRepeat(failure, {
      generation: serving.prepared.gateway.generation,
      method: request.method,
      bodyWhole: body.whole,
      reused: record?.connection === "reused",
      answered: record?.firstByteMs !== undefined,
      repeatedStale: this.#repeatedStale,
      repeatedElsewhere: this.#repeatedElsewhere,
    });
    if (repeat === "no") return false;
    if (repeat === "fresh") {
      this.#repeatedStale = true;
      this.#try(server, task, true);
      return true;
    }
    this.#tried.push(server);
    this.#repeatedElsewhere ||= !failure.nothingSent;
    // Each server may take the whole time-out to be connected to in vain: for clients that is enough after two.
    const patienceMs = 2 * way.taken.route.pair.setting.requestTimeoutS * 1000;
    if (failure.nothingSent && loopNowMs() - this.#firstMs > patienceMs) return false;
    if (this.#tryNext(task) === undefined) return true;
    if (repeat === "other") return false;
    this.#try(server, task, true);
    return true;
  }
}

/** What one attempt tells, until it is cut: an attempt that was given up may still say something. */
class Link implements ResponseTaker {
  #attempts: Attempts | undefined;
  #owner: AttemptsOwner | undefined;

  constructor(attempts: Attempts, owner: AttemptsOwner) {
    this.#attempts = attempts;
    this.#owner = owner;
  }

  cut(): void {
    this.#attempts = undefined;
    this.#owner = undefined;
  }

  interim(head: ResponseHead): void {
    this.#owner?.interim(head);
  }

  head(head: ResponseHead): void {
    this.#attempts?.responded(head);
  }

  data(buffer: Buffer, from: number, to: number): boolean {
    return this.#owner?.data(buffer, from, to) ?? true;
  }

  /** They go no further: nothing that was judged with the head may be changed behind it. */
  trailers(_fields: HeaderFields): void {}

  end(): void {
    this.#attempts?.ended();
  }

  failed(failure: AttemptFailure): void {
    this.#attempts?.failed(failure);
  }

  drained(): void {
    this.#owner?.drained();
  }

  upgraded(tunnel: Tunnel): void {
    this.#owner?.upgraded(tunnel);
  }
}
