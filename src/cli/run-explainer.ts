import type { Steps } from "../diagnosis/steps.ts";
import type { ExperimentMode } from "../gateway/admin/admin-api.ts";
import type { ExchangeRecord } from "../gateway/exchange/exchange-record.ts";
import { drainCutsOf } from "../gateway/explain/drain-evidence.ts";
import { evidenceOf } from "../gateway/explain/evidence.ts";
import { type KeptExchange, recordOf } from "../gateway/explain/kept-exchange.ts";
import { pendingEvidence, untoldServers } from "../gateway/explain/pending-evidence.ts";
import { entryAt } from "../gateway/health/health-board.ts";
import type { DiagnosisJson } from "../report/json-types.ts";
import type { TextStyle } from "../report/text/style.ts";
import type { Pair, Server } from "../routing/routes.ts";
import { exchangeWords } from "./exchange-words.ts";
import { experimentOnExchange } from "./experiment-on-exchange.ts";
import { explainingExchange, explainingInWords, type Question } from "./explain-exchange.ts";
import { inTurns } from "./in-turns.ts";
import type { RunConfiguration } from "./run-configuration.ts";
import type { RunGateway } from "./run-gateway.ts";

/** The diagnosis of an exchange; null: it took no route; a text: why there is none. */
type Answer = DiagnosisJson | string | null;

/** Of a terminal that nobody has asked. */
const style: TextStyle = { width: 80, color: false, unicode: true };

interface Asked {
  readonly question: Question;
  readonly record: ExchangeRecord;
  readonly configuration: RunConfiguration;
  readonly pair: Pair | undefined;
}

/** Explains the exchanges of a running gateway, by the configuration each was served with. */
export class RunExplainer {
  readonly #gateway: RunGateway;
  readonly #now: () => number;
  #experiments: AbortController | undefined;
  /** The diagnosis before the next. */
  #last: Promise<void> = Promise.resolve();

  /** `now` in epoch milliseconds. */
  constructor(gateway: RunGateway, now: () => number) {
    this.#gateway = gateway;
    this.#now = now;
  }

  async diagnosisOf(kept: KeptExchange): Promise<Answer> {
    const asked = this.#asked(kept);
    return asked === null || typeof asked === "string" ? asked : this.#explained(asked.question);
  }

  /** What became of it, and the same as `diagnosisOf`, for people. */
  async wordsOn(kept: KeptExchange): Promise<string> {
    return `${exchangeWords(kept, style)}\n${await this.#diagnosisInWords(kept)}`;
  }

  #explained(question: Question): Promise<DiagnosisJson> {
    return this.#one(() => explainingExchange(question));
  }

  /** One after the other, each with pauses: what is served shall not wait for them, nor hold the copies of many. */
  #one<T>(begin: () => Steps<T>): Promise<T> {
    const done = this.#last.then(() => inTurns(begin()));
    this.#last = done.then(
      () => {},
      () => {},
    );
    return done;
  }

  async #diagnosisInWords(kept: KeptExchange): Promise<string> {
    if (kept.noServer === "taken-out")
      return "What the operator did is none of the causes that the diagnosis knows.\n";
    const asked = this.#asked(kept);
    if (asked === null) return "It took no route, so that nothing is judged.\n";
    return typeof asked === "string"
      ? `There is no diagnosis: ${asked}.\n`
      : this.#one(() => explainingInWords(asked.question, style));
  }

  /** After experiments; one exchange at a time, as they are sent to servers that serve. Undefined = another is looked at. */
  experimentOn(kept: KeptExchange, mode: ExperimentMode): Promise<Answer> | undefined {
    if (this.#experiments !== undefined) return undefined;
    const asked = this.#asked(kept);
    if (asked === null || typeof asked === "string") return Promise.resolve(asked);
    const { question, record, configuration, pair } = asked;
    if (pair === undefined) return this.#explained(question);
    const stop = new AbortController();
    this.#experiments = stop;
    const means = this.#gateway.meansFor(configuration, pair, stop.signal);
    return experimentOnExchange(record, question, mode, means)
      .then((seen) => this.#explained({ ...question, seen }))
      .finally(() => {
        this.#experiments = undefined;
      });
  }

  /** What is under way is given up. */
  stop(): void {
    this.#experiments?.abort();
  }

  #asked(kept: KeptExchange): Asked | string | null {
    if (kept.route === undefined) return null;
    const world = this.#gateway.worldOf(kept.configuration);
    if (world === undefined)
      return "the configuration it was served with is gone: others have been read since";
    const { configuration, entryOf } = world;
    const { prepared, kase, exported } = configuration;
    const record = recordOf(kept, prepared);
    const then = (server: Server) => entryAt(entryOf(server), kept.startedAtMs + kept.tookMs);
    const seen = evidenceOf(record, {
      router: prepared.router,
      pairs: prepared.wiring.pairs,
      switches: kase.switches,
      entryOf: then,
    });
    const untold = untoldServers(record, then, (server) => entryOf(server) !== undefined);
    const gatewayId = prepared.gateway.id;
    const seenNow = pendingEvidence(record, gatewayId, untold, configuration.material.nowMs);
    const question = {
      kase: {
        ...kase,
        // It was minutes after the change then, whenever it is asked for.
        nowMs: untold.pending.length > 0 ? kept.startedAtMs + kept.tookMs : this.#now(),
        observations: {
          ...kase.observations,
          ...seenNow,
          drainCuts: drainCutsOf(record),
          // What was done to the gateway and its network stands, whoever serves its configuration.
          activities: [...exported.activities, ...seenNow.activities],
        },
      },
      gateway: prepared.gateway,
      routeId: kept.route.id,
      ...{ seen, exported },
    };
    return { question, record, configuration, pair: record.route?.pair };
  }
}
