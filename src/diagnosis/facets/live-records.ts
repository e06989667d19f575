import { exchangeKey } from "../../health/exchange-key.ts";
import type { ExchangePlan } from "../../model/exchange-plan.ts";
import { keptPlan } from "../../model/kept-values.ts";
import type { LiveExchange } from "../../model/observations.ts";
import type { ProbeObservation } from "../../model/probe-observation.ts";
import { remembered } from "./plans.ts";

/** Live exchanges in the order of sending, as recordings have them, so that every plan finds what answers it. */
export class LiveRecords {
  readonly all: readonly LiveExchange[];
  readonly #byKey = new Map<string, LiveExchange[]>();
  readonly #byTarget = new Map<string, LiveExchange[]>();

  constructor(all: readonly LiveExchange[]) {
    this.all = all.toSorted((a, b) => a.observation.startedAtMs - b.observation.startedAtMs);
    for (const record of this.all) {
      const { sent } = record.observation;
      remembered(this.#byKey, exchangeKey(sent.target, sent), () => []).push(record);
      remembered(this.#byTarget, sent.target.toLowerCase(), () => []).push(record);
    }
  }

  to(target: string): readonly LiveExchange[] {
    return this.#byTarget.get(target.toLowerCase()) ?? [];
  }

  /**
   * The newest exchange that tells how this plan would have gone; of a name, the newest at each address that it had then,
   * in the order of the answer. Empty when none does.
   */
  find(target: string, plan: ExchangePlan): readonly LiveExchange[] {
    // A query that a rewrite rule makes is planned from documents, and withheld in a recording like any other.
    const records =
      this.#byKey.get(exchangeKey(target, plan)) ??
      this.#byKey.get(exchangeKey(target, keptPlan({ ...plan, target }))) ??
      [];
    const newestFirst = records.toReversed().flatMap(({ source, observation }): LiveExchange[] => {
      const seen = asUnder(observation, plan);
      return seen === undefined ? [] : [{ source, observation: seen }];
    });
    const [newest] = newestFirst;
    if (newest === undefined) return [];
    const { dns, tcp } = newest.observation;
    if (dns === undefined || tcp === undefined || !dns.used.includes(tcp.address)) return [newest];
    return dns.used.flatMap(
      (address) => newestFirst.find(({ observation }) => observation.tcp?.address === address) ?? [],
    );
  }
}

/**
 * What an exchange would have been with this plan's time and text: an answer that came later than the plan waits is a
 * time-out, and one given up earlier tells nothing.
 */
function asUnder(observation: ProbeObservation, plan: ExchangePlan): ProbeObservation | undefined {
  const { sent, tcp, tls, http } = observation;
  const { timeoutMs, lookFor } = plan;
  const gaveUp = [tcp?.outcome, tls?.outcome, http?.outcome].some((outcome) =>
    outcome?.startsWith("timed-out"),
  );
  if (gaveUp && sent.timeoutMs < timeoutMs) return undefined;
  const asked = { ...observation, sent: { ...sent, timeoutMs, lookFor } };
  const retold =
    http === undefined || lookFor === sent.lookFor
      ? asked
      : { ...asked, http: { ...http, bodyHolds: undefined } };
  const doneMs = http?.completeMs ?? http?.endedMs;
  // A wait that was meant to be counts for nothing.
  const givenMs = timeoutMs + (sent.manner.afterIdleMs ?? 0);
  if (http === undefined || retold.http === undefined || doneMs === undefined || doneMs <= givenMs)
    return retold;
  const late = (http.firstByteMs ?? Number.POSITIVE_INFINITY) > givenMs;
  return {
    ...retold,
    http: {
      ...retold.http,
      outcome: late ? "timed-out-before-first-byte" : "timed-out-midway",
      status: late ? undefined : retold.http.status,
      endedBy: "us",
    },
  };
}
