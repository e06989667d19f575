import type { Gateway } from "../../../model/gateway.ts";

/** How many instances a gateway runs, as configured. */
export interface InstanceRange {
  readonly least: number;
  /** Undefined when autoscaling names no maximum: the platform's own then holds. */
  readonly most: number | undefined;
  readonly autoscales: boolean;
}

/** Undefined when the document says neither (templates, old exports). */
export function instancesOf({ autoscale, sku }: Gateway): InstanceRange | undefined {
  if (autoscale !== undefined) {
    return { least: autoscale.minCapacity ?? 0, most: autoscale.maxCapacity, autoscales: true };
  }
  if (sku.capacity === undefined) return undefined;
  return { least: sku.capacity, most: sku.capacity, autoscales: false };
}

/** The most instances a generation can have (gateway-resource.md §5). */
export function mostInstances({ generation }: Gateway): number {
  return generation === "v1" ? 32 : 125;
}
