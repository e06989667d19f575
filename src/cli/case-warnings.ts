import type { DocumentFailure, DocumentNote } from "../documents/document-set.ts";
import type { ReadProblem } from "../model/source.ts";
import { leftAside } from "../report/content/documents.ts";
import { abridged, placeOf } from "../report/content/wording.ts";
import type { Io } from "./io.ts";
import { say } from "./write-out.ts";

const mostProblems = 5;

/** Inputs that could not be read: `file:line:column: what was expected`. */
export async function sayFailures(failures: readonly DocumentFailure[], io: Io): Promise<void> {
  for (const failure of failures) await say(io, failureLine(failure));
}

export function failureLine({ path, line, column, expected, message }: DocumentFailure): string {
  const place = line === undefined ? path : `${path}:${line}:${column ?? 1}`;
  const why = message.startsWith(place) ? message.slice(place.length).replace(/^: /, "") : message;
  return `${place}: expected ${expected} (${why})`;
}

/** Where there is no report to say it: the readable documents of which nothing was taken, and why. */
export async function sayLeftAside(
  documents: readonly DocumentNote[],
  verbose: boolean,
  io: Io,
): Promise<void> {
  const groups = leftAside(documents).filter(({ kind }) => kind !== "unreadable");
  const shown = verbose ? groups : groups.slice(0, mostProblems);
  for (const { kind, why, paths } of shown) {
    await say(io, `${abridged(paths, 3)}: left aside, ${kind}: ${why}`);
  }
  const rest = groups.slice(shown.length).flatMap(({ paths }) => paths).length;
  if (rest > 0) await say(io, `and ${rest} more documents left aside (--verbose)`);
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
