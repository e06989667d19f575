import { UsageError } from "./exit-codes.ts";
import type { Io, OutputStream } from "./io.ts";
import { replaceFile } from "./replace-file.ts";
import { whyNot } from "./write-out.ts";

/** The world as it is. */
export function processIo(): Io {
  return {
    stdout: streamOf(process.stdout),
    stderr: unheard(streamOf(process.stderr)),
    stdin: process.stdin,
    env: process.env,
    now: Date.now,
    replaceFile,
    systemLookup: async (name) => (await import("../probe/system-lookup.ts")).systemLookup(name),
    interruptible: untilInterrupted,
    onInterrupt: (run) => {
      process.on("SIGINT", run).on("SIGTERM", run);
      return () => process.off("SIGINT", run).off("SIGTERM", run);
    },
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

/** Standard output, or what stands for it. */
export function streamOf(stream: NodeJS.WriteStream): OutputStream {
  let gone = false;
  // Whoever writes is told. `… | head` closes the pipe early: that is no failure of ours.
  stream.on("error", ({ code }: NodeJS.ErrnoException) => {
    gone ||= code === "EPIPE";
  });
  return {
    isTerminal: stream.isTTY === true,
    columns: stream.isTTY ? stream.columns : undefined,
    write: (text) =>
      new Promise((resolve, reject) => {
        stream.write(text, (error?: NodeJS.ErrnoException | null) => {
          gone ||= error?.code === "EPIPE";
          if (error && !gone) reject(new UsageError(`cannot write standard output: ${whyNot(error)}`));
          else resolve();
        });
      }),
    isGone: () => gone || stream.destroyed,
  };
}

/** What cannot be said there can be said nowhere. */
function unheard(stream: OutputStream): OutputStream {
  return { ...stream, write: (text) => stream.write(text).catch(() => {}) };
}
