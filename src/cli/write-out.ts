import { plain } from "../report/plain.ts";
import { UsageError } from "./exit-codes.ts";
import type { Io } from "./io.ts";
import type { Arguments } from "./options.ts";
import { tryReplacing } from "./replace-file.ts";

/** Writes the result where the call wants it. */
export async function writeOut(text: string, args: Arguments, io: Io): Promise<void> {
  const path = args.text("output");
  return path === undefined ? io.stdout.write(text) : writeFileOut(path, text, io);
}

/** Writes a file as a whole; throws `UsageError` when it cannot. */
export async function writeFileOut(path: string, text: string, io: Io): Promise<void> {
  try {
    await io.replaceFile(path, text);
  } catch (error) {
    throw new UsageError(`cannot write ${path}: ${whyNot(error)}`);
  }
}

/** Throws `UsageError` now rather than when all is done and cannot be written. */
export async function checkWritable(paths: readonly (string | undefined)[]): Promise<void> {
  for (const path of paths) {
    if (path === undefined) continue;
    try {
      await tryReplacing(path);
    } catch (error) {
      throw new UsageError(`cannot write ${path}: ${whyNot(error)}`);
    }
  }
}

const reasons: Readonly<Record<string, string>> = {
  EACCES: "no permission",
  EISDIR: "it is a folder",
  ENOENT: "there is no such folder",
  ENOSPC: "the disk is full",
  ENOTDIR: "there is no such folder",
  EPERM: "no permission",
  EROFS: "the file system is read-only",
};

/** What a refusal of the system to write means. */
export function whyNot(error: unknown): string {
  const { code, message } = error as NodeJS.ErrnoException;
  return (code === undefined ? undefined : reasons[code]) ?? message;
}

/** One line on standard error. */
export async function say(io: Pick<Io, "stderr">, line: string): Promise<void> {
  await io.stderr.write(`${plain(line)}\n`);
}
