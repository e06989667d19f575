import type { WireFault } from "../../wire/http1/fault.ts";
import type { HeaderFields } from "../../wire/http1/fields.ts";
import { keepAliveTimeoutS } from "../../wire/http1/keep-alive-hint.ts";
import type { Http1Limits } from "../../wire/http1/limits.ts";
import {
  type RequestContext,
  type ResponseHandler,
  type ResponseHead,
  ResponseReader,
} from "../../wire/http1/response-reader.ts";
import type { Fault, FaultSeen } from "./failures.ts";
import { type InvalidResponse, ResponseBeginning } from "./invalid-response.ts";

/** The connection by which responses come. */
export interface ResponseCarrier {
  /** Whoever is told wants no more for now. */
  full(): void;
  /** So long the server keeps idle connections, by its own word; said once. */
  hint(seconds: number): void;
}

/** Who waits for a response. Buffers and fields are lent. */
export interface ResponseAwaiter {
  interim(head: ResponseHead): void;
  gotHead(head: ResponseHead): void;
  /** False: no more for now, but for what has been read already. */
  gotData(buffer: Buffer, from: number, to: number): boolean;
  gotTrailers(fields: HeaderFields): void;
  /** A whole head with this status came, and is not told: something is wrong with what came with it. */
  refused(status: number): void;
}

/** A response that is none: what the attempt fails with, and what of it is kept to be shown. */
export interface Invalidity {
  readonly fault: FaultSeen;
  readonly shown: Pick<InvalidResponse, "fault" | "bytes" | "bytesFrom">;
}

/**
 * The response that is being read on a connection, one after the other. What comes is told at once, but for the head of a
 * 204 or 304: that is held until it is seen that no body came with it (docs/gateway-phases.md, "What may be done again").
 */
export class IncomingResponse implements ResponseHandler {
  /** Something of it beyond interim responses was told. */
  begun = false;
  ended = false;
  /** Once it has ended: the connection may carry another, or is a tunnel from now on. */
  keepAlive = false;
  tunnel = false;
  invalid: Invalidity | undefined;
  readonly #carrier: ResponseCarrier;
  readonly #reader: ResponseReader;
  readonly #beginning = new ResponseBeginning();
  /** While it is fed. */
  #awaiter: ResponseAwaiter | undefined;
  #bodiless: ResponseHead | undefined;
  #fault: WireFault | undefined;
  #hinted = false;

  constructor(carrier: ResponseCarrier, limits: Http1Limits) {
    this.#carrier = carrier;
    this.#reader = new ResponseReader(this, undefined, limits);
  }

  /** From now on it is the response to this request. */
  next(request: RequestContext): void {
    this.#reader.next(request);
    this.#beginning.clear();
    this.begun = false;
    this.ended = false;
    this.keepAlive = false;
    this.invalid = undefined;
    this.#bodiless = undefined;
    this.#fault = undefined;
  }

  /** More of it came, in a buffer that is only lent. Returns how many bytes of that are its own. */
  feed(awaiter: ResponseAwaiter, lent: Buffer, bytes: number): number {
    const from = this.#reader.messageBytes;
    this.#awaiter = awaiter;
    const taken = this.#reader.feed(lent, 0, bytes);
    this.#awaiter = undefined;
    if (this.#bodiless !== undefined) this.#judgeBodiless(awaiter, this.#bodiless);
    if (this.#fault !== undefined) this.#refuse(this.#fault, lent.subarray(0, bytes), from);
    else if (!this.begun && !this.ended) this.#beginning.keep(lent.subarray(0, bytes));
    return taken;
  }

  /** The server sends no more: what is wrong with that; undefined = it ends the response. */
  finish(): Fault | undefined {
    const offset = this.#reader.messageBytes;
    this.#reader.finish();
    if (this.ended) return undefined;
    return offset === 0 ? this.closedEarly : { ...this.closedEarly, detail: "truncated", offset };
  }

  /** For a connection that was closed before its end. */
  get closedEarly(): Fault {
    return { kind: this.begun ? "relay-closed" : "response-closed" };
  }

  /** What came behind it in one read is a body, and the client has nothing of the response yet. */
  #judgeBodiless(awaiter: ResponseAwaiter, head: ResponseHead): void {
    this.#bodiless = undefined;
    if (this.#fault === undefined) this.#tell(awaiter, head);
    else {
      this.ended = false;
      awaiter.refused(head.status);
    }
  }

  #refuse(fault: WireFault, chunk: Buffer, from: number): void {
    if (this.ended) return;
    const { begun } = this;
    this.invalid = {
      fault: {
        kind: begun ? "relay-invalid" : "response-invalid",
        detail: fault.kind,
        offset: fault.offset,
        firstBytes: begun ? undefined : this.#beginning.first(chunk, from),
      },
      shown: { fault, ...this.#beginning.invalid(fault, chunk, from) },
    };
  }

  #tell(awaiter: ResponseAwaiter | undefined, head: ResponseHead): void {
    this.begun = true;
    awaiter?.gotHead(head);
  }

  // What the reader tells.

  interim(head: ResponseHead): void {
    this.#awaiter?.interim(head);
  }

  head(head: ResponseHead): void {
    this.keepAlive = head.keepAlive;
    this.tunnel = head.body === "tunnel";
    if (!this.#hinted) {
      this.#hinted = true;
      const seconds = keepAliveTimeoutS(head.fields);
      if (seconds !== undefined) this.#carrier.hint(seconds);
    }
    if (head.status === 204 || head.status === 304) this.#bodiless = head;
    else this.#tell(this.#awaiter, head);
  }

  data(buffer: Buffer, from: number, to: number): void {
    if (this.#awaiter?.gotData(buffer, from, to) === false) this.#carrier.full();
  }

  trailers(fields: HeaderFields): void {
    this.#awaiter?.gotTrailers(fields);
  }

  end(): void {
    this.ended = true;
  }

  fault(fault: WireFault): void {
    this.#fault = fault;
  }
}
