import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Io, OutputStream } from "../../src/cli/io.ts";
import { main } from "../../src/cli/main.ts";
import { replaceFile } from "../../src/cli/replace-file.ts";

export interface Surroundings {
  readonly stdin?: string;
  readonly env?: Io["env"];
  /** Columns of the terminal; undefined = piped. */
  readonly columns?: number;
  readonly errorsToTerminal?: boolean;
  /** Standard output is closed by its reader once it holds so many lines. */
  readonly readerTakesLines?: number;
  /** What this machine's resolver says; unless given, that no name exists. */
  readonly systemLookup?: Io["systemLookup"];
  /** Aborted = the user presses Ctrl-C. */
  readonly interruption?: AbortSignal;
  /** The terminal that is taken over; unless given, there is none. */
  readonly openScreen?: Io["openScreen"];
  /** A clock that is broken: a fault that no input can be blamed for. */
  readonly now?: Io["now"];
}

export interface Outcome {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** One call of the program, in this process. */
export async function runCli(words: readonly string[], around: Surroundings = {}): Promise<Outcome> {
  let stdout = "";
  let stderr = "";
  const stream = (columns: number | undefined, take: (text: string) => void): OutputStream => ({
    isTerminal: columns !== undefined,
    columns,
    write: async (text) => take(text),
  });
  const io: Io = {
    stdout: {
      ...stream(around.columns, (text) => {
        stdout += text;
      }),
      isGone: () => stdout.split("\n").length > (around.readerTakesLines ?? Number.POSITIVE_INFINITY),
    },
    stderr: stream(around.errorsToTerminal ? 80 : undefined, (text) => {
      stderr += text;
    }),
    stdin: bytes(around.stdin ?? ""),
    env: around.env ?? { LANG: "C.UTF-8" },
    now: around.now ?? (() => Date.UTC(2026, 5, 1)),
    replaceFile,
    systemLookup: around.systemLookup ?? (async () => ({ failed: "ENOTFOUND" })),
    interruptible: (run) => run(around.interruption ?? new AbortController().signal),
    openScreen: around.openScreen,
  };
  const code = await main(words, io);
  return { code, stdout, stderr };
}

async function* bytes(text: string): AsyncIterable<Uint8Array> {
  yield Buffer.from(text, "utf8");
}

/** A folder with these files, gone after the test: `using folder = folderWith(…)`. */
export function folderWith(files: Readonly<Record<string, unknown>>): Disposable & { readonly path: string } {
  const path = mkdtempSync(join(tmpdir(), "causeway-cli-"));
  for (const [name, content] of Object.entries(files)) {
    writeFileSync(join(path, name), typeof content === "string" ? content : JSON.stringify(content));
  }
  return { path, [Symbol.dispose]: () => rmSync(path, { recursive: true, force: true }) };
}
