import { Duplex } from "node:stream";

/** How the transport ended; undefined while it is open. */
export interface TransportEnd {
  readonly how: "closed" | "failed";
  /** e.g. `ECONNRESET` */
  readonly errno: string | undefined;
}

/** The `errno` of a transport on which more came than is read. */
const tooMuch = "TOO_MUCH_RECEIVED";

/**
 * Stands between a transport and the TLS library and shows the bytes that come in, unchanged and in order, before they
 * are passed on. Back-pressure goes through in both directions. After `mostBytes` the transport is ended:
 * libraries read for as long as something comes, and the smallest messages keep them busiest.
 */
export class Tap extends Duplex {
  readonly #transport: Duplex;
  #end: TransportEnd | undefined;
  #bytes = 0;

  constructor(transport: Duplex, see: (bytes: Buffer) => void, mostBytes = Number.POSITIVE_INFINITY) {
    super({ allowHalfOpen: true });
    this.#transport = transport;
    transport.on("data", (bytes: Buffer) => {
      this.#bytes += bytes.length;
      if (this.#bytes > mostBytes) {
        this.#end ??= { how: "failed", errno: tooMuch };
        this.destroy(Object.assign(new Error("too much was received"), { code: tooMuch }));
        return;
      }
      see(bytes);
      if (!this.push(bytes)) transport.pause();
    });
    transport.on("end", () => {
      this.#end ??= { how: "closed", errno: undefined };
      this.push(null);
    });
    transport.on("error", (error: NodeJS.ErrnoException) => {
      this.#end ??= { how: "failed", errno: error.code };
      this.destroy(error);
    });
    transport.on("close", () => {
      this.#end ??= { how: "closed", errno: undefined };
      // After a clean end what is held here is still to be read, and destroying would lose it.
      if (!transport.readableEnded) this.destroy();
    });
    // Nothing flows before the TLS library reads.
    transport.pause();
  }

  /** How the transport ended by itself. */
  get transportEnd(): TransportEnd | undefined {
    return this.#end;
  }

  override _read(): void {
    this.#transport.resume();
  }

  override _write(chunk: Buffer, encoding: BufferEncoding, done: (error?: Error | null) => void): void {
    this.#transport.write(chunk, encoding, (error) => {
      // This comes before the transport's own `error`; how it ended has to be known to whoever hears of it first.
      if (error) this.#end ??= { how: "failed", errno: (error as NodeJS.ErrnoException).code };
      done(error);
    });
  }

  override _final(done: (error?: Error | null) => void): void {
    this.#transport.end(() => done());
  }

  override _destroy(error: Error | null, done: (error?: Error | null) => void): void {
    this.#transport.destroy();
    done(error);
  }
}
