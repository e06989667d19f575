import type { CauseId } from "../../diagnosis/cause-ids.ts";
import type { AttemptFailure } from "../../model/attempt.ts";
import type { Generation, Listener } from "../../model/gateway.ts";
import type { NoServerWhy } from "../balance/contract.ts";
import type { Limit } from "../limits/gate.ts";
import { titleOf } from "../pages/titles.ts";
import type { ClientSide } from "./client-side.ts";
import { endingOfFailure } from "./endings.ts";
import type { Ending, RequestFault } from "./exchange-record.ts";
import type { Serving } from "./parts.ts";
import { statusOfFailure } from "./repeat.ts";

/** What the gateway itself answers, and why. */
export interface OwnAnswer {
  readonly status: number;
  readonly ending: Ending;
  /** As the v2 log calls it; undefined = nothing is wrong. */
  readonly errorInfo: string | undefined;
  readonly fault?: RequestFault | undefined;
  readonly noServer?: NoServerWhy | undefined;
  readonly limit?: Limit | undefined;
  /** Whole field lines: where a redirect leads. */
  readonly lines?: string;
  /** The connection cannot go on: nobody knows where the next request begins. */
  readonly close?: boolean;
}

/**
 * To an attempt that failed, when nothing is done again. `answered`: a server answered with a status, so that nothing in the
 * log of Azure would say what was wrong.
 */
export function answerToFailure(
  failure: AttemptFailure,
  generation: Generation,
  answered: boolean,
): OwnAnswer {
  const status = statusOfFailure(failure, generation);
  const unanswered = status === 504 ? "ERRORINFO_UPSTREAM_TIMED_OUT" : "ERRORINFO_UPSTREAM_CLOSED_CONNECTION";
  const errorInfo = answered ? "ERRORINFO_NO_ERROR" : unanswered;
  return { status, ending: endingOfFailure(failure), errorInfo };
}

export interface OwnAnswerContext {
  readonly serving: Serving;
  readonly listener: Listener | undefined;
  readonly transactionId: string;
  readonly cause: CauseId | undefined;
  /** The answer to HEAD has no body. */
  readonly headOnly: boolean;
  /** The rest of the request is not read. */
  readonly last: boolean;
}

/** Sends it whole. */
export function sendOwn(client: ClientSide, answer: OwnAnswer, context: OwnAnswerContext): void {
  const { serving, listener, transactionId, cause, headOnly, last } = context;
  const page = serving.pages.pageFor(listener, answer.status);
  const explained = serving.explainHeader && cause !== undefined ? `X-Causeway-Cause: ${cause}\r\n` : "";
  client.respond({
    status: answer.status,
    reason: titleOf(answer.status),
    lines: `Server: ${serving.pages.server}\r\nDate: ${httpDate()}\r\nContent-Type: ${page.contentType}\r\n${answer.lines ?? ""}${explained}X-Appgw-Trace-Id: ${transactionId}\r\n`,
    body: headOnly ? "none" : "length",
    contentLength: page.body.length,
    last,
  });
  if (!headOnly) client.write(page.body, 0, page.body.length);
  client.finish();
}

let dateSecond = 0;
let dateText = "";

/** One string a second. */
function httpDate(): string {
  const second = Math.floor(Date.now() / 1000);
  if (second !== dateSecond) {
    dateSecond = second;
    dateText = new Date(second * 1000).toUTCString();
  }
  return dateText;
}
