import type { ServiceTag } from "../network.ts";
import type { ResourceRecord } from "../resource.ts";

/** Reads the published service-tag file: `{ "values": [ { "name", "properties": { "addressPrefixes" } } ] }`. */
export function readServiceTags({ source }: ResourceRecord, tags: ServiceTag[]): void {
  for (const item of source.objects("values")) {
    const name = item.text("name");
    if (name) tags.push({ name, source: item, addressPrefixes: item.texts("addressPrefixes") });
  }
}
