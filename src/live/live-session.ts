import type { ClientRequest, ExchangePlan } from "../model/exchange-plan.ts";
import type { LiveExchange } from "../model/observations.ts";
import type { ProbeObservation } from "../model/probe-observation.ts";
import { Source } from "../model/source.ts";
import { SendLimiter, sendBounds } from "../probe/limits.ts";
import type { ProbeMeans } from "../probe/send-exchange.ts";
import { sendToEach } from "../probe/send-to-each.ts";

export interface LiveSessionOptions {
  readonly fromAddress: string | undefined;
  /** The document that exchanges are cited by; its first line is the head of the recording. */
  readonly document: string;
  /** What may be kept of an observation: neither bodies nor secrets. What is judged is what is kept. */
  readonly keep: (observation: ProbeObservation) => ProbeObservation;
  /** The requests that were given, whose queries are not kept. */
  readonly given: readonly ClientRequest[];
  readonly onExchange: (exchange: LiveExchange) => void;
}

/** Everything that one call sends to servers, in the order in which it came back. */
export class LiveSession {
  readonly exchanges: LiveExchange[];
  readonly #options: LiveSessionOptions;
  readonly #limiter = new SendLimiter(sendBounds);

  /** `known`: exchanges of recordings that were given beside the documents. */
  constructor(options: LiveSessionOptions, known: readonly LiveExchange[]) {
    this.#options = options;
    this.exchanges = [...known];
  }

  /**
   * Sends one plan to one server, at each of its addresses; false when it cannot be sent. Rejects when the signal of the
   * means is aborted.
   */
  async send(target: string, plan: ExchangePlan, means: ProbeMeans): Promise<boolean> {
    const { fromAddress } = this.#options;
    const exchange = { plan: this.#whole(plan), target, fromAddress };
    const observations = await this.#limiter.run(
      target.toLowerCase(),
      () => sendToEach(exchange, means),
      means.signal,
    );
    if ("notSent" in observations) return false;
    for (const observation of observations) this.#add(observation);
    return true;
  }

  #add(observation: ProbeObservation): void {
    const { document, keep, onExchange } = this.#options;
    const line = `line ${this.exchanges.length + 2}`;
    const exchange = { source: new Source(document, line, null), observation: keep(observation) };
    this.exchanges.push(exchange);
    onExchange(exchange);
  }

  /** Plans made from what was kept lack the query that the client gave; it goes out all the same. */
  #whole(plan: ExchangePlan): ExchangePlan {
    const { client, path } = plan;
    if (client === undefined || path === undefined) return plan;
    const given = this.#options.given.find(
      (one) =>
        one.host === client.host && one.method === client.method && bare(one.path) === bare(client.path),
    );
    const query = given && /\?.*$/s.exec(given.path)?.[0];
    return query === undefined ? plan : { ...plan, path: bare(path) + query };
  }
}

function bare(path: string): string {
  return path.replace(/[?#].*$/s, "");
}
