import { TimerWheel } from "../../../src/gateway/timer-wheel.ts";
import { AddressBook, type Resolve } from "../../../src/gateway/upstream/address-book.ts";
import type {
  AttemptManner,
  ForwardedRequest,
  ResponseTaker,
  Tunnel,
  UpstreamAttempt,
} from "../../../src/gateway/upstream/contract.ts";
import { ServerUpstream, type UpstreamMeans } from "../../../src/gateway/upstream/server-upstream.ts";
import type { UpstreamLimits, UpstreamTarget } from "../../../src/gateway/upstream/target.ts";
import type { AttemptFailure } from "../../../src/model/attempt.ts";
import { systemClock } from "../../../src/probe/clock.ts";
import type { FieldLine } from "../../../src/wire/http1/fields.ts";
import { defaultLimits } from "../../../src/wire/http1/limits.ts";
import type { ResponseHead } from "../../../src/wire/http1/response-reader.ts";

const limits: UpstreamLimits = {
  connectMs: 10_000,
  relayMs: 10_000,
  idleMs: 30_000,
  idleConnections: 64,
  http: defaultLimits,
};

const noNames: Resolve = () => Promise.reject(new Error("not to be asked"));

export interface Wish {
  readonly target?: Partial<UpstreamTarget>;
  readonly limits?: Partial<UpstreamLimits>;
  readonly means?: Partial<UpstreamMeans>;
  readonly resolve?: Resolve;
}

/** A server on loopback; closed with `using`. */
export class TestUpstream extends ServerUpstream {
  constructor(port: number, wish: Wish = {}) {
    const clock = wish.means?.clock ?? systemClock;
    super(
      {
        member: "app.contoso.com",
        host: "127.0.0.1",
        port,
        localAddress: undefined,
        tls: undefined,
        dedicated: false,
        ...wish.target,
        limits: { ...limits, ...wish.limits },
      },
      {
        clock,
        wheel: new TimerWheel(clock),
        addresses: new AddressBook(wish.resolve ?? noNames, clock),
        ...wish.means,
      },
    );
  }

  /** Sends a request whose body, if it has one, is there at once. */
  send(wish: RequestWish = {}, manner: Partial<AttemptManner> = {}): Taking {
    const taking = new Taking();
    const { content, ...rest } = wish;
    taking.attempt = this.start(forwarded(rest), taking, {
      fresh: false,
      sinceMs: performance.now(),
      ...manner,
    });
    if (content !== undefined) {
      taking.attempt.write(content, 0, content.length);
      taking.attempt.endBody();
    }
    return taking;
  }

  [Symbol.dispose](): void {
    this.close();
  }
}

export type RequestWish = Partial<ForwardedRequest> & { readonly content?: Buffer | undefined };

export function forwarded(wish: Partial<ForwardedRequest>): ForwardedRequest {
  const method = wish.method ?? "GET";
  return {
    method,
    head: `${method} / HTTP/1.1\r\nHost: app.contoso.com\r\n\r\n`,
    body: "none",
    upgrade: false,
    sni: undefined,
    responseTimeoutMs: 10_000,
    ...wish,
  };
}

/** A client that keeps all that it is told. */
export class Taking implements ResponseTaker {
  attempt: UpstreamAttempt | undefined;
  readonly events: string[] = [];
  readonly body: Buffer[] = [];
  status: number | undefined;
  fields: FieldLine[] = [];
  trailing: FieldLine[] = [];
  failure: AttemptFailure | undefined;
  tunnel: Tunnel | undefined;
  /** What `data` answers. */
  more: (bytes: Buffer) => boolean = () => true;
  onEvent: (event: string) => void = () => {};
  #over: () => void = () => {};
  /** Settles when `end` or `failed` is told. */
  readonly over = new Promise<this>((resolve) => {
    this.#over = () => resolve(this);
  });

  get text(): string {
    return Buffer.concat(this.body).toString("latin1");
  }

  #note(event: string): void {
    if (this.events.at(-1) !== event || event !== "data") this.events.push(event);
    this.onEvent(event);
  }

  /** Until this event was told. */
  async until(event: string): Promise<void> {
    if (this.events.includes(event)) return;
    await new Promise<void>((resolve) => {
      const before = this.onEvent;
      this.onEvent = (told) => {
        before(told);
        if (told === event) resolve();
      };
    });
  }

  interim(head: ResponseHead): void {
    this.#note(`interim ${head.status}`);
  }

  head(head: ResponseHead): void {
    this.status = head.status;
    this.fields = head.fields.list();
    this.#note("head");
  }

  data(buffer: Buffer, from: number, to: number): boolean {
    const bytes = Buffer.from(buffer.subarray(from, to));
    this.body.push(bytes);
    this.#note("data");
    return this.more(bytes);
  }

  trailers(fields: Parameters<ResponseTaker["trailers"]>[0]): void {
    this.trailing = fields.list();
    this.#note("trailers");
  }

  end(): void {
    this.#note("end");
    this.#over();
  }

  failed(failure: AttemptFailure): void {
    this.failure = failure;
    this.#note("failed");
    this.#over();
  }

  drained(): void {
    this.#note("drained");
  }

  upgraded(tunnel: Tunnel): void {
    this.tunnel = tunnel;
    this.#note("upgraded");
  }
}

/** Until `holds`, looked at in every turn of the event loop. */
export async function eventually(holds: () => boolean): Promise<void> {
  while (!holds()) await new Promise((resolve) => setImmediate(resolve));
}

export const ok = (body: string, fields = ""): string =>
  `HTTP/1.1 200 OK\r\nContent-Length: ${Buffer.byteLength(body)}\r\n${fields}\r\n${body}`;
