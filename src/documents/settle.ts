import { idKey, type ResourceRecord } from "../model/resource.ts";
import { isObject } from "../model/source.ts";
import type { DocumentTally, Harvest } from "./harvest.ts";
import { field } from "./place.ts";
import { resourceKind } from "./resource-kinds.ts";

/** What can only be decided when every document has been read: ids that nobody wrote, and resources given twice. */
export function settle(harvest: Harvest, tallies: ReadonlyMap<string, DocumentTally>): ResourceRecord[] {
  const named = nameTheNameless(harvest);
  return withoutRepeats([...harvest.records, ...named], tallies);
}

/**
 * A resource without id is the one that others refer to by its type and name, when there is exactly one such; settings
 * of a site that is not named are those of the only site.
 */
function nameTheNameless({ records, nameless }: Harvest): ResourceRecord[] {
  if (nameless.length === 0) return [];
  const mentioned = mentionedIds([...records, ...nameless.map(({ record }) => record)]);
  const sites = new Map(
    records.filter(({ type }) => type === "microsoft.web/sites").map((record) => [idKey(record.id), record]),
  );
  return nameless.flatMap(({ record, tally }, index) => {
    if (record.type === "microsoft.web/sites/config") {
      const [site, ...others] = sites.values();
      if (site !== undefined && others.length === 0) {
        return [{ ...record, id: `${site.id}/${record.id || "config/web"}` }];
      }
      tally.withdraw(
        "App Service configuration",
        "settings of a site that do not say of which: export them with the site's own id, `az resource show --ids <site id>/config/web`",
      );
      return [];
    }
    const name = record.source.text("name");
    const written = name === undefined ? undefined : mentioned.get(`${record.type}/${name}`.toLowerCase());
    const id = written ?? `/providers/${record.type}/${name ?? `unnamed-${index + 1}`}`;
    return [{ ...record, id }];
  });
}

/** `type/name` → the one id that has them; ambiguous ones are left out. */
function mentionedIds(records: readonly ResourceRecord[]): Map<string, string> {
  const found = new Map<string, string>();
  const ambiguous = new Set<string>();
  const stack: unknown[] = records.map(({ source }) => source.value);
  while (stack.length > 0) {
    const value = stack.pop();
    if (Array.isArray(value)) for (const item of value) stack.push(item);
    if (!isObject(value)) continue;
    for (const inner of Object.values(value))
      if (typeof inner === "object" && inner !== null) stack.push(inner);
    const id = field(value, "id");
    const match = typeof id === "string" ? /^.*\/providers\/([^/]+\/[^/]+\/[^/]+)/i.exec(id) : null;
    if (match === null) continue;
    const key = (match[1] as string).toLowerCase();
    const known = found.get(key);
    if (known !== undefined && idKey(known) !== idKey(match[0])) ambiguous.add(key);
    found.set(key, known ?? match[0]);
  }
  for (const key of ambiguous) found.delete(key);
  return found;
}

/** The same export twice is read once. Different exports of one resource complete each other (see `buildModel`). */
function withoutRepeats(
  records: readonly ResourceRecord[],
  tallies: ReadonlyMap<string, DocumentTally>,
): ResourceRecord[] {
  const first = new Map<string, ResourceRecord>();
  return records.filter((record) => {
    const key = `${record.type} ${idKey(record.id)}`;
    const known = first.get(key);
    if (known === undefined) {
      first.set(key, record);
      return true;
    }
    const label = resourceKind(record.type)?.label ?? "document";
    const other = known.source.document;
    const tally = tallies.get(record.source.document);
    if (JSON.stringify(known.source.value) === JSON.stringify(record.source.value)) {
      tally?.remark(`the same ${label} stands in ${other}, too, and was read once`);
      // What is left must still count as an element of its list.
      if (record.listed && !known.listed) return true;
      return false;
    }
    tally?.remark(
      `the ${label} in ${other} is the same resource: the fuller export counts, the other completes it`,
    );
    return true;
  });
}
