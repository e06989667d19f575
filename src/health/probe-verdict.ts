import type { HttpPhase, ProbeObservation } from "../model/probe-observation.ts";
import type { HealthMessageKey } from "./message.ts";
import { faultBeforeHttp, faultOfHttp, type PhaseFault, type PhaseFaultKind } from "./phase-faults.ts";
import type { JudgedChain } from "./probe-chain.ts";
import type { ProbePlan } from "./probe-plan.ts";
import { formatStatusRanges, statusMatches } from "./status-match.ts";

/** What a probe came to. */
export type ProbeVerdictKind =
  | PhaseFaultKind
  | "healthy"
  | "status"
  | "body"
  /** The text was not in the part of the body that was read. */
  | "body-too-long";

export interface ProbeVerdict {
  /** `undecided`: what was seen from here does not tell what the gateway would make of it. */
  readonly outcome: "healthy" | "unhealthy" | "undecided";
  readonly kind: ProbeVerdictKind;
  /**
   * Which messages backend health would show for it (health-probes.md §8), the likeliest first: the vendor's text for
   * some faults varies. Empty = none is documented.
   */
  readonly messages: readonly HealthMessageKey[];
  /** What it really is, in one sentence. */
  readonly says: string;
}

/**
 * What the gateway makes of a probe that went like this (health-probes.md §4, §5): the first phase that fails decides.
 * `chain` is undefined when there was no certificate to judge.
 */
export function verdictOfProbe(
  plan: ProbePlan,
  observation: ProbeObservation,
  chain: JudgedChain | undefined,
): ProbeVerdict {
  const { tls, http } = observation;
  const fault =
    faultBeforeHttp(observation, chain) ??
    (http === undefined ? undefined : faultOfHttp(http, plan.timeoutS));
  if (fault !== undefined) return ofFault(plan.proxyHeader ? asHeaderRefused(fault, observation) : fault);
  if (http?.status !== undefined) return ofAnswer(plan, http, http.status);
  const spoken = tls === undefined ? "takes connections" : "takes connections and speaks TLS";
  return healthy(`The server ${spoken}, which is all that a probe of layer 4 asks for.`);
}

function ofFault({ decided, kind, messages, says }: PhaseFault): ProbeVerdict {
  return decided ? unhealthy(kind, messages, says) : undecided(kind, says);
}

/** What comes of a PROXY protocol header that is taken for the beginning of a handshake. */
const headerRefused: ReadonlySet<PhaseFaultKind> = new Set([
  "tls-not-tls",
  "tls-cut",
  "tls-failed",
  "tls-timed-out",
]);

/** Alerts of a server that cannot read what came as a handshake (RFC 8446 §6.2). */
const unreadable: ReadonlySet<string> = new Set(["unexpected_message", "decode_error", "protocol_version"]);

/** After a PROXY protocol header the report speaks of that header before it speaks of TLS (health-probes.md §8). */
function asHeaderRefused(fault: PhaseFault, { tls }: ProbeObservation): PhaseFault {
  const alerted = fault.kind === "tls-alert" && unreadable.has(tls?.alert ?? "");
  if (!alerted && !headerRefused.has(fault.kind)) return fault;
  return { ...fault, messages: ["proxy-proto", ...fault.messages] };
}

function healthy(says: string): ProbeVerdict {
  return { outcome: "healthy", kind: "healthy", messages: ["ok"], says };
}

function unhealthy(
  kind: ProbeVerdictKind,
  messages: readonly HealthMessageKey[],
  says: string,
): ProbeVerdict {
  return { outcome: "unhealthy", kind, messages, says };
}

function undecided(kind: ProbeVerdictKind, says: string): ProbeVerdict {
  return { outcome: "undecided", kind, messages: [], says };
}

function ofAnswer(plan: ProbePlan, http: HttpPhase, status: number): ProbeVerdict {
  const wanted = formatStatusRanges(plan.healthyStatuses.value);
  if (!statusMatches(plan.healthyStatuses.value, status)) {
    return unhealthy("status", ["status"], `The server answers ${status}, and the probe takes ${wanted}.`);
  }
  const text = plan.healthyBody.value;
  if (text === undefined || text === "") {
    return healthy(`The server answers ${status}, and the probe takes ${wanted}.`);
  }
  if (http.bodyHolds) return healthy(`The server answers ${status} with the text the probe looks for.`);
  const lacking = `The server answers ${status}, but the text the probe looks for is not in`;
  if (http.bodyHolds === undefined) {
    return undecided("body-too-long", `${lacking} the part of its body that was read.`);
  }
  return unhealthy("body", ["body"], `${lacking} its body.`);
}
