import type { Socket } from "node:net";
import { chunkEnd, chunkStart, lastChunk, writeChunk } from "../../wire/http1/chunk-writer.ts";
import { KeptParts } from "../kept-parts.ts";
import { holdOf } from "../pieces.ts";
import type { ForwardedRequest } from "./contract.ts";

/** A head and the body that is there already go out in one write up to this size; more is copied no longer. */
const oneWriteBytes = 16 * 1024;

const noBytes: readonly Buffer[] = [];

/** The bytes of one request towards its connection: what comes before that is made is held, then all goes straight on. */
export class RequestSender {
  readonly #request: ForwardedRequest;
  #held: KeptParts | undefined;
  /** The body is whole: all of it has been handed over. */
  ended: boolean;
  /** Handed to the system or to what encrypts for it, framing with it. */
  bytesSent = 0;
  #socket: Socket | undefined;

  constructor(request: ForwardedRequest) {
    this.#request = request;
    this.ended = request.body === "none";
  }

  /** The connection is there: sends the head with what was held. Returns whether the caller had been told to wait. */
  open(socket: Socket): boolean {
    const kept = this.#held;
    const heldBytes = kept?.bytes ?? 0;
    const held = kept?.parts ?? noBytes;
    this.#held = undefined;
    this.#socket = socket;
    if (held.length === 0 && (!this.ended || this.#request.body !== "chunked"))
      this.#text(this.#request.head);
    else if (heldBytes <= oneWriteBytes) this.#asOne(socket, held, heldBytes);
    else this.#asMany(socket, held);
    kept?.clear();
    return heldBytes >= oneWriteBytes;
  }

  /** False: wait until what was handed over has been taken. */
  write(bytes: Buffer): boolean {
    if (bytes.length === 0 || this.ended) return true;
    const socket = this.#socket;
    if (socket === undefined) {
      this.#held ??= new KeptParts();
      this.#held.add(bytes);
      return this.#held.bytes < oneWriteBytes;
    }
    return this.#body(socket, bytes);
  }

  end(): void {
    if (this.ended) return;
    this.ended = true;
    if (this.#socket !== undefined && this.#request.body === "chunked") this.#text(lastChunk);
  }

  #body(socket: Socket, bytes: Buffer): boolean {
    if (this.#request.body !== "chunked") {
      this.bytesSent += bytes.length;
      return socket.write(bytes, holdOf(bytes));
    }
    this.bytesSent += chunkStart(bytes.length).length + bytes.length + chunkEnd.length;
    return writeChunk(socket, bytes, holdOf(bytes));
  }

  #text(text: string): void {
    this.bytesSent += text.length;
    this.#socket?.write(text, "latin1");
  }

  #asOne(socket: Socket, held: readonly Buffer[], heldBytes: number): void {
    const chunked = this.#request.body === "chunked";
    const parts: Buffer[] = [Buffer.from(this.#request.head, "latin1")];
    if (chunked && heldBytes > 0) {
      parts.push(Buffer.from(chunkStart(heldBytes), "latin1"), ...held, Buffer.from(chunkEnd));
    } else parts.push(...held);
    if (chunked && this.ended) parts.push(Buffer.from(lastChunk));
    const whole = Buffer.concat(parts);
    this.bytesSent += whole.length;
    socket.write(whole);
  }

  #asMany(socket: Socket, held: readonly Buffer[]): void {
    socket.cork();
    this.#text(this.#request.head);
    for (const bytes of held) this.#body(socket, bytes);
    if (this.ended && this.#request.body === "chunked") this.#text(lastChunk);
    socket.uncork();
  }
}
