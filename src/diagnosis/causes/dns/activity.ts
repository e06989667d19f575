import type { ActivityObservation } from "../../../model/observations.ts";
import { idKey } from "../../../model/resource.ts";
import type { Facets } from "../../facets.ts";

/** Control-plane operations that took effect, of one kind on one resource; the latest first. */
export function operationsOn(
  activities: Facets["activities"],
  operation: string,
  resourceId: string,
): readonly ActivityObservation[] {
  const key = idKey(resourceId);
  return activities
    .filter(
      (one) =>
        one.operation === operation &&
        idKey(one.resourceId) === key &&
        !/^(failed|started|canceled)$/i.test(one.status),
    )
    .sort((a, b) => b.timeMs - a.timeMs);
}

export function lastStart({ gateway, activities }: Pick<Facets, "gateway" | "activities">) {
  return operationsOn(activities, "microsoft.network/applicationgateways/start/action", gateway.id)[0];
}

/** Whether the log has anything of the gateway at all: otherwise silence about its start says nothing. */
export function logCovers({ gateway, activities }: Pick<Facets, "gateway" | "activities">): boolean {
  const key = idKey(gateway.id);
  return activities.some(({ resourceId }) => idKey(resourceId).startsWith(key));
}

/** 2026-05-31 08:15 UTC */
export function timeText(timeMs: number): string {
  return `${new Date(timeMs).toISOString().slice(0, 16).replace("T", " ")} UTC`;
}
