import type { Generation } from "../model/gateway.ts";
import type { HttpPhase, ProbeObservation } from "../model/probe-observation.ts";
import { type AnswerMaker, makerOf, productWords } from "./answer-maker.ts";
import { faultBeforeHttp, faultOfHttp, type PhaseFault, type PhaseFaultKind } from "./phase-faults.ts";
import type { JudgedChain } from "./probe-chain.ts";

export type RequestVerdictKind = PhaseFaultKind | "answered";

/** What comes of a client's request that the gateway sends on like this. */
export interface RequestVerdict {
  /** `answered`: the client gets what the server answers, whatever its status. */
  readonly outcome: "answered" | "failed" | "undecided";
  readonly kind: RequestVerdictKind;
  /** What the client gets; null = not known. */
  readonly clientStatus: number | null;
  /** Who makes that answer; undefined = not known. */
  readonly madeBy: "backend" | "gateway" | undefined;
  /** The product whose own error the server's answer is: a proxy that stands at the server's place, or its web server. */
  readonly maker: AnswerMaker | undefined;
  /** One sentence. */
  readonly says: string;
}

/**
 * What the gateway makes of a live request that went like this (request-handling.md §7, §9): the first phase that fails
 * decides. `chain` is undefined when there was no certificate to judge. `allowedMs` is how long the gateway waits for an
 * answer, where the exchange was sent under a longer time.
 */
export function verdictOfRequest(
  generation: Generation,
  observation: ProbeObservation,
  chain: JudgedChain | undefined,
  allowedMs: number = observation.sent.timeoutMs,
): RequestVerdict {
  const { http, sent } = observation;
  const early = faultBeforeHttp(observation, chain);
  if (early !== undefined) return ofFault(early, earlyStatus(generation, early));
  if (http === undefined) {
    return failed("undecided", "tcp-not-tried", null, "Nothing was asked: layer 4 has no requests.");
  }
  const late = (http.firstByteMs ?? 0) > allowedMs + (sent.manner.afterIdleMs ?? 0);
  const asSeen = late ? unseen(http) : http;
  if (asSeen.outcome === "timed-out-midway" && asSeen.status !== undefined) return ofBegun(asSeen.status);
  const fault = faultOfHttp(asSeen, allowedMs / 1000);
  if (fault !== undefined) return ofFault(fault, httpStatus(generation, fault, asSeen));
  return ofAnswer(http);
}

/** What whoever had given up before its first byte would have seen. */
function unseen(http: HttpPhase): HttpPhase {
  return { ...http, outcome: "timed-out-before-first-byte", status: undefined };
}

/** The time-out is for the wait until the server answers: one that has begun may be a stream, which is to go on. */
function ofBegun(status: number): RequestVerdict {
  const says = `The server begins an answer of ${status} in time and has not ended it when the time is over.`;
  return failed("undecided", "http-timed-out", null, says);
}

function ofFault({ decided, kind, says }: PhaseFault, clientStatus: number | null): RequestVerdict {
  return decided ? failed("failed", kind, clientStatus, says) : failed("undecided", kind, null, says);
}

function failed(
  outcome: "failed" | "undecided",
  kind: RequestVerdictKind,
  clientStatus: number | null,
  says: string,
): RequestVerdict {
  const madeBy = clientStatus === null ? undefined : "gateway";
  return { outcome, kind, clientStatus, madeBy, maker: undefined, says };
}

/**
 * v2 answers 504 when it waits in vain for an answer; whether also for a connection is not documented, and where the probe
 * meets the same silence it is 502 for want of a healthy server.
 */
function earlyStatus(generation: Generation, { kind }: PhaseFault): number | null {
  const silent = kind === "tcp-timed-out" || kind === "tls-timed-out";
  return silent && generation === "v2" ? null : 502;
}

/** Once the head of an answer has come, it may have reached the client already. */
function httpStatus(generation: Generation, { kind }: PhaseFault, { status }: HttpPhase): number | null {
  if (status !== undefined) return null;
  return kind === "http-timed-out" && generation === "v2" ? 504 : 502;
}

function ofAnswer(http: HttpPhase): RequestVerdict {
  const { status = 0, extraBytes } = http;
  if ((status === 204 || status === 304) && extraBytes > 0) {
    const says = `The server answers ${status}, which has no body, and sends ${extraBytes} ${extraBytes === 1 ? "byte" : "bytes"} behind it: gateways were seen to answer 502 to that.`;
    return failed("undecided", "http-invalid", null, says);
  }
  const maker = makerOf(http);
  return {
    outcome: "answered",
    kind: "answered",
    clientStatus: status,
    madeBy: "backend",
    maker,
    says: `The server answers ${status}${makerWords(maker)}.`,
  };
}

function makerWords(maker: AnswerMaker | undefined): string {
  if (maker === undefined) return "";
  const { product, by } = maker;
  if (by === "page") return `, with the error page of ${productWords(product)}`;
  if (by === "via") return ", which came through a proxy behind the gateway";
  return `, and names ${productWords(product)} as the one who says so`;
}
