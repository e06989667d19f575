import { rmSync } from "node:fs";
import { chmod, realpath, rename, rm, stat, writeFile } from "node:fs/promises";
import { basename, dirname, join } from "node:path";

/**
 * Writes beside the target and renames: whoever reads the target sees the old or the new text, never half of it. A
 * signal takes the unfinished file away. Pipes and devices are written to as they are.
 */
export async function replaceFile(path: string, text: string): Promise<void> {
  const target = await realpath(path).catch(() => path);
  const present = await stat(target).catch(() => undefined);
  if (present !== undefined && !present.isFile()) return writeFile(target, text);
  const unfinished = join(dirname(target), `.${basename(target)}.${process.pid}.unfinished`);
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
