import type { ExchangeRecord } from "../exchange/exchange-record.ts";
import { type KeptExchange, keptOf } from "./kept-exchange.ts";
import { mostFound } from "./transaction-start.ts";

export interface FailureRingLimits {
  readonly records: number;
  /** Of what their texts take. */
  readonly bytes: number;
}

/** The newest exchanges that did not go well, by transaction id; older ones give way. */
export class FailureRing {
  readonly #limits: FailureRingLimits;
  readonly #records = new Map<string, KeptExchange>();
  #bytes = 0;

  constructor(limits: FailureRingLimits = { records: 10_000, bytes: 32 * 1024 * 1024 }) {
    this.#limits = limits;
  }

  /** `configuration`: the number of the one it was served with. */
  record(record: ExchangeRecord, configuration: number): void {
    if (wentWell(record)) return;
    this.#records.set(record.transactionId, keptOf(record, configuration));
    this.#bytes += bytesOf(record);
    while (this.#records.size > this.#limits.records || this.#bytes > this.#limits.bytes) this.#dropOldest();
  }

  /** Those whose transaction id is this or begins so, the newest first; no more than `mostFound`. */
  startingWith(start: string): readonly KeptExchange[] {
    const wanted = start.toLowerCase();
    const whole = this.#records.get(wanted);
    if (whole !== undefined) return [whole];
    const found: KeptExchange[] = [];
    for (const [id, record] of this.#records) if (id.startsWith(wanted)) found.push(record);
    return found.slice(-mostFound).reverse();
  }

  get size(): number {
    return this.#records.size;
  }

  #dropOldest(): void {
    for (const [id, record] of this.#records) {
      this.#records.delete(id);
      this.#bytes -= bytesOf(record);
      return;
    }
    this.#bytes = 0;
  }
}

/** Requests that a second attempt saved count as well: something is wrong with a server. */
function wentWell({ status, ending, attempts }: ExchangeRecord): boolean {
  if (status >= 500 || ending !== "--") return false;
  return attempts.every(({ failure }) => failure === undefined);
}

/** What a record takes in memory beside a fixed part. */
const fixedBytes = 1024;

function bytesOf(record: Omit<ExchangeRecord, "listener" | "route">): number {
  const { attempts } = record;
  let bytes = fixedBytes + attempts.length * fixedBytes;
  for (const text of textsOf(record)) bytes += text?.length ?? 0;
  for (const { failure } of attempts) {
    bytes += failure?.firstBytes?.length ?? 0;
    for (const certificate of failure?.chain ?? []) bytes += certificate.length;
  }
  return bytes;
}

/** Those that may be long: what messages say. */
function textsOf(record: Omit<ExchangeRecord, "listener" | "route">): readonly (string | undefined)[] {
  const { method, originalHost, host, originalTarget, target, userAgent, contentType } = record;
  const { answeredBy, clientCertificate } = record;
  return [
    ...[method, originalHost, host, originalTarget, target, userAgent, contentType],
    ...[answeredBy?.server, answeredBy?.via, clientCertificate?.issuer],
  ];
}
