import type { DocumentFailure } from "../../documents/document-set.ts";
import type { ReadProblem } from "../../model/source.ts";
import { placeOf } from "../../report/content/wording.ts";
import type { Io } from "../io.ts";
import { say } from "../write-out.ts";

const mostProblems = 5;

/** Inputs that could not be read: `file:line:column: what was expected`. */
export async function sayFailures(failures: readonly DocumentFailure[], io: Io): Promise<void> {
  for (const { path, line, column, expected, message } of failures) {
    const place = line === undefined ? path : `${path}:${line}:${column ?? 1}`;
    const why = message.startsWith(place) ? message.slice(place.length).replace(/^: /, "") : message;
    await say(io, `${place}: expected ${expected} (${why})`);
  }
}

/** Values that cannot be what their field wants; they were taken as not known. */
export async function sayProblems(problems: readonly ReadProblem[], verbose: boolean, io: Io): Promise<void> {
  const shown = verbose ? problems : problems.slice(0, mostProblems);
  for (const problem of shown) {
    await say(
      io,
      `${placeOf(problem)}: expected ${problem.expected}, found ${problem.found}; taken as not known`,
    );
  }
  if (problems.length > shown.length) {
    await say(
      io,
      `and ${problems.length - shown.length} more values that are not what their field wants (--verbose)`,
    );
  }
}
