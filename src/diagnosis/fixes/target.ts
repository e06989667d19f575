import { parseResourceId } from "../../model/resource.ts";

/** The resource or part that a change names, taken apart. */
export interface Target {
  readonly id: string;
  /** Lower case, e.g. `microsoft.network/applicationgateways/probes`. */
  readonly type: string;
  /** The type as written. */
  readonly writtenType: string;
  /** Names from the outermost to the innermost. */
  readonly names: readonly string[];
  readonly resourceGroup: string;
  readonly subscription: string | undefined;
}

export function targetOf(resourceId: string): Target {
  const { type, names, resourceGroup, subscription } = parseResourceId(resourceId);
  return {
    id: resourceId,
    type: type.toLowerCase(),
    writtenType: type,
    names,
    resourceGroup: resourceGroup ?? "<resource-group>",
    subscription,
  };
}

/** The resource that contains this part; the same target when it is no part. */
export function parentOf(target: Target): Target {
  if (target.names.length < 2) return target;
  return targetOf(target.id.replace(/\/+$/, "").split("/").slice(0, -2).join("/"));
}

/** The outermost resource: what is fetched and saved as a whole. */
export function ownerOf(target: Target): Target {
  let owner = target;
  while (owner.names.length > 1) owner = parentOf(owner);
  return owner;
}

/** An element of one of the target's collections. */
export function childOf(target: Target, collection: string, name: string): Target {
  return targetOf(`${target.id.replace(/\/+$/, "")}/${collection}/${name}`);
}

/** The last step of the type as written, e.g. `probes`. */
export function collectionOf(target: Target): string {
  return target.writtenType.split("/").at(-1) ?? "";
}

export function nameOf(target: Target): string {
  return target.names.at(-1) ?? "<name>";
}

/** In another subscription than the site, where a subnet's service endpoint cannot be looked up: that check refuses. */
export function isForeignSubnet(site: Target, subnetId: unknown): boolean {
  if (typeof subnetId !== "string" || site.subscription === undefined) return false;
  return targetOf(subnetId).subscription?.toLowerCase() !== site.subscription.toLowerCase();
}
