/** What a call of the lab says. */
export interface LabOptions {
  /** Part of an id, or a pattern of a regular expression. */
  readonly only: RegExp;
  readonly jobs: number;
  readonly keep: boolean;
  readonly list: boolean;
  readonly write: boolean;
  readonly sample: boolean;
  /** Other proxies in the gateway's place are asked too; with `write` always. */
  readonly peers: boolean;
}

export class LabUsageError extends Error {}

export const usage = `npm run lab -- [--only PATTERN] [--jobs N] [--sample third] [--write] [--peers] [--list] [--keep]

  --only PATTERN   scenarios whose id fits the regular expression
  --jobs N         worlds that stand at the same time; default 6
  --sample third   every third scenario of every family, the first included
  --write          makes the results the committed scoreboard, instead of comparing with it
  --peers          asks nginx, HAProxy and Caddy in the gateway's place too; --write does
  --list           says what there is
  --keep           stops in the broken network of the first scenario, and says how to get a shell there`;

export function labOptions(words: readonly string[]): LabOptions {
  let only = /^/;
  let jobs = 6;
  const flags = { keep: false, list: false, write: false, sample: false, peers: false };
  for (let at = 0; at < words.length; at++) {
    const word = words[at] ?? "";
    const value = (): string => {
      const next = words[++at];
      if (next === undefined) throw new LabUsageError(`${word} wants a value`);
      return next;
    };
    if (word === "--only") only = patternOf(value());
    else if (word === "--jobs") jobs = numberOf(value());
    else if (word === "--sample") {
      if (value() !== "third") throw new LabUsageError("--sample knows only: third");
      flags.sample = true;
    } else if (word === "--keep" || word === "--peers" || word === "--list" || word === "--write") {
      flags[word.slice(2) as "keep" | "list" | "peers" | "write"] = true;
    } else throw new LabUsageError(`unknown option ${word}`);
  }
  return { only, ...flags, jobs: flags.keep ? 1 : jobs, peers: flags.peers || flags.write };
}

function patternOf(text: string): RegExp {
  try {
    return new RegExp(text);
  } catch {
    throw new LabUsageError(`--only takes a regular expression, not "${text}"`);
  }
}

function numberOf(text: string): number {
  const number = Number(text);
  if (Number.isInteger(number) && number >= 1 && number <= 32) return number;
  throw new LabUsageError(`--jobs takes a number from 1 to 32, not "${text}"`);
}
