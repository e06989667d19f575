import type { Io, OutputStream } from "./io.ts";
import { replaceFile } from "./replace-file.ts";

/** The world as it is. */
export function processIo(): Io {
  return {
    stdout: streamOf(process.stdout),
    stderr: streamOf(process.stderr),
    stdin: process.stdin,
    env: process.env,
    now: Date.now,
    replaceFile,
    systemLookup: async (name) => (await import("../probe/system-lookup.ts")).systemLookup(name),
    interruptible: untilInterrupted,
    onHangup: (run) => {
      process.on("SIGHUP", run);
      return () => process.off("SIGHUP", run);
    },
    openScreen: async (events) => (await import("./terminal-screen.ts")).openTerminalScreen(events),
  };
}

async function untilInterrupted<T>(run: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const controller = new AbortController();
  const interrupt = (): void => controller.abort();
  process.once("SIGINT", interrupt);
  process.once("SIGTERM", interrupt);
  try {
    return await run(controller.signal);
  } finally {
    process.off("SIGINT", interrupt);
    process.off("SIGTERM", interrupt);
  }
}

function streamOf(stream: NodeJS.WriteStream): OutputStream {
  let gone = false;
  // `… | head` closes the pipe early: that is no failure of ours.
  stream.on("error", (error: NodeJS.ErrnoException) => {
    if (error.code !== "EPIPE") throw error;
    gone = true;
  });
  return {
    isTerminal: stream.isTTY === true,
    columns: stream.isTTY ? stream.columns : undefined,
    write: (text) =>
      new Promise((resolve) => {
        stream.write(text, () => resolve());
      }),
    isGone: () => gone || stream.destroyed,
  };
}
