import { type FSWatcher, watch } from "node:fs";
import { lstat, readdir, realpath, stat } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import { UsageError } from "./exit-codes.ts";

export interface FileWatchOptions {
  /** Files, and folders with everything below them. */
  readonly paths: readonly string[];
  /** Files that are written by this run itself. */
  readonly except: readonly string[];
  /** The files are others than before, and have rested for a moment. Must not reject. */
  readonly onChange: () => Promise<unknown>;
}

/** Files are looked at once nothing has happened for so long: whoever writes them is done by then. */
const restMs = 150;
/** Where the system does not tell of changes, and while a file is missing. */
const lookMs = 1_000;
/** More is not looked at; as when documents are read. */
const mostFiles = 20_000;
const skippedFolders: ReadonlySet<string> = new Set([".git", ".terraform", "node_modules"]);

/**
 * Tells when files have changed. The system says that something happened near them; whether they are really others is told
 * by their size, time and number, so files that are replaced by renaming, or reached by a link that is turned, are seen
 * as well. A path that is missing is waited for: editors take files away for a moment.
 */
export class FileWatch {
  readonly #options: FileWatchOptions;
  readonly #except: ReadonlySet<string>;
  readonly #watchers: FSWatcher[] = [];
  #seen: string | undefined;
  #timer: NodeJS.Timeout | undefined;
  #looking: Promise<void> = Promise.resolve();
  #everySecond = false;
  #closed = false;

  private constructor(options: FileWatchOptions) {
    this.#options = options;
    this.#except = new Set(options.except.map((path) => resolve(path)));
  }

  /** Throws `UsageError` for standard input. */
  static async start(options: FileWatchOptions): Promise<FileWatch> {
    if (options.paths.includes("-")) throw new UsageError("--watch cannot follow standard input");
    const all = new FileWatch(options);
    for (const path of options.paths) await all.#watch(path);
    all.#seen = await all.#signature();
    if (all.#everySecond) all.#lookIn(lookMs);
    return all;
  }

  close(): void {
    this.#closed = true;
    clearTimeout(this.#timer);
    for (const watcher of this.#watchers) watcher.close();
  }

  async #watch(path: string): Promise<void> {
    try {
      const isFolder = (await stat(path)).isDirectory();
      const folder = isFolder ? path : dirname(resolve(path));
      const watcher = watch(folder, { recursive: isFolder }, (_, name) => this.#happened(folder, name));
      watcher.on("error", () => this.#lookAlways());
      this.#watchers.push(watcher);
    } catch {
      this.#lookAlways();
    }
  }

  /** The system does not tell. */
  #lookAlways(): void {
    this.#everySecond = true;
    if (this.#timer === undefined) this.#lookIn(lookMs);
  }

  #happened(folder: string, name: string | null): void {
    if (name !== null && this.#except.has(resolve(folder, name))) return;
    this.#lookIn(restMs);
  }

  #lookIn(ms: number): void {
    if (this.#closed) return;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => {
      this.#timer = undefined;
      this.#looking = this.#looking.then(() => this.#look());
    }, ms);
  }

  async #look(): Promise<void> {
    const seen = await this.#signature();
    const isOther = seen !== undefined && seen !== this.#seen;
    if (isOther && !this.#closed) {
      this.#seen = seen;
      await this.#options.onChange();
    }
    if ((seen === undefined || this.#everySecond) && this.#timer === undefined) this.#lookIn(lookMs);
  }

  /** Equal while nothing has changed; undefined = something is missing. */
  async #signature(): Promise<string | undefined> {
    const lines: string[] = [];
    try {
      for (const path of this.#options.paths) await this.#describe(path, lines, true, new Set());
    } catch {
      return undefined;
    }
    return lines.join("\n");
  }

  async #describe(path: string, lines: string[], named: boolean, above: ReadonlySet<string>): Promise<void> {
    if (lines.length >= mostFiles || (!named && this.#except.has(resolve(path)))) return;
    const found = await stat(path).catch(async (error: unknown) => {
      if (!named && (await lstat(path)).isSymbolicLink()) return undefined;
      throw error;
    });
    if (found === undefined) return;
    if (!found.isDirectory()) {
      lines.push(`${path} ${found.ino} ${found.size} ${found.mtimeMs}`);
      return;
    }
    const real = await realpath(path);
    if (above.has(real)) return;
    const names = (await readdir(path)).filter((name) => !skippedFolders.has(name)).sort();
    for (const name of names) await this.#describe(join(path, name), lines, false, new Set([...above, real]));
  }
}
