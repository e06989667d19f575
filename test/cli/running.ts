import type { Io, OutputStream } from "../../src/cli/io.ts";
import { main } from "../../src/cli/main.ts";
import { replaceFile } from "../../src/cli/replace-file.ts";

/** A call of `causeway run` that goes on until it is told to end. */
export class Running {
  readonly #stop = new AbortController();
  readonly #waiting = new Set<() => void>();
  stdout = "";
  stderr = "";
  hangUp: () => void = () => {};
  readonly code: Promise<number>;

  constructor(words: readonly string[]) {
    const stream = (take: (text: string) => void): OutputStream => ({
      isTerminal: false,
      columns: undefined,
      write: async (text) => {
        take(text);
        for (const look of this.#waiting) look();
      },
    });
    const io: Io = {
      stdout: stream((text) => {
        this.stdout += text;
      }),
      stderr: stream((text) => {
        this.stderr += text;
      }),
      stdin: (async function* () {})(),
      env: {},
      now: Date.now,
      replaceFile,
      systemLookup: async () => ({ failed: "ENOTFOUND" }),
      interruptible: (run) => run(this.#stop.signal),
      onHangup: (run) => {
        this.hangUp = run;
        return () => {};
      },
    };
    this.code = main(["run", ...words], io);
  }

  /** Until it has said so. */
  async said(what: RegExp): Promise<void> {
    await new Promise<void>((resolve, reject) => {
      const look = (): void => {
        if (!what.test(this.stderr)) return;
        this.#waiting.delete(look);
        resolve();
      };
      this.#waiting.add(look);
      look();
      void this.code.then((code) => reject(new Error(`it ended with ${code}: ${this.stderr}`)));
    });
  }

  end(): Promise<number> {
    this.#stop.abort();
    return this.code;
  }
}
