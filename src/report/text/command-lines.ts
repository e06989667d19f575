import { columnsOf } from "./width.ts";

/** How a shell goes on in the next line. */
export type Continuation = "\\" | "`";

/**
 * A command broken before options so that it fits, with the shell's own continuation: it can be pasted as it stands.
 * A word that does not fit is never broken.
 */
export function commandLines(command: string, columns: number, continuation: Continuation): string[] {
  if (columnsOf(command) <= columns) return [command];
  const lines: string[] = [];
  let line = "";
  for (const group of optionGroups(command)) {
    const limit = columns - 2;
    if (line !== "" && columnsOf(line) + 1 + columnsOf(group) > limit) {
      lines.push(`${line} ${continuation}`);
      line = `    ${group}`;
    } else {
      line = line === "" ? group : `${line} ${group}`;
    }
  }
  return [...lines, line];
}

/** The command and its options, each with its values; quoted spaces and dashes do not divide. */
function optionGroups(command: string): string[] {
  const words = command.match(/(?:'[^']*'|\\.|[^\s'\\])+/g) ?? [];
  const groups: string[] = [];
  for (const word of words) {
    const starts = /^-{1,2}[A-Za-z]/.test(word) || word === "|";
    if (groups.length === 0 || starts) groups.push(word);
    else groups.push(`${groups.pop()} ${word}`);
  }
  return groups;
}
