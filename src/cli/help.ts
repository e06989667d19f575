import { columnsOf, wrapped } from "../report/text/width.ts";
import { type Command, commands } from "./command-table.ts";
import { type ExitCode, exitCodes } from "./exit-codes.ts";
import type { Option } from "./options.ts";

const width = 80;

/** The help of the program. */
export function programHelp(version: string): string {
  return [
    `causeway ${version}: why an Azure Application Gateway answers 502`,
    "",
    "Usage: causeway COMMAND [OPTIONS]",
    "",
    ...table(commands.map(({ name, operands, summary }) => [`${name} ${operands}`, summary])),
    "",
    ...table([
      ["--help", "Show this help, or that of a command."],
      ["--version", "Show the version."],
    ]),
    "",
    ...exitLines(Object.values(exitCodes)),
    "",
  ].join("\n");
}

export function commandHelp({ name, operands, summary, about, options, examples, exits }: Command): string {
  return [
    `Usage: causeway ${name} ${operands} [OPTIONS]`,
    "",
    ...wrapped(summary, width),
    ...about.flatMap((text) => ["", ...wrapped(text, width)]),
    "",
    "Options:",
    ...table(options.map((option) => [optionUsage(option), option.about])),
    "",
    "Examples:",
    ...examples.map((example) => `  ${example}`),
    "",
    ...exitLines(exits),
    "",
  ].join("\n");
}

/** `-f, --format FORMAT` */
export function optionUsage({ name, short, value }: Option): string {
  return `${short === undefined ? "    " : `-${short}, `}--${name}${value === undefined ? "" : ` ${value}`}`;
}

function exitLines(exits: readonly ExitCode[]): string[] {
  return ["Exit codes:", ...table(exits.map(({ code, about }) => [String(code), about]))];
}

/** Two columns; the right one wraps. */
function table(rows: readonly (readonly [string, string])[]): string[] {
  const left = Math.min(Math.max(...rows.map(([word]) => columnsOf(word))), 26) + 4;
  return rows.flatMap(([word, about]) => {
    const lines = wrapped(about, width - left);
    const first = `  ${word}`.padEnd(left);
    const fits = columnsOf(`  ${word}`) < left;
    const rest = (fits ? lines.slice(1) : lines).map((line) => `${" ".repeat(left)}${line}`);
    return [fits ? `${first}${lines[0] ?? ""}` : first, ...rest];
  });
}
