import { type Entry, exportsFor } from "./entries.ts";

/** Catalogue entries as JSON values. */
export function entryJson(entry: Entry) {
  const { id, section, sectionTitle, title, cause } = entry;
  return {
    id,
    title,
    section,
    sectionTitle,
    layer: cause?.layer ?? null,
    decidedBy: cause?.decidedBy ?? [],
    explainedBy: cause?.explainedBy ?? [],
    reportedAs: cause?.reportedAs ?? [],
    needs: exportsFor(entry),
    about: cause?.about ?? null,
  };
}
