import { UsageError } from "./exit-codes.ts";
import type { Arguments } from "./options.ts";

/** When a watch ends by itself; undefined = it does not. */
export interface WatchLimits {
  readonly forMs: number | undefined;
  readonly rounds: number | undefined;
}

/** A week. Timers take no more than 24 days. */
const longestS = 604_800;
const mostRounds = 1_000_000;

/** Undefined without `--watch`; throws `UsageError` on options that do not go together. */
export function watchLimits(args: Arguments): WatchLimits | undefined {
  const seconds = wholeNumber(args, "for", longestS);
  const rounds = wholeNumber(args, "rounds", mostRounds);
  if (!args.flag("watch")) {
    const alone = seconds !== undefined ? "for" : rounds !== undefined ? "rounds" : undefined;
    if (alone !== undefined) throw new UsageError(`--${alone} goes with --watch`);
    return undefined;
  }
  if (args.text("output") !== undefined) {
    throw new UsageError("--watch writes as it goes, so not with --output; redirect its output: > FILE");
  }
  return { forMs: seconds === undefined ? undefined : seconds * 1000, rounds };
}

function wholeNumber(args: Arguments, name: string, most: number): number | undefined {
  const text = args.text(name);
  if (text === undefined) return undefined;
  const value = /^\d{1,9}$/.test(text) ? Number(text) : 0;
  if (value >= 1 && value <= most) return value;
  throw new UsageError(`--${name} takes a whole number from 1 to ${most}, not "${text}"`);
}
