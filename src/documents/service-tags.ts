import { Source } from "../model/source.ts";
import type { Harvest } from "./harvest.ts";
import { field, firstObject, type JsonObject, listField, type Place } from "./place.ts";

/** The published service-tag file, or `az network list-service-tags`. */
export function isServiceTags(value: JsonObject): boolean {
  const first = firstObject(listField(value, "values"));
  return first !== undefined && Array.isArray(field(field(first, "properties"), "addressPrefixes"));
}

/** One record for the file; returns the number of tags. */
export function takeServiceTags(place: Place, value: JsonObject, harvest: Harvest): number {
  harvest.records.push({
    id: `${place.document}#${place.pointer}`,
    type: "microsoft.network/servicetags",
    source: new Source(place.document, place.pointer, value),
  });
  return listField(value, "values")?.length ?? 0;
}
