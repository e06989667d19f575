import { type Command, commands } from "../../src/cli/command-table.ts";
import { type ExitCode, exitCodes } from "../../src/cli/exit-codes.ts";
import { optionUsage } from "../../src/cli/help.ts";
import { switchWords } from "../../src/cli/switches.ts";

/** docs/cli.md: the commands, their options, the exit codes. */
export function cliPage(): string {
  return [
    "# The command line",
    "",
    "Written by `npm run generate` from the tables the program itself parses by.",
    "",
    "The result goes to standard output; warnings, and on a terminal a progress line, go to standard error.",
    "",
    ...commands.flatMap(commandPart),
    "## Switches",
    "",
    "Where the vendor's sources disagree, Causeway does not guess silently: `--switch NAME=VALUE` decides.",
    "",
    "| Switch | Values (first: default) | What it decides |",
    "|---|---|---|",
    ...Object.values(switchWords).map(
      ({ name, values, about }) =>
        `| \`${name}\` | ${values.map((value) => `\`${value}\``).join(", ")} | ${about} |`,
    ),
    "",
    "## Exit codes",
    "",
    "In general; what they say of one command stands there.",
    "",
    ...exitTable(Object.values(exitCodes)),
    "",
    "## Environment",
    "",
    "| Variable | Effect |",
    "|---|---|",
    "| `NO_COLOR` | Not empty: as `--no-color` |",
    "| `LC_ALL`, `LC_CTYPE`, `LANG` | The first that is set and names UTF-8 allows signs beyond ASCII |",
    "",
  ].join("\n");
}

function commandPart({ name, operands, summary, about, options, examples, exits }: Command): string[] {
  return [
    `## causeway ${name}`,
    "",
    `    causeway ${name} ${operands} [OPTIONS]`,
    "",
    summary,
    "",
    ...about.flatMap((text) => [text, ""]),
    "| Option | |",
    "|---|---|",
    ...options.map(
      (option) => `| \`${optionUsage(option).trim()}\` | ${option.about.replaceAll("|", "\\|")} |`,
    ),
    "",
    "```sh",
    ...examples,
    "```",
    "",
    ...exitTable(exits),
    "",
  ];
}

function exitTable(exits: readonly ExitCode[]): string[] {
  return ["| Exit code | |", "|---|---|", ...exits.map(({ code, about }) => `| ${code} | ${about} |`)];
}
