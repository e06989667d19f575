import type { ChainAsIf } from "../health/probe-chain.ts";
import type { ProbeVerdictKind } from "../health/probe-verdict.ts";
import type { ExchangePlan } from "../model/exchange-plan.ts";
import type { TcpPhase } from "../model/probe-observation.ts";
import { type Constancy, confirmationOf, constancyOf, type OnceHelped } from "./constancy.ts";
import type { Failing, JudgedExchange, Live } from "./live-evidence.ts";

/** The one thing an experiment changes. */
export type ChangedThing =
  /** A whole probe instead of the default one. */
  | "probe"
  | "Host"
  | "TLS name"
  | "path"
  | "protocol"
  | "port"
  | "time-out"
  | "method"
  | "TLS version"
  | "TLS ciphers"
  | "HTTP version"
  | "limit for headers"
  | "address"
  | "DNS server"
  | "backend setting"
  | "idle time"
  | "PROXY header"
  | "credentials"
  | "connection"
  | "upgrade"
  | "moment of asking"
  | "moment of judging"
  | "trusted certificates"
  | "name checked"
  | "accepted statuses"
  | "text in the body";

/** The same answer judged again with one thing of the gateway's rules changed: nothing has to be sent for it. */
export interface Reckoning extends ChainAsIf {
  /** Statuses that count as healthy, as `match.statusCodes`. */
  readonly statuses?: readonly string[];
  /** The body is not looked at. */
  readonly anyBody?: true;
}

/**
 * What proves a cause. `fine`: nothing else is wrong any more. `later`: it got past where it failed. `differs`: it ends
 * otherwise, for causes whose proof is an answer of another kind. `reached`: somebody at the address connects, refuses or
 * resets. `speaks-tls`, `speaks-http`: a handshake was completed, an answer with a status came, whatever is wrong with it.
 */
export type Proof = "fine" | "later" | "differs" | "reached" | "speaks-tls" | "speaks-http";

/** One change that separates a cause from its rivals: if the failure then goes away, the cause is what was wrong. */
export interface Trial {
  readonly what: ChangedThing;
  /** The values, as they are shown to people. */
  readonly from: string;
  readonly to: string;
  /** The failing plan with that one change; the plan itself where only the judging is changed. */
  readonly plan: ExchangePlan;
  readonly reckoning?: Reckoning;
  readonly proof: Proof;
  /** `safe`: GET, HEAD or OPTIONS to a probe path or the URL that was given. Everything else needs `all`. */
  readonly risk: "safe" | "all";
  /** How long it may take; the cheaper is tried first. */
  readonly costMs: number;
}

/** The reverse of a trial: something that goes well, and the change under which the fault must show. */
export interface Provocation {
  readonly from: JudgedExchange;
  readonly trial: Trial;
}

/** An experiment that was made. */
export interface Experiment extends Trial {
  readonly before: JudgedExchange;
  readonly after: JudgedExchange;
  /** The failure went away; of a provocation, it showed. */
  readonly flipped: boolean;
  /** Whether that is what the change does, and not the moment; `by-chance` ones neither prove nor refute. */
  readonly constancy: Constancy;
}

/** What became of one trial; undefined = nobody has sent it yet, or what came back tells nothing. */
export function experimentOf(live: Live, failing: Failing, trial: Trial): Experiment | undefined {
  const after = live.outcome(failing, trial.plan, trial.reckoning);
  if (after === undefined || after.outcome === "undecided" || isAnybodys(trial, after)) return undefined;
  const once = onceHelped(failing, trial, after);
  const constancy = once === undefined ? "constant" : constancyOf(live, once);
  const flipped = once !== undefined && constancy !== "by-chance";
  return { ...trial, before: failing, after, flipped, constancy };
}

/** What is to be sent before this experiment proves anything; undefined = nothing more. */
export function confirmationFor(live: Live, { before, after, ...trial }: Experiment): Trial | undefined {
  const once = onceHelped(before, trial, after);
  return once === undefined || trial.constancy !== "unconfirmed" ? undefined : confirmationOf(live, once);
}

function onceHelped(failing: Failing, trial: Trial, after: JudgedExchange): OnceHelped | undefined {
  const helps = (one: JudgedExchange): boolean => flips(trial.proof, failing, one);
  return helps(after) ? { failing, trial, after, helps } : undefined;
}

/** What leads somewhere else altogether. */
const elsewhere: ReadonlySet<ChangedThing> = new Set([
  "port",
  "address",
  "DNS server",
  "backend setting",
  "Host",
]);

/** A client is let down by 404 no less than before: whoever answers there need not be the application. */
function isAnybodys({ what, proof, plan }: Trial, { outcome, status = 0 }: JudgedExchange): boolean {
  return (
    proof === "fine" &&
    plan.purpose === "request" &&
    outcome === "fine" &&
    status >= 400 &&
    elsewhere.has(what)
  );
}

/** The first of these trials that makes the failure go away. */
export function flipOf(live: Live, failing: Failing, trials: readonly Trial[]): Experiment | undefined {
  for (const trial of trials) {
    const made = experimentOf(live, failing, trial);
    if (made?.flipped) return made;
  }
  return undefined;
}

function flips(proof: Proof, before: JudgedExchange, after: JudgedExchange): boolean {
  if (after.outcome === "fine") return true;
  const { tcp, tls, http } = after.observation;
  if (proof === "fine") return false;
  if (proof === "reached") return isReached(tcp);
  if (proof === "speaks-tls") return tls?.outcome === "established";
  if (proof === "speaks-http") return http?.outcome === "answered";
  const [was, is] = [phaseOf(before.kind), phaseOf(after.kind)];
  return proof === "later" ? is > was : is !== was || before.kind !== after.kind;
}

/** A refusal and a reset come from somebody who was reached. */
export function isReached(tcp: TcpPhase | undefined): boolean {
  return tcp !== undefined && ["connected", "refused", "reset"].includes(tcp.outcome);
}

/** How far an exchange got before it failed. */
export function phaseOf(kind: JudgedExchange["kind"]): number {
  return phases.findIndex((kinds) => kinds.includes(kind));
}

const phases: readonly (readonly (ProbeVerdictKind | "backend-error")[])[] = [
  ["name-unaskable", "name-not-found", "name-without-address", "name-unanswered"],
  ["tcp-refused", "tcp-timed-out", "tcp-unreachable", "tcp-reset", "tcp-not-tried"],
  ["tls-alert", "client-certificate-wanted", "tls-not-tls", "tls-timed-out", "tls-cut", "tls-failed"],
  ["certificate"],
  ["http-timed-out", "http-cut", "http-invalid"],
  ["status", "backend-error"],
  ["body", "body-too-long"],
  ["healthy"],
];
