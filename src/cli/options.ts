import { parseArgs } from "node:util";
import type { PlainArguments } from "../gateway/workers/messages.ts";
import { UsageError } from "./exit-codes.ts";
import { suggestion } from "./suggestion.ts";

/** One option; parsing, help and docs/cli.md all come from these. */
export interface Option {
  readonly name: string;
  readonly short?: string;
  /** What stands for the value in the help; undefined = a flag. */
  readonly value?: string;
  /** The values it takes, when they are few. */
  readonly values?: readonly string[];
  readonly multiple?: true;
  readonly about: string;
}

const formatOption: Option = {
  name: "format",
  short: "f",
  value: "FORMAT",
  values: ["text", "json", "markdown"],
  about: "How to write it: text (default), json or markdown.",
};

/** Of every command, however it writes. */
export const sharedOptions: readonly Option[] = [
  {
    name: "output",
    short: "o",
    value: "FILE",
    about: "Write to FILE instead of standard output; the file appears whole or not at all.",
  },
  {
    name: "no-color",
    about: "No colour; so does a NO_COLOR in the environment.",
  },
  {
    name: "ascii",
    about: "No signs beyond ASCII; so does a locale that is not UTF-8.",
  },
  { name: "quiet", short: "q", about: "Only what matters most." },
  { name: "verbose", short: "v", about: "Everything, however long; after a failure also where it happened." },
  { name: "help", short: "h", about: "Show this help." },
];

export const commonOptions: readonly Option[] = [formatOption, ...sharedOptions];

/** The options of one call, looked up by name. */
export class Arguments {
  readonly positionals: readonly string[];
  private readonly values: Readonly<Record<string, unknown>>;

  constructor(positionals: readonly string[], values: Readonly<Record<string, unknown>>) {
    this.positionals = positionals;
    this.values = values;
  }

  /** The same options with other words beside them. */
  withPositionals(positionals: readonly string[]): Arguments {
    return new Arguments(positionals, this.values);
  }

  static from({ positionals, values }: PlainArguments): Arguments {
    return new Arguments(positionals, values);
  }

  /** As plain data, of which `from` makes the same. */
  plain(): PlainArguments {
    return { positionals: this.positionals, values: { ...this.values } };
  }

  flag(name: string): boolean {
    return this.values[name] === true;
  }

  text(name: string): string | undefined {
    const value = this.values[name];
    return typeof value === "string" ? value : undefined;
  }

  list(name: string): readonly string[] {
    const value = this.values[name];
    return Array.isArray(value) ? value.map(String) : [];
  }
}

/** Reads the words of a call by an options table. Throws `UsageError` with one line that says what to do. */
export function parseOptions(words: readonly string[], options: readonly Option[], help: string): Arguments {
  try {
    const { values, positionals } = parseArgs({
      args: [...words],
      allowPositionals: true,
      strict: true,
      options: Object.fromEntries(options.map(({ name, ...option }) => [name, parseOption(option)])),
    });
    const parsed = new Arguments(positionals, values);
    for (const option of options) checkValue(option, parsed);
    return parsed;
  } catch (error) {
    if (error instanceof UsageError) throw error;
    throw new UsageError(describe(error as NodeJS.ErrnoException, options, help));
  }
}

function parseOption({ short, value, multiple }: Omit<Option, "name">) {
  return {
    type: value === undefined ? ("boolean" as const) : ("string" as const),
    ...(short === undefined ? {} : { short }),
    ...(multiple === undefined ? {} : { multiple }),
  };
}

function checkValue({ name, values }: Option, parsed: Arguments): void {
  const value = parsed.text(name);
  if (values === undefined || value === undefined || values.includes(value)) return;
  throw new UsageError(
    `--${name} takes ${values.join(", ")}, not "${value}"${suggestion(value, values, (word) => `; did you mean ${word}?`)}`,
  );
}

function describe(error: NodeJS.ErrnoException, options: readonly Option[], help: string): string {
  const see = `; see ${help}`;
  const named = /'(-[^'\s,]*)/.exec(error.message)?.[1];
  if (error.code === "ERR_PARSE_ARGS_UNKNOWN_OPTION") {
    const written = named ?? "";
    const names = options.map(({ name }) => `--${name}`);
    return `unknown option ${written}${suggestion(written, names, (word) => `; did you mean ${word}?`)}${see}`;
  }
  const option = options.find(({ name, short }) => named === `--${name}` || named === `-${short}`);
  if (option !== undefined && option.value === undefined) return `--${option.name} takes no value${see}`;
  if (option !== undefined) return `--${option.name} needs a value: --${option.name} ${option.value}${see}`;
  return `${error.message}${see}`;
}
