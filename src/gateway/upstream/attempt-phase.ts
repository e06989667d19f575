import type { FailureKind, Fault } from "./failures.ts";

/** Where an attempt is on its way (docs/gateway-phases.md, phases 6 to 12). */
export type AttemptPhase = "queued" | "name" | "connect" | "tls" | "wait" | "relay" | "tunnel" | "over";

const timeoutKinds: Readonly<Record<AttemptPhase, FailureKind>> = {
  queued: "connect-timeout",
  name: "dns",
  connect: "connect-timeout",
  tls: "tls-timeout",
  wait: "response-timeout",
  relay: "relay-timeout",
  tunnel: "relay-timeout",
  over: "aborted",
};

/** What a time-out is called that ran out in this phase. */
export function timeoutFault(phase: AttemptPhase): Fault {
  return { kind: timeoutKinds[phase], detail: phase === "name" ? "timeout" : undefined };
}
