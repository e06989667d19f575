import type { ActivityObservation } from "../model/observations.ts";
import { Source } from "../model/source.ts";
import { has, type JsonObject, type Place, textField } from "./place.ts";

/**
 * A row of the activity log: as `az monitor activity-log list` prints it (`eventTimestamp`, `operationName.value`), or
 * as a diagnostic setting stores it (`time`, `category: Administrative`).
 */
export function isActivity(value: JsonObject): boolean {
  if (has(value, "eventTimestamp") && has(value, "operationName")) return true;
  return (
    textField(value, "time") !== undefined &&
    textField(value, "operationName") !== undefined &&
    /^(administrative|resourcehealth|servicehealth)$/i.test(textField(value, "category") ?? "")
  );
}

/** Undefined when the row has no usable time or names no resource. */
export function readActivity(place: Place): ActivityObservation | undefined {
  const source = new Source(place.document, place.pointer, place.value);
  const timeMs = Date.parse(source.text("eventTimestamp") ?? source.text("time") ?? "");
  const resourceId = source.text("resourceId");
  const operation = localised(source, "operationName");
  if (Number.isNaN(timeMs) || resourceId === undefined || operation === undefined) return undefined;
  return {
    source,
    timeMs,
    operation: operation.toLowerCase(),
    resourceId,
    status: statusOf(localised(source, "status") ?? source.text("resultType") ?? ""),
  };
}

/** `{ "value": …, "localizedValue": … }`, or the bare value. */
function localised(source: Source, name: string): string | undefined {
  const value = source.peek(name);
  return typeof value === "string" ? value || undefined : source.object(name)?.text("value");
}

/** The stored form writes `Success`, `Failure`, `Start`, `Accept`. */
function statusOf(written: string): string {
  const spellings = new Map([
    ["accept", "Accepted"],
    ["failure", "Failed"],
    ["start", "Started"],
    ["success", "Succeeded"],
  ]);
  return spellings.get(written.toLowerCase()) ?? written;
}
