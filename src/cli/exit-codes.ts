/** What the exit code says; documented in docs/cli.md from here. */
export const exitCodes = {
  fine: { code: 0, about: "nothing wrong was found" },
  found: { code: 1, about: "a root cause was found, or a route or a server was seen failing" },
  usage: {
    code: 2,
    about: "the input or the usage is wrong; what could be read was diagnosed all the same",
  },
  failed: { code: 3, about: "Causeway itself failed, in a check or as a whole" },
} as const;

/** The call or the input is wrong: one clear line, no stack. */
export class UsageError extends Error {}
