import { rmSync } from "node:fs";
import { access, chmod, constants, realpath, rename, rm, stat, writeFile } from "node:fs/promises";
import { basename, dirname, join } from "node:path";

/**
 * Writes beside the target and renames: whoever reads the target sees the old or the new text, never half of it. A
 * signal takes the unfinished file away. Pipes and devices are written to as they are.
 */
export async function replaceFile(path: string, text: string): Promise<void> {
  const { target, present, unfinished } = await placeOf(path);
  if (present !== undefined && !present.isFile()) return writeFile(target, text);
  const giveUp = (signal: NodeJS.Signals): void => {
    rmSync(unfinished, { force: true });
    process.exit(signal === "SIGINT" ? 130 : 143);
  };
  process.once("SIGINT", giveUp);
  process.once("SIGTERM", giveUp);
  try {
    await writeFile(unfinished, text, { flag: "wx" });
    if (present !== undefined) await chmod(unfinished, present.mode);
    await rename(unfinished, target);
  } catch (error) {
    await rm(unfinished, { force: true });
    throw error;
  } finally {
    process.off("SIGINT", giveUp);
    process.off("SIGTERM", giveUp);
  }
}

/** More than file systems keep beside a file's name. */
const trialBytes = 16 * 1024;

/** Rejects where `replaceFile` would: no such folder, no permission, no room. Leaves nothing behind. */
export async function tryReplacing(path: string): Promise<void> {
  const { target, present, unfinished } = await placeOf(path);
  if (present?.isDirectory()) throw Object.assign(new Error("it is a folder"), { code: "EISDIR" });
  if (present !== undefined && !present.isFile()) return access(target, constants.W_OK);
  try {
    await writeFile(unfinished, Buffer.alloc(trialBytes), { flag: "wx" });
  } finally {
    await rm(unfinished, { force: true });
  }
}

/** Where the file really stands, and what is written before it is put there. */
async function placeOf(path: string) {
  const target = await realpath(path).catch(() => path);
  const present = await stat(target).catch(() => undefined);
  return {
    target,
    present,
    unfinished: join(dirname(target), `.${basename(target)}.${process.pid}.unfinished`),
  };
}
