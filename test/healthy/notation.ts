/** A resource as `az … show` prints it: everything flat. */
export type Json = { [name: string]: unknown };

const envelope = new Set([
  "id",
  "name",
  "type",
  "location",
  "tags",
  "zones",
  "etag",
  "kind",
  "instanceId",
  "resourceGroup",
]);
/** Parts that Azure writes with `properties` although they have no id. */
const namedParts = new Set(["networkInterfaceConfigurations", "ipConfigurations", "securityRules", "routes"]);

/** The same resource as ARM answers it: settings under `properties`, also those of its parts. */
export function rawArm(resource: Json): Json {
  const outer: Json = {};
  const properties: Json = {};
  for (const [key, value] of Object.entries(resource)) {
    if (envelope.has(key) || (key === "sku" && !isGateway(resource))) outer[key] = value;
    else properties[key] = inner(key, value);
  }
  return { ...outer, properties };
}

function isGateway({ type }: Json): boolean {
  return type === "Microsoft.Network/applicationGateways";
}

function inner(key: string, value: unknown): unknown {
  if (Array.isArray(value)) {
    return value.map((item: unknown) =>
      isObject(item) && "name" in item && ("id" in item || namedParts.has(key))
        ? rawArm(item)
        : inner("", item),
    );
  }
  if (!isObject(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([name, item]) => [name, inner(name, item)]));
}

function isObject(value: unknown): value is Json {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
