import type { CauseId } from "../../diagnosis/cause-ids.ts";
import { messageKeysLike, readHealthMessage } from "../../health/message.ts";
import { nearest } from "../suggestion.ts";
import { catalogue, type Entry } from "./entries.ts";
import { errorInfoCauses, messageCauses, statusCauses } from "./message-causes.ts";

export interface Candidate {
  readonly entry: Entry;
  /** What in the words points at it. */
  readonly because: string;
}

/** The entries that fit a message of Azure's or plain words, best first. */
export function candidatesFor(words: string): Candidate[] {
  const byId = new Map(catalogue().map((entry) => [entry.id, entry]));
  const found = new Map<CauseId, Candidate>();
  const add = (ids: readonly CauseId[], because: string): void => {
    for (const id of ids) {
      const entry = byId.get(id);
      if (entry !== undefined && !found.has(id)) found.set(id, { entry, because });
    }
  };
  const { received } = readHealthMessage(words);
  const keys = messageKeysLike(words);
  if (received !== undefined) add(statusCauses[received] ?? [], `status ${received} from the server`);
  for (const [name, ids] of Object.entries(errorInfoCauses)) {
    if (words.toLowerCase().includes(name)) add(ids, `${name.toUpperCase()} in the access log`);
  }
  for (const key of keys.slice(0, 2)) add(messageCauses[key], "the backend-health message");
  add(
    matching(words).map(({ id }) => id),
    "the words",
  );
  return [...found.values()];
}

/** Entries that hold every word in id, title or text; title and id count most. */
export function matching(words: string): Entry[] {
  const wanted = [
    ...new Set(words.toLowerCase().match(/[a-z0-9][a-z0-9.-]*[a-z0-9]|[a-z0-9]+/g) ?? []),
  ].filter((word) => word.length > 1 && !fillers.has(word));
  if (wanted.length === 0) return [];
  return catalogue()
    .map((entry) => ({ entry, score: scoreOf(entry, wanted) }))
    .filter(({ score }) => score > 0)
    .sort((a, b) => b.score - a.score)
    .map(({ entry }) => entry);
}

const fillers = new Set([
  "and",
  "are",
  "for",
  "has",
  "not",
  "the",
  "this",
  "was",
  "with",
  "to",
  "of",
  "is",
  "in",
  "on",
  "from",
]);

function scoreOf({ id, title, sectionTitle, cause }: Entry, wanted: readonly string[]): number {
  const near = `${id} ${title} ${sectionTitle}`.toLowerCase();
  const far = (cause?.about ?? "").toLowerCase();
  let score = 0;
  for (const word of wanted) {
    if (near.includes(word)) score += 3;
    else if (far.includes(word)) score += 1;
    else return 0;
  }
  return score;
}

/** Ids like what was written. */
export function idsLike(written: string): string[] {
  return nearest(
    written,
    catalogue().map(({ id }) => id),
    3,
  );
}
