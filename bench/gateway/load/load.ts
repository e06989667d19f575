import { readFileSync } from "node:fs";
import { connect as connectPlain, type Socket } from "node:net";
import { connect as connectTls } from "node:tls";
import { AnswerReader } from "./answer-reader.ts";
import { type LoadResult, type Mishap, Tally } from "./tally.ts";

export interface LoadPlan {
  readonly address: string;
  readonly port: number;
  /** TLS: the name asked for and the file of the root that is trusted. */
  readonly tls?: { readonly name: string; readonly rootFile: string };
  readonly connections: number;
  readonly durationMs: number;
  readonly method: "GET" | "POST";
  readonly host: string;
  readonly paths: readonly string[];
  readonly bodyBytes: number;
  /** Between an answer and the next request; undefined = none. */
  readonly thinkMs?: readonly [from: number, to: number];
  readonly timeoutMs: number;
}

/** What all clients of a run share. */
interface Run {
  readonly plan: LoadPlan;
  readonly requests: readonly Buffer[];
  readonly root: string | undefined;
  readonly tally: Tally;
  over: boolean;
  next: number;
}

const wheelMs = 50;
/** Before another connection is tried where none was to be had. */
const pauseMs = 5;

/**
 * Sends requests over kept-alive connections, one at a time on each, and says what became of every one. Requests are not
 * sent again: what a browser would hide is counted here. At the end it waits for what is under way.
 */
export async function runLoad(plan: LoadPlan): Promise<LoadResult> {
  const run: Run = {
    plan,
    requests: plan.paths.map((path) => requestBytes(plan, path)),
    root: plan.tls === undefined ? undefined : readFileSync(plan.tls.rootFile, "utf8"),
    tally: new Tally(),
    over: false,
    next: 0,
  };
  const began = performance.now();
  const clients = Array.from({ length: plan.connections }, () => new Client(run));
  for (const client of clients) client.connect();
  await new Promise<void>((done) => {
    const wheel = setInterval(() => {
      const nowMs = performance.now();
      run.over ||= nowMs - began >= plan.durationMs;
      for (const client of clients) client.look(nowMs);
      if (!run.over || clients.some(({ busy }) => busy)) return;
      clearInterval(wheel);
      done();
    }, wheelMs);
  });
  for (const client of clients) client.leave();
  return run.tally.result((performance.now() - began) / 1000);
}

function requestBytes({ method, host, bodyBytes }: LoadPlan, path: string): Buffer {
  const length = method === "POST" ? `Content-Length: ${bodyBytes}\r\n` : "";
  const head = `${method} ${path} HTTP/1.1\r\nHost: ${host}\r\n${length}\r\n`;
  return Buffer.concat([Buffer.from(head, "latin1"), Buffer.alloc(bodyBytes, "x")]);
}

class Client {
  readonly #run: Run;
  readonly #reader = new AnswerReader();
  #socket: Socket | undefined;
  #askedMs: number | undefined;
  #connectingMs: number | undefined;
  #timer: NodeJS.Timeout | undefined;

  constructor(run: Run) {
    this.#run = run;
  }

  /** A request is under way. */
  get busy(): boolean {
    return this.#askedMs !== undefined;
  }

  connect(): void {
    if (this.#run.over) return;
    const { plan, root } = this.#run;
    const { address: host, port, tls } = plan;
    const socket =
      tls === undefined
        ? connectPlain({ host, port, noDelay: true })
        : connectTls({ host, port, servername: tls.name, ca: root }).setNoDelay(true);
    this.#socket = socket;
    this.#connectingMs = performance.now();
    socket.once(tls === undefined ? "connect" : "secureConnect", () => {
      this.#connectingMs = undefined;
      this.#ask();
    });
    socket.on("data", (bytes: Buffer) => this.#take(bytes));
    socket.on("error", () => {});
    // Half-closed by the server: nothing more will come.
    socket.once("end", () => this.#lost(socket));
    socket.once("close", () => this.#lost(socket));
  }

  /** Called again and again by the wheel. */
  look(nowMs: number): void {
    const since = this.#askedMs ?? this.#connectingMs;
    if (since !== undefined && nowMs - since > this.#run.plan.timeoutMs) this.#fail("timedOut");
  }

  leave(): void {
    clearTimeout(this.#timer);
    const socket = this.#socket;
    this.#socket = undefined;
    socket?.destroy();
  }

  #ask(): void {
    const run = this.#run;
    if (run.over) return;
    if (this.#socket === undefined) {
      this.connect();
      return;
    }
    const request = run.requests[run.next++ % run.requests.length];
    if (request === undefined) return;
    this.#reader.reset();
    this.#askedMs = performance.now();
    this.#socket.write(request);
  }

  #take(bytes: Buffer): void {
    if (this.#askedMs === undefined) {
      // Unasked: the connection is of no use any more, but no request was lost.
      this.leave();
      this.#later(pauseMs);
      return;
    }
    const progress = this.#reader.take(bytes);
    if (progress === "malformed") this.#fail("malformed");
    else if (progress === "complete") this.#answered();
  }

  #answered(): void {
    const { tally, plan } = this.#run;
    tally.answer(this.#reader.status, performance.now() - (this.#askedMs ?? 0));
    this.#askedMs = undefined;
    if (this.#reader.closes) this.leave();
    if (plan.thinkMs === undefined) this.#ask();
    else this.#later(plan.thinkMs[0] + Math.random() * (plan.thinkMs[1] - plan.thinkMs[0]));
  }

  /** The connection has ended. While nothing is asked that is the server's right. */
  #lost(socket: Socket): void {
    if (this.#socket !== socket) return;
    if (this.#connectingMs !== undefined) this.#fail("refused");
    else if (this.#askedMs === undefined) this.#socket = undefined;
    else if (!this.#reader.begun) this.#fail("unanswered");
    else if (this.#reader.endsWithConnection) this.#answered();
    else this.#fail("cut");
  }

  #fail(kind: Mishap): void {
    if (!(this.#run.over && kind === "refused")) this.#run.tally.mishap(kind);
    this.#askedMs = undefined;
    this.#connectingMs = undefined;
    this.leave();
    this.#later(pauseMs);
  }

  #later(ms: number): void {
    clearTimeout(this.#timer);
    if (!this.#run.over) this.#timer = setTimeout(() => this.#ask(), ms);
  }
}
