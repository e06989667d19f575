import { writeSync } from "node:fs";
import type { Screen, ScreenEvents } from "./io.ts";

/** Another screen than that of the shell, no cursor, nothing wrapped; and back. */
const enter = "\u001b[?1049h\u001b[?25l\u001b[?7l";
const leave = "\u001b[?7h\u001b[?25h\u001b[?1049l";

const home = "\u001b[H";
const restOfLine = "\u001b[K";
const restOfScreen = "\u001b[J";

/** What a slow line has not taken yet: no more is drawn before. */
const mostWaitingBytes = 64 * 1024;

const usual = { columns: 80, rows: 24 };

/**
 * Takes the terminal over until `close`; however the process ends but by SIGKILL, it is given back. Undefined: standard
 * input or output is no terminal, or one that knows no sequences.
 */
export function openTerminalScreen(events: ScreenEvents): Screen | undefined {
  const { stdin, stdout } = process;
  if (!stdin.isTTY || !stdout.isTTY || process.env.TERM === "dumb") return undefined;
  let open = true;
  const close = (): void => {
    if (!open) return;
    open = false;
    process.off("exit", close).off("uncaughtExceptionMonitor", close).off("SIGHUP", hungUp);
    stdout.off("resize", events.resized);
    stdin.off("data", events.input).off("end", events.gone).off("error", events.gone);
    try {
      stdin.setRawMode(false);
      // At the end of the process there is no later at which a stream would write.
      writeSync(stdout.fd, leave);
    } catch {
      // The terminal is gone: there is nothing to give back.
    }
    stdin.pause();
  };
  const hungUp = (): void => events.gone();
  process.on("exit", close).on("uncaughtExceptionMonitor", close).on("SIGHUP", hungUp);
  stdin.setEncoding("utf8");
  stdin.setRawMode(true);
  stdin.on("data", events.input).on("end", events.gone).on("error", events.gone).resume();
  stdout.on("resize", events.resized);
  stdout.write(enter);
  return {
    size: () => ({ columns: stdout.columns || usual.columns, rows: stdout.rows || usual.rows }),
    draw: (lines) => {
      if (!open || stdout.writableLength > mostWaitingBytes) return;
      stdout.write(`${home}${lines.map((line) => `${line}${restOfLine}`).join("\r\n")}${restOfScreen}`);
    },
    close,
  };
}
