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
  };
}

function streamOf(stream: NodeJS.WriteStream): OutputStream {
  // `… | head` closes the pipe early: that is no failure of ours.
  stream.on("error", (error: NodeJS.ErrnoException) => {
    if (error.code !== "EPIPE") throw error;
  });
  return {
    isTerminal: stream.isTTY === true,
    columns: stream.isTTY ? stream.columns : undefined,
    write: (text) =>
      new Promise((resolve) => {
        stream.write(text, () => resolve());
      }),
  };
}
