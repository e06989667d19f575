import { constants } from "node:crypto";
import { isIP } from "node:net";
import type { Duplex } from "node:stream";
import { connect, type SecureVersion, type TLSSocket } from "node:tls";
import { alertInError } from "./alerts.ts";
import { versionName } from "./messages.ts";
import { ServerFlight } from "./server-flight.ts";
import { Tap } from "./tap.ts";
import { TrafficSecrets } from "./traffic-secrets.ts";

/** Time, passed in. */
export interface HandshakeClock {
  /** Monotonic milliseconds. */
  readonly nowMs: () => number;
  /** Calls back once after so many milliseconds, unless the returned function is called before. */
  readonly after: (ms: number, call: () => void) => () => void;
}

export interface HandshakePlan {
  /** The name for SNI; an address is never sent (RFC 6066 §3). */
  readonly serverName: string | undefined;
  /** Protocols offered by ALPN; none = no extension. */
  readonly alpn: readonly string[];
  readonly minVersion: SecureVersion;
  readonly maxVersion: SecureVersion;
  /** OpenSSL cipher list of TLS 1.2 and below plus names of TLS 1.3 suites; undefined = the library's own. */
  readonly ciphers: string | undefined;
  /**
   * Key exchange groups by their OpenSSL names, colon between; undefined = the library's own. New ones make the
   * ClientHello so large that it spans packets, which some old servers and appliances do not survive.
   */
  readonly groups?: string | undefined;
  readonly timeoutMs: number;
  /** Of all that comes over the transport, after the handshake too; undefined = no bound. */
  readonly mostBytes?: number | undefined;
}

export interface HandshakeWorld {
  /** Connected already; the handshake owns it from here on. */
  readonly transport: Duplex;
  readonly clock: HandshakeClock;
  readonly signal: AbortSignal | undefined;
}

export type HandshakeOutcome =
  | "established"
  /** The server refused with an alert. */
  | "alert"
  /** What came back is not TLS; see `firstBytes`. */
  | "not-tls"
  | "timed-out"
  | "reset"
  /** The server closed before the end, with or without `close_notify`. */
  | "closed"
  /** Anything else: see `errno`, and `fault` when the server broke the protocol. */
  | "failed";

/** What was seen of one handshake. No judgement: certificates are not verified here. */
export interface HandshakeFacts {
  readonly outcome: HandshakeOutcome;
  readonly sniSent: string | undefined;
  /** e.g. `TLSv1.3`; what the server chose, even if the handshake then failed. */
  readonly version: string | undefined;
  /** By its registered name, once established. */
  readonly cipher: string | undefined;
  readonly alpn: string | undefined;
  readonly alert: string | undefined;
  /** Alerts of level warning, after which the server went on. */
  readonly warnings: readonly string[];
  /** DER, in the server's own order; undefined when no Certificate message was read. */
  readonly chain: readonly Buffer[] | undefined;
  readonly clientCertificateRequested: boolean;
  /** The server's handshake messages as far as they came, e.g. `server_hello`. */
  readonly messages: readonly string[];
  readonly fault: string | undefined;
  /** Up to 64, when they are not TLS. */
  readonly firstBytes: Buffer | undefined;
  /** Of the transport (`ECONNRESET`) or of the TLS library (`ERR_SSL_…`). */
  readonly errno: string | undefined;
  readonly tookMs: number;
}

export interface EstablishedTls {
  /** Carries an error listener already, so that a late alert ends no process. */
  readonly socket: TLSSocket;
  /**
   * The alert that came after the handshake, if one did: a TLS 1.3 server refuses a missing client certificate only
   * after the client holds the connection for established (RFC 8446 §4.4.2.4).
   */
  readonly lateAlert: () => string | undefined;
}

export interface Handshake {
  readonly facts: HandshakeFacts;
  /** Only when established. Otherwise the transport is destroyed. */
  readonly connection: EstablishedTls | undefined;
}

/**
 * Makes a TLS connection over the transport and reports what the server said. Resolves with one outcome in every case;
 * rejects only when the signal is aborted, with its reason, or when the library takes the plan for impossible (a cipher
 * list without one known name).
 */
export function handshake(plan: HandshakePlan, world: HandshakeWorld): Promise<Handshake> {
  return new Promise((resolve, reject) => {
    if (world.signal?.aborted === true) {
      world.transport.destroy();
      reject(world.signal.reason);
      return;
    }
    try {
      new Attempt(plan, world).run(resolve, reject);
    } catch (error) {
      world.transport.destroy();
      throw error;
    }
  });
}

type Ending = "established" | "error" | "timed-out";

class Attempt {
  readonly #plan: HandshakePlan;
  readonly #world: HandshakeWorld;
  readonly #secrets = new TrafficSecrets();
  readonly #flight = new ServerFlight(this.#secrets);
  readonly #tap: Tap;
  readonly #socket: TLSSocket;
  readonly #startedMs: number;
  readonly #sni: string | undefined;
  #error: NodeJS.ErrnoException | undefined;

  constructor(plan: HandshakePlan, world: HandshakeWorld) {
    this.#plan = plan;
    this.#world = world;
    this.#startedMs = world.clock.nowMs();
    this.#sni = plan.serverName === undefined || isIP(plan.serverName) !== 0 ? undefined : plan.serverName;
    this.#tap = new Tap(world.transport, (bytes) => this.#flight.receive(bytes), plan.mostBytes);
    this.#socket = connect({
      socket: this.#tap,
      rejectUnauthorized: false,
      // A server's weak parameters and its want of secure renegotiation (RFC 5746) are for others to judge.
      minDHSize: 1,
      secureOptions: constants.SSL_OP_LEGACY_SERVER_CONNECT,
      minVersion: plan.minVersion,
      maxVersion: plan.maxVersion,
      ...(plan.alpn.length > 0 ? { ALPNProtocols: [...plan.alpn] } : {}),
      ...(plan.ciphers === undefined ? {} : { ciphers: plan.ciphers }),
      ...(plan.groups === undefined ? {} : { ecdhCurve: plan.groups }),
      ...(this.#sni === undefined ? {} : { servername: this.#sni }),
    });
    // It took this over from the tap, which must be half open so that nothing is lost.
    this.#socket.allowHalfOpen = false;
  }

  run(resolve: (handshake: Handshake) => void, reject: (reason: unknown) => void): void {
    const { clock, signal } = this.#world;
    let over = false;
    const once = (then: () => void): void => {
      if (over) return;
      over = true;
      cancelTimer();
      signal?.removeEventListener("abort", abort);
      then();
    };
    const finish = (ending: Ending): void => once(() => resolve(this.#finish(ending)));
    const abort = (): void =>
      once(() => {
        this.#giveUp();
        reject(signal?.reason);
      });
    const cancelTimer = clock.after(this.#plan.timeoutMs, () => finish("timed-out"));
    signal?.addEventListener("abort", abort);
    this.#socket.on("keylog", (line: Buffer) => {
      this.#secrets.learn(line);
      this.#flight.secretsGrew();
    });
    this.#socket.on("secureConnect", () => finish("established"));
    this.#socket.on("error", (error) => {
      this.#error ??= error;
      // After the handshake Node.js reports a TLS fault and leaves the socket open, of which nothing can come any more.
      // With the error, by which whoever holds the socket tells a reset from a close.
      this.#socket.destroy(error);
      finish("error");
    });
    this.#socket.on("close", () => {
      this.#secrets.forget();
      finish("error");
    });
  }

  #finish(ending: Ending): Handshake {
    const facts = this.#facts(ending);
    if (ending !== "established") {
      this.#giveUp();
      return { facts, connection: undefined };
    }
    return { facts, connection: { socket: this.#socket, lateAlert: () => this.#alert() } };
  }

  #giveUp(): void {
    this.#secrets.forget();
    this.#socket.destroy();
    this.#tap.destroy();
  }

  #alert(): string | undefined {
    const seen = this.#flight.facts.alert;
    if (seen !== undefined || this.#error === undefined) return seen;
    return alertInError(this.#error);
  }

  #facts(ending: Ending): HandshakeFacts {
    const flight = this.#flight.facts;
    const established = ending === "established";
    const outcome = established ? ending : this.#outcome(ending);
    return {
      outcome,
      sniSent: this.#sni,
      version: flight.version === undefined ? undefined : versionName(flight.version),
      cipher: established ? this.#socket.getCipher().standardName : undefined,
      alpn: flight.alpn,
      alert: established ? undefined : this.#alert(),
      warnings: flight.warnings,
      chain: flight.chain,
      clientCertificateRequested: flight.clientCertificateRequested,
      messages: flight.messages,
      fault: flight.fault,
      firstBytes: outcome === "not-tls" ? flight.firstBytes : undefined,
      errno: established ? undefined : (this.#tap.transportEnd?.errno ?? this.#error?.code),
      tookMs: this.#world.clock.nowMs() - this.#startedMs,
    };
  }

  /** What the server said comes before what the transport did, and both before what the TLS library made of it. */
  #outcome(ending: "error" | "timed-out"): HandshakeOutcome {
    const { fault } = this.#flight.facts;
    const alert = this.#alert();
    if (alert !== undefined) return alert === "close_notify" ? "closed" : "alert";
    if (fault === "not-tls") return "not-tls";
    if (ending === "timed-out") return "timed-out";
    const end = this.#tap.transportEnd;
    if (fault !== undefined || this.#libraryFailed()) return "failed";
    if (end?.how === "closed") return "closed";
    if (end?.errno === "ECONNRESET" || end?.errno === "EPIPE") return "reset";
    return end?.errno === "ETIMEDOUT" ? "timed-out" : "failed";
  }

  /** The library itself found fault with what the server sent, and the end of the transport came of that. */
  #libraryFailed(): boolean {
    return this.#error?.code?.startsWith("ERR_SSL_") === true;
  }
}
