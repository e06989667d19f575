import { type ChildProcess, spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

const program = fileURLToPath(new URL("../../../bin/causeway.js", import.meta.url));

/** `causeway run` as a process of its own, with the processes it starts. */
export class RunProcess implements AsyncDisposable {
  readonly #child: ChildProcess;
  readonly #waiting = new Set<() => void>();
  readonly #ended: Promise<number | null>;
  stdout = "";
  stderr = "";

  constructor(words: readonly string[]) {
    this.#child = spawn(process.execPath, [program, "run", ...words], { stdio: ["ignore", "pipe", "pipe"] });
    this.#child.stdout?.setEncoding("utf8").on("data", (text: string) => {
      this.stdout += text;
    });
    this.#child.stderr?.setEncoding("utf8").on("data", (text: string) => {
      this.stderr += text;
      for (const look of this.#waiting) look();
    });
    // A test that is given up must leave nothing behind.
    const kill = (): void => void this.#child.kill("SIGKILL");
    process.once("exit", kill);
    this.#ended = new Promise((resolve) => {
      this.#child.once("close", (code) => {
        process.off("exit", kill);
        resolve(code);
      });
    });
  }

  /** Until it has said so, as often. */
  async said(what: RegExp, times = 1): Promise<void> {
    const all = new RegExp(what, "g");
    await new Promise<void>((resolve, reject) => {
      const look = (): void => {
        if ((this.stderr.match(all) ?? []).length < times) return;
        this.#waiting.delete(look);
        resolve();
      };
      this.#waiting.add(look);
      look();
      void this.#ended.then((code) => reject(new Error(`it ended with ${code}: ${this.stderr}`)));
    });
  }

  /** Ids of the processes it has started (Linux). */
  get children(): readonly number[] {
    const pid = this.#child.pid ?? 0;
    const text = readFileSync(`/proc/${pid}/task/${pid}/children`, "utf8").trim();
    return text === "" ? [] : text.split(" ").map(Number);
  }

  signal(name: NodeJS.Signals): void {
    this.#child.kill(name);
  }

  /** With its exit code; null = by a signal. */
  get ended(): Promise<number | null> {
    return this.#ended;
  }

  end(): Promise<number | null> {
    this.signal("SIGTERM");
    return this.#ended;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#child.exitCode === null) this.signal("SIGKILL");
    await this.#ended;
  }
}

/** Whether there is such a process. */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
