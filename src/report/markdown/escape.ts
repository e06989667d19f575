import { plain } from "../plain.ts";

/** Text from documents inside Markdown: nothing in it becomes markup, a link, an image, a mention or HTML. */
export function escaped(text: string): string {
  return plain(text)
    .replace(/[\\`*_{}[\]<>#|~!&@]/g, "\\$&")
    .replace(/^(\s*)([-+=]|\d+[.)])(?=\s|$)/, "$1\\$2")
    .replace(/\b(https?|ftp|mailto):/gi, "$1\\:");
}

/** A code span that any text fits into. */
export function code(text: string): string {
  const line = plain(text);
  const fence = "`".repeat(longestRun(line) + 1);
  const pad = /^`|`$|^ .* $|^$/.test(line) ? " " : "";
  return `${fence}${pad}${line}${pad}${fence}`;
}

/** A fenced block; the lines are neutralised and none can close it. */
export function block(lines: readonly string[], language: string): string[] {
  const text = lines.flatMap((line) => line.split("\n")).map(plain);
  const fence = "`".repeat(Math.max(2, ...text.map(longestRun)) + 1);
  return [`${fence}${language}`, ...text, fence];
}

function longestRun(text: string): number {
  return Math.max(0, ...(text.match(/`+/g) ?? []).map((run) => run.length));
}
