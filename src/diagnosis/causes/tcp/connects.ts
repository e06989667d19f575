import type { Server } from "../../../routing/routes.ts";
import { isReached } from "../../experiment.ts";
import type { Evidence } from "../../finding.ts";
import type { Failing, Live, LiveExchangeSeen } from "../../live-evidence.ts";
import { evidence } from "../../statements.ts";

/** One attempt to connect to a server, whatever was to be asked then. */
export interface Connect extends LiveExchangeSeen {
  /** As it was planned: of a server that is mapped, its own. */
  readonly port: number;
  readonly address: string;
  /** `late`: only once the first packet had been repeated, a second after it. */
  readonly end: "prompt" | "late" | "silent" | "refused" | "reset" | "other";
  readonly tookMs: number;
}

/** Systems repeat the first packet of a connection after a second (RFC 6298 §2); a little less, for their clocks. */
const repeatedAfterMs = 950;

/** Every attempt to connect to a server's own address, in order. */
export function connectsTo(live: Live, server: Server): readonly Connect[] {
  return live.sentTo(server).flatMap(({ source, observation }): Connect[] => {
    const { tcp, sent } = observation;
    if (tcp === undefined || sent.manner.connectTo !== undefined) return [];
    const { address, tookMs } = tcp;
    return [{ source, observation, port: sent.port, address, tookMs, end: endOf(tcp.outcome, tookMs) }];
  });
}

function endOf(outcome: string, tookMs: number): Connect["end"] {
  switch (outcome) {
    case "connected":
      return tookMs < repeatedAfterMs ? "prompt" : "late";
    case "timed-out":
      // A silence shorter than this tells nothing: not even the first repetition was waited for.
      return tookMs < repeatedAfterMs ? "other" : "silent";
    case "refused":
    case "reset":
      return outcome;
    default:
      return "other";
  }
}

/** Somebody at the server's address spoke, on whatever port. */
export function isAnswered({ observation }: Connect): boolean {
  return isReached(observation.tcp);
}

/** A request whose server says nothing to its probe on the same port either: trying for one of the two is enough. */
export function isSilentToProbe(live: Live, { plan, server }: Failing): boolean {
  const probe = live.probe(server);
  return plan.purpose === "request" && probe?.kind === "tcp-timed-out" && probe.plan.port === plan.port;
}

export function connectEvidence({ port, address, end, tookMs, source, observation }: Connect): Evidence {
  const at = new Date(observation.startedAtMs).toISOString().replace(/\.\d+Z$/, "Z");
  const how = {
    prompt: `connects within ${Math.ceil(tookMs)} ms`,
    late: `connects only after ${(tookMs / 1000).toFixed(1)} s`,
    silent: `says nothing for ${(tookMs / 1000).toFixed(1)} s`,
    refused: "refuses at once",
    reset: "resets the connection",
    other: "was not reached",
  }[end];
  return evidence(`at ${at} ${address} ${how} on port ${port}`, source);
}
