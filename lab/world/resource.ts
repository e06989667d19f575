/** A resource as `az` shows it: flat, or with what a fix creates, below `properties`. */
export interface AzureResource {
  readonly id: string;
  readonly name: string;
  readonly type: string;
  readonly [field: string]: unknown;
}

export type JsonObject = Readonly<Record<string, unknown>>;

const group = "/subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/rg-lab/providers";

/** The id of a resource of the lab, e.g. `networkId("virtualNetworks", "vnet-hub")`; more names lead to parts. */
export function networkId(collection: string, name: string, ...parts: readonly string[]): string {
  return [`${group}/Microsoft.Network/${collection}/${name}`, ...parts].join("/");
}

export function computeId(collection: string, name: string): string {
  return `${group}/Microsoft.Compute/${collection}/${name}`;
}

export function networkResource(
  collection: string,
  name: string,
  fields: Readonly<Record<string, unknown>>,
): AzureResource {
  return {
    id: networkId(collection, name),
    name,
    type: `Microsoft.Network/${collection}`,
    location: "westeurope",
    resourceGroup: "rg-lab",
    provisioningState: "Succeeded",
    ...fields,
  };
}

export function isObject(value: unknown): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** A setting of a resource or part, beside its id or below `properties`. */
export function setting(of: unknown, name: string): unknown {
  if (!isObject(of)) return undefined;
  const direct = of[name];
  if (direct !== undefined && direct !== null) return direct;
  const { properties } = of;
  return isObject(properties) ? properties[name] : undefined;
}

export function textOf(of: unknown, name: string): string | undefined {
  const value = setting(of, name);
  return typeof value === "string" && value !== "" ? value : undefined;
}

export function flagOf(of: unknown, name: string): boolean {
  return setting(of, name) === true;
}

export function listOf(of: unknown, name: string): readonly unknown[] {
  const value = setting(of, name);
  return Array.isArray(value) ? value : [];
}

export function textsOf(of: unknown, name: string): readonly string[] {
  return listOf(of, name).filter((item) => typeof item === "string");
}

/** The id that a field like `subnet: { id }` leads to, in lower case. */
export function linkOf(of: unknown, name: string): string | undefined {
  return textOf(setting(of, name), "id")?.toLowerCase();
}

/** Parts of a resource in its own list, and those that stand as resources of their own, as a fix may create them. */
export function partsOf(
  all: readonly AzureResource[],
  owner: AzureResource,
  collection: string,
): readonly JsonObject[] {
  const prefix = `${owner.id}/${collection}/`.toLowerCase();
  const apart = all.filter(({ id }) => id.toLowerCase().startsWith(prefix));
  const names = new Set(apart.map(({ name }) => name.toLowerCase()));
  const inside = listOf(owner, collection).filter(
    (item): item is JsonObject => isObject(item) && !names.has((textOf(item, "name") ?? "").toLowerCase()),
  );
  return [...inside, ...apart];
}

export function ofType(all: readonly AzureResource[], type: string): readonly AzureResource[] {
  const wanted = `microsoft.network/${type}`.toLowerCase();
  return all.filter((resource) => resource.type.toLowerCase() === wanted);
}
