import { type Command, commands } from "./command-table.ts";
import { exitCodes, UsageError } from "./exit-codes.ts";
import { commandHelp, programHelp } from "./help.ts";
import type { Io } from "./io.ts";
import { parseOptions } from "./options.ts";
import { suggestion } from "./suggestion.ts";
import { version } from "./version.ts";
import { say } from "./write-out.ts";

/** Runs one call of the program and returns its exit code. Never throws. */
export async function main(words: readonly string[], io: Io): Promise<number> {
  try {
    return await dispatch(words, io);
  } catch (error) {
    if (error instanceof UsageError) {
      await say(io, `causeway: ${error.message}`);
      return exitCodes.usage.code;
    }
    await sayFailure(error, words, io);
    return exitCodes.failed.code;
  }
}

async function dispatch(words: readonly string[], io: Io): Promise<number> {
  const [first, ...rest] = words;
  if (
    first === undefined ||
    first === "--help" ||
    first === "-h" ||
    (first === "help" && rest.length === 0)
  ) {
    const text = programHelp(version());
    await (first === undefined ? io.stderr : io.stdout).write(text);
    return first === undefined ? exitCodes.usage.code : exitCodes.fine.code;
  }
  if (first === "--version" || first === "-V") {
    await io.stdout.write(`${version()}\n`);
    return exitCodes.fine.code;
  }
  const command = commandNamed(first === "help" ? (rest[0] ?? "") : first);
  if (first === "help") {
    await io.stdout.write(commandHelp(command));
    return exitCodes.fine.code;
  }
  const args = parseOptions(rest, command.options, `causeway ${command.name} --help`);
  if (args.flag("help")) {
    await io.stdout.write(commandHelp(command));
    return exitCodes.fine.code;
  }
  const run = await command.load();
  return run(args, io);
}

function commandNamed(name: string): Command {
  const command = commands.find((one) => one.name === name);
  if (command !== undefined) return command;
  const names = commands.map((one) => one.name);
  const hint = suggestion(name, names, (word) => `; did you mean ${word}?`);
  throw new UsageError(
    name.startsWith("-")
      ? `unknown option ${name}; see causeway --help`
      : `unknown command ${name}${hint || `; there are ${names.join(", ")}`}`,
  );
}

async function sayFailure(error: unknown, words: readonly string[], io: Io): Promise<void> {
  const message = error instanceof Error ? error.message : String(error);
  await say(io, `causeway: Causeway itself failed: ${message}`);
  if (words.includes("--verbose") || words.includes("-v")) {
    for (const line of (error instanceof Error ? (error.stack ?? "") : "").split("\n")) await say(io, line);
  } else {
    await say(io, "causeway: please report it with the output of --verbose");
  }
}
