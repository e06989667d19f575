import { createConnection } from "node:net";
import type { Clock } from "../../probe/clock.ts";
import { handshake } from "../../wire/tls/handshake.ts";
import type { UpstreamTls } from "./target.ts";

/** For connecting and looking together. */
const lookMs = 1_000;
/** What was seen is held for so long: a server is not looked at for every request. */
const heldMs = 10_000;

/**
 * What a server says that does not speak TLS where it should. The library that finds it out does not show the bytes, so a
 * second handshake is watched as it comes over the wire. Only for what has failed already.
 */
export class FirstBytes {
  readonly #offer: UpstreamTls["offer"];
  readonly #clock: Clock;
  #seen: Buffer | undefined;
  #heldUntilMs = Number.NEGATIVE_INFINITY;
  #looking: Promise<void> | undefined;

  constructor(offer: UpstreamTls["offer"], clock: Clock) {
    this.#offer = offer;
    this.#clock = clock;
  }

  /** Undefined when this time it said nothing of the kind. Calls back within about a second, or at once. */
  find(
    place: { readonly address: string; readonly port: number; readonly localAddress: string | undefined },
    sni: string | undefined,
    found: (bytes: Buffer | undefined) => void,
  ): void {
    if (this.#clock.nowMs() < this.#heldUntilMs) {
      found(this.#seen);
      return;
    }
    this.#looking ??= this.#look(place, sni);
    void this.#looking.then(() => found(this.#seen));
  }

  async #look(
    { address, port, localAddress }: Parameters<FirstBytes["find"]>[0],
    serverName: string | undefined,
  ): Promise<void> {
    const transport = createConnection({
      host: address,
      port,
      autoSelectFamily: false,
      ...(localAddress === undefined ? {} : { localAddress }),
    });
    const plan = { ...this.#offer, serverName, alpn: [], timeoutMs: lookMs, mostBytes: 64 * 1024 };
    try {
      const { facts, connection } = await handshake(plan, {
        transport,
        clock: this.#clock,
        signal: undefined,
      });
      connection?.socket.destroy();
      this.#seen = facts.firstBytes;
    } catch {
      // The library takes no such handshake for possible: then nothing is seen.
      this.#seen = undefined;
    } finally {
      transport.destroy();
      this.#heldUntilMs = this.#clock.nowMs() + heldMs;
      this.#looking = undefined;
    }
  }
}
