import { constants, createHash } from "node:crypto";
import { createSecureContext, type SecureContext, type TLSSocket } from "node:tls";
import type { CertificateFaultKind } from "../../health/certificates/faults.ts";
import { judgeChain } from "../../health/certificates/judge.ts";
import type { Clock } from "../../probe/clock.ts";
import { chainOf } from "../sent-chain.ts";
import type { UpstreamTls } from "./target.ts";

/** A chain the gateway does not take. */
export interface Refusal {
  readonly kind: CertificateFaultKind;
  /** DER, in the server's order. */
  readonly chain: readonly Buffer[];
}

/** Dates pass: a judgement is made anew after so long. */
const judgedMs = 60_000;
/** Names and chains of one server; the oldest give way. */
const mostKept = 64;

export interface Judgement {
  readonly chain: readonly Buffer[];
  readonly refusal: Refusal | undefined;
}

interface Judged {
  readonly fault: CertificateFaultKind | undefined;
  readonly untilMs: number;
}

/** By which a handshake is made short; it stands for the chain that the server sent when it was begun. */
export interface KnownSession {
  readonly ticket: Buffer;
  readonly chain: readonly Buffer[];
}

/**
 * What one server's certificates are worth. Every chain is judged by the gateway's rules, equal ones once a minute. A
 * session is resumed only while the chain it began with is accepted: nothing is sent then that could be judged.
 */
export class ServerTrust {
  readonly context: SecureContext;
  readonly #tls: UpstreamTls;
  readonly #clock: Clock;
  readonly #judged = new Map<string, Judged>();
  readonly #sessions = new Map<string, KnownSession>();

  /** @throws when the library knows none of the ciphers. */
  constructor(tls: UpstreamTls, clock: Clock) {
    const { minVersion, maxVersion, ciphers, groups } = tls.offer;
    this.#tls = tls;
    this.#clock = clock;
    this.context = createSecureContext({
      minVersion,
      maxVersion,
      secureOptions: constants.SSL_OP_LEGACY_SERVER_CONNECT,
      ...(ciphers === undefined ? {} : { ciphers }),
      ...(groups === undefined ? {} : { ecdhCurve: groups }),
    });
  }

  /** To be offered to the server; undefined when there is none whose chain is accepted now. */
  sessionFor(sni: string | undefined): KnownSession | undefined {
    const session = this.#sessions.get(sni ?? "");
    if (session === undefined) return undefined;
    if (this.#faultOf(session.chain, sni) === undefined) return session;
    this.forgetSession(sni);
    return undefined;
  }

  /** Of a connection that was just established: the chain it stands on, and whether that is refused. */
  judge(socket: TLSSocket, sni: string | undefined, offered: KnownSession | undefined): Judgement {
    const resumed = offered !== undefined && socket.isSessionReused();
    const chain = resumed ? offered.chain : chainOf(socket);
    const fault = this.#faultOf(chain, sni);
    return { chain, refusal: fault === undefined ? undefined : { kind: fault, chain } };
  }

  /** `chain`: of the connection on which the server gave it, and accepted there. */
  keepSession(sni: string | undefined, ticket: Buffer, chain: readonly Buffer[]): void {
    keepBounded(this.#sessions, sni ?? "", { ticket, chain });
  }

  /** Not offered again: the server did not like it, or its chain is no longer accepted. */
  forgetSession(sni: string | undefined): void {
    this.#sessions.delete(sni ?? "");
  }

  #faultOf(chain: readonly Buffer[], sni: string | undefined): CertificateFaultKind | undefined {
    const key = keyOf(chain, sni);
    const known = this.#judged.get(key);
    if (known !== undefined && this.#clock.nowMs() < known.untilMs) return known.fault;
    return this.#judge(key, chain, sni);
  }

  #judge(key: string, chain: readonly Buffer[], name: string | undefined): CertificateFaultKind | undefined {
    const nowMs = this.#clock.epochMs();
    const { faults } = judgeChain({ ...this.#tls.rules, chain, name, nowMs });
    const fault = faults.find(({ enforced }) => enforced)?.kind;
    keepBounded(this.#judged, key, { fault, untilMs: this.#clock.nowMs() + judgedMs });
    return fault;
  }
}

function keyOf(chain: readonly Buffer[], sni: string | undefined): string {
  const hash = createHash("sha256");
  for (const der of chain) hash.update(`${der.length}:`).update(der);
  return hash.update(sni ?? "").digest("base64");
}

function keepBounded<T>(map: Map<string, T>, key: string, value: T): void {
  map.delete(key);
  map.set(key, value);
  if (map.size <= mostKept) return;
  for (const oldest of map.keys()) {
    map.delete(oldest);
    return;
  }
}
