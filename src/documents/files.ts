import { createReadStream } from "node:fs";
import { lstat, readdir, realpath, stat } from "node:fs/promises";
import { join } from "node:path";
import type { DocumentFailure, DocumentInput, DocumentSet } from "./document-set.ts";
import { type ReadOptions, readDocuments } from "./read-documents.ts";

/** Folders that hold tools and history, never exports. */
const skippedFolders = new Set([".git", ".terraform", "node_modules"]);

/** More than any export; stops a walk that was started on a whole disk by mistake. */
const mostFiles = 20_000;

export interface FoundFiles {
  readonly inputs: readonly DocumentInput[];
  /** Paths that cannot be read, and folders that hold too much. */
  readonly failures: readonly DocumentFailure[];
}

/** Finds and reads everything behind the paths. */
export async function readFiles(
  paths: readonly string[],
  standardInput: AsyncIterable<Uint8Array>,
  options: ReadOptions = {},
): Promise<DocumentSet> {
  const { inputs, failures } = await findFiles(paths, standardInput);
  const set = await readDocuments(inputs, options);
  return { ...set, failures: [...failures, ...set.failures] };
}

/**
 * The documents behind paths: files, folders with everything below them, and `-` for standard input. Sorted by name
 * within a folder, so that the same input is always read in the same order. Links that lead in circles end the way.
 */
export async function findFiles(
  paths: readonly string[],
  standardInput: AsyncIterable<Uint8Array>,
): Promise<FoundFiles> {
  const walk = new Walk();
  for (const path of new Set(paths)) {
    if (path === "-") walk.inputs.push({ name: "-", open: () => standardInput });
    else await walk.visit(path);
  }
  return walk;
}

class Walk implements FoundFiles {
  readonly inputs: DocumentInput[] = [];
  readonly failures: DocumentFailure[] = [];
  private readonly seenFolders = new Set<string>();
  private readonly seenFiles = new Set<string>();
  private isFull = false;

  /** A path the user named: it has to be there. */
  async visit(path: string): Promise<void> {
    try {
      const { isFolder } = await kindOf(path);
      if (isFolder) await this.visitFolder(path);
      else await this.addFile(path);
    } catch (error) {
      this.fail(path, error);
    }
  }

  private async visitFolder(path: string): Promise<void> {
    const real = await realpath(path);
    if (this.seenFolders.has(real)) return;
    this.seenFolders.add(real);
    const entries = await readdir(path, { withFileTypes: true });
    for (const entry of entries.sort((a, b) => (a.name < b.name ? -1 : 1))) {
      if (this.isFull) return;
      const inner = join(path, entry.name);
      try {
        const { isFolder, isFile } = entry.isSymbolicLink()
          ? await kindOf(inner)
          : { isFolder: entry.isDirectory(), isFile: entry.isFile() };
        if (isFolder && !skippedFolders.has(entry.name)) await this.visitFolder(inner);
        else if (isFile) await this.addFile(inner);
      } catch (error) {
        // A link that leads nowhere is no document; a folder without permission may hold some.
        if ((await lstat(inner)).isSymbolicLink()) continue;
        this.fail(inner, error);
      }
    }
  }

  private async addFile(path: string): Promise<void> {
    const real = await realpath(path);
    if (this.seenFiles.has(real)) return;
    this.seenFiles.add(real);
    if (this.inputs.length >= mostFiles) {
      this.isFull = true;
      const expected = `at most ${mostFiles} files`;
      const message = `${path}: more than ${mostFiles} files; name the folder that holds the exports`;
      this.failures.push({ path, expected, message });
      return;
    }
    this.inputs.push({ name: path, open: () => createReadStream(path, { highWaterMark: 256 * 1024 }) });
  }

  private fail(path: string, error: unknown): void {
    const code = (error as NodeJS.ErrnoException).code;
    const missing = code === "ENOENT" || code === "ENOTDIR";
    const expected = missing ? "a file or folder that exists" : "a file or folder that may be read";
    const reason = missing
      ? "there is no such file or folder"
      : `it cannot be read (${code ?? "unknown reason"})`;
    this.failures.push({ path, expected, message: `${path}: ${reason}` });
  }
}

async function kindOf(path: string): Promise<{ isFolder: boolean; isFile: boolean }> {
  const found = await stat(path);
  // Pipes such as `<(az …)` are read like files when they are named outright.
  return { isFolder: found.isDirectory(), isFile: found.isFile() };
}
