/** What a command ends with, and what that says of its call. */
export interface ExitCode {
  readonly code: number;
  readonly about: string;
}

/** What the exit codes say in general; each command tells in its help which of them it has. */
export const exitCodes = {
  fine: { code: 0, about: "nothing wrong was found" },
  found: { code: 1, about: "a root cause was found, or a route or a server was seen failing" },
  usage: {
    code: 2,
    about: "the input or the usage is wrong; what could be read was diagnosed all the same",
  },
  failed: { code: 3, about: "Causeway itself failed, in a check or as a whole" },
  /** As shells count a process that Ctrl-C ended: 128 + SIGINT. */
  interrupted: { code: 130, about: "Ctrl-C ended it; what was seen until then is told" },
} as const satisfies Readonly<Record<string, ExitCode>>;

/** A code as one command means it. */
export function meaning(one: ExitCode, about: string): ExitCode {
  return { code: one.code, about };
}

/** Of commands that only read and write. */
export const exitsOfWriting: readonly ExitCode[] = [
  meaning(exitCodes.fine, "it was written"),
  meaning(exitCodes.usage, "the usage is wrong, or nothing fits the words"),
  meaning(exitCodes.failed, "Causeway itself failed"),
];

/** The call or the input is wrong: one clear line, no stack. */
export class UsageError extends Error {}
