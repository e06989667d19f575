import { plain } from "../report/plain.ts";
import { UsageError } from "./exit-codes.ts";
import type { Io } from "./io.ts";
import type { Arguments } from "./options.ts";

/** Writes the result where the call wants it. */
export async function writeOut(text: string, args: Arguments, io: Io): Promise<void> {
  const path = args.text("output");
  if (path === undefined) return io.stdout.write(text);
  try {
    await io.replaceFile(path, text);
  } catch (error) {
    throw new UsageError(`cannot write ${path}: ${(error as Error).message}`);
  }
}

/** One line on standard error. */
export async function say(io: Io, line: string): Promise<void> {
  await io.stderr.write(`${plain(line)}\n`);
}
