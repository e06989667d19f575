import type { LiveExchange } from "../../model/observations.ts";
import type { DocumentTally } from "../harvest.ts";

/**
 * The exchanges of all recordings in the order in which they were sent, each once: a recording may be given twice, or be
 * part of another.
 */
export function inOrder(
  live: readonly LiveExchange[],
  tallies: ReadonlyMap<string, DocumentTally>,
): LiveExchange[] {
  const sorted = live.toSorted((a, b) => a.observation.startedAtMs - b.observation.startedAtMs);
  const repeats = new Map<string, number>();
  let sameTime = new Set<string>();
  const kept = sorted.filter(({ source, observation }, index) => {
    const { startedAtMs } = observation;
    const begins = sorted[index - 1]?.observation.startedAtMs !== startedAtMs;
    if (begins && sorted[index + 1]?.observation.startedAtMs !== startedAtMs) return true;
    if (begins) sameTime = new Set();
    const text = JSON.stringify(observation);
    if (!sameTime.has(text)) return sameTime.add(text);
    repeats.set(source.document, (repeats.get(source.document) ?? 0) + 1);
    return false;
  });
  for (const [document, count] of repeats) {
    tallies.get(document)?.remark(`${count} of them were recorded elsewhere, too, and count once`);
  }
  return kept;
}
