import type { CauseId } from "../../diagnosis/cause-ids.ts";
import { causes } from "../../diagnosis/causes/all.ts";

const titles = new Map<CauseId, string>(causes.map(({ id, title }) => [id, title]));

/** The title of a cause; its id while it has no file. */
export function titleOf(id: CauseId): string {
  return titles.get(id) ?? id;
}

const liveOnly = new Set(causes.filter(({ decide }) => decide === undefined).map(({ id }) => id));

/** Nothing but probing decides it: its check is always undecided and says nothing about the documents. */
export function isLiveOnly(id: CauseId): boolean {
  return liveOnly.has(id);
}
