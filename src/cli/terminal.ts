import type { TextStyle } from "../report/text/style.ts";
import type { Io } from "./io.ts";
import type { Arguments } from "./options.ts";

const narrowest = 40;
/** Longer lines are hard to read. */
const widest = 110;
const whenPiped = 80;

/** How text is to look where it goes. */
export function textStyleFor({ stdout, env }: Io, args: Arguments): TextStyle {
  const bare = args.flag("no-color") || (env.NO_COLOR ?? "") !== "";
  const toTerminal = stdout.isTerminal && args.text("output") === undefined;
  const columns = toTerminal ? (stdout.columns ?? whenPiped) : whenPiped;
  return {
    width: Math.min(Math.max(columns, narrowest), widest),
    color: toTerminal && !bare && env.TERM !== "dumb",
    unicode: !args.flag("ascii") && writesUtf8(env),
  };
}

/** By the locale, as POSIX orders its variables; Windows Terminal sets none and knows Unicode. */
function writesUtf8(env: Io["env"]): boolean {
  const locale = [env.LC_ALL, env.LC_CTYPE, env.LANG].find((value) => value !== undefined && value !== "");
  if (locale !== undefined) return /utf-?8/i.test(locale);
  return env.WT_SESSION !== undefined;
}
