import type { LiveExchange } from "../../model/observations.ts";
import type { DocumentFailure } from "../document-set.ts";
import type { DocumentTally } from "../harvest.ts";
import { type Recording, readRecording } from "./read-recording.ts";

/** Reads a recording into `live`; gives what could not be read of it. */
export async function takeRecording(
  document: string,
  chunks: AsyncIterable<Uint8Array>,
  limitBytes: number,
  live: LiveExchange[],
  tally: DocumentTally,
): Promise<DocumentFailure[]> {
  const recording = await readRecording(document, chunks, limitBytes);
  for (const exchange of recording.exchanges) live.push(exchange);
  note(recording, tally);
  return failuresOf(document, recording);
}

function note({ exchanges, head, faults, moreFaults, ending }: Recording, tally: DocumentTally): void {
  if (exchanges.length > 0) {
    tally.take("live observation", exchanges.length, "live observations");
    tally.remark(span(exchanges, head?.tool));
  } else {
    tally.ignore("live observations", "a recording without a single exchange that can be read");
  }
  const unread = faults.length + moreFaults;
  if (unread > 0) tally.remark(`${unread} ${unread === 1 ? "line" : "lines"} could not be read`);
  if (ending !== undefined) tally.remark(ending);
}

function span(exchanges: readonly LiveExchange[], tool: string | undefined): string {
  let first = Number.POSITIVE_INFINITY;
  let last = 0;
  for (const { observation } of exchanges) {
    first = Math.min(first, observation.startedAtMs);
    last = Math.max(last, observation.startedAtMs);
  }
  const sent = first === last ? `sent ${timeOf(first)}` : `sent from ${timeOf(first)} to ${timeOf(last)}`;
  return tool === undefined ? sent : `${sent} by ${tool}`;
}

function timeOf(epochMs: number): string {
  return new Date(epochMs).toISOString();
}

function failuresOf(path: string, { faults, moreFaults, ending }: Recording): DocumentFailure[] {
  const failures: DocumentFailure[] = faults.map(({ line, column, expected, reason }) => {
    const message = `${path}:${line}:${column}: ${reason}; the other lines were read`;
    return { path, line, column, expected, message };
  });
  if (moreFaults > 0) {
    const message = `${path}: ${moreFaults} more lines could not be read`;
    failures.push({ path, expected: "one recorded exchange a line", message });
  }
  if (ending !== undefined) {
    const message = `${path}: ${ending}. What stands before it was read`;
    failures.push({ path, expected: "a complete recording", message });
  }
  return failures;
}
