import type { Attempt } from "../../model/attempt.ts";

/** What the row says of servers; several attempts stand as a list, in order. */
export interface ServerFields {
  readonly routed: string;
  /** `-` in a list where a server sent none. */
  readonly status: string;
  /** Seconds from the request to the first byte, or to the end where none came. */
  readonly latency: string;
}

const nothingRouted: ServerFields = { routed: "", status: "", latency: "0" };

export function serverFields(attempts: readonly Attempt[]): ServerFields {
  const [first] = attempts;
  if (first === undefined) return nothingRouted;
  if (attempts.length === 1) {
    return {
      routed: first.server,
      status: first.status === undefined ? "" : `${first.status}`,
      latency: latencyOf(first),
    };
  }
  return {
    routed: attempts.map(({ server }) => server).join(", "),
    status: attempts.map(({ status }) => status ?? "-").join(", "),
    latency: attempts.map(latencyOf).join(", "),
  };
}

function latencyOf({ startedMs, sentMs, firstByteMs, endedMs }: Attempt): string {
  return secondsText((firstByteMs ?? endedMs) - (sentMs ?? startedMs));
}

/** Milliseconds as seconds with three places. */
export function secondsText(ms: number): string {
  const whole = Math.round(ms);
  if (whole <= 0) return "0";
  return shortTimes[whole] ?? `${whole / 1000}`;
}

/** Fractions take V8 long to write, and most times are short. */
const shortTimes = Array.from({ length: 1000 }, (_, ms) => `${ms / 1000}`);
