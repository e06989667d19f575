import { makerFactsOf, makerOf } from "../../health/answer-maker.ts";
import type { AnsweredBy, Attempt } from "../../model/attempt.ts";
import type { Generation } from "../../model/gateway.ts";
import { type OwnMember, ownMember, type WrittenAttempt, writtenAttempt } from "../../model/own-member.ts";
import type { Route } from "../../routing/routes.ts";
import type { ExchangeRecord } from "../exchange/exchange-record.ts";
import { causeOfFailure } from "../explain/cause-of-failure.ts";
import { asciiJson, jsonText } from "./json-text.ts";
import { RefusedChains } from "./refused-chains.ts";

/**
 * What Causeway says beyond the vendor's fields: the member `causeway` at the end of a row. The attempts are listed when
 * there was more than one, one that failed, or one that got an error of another product; otherwise the row's own fields
 * tell it all.
 */
export class OwnFields {
  readonly #generation: Generation;
  readonly #chains = new RefusedChains();

  constructor(generation: Generation) {
    this.#generation = generation;
  }

  textOf(record: ExchangeRecord): string {
    const { ending, cause, route, attempts, layer4 } = record;
    const uneventful = ending === "--" && cause === undefined && layer4 === undefined;
    if (uneventful && route !== undefined && attempts.length < 2) {
      const [only] = attempts;
      if (only === undefined) return textsOf(route).none;
      if (only.failure === undefined) return textsOf(route)[only.connection];
    }
    return `"causeway":${asciiJson(JSON.stringify(ownMember.write(this.#memberOf(record))))}`;
  }

  #memberOf(record: ExchangeRecord): OwnMember {
    const { ending, cause, fault, limit, noServer, route, attempts, layer4, transactionId, clientPort } =
      record;
    const answeredBy = otherProduct(record);
    const telling = attempts.length > 1 || attempts[0]?.failure !== undefined || answeredBy !== undefined;
    const endedMs = record.startedAtMs + record.tookMs;
    return {
      ending,
      cause,
      fault: fault?.kind,
      offset: fault?.offset,
      limit,
      noServer,
      route: route?.id,
      connection: attempts.at(-1)?.connection,
      answeredBy,
      attempts: telling
        ? attempts.map((one) => this.#attemptOf(one, layer4 !== undefined, endedMs))
        : undefined,
      // The vendor's row of a connection of layer 4 has no place for these.
      ...(layer4 === undefined
        ? { transactionId: undefined, clientPort: undefined, endedFor: undefined }
        : { transactionId, clientPort, endedFor: layer4.endedFor }),
    };
  }

  #attemptOf(attempt: Attempt, carried: boolean, nowMs: number): WrittenAttempt {
    const { failure, server } = attempt;
    const cause = failure && causeOfFailure(failure, this.#generation, carried);
    const written = writtenAttempt(attempt, cause);
    if (failure?.chain === undefined || this.#chains.isDue(server, failure.chain, nowMs)) return written;
    return { ...written, chain: undefined };
  }
}

/** Who made an error that a server answered, where that is another product than the application. */
function otherProduct({ status, backendError, answeredBy }: ExchangeRecord): AnsweredBy | undefined {
  if (!backendError || answeredBy === undefined) return undefined;
  return makerOf({ status, ...makerFactsOf(answeredBy) }) && answeredBy;
}

/** What most rows of a route end with. */
type UneventfulTexts = Readonly<Record<Attempt["connection"] | "none", string>>;

const uneventfulTexts = new WeakMap<Route, UneventfulTexts>();

function textsOf(route: Route): UneventfulTexts {
  const known = uneventfulTexts.get(route);
  if (known !== undefined) return known;
  const start = `"causeway":{"ending":"--","route":${jsonText(route.id)}`;
  const texts: UneventfulTexts = {
    fresh: `${start},"connection":"fresh"}`,
    reused: `${start},"connection":"reused"}`,
    none: `${start}}`,
  };
  uneventfulTexts.set(route, texts);
  return texts;
}
