import type { ServiceTag } from "../network.ts";
import type { ResourceRecord } from "../resource.ts";

/** Reads the published service-tag file: `{ "values": [ { "name", "properties": { "addressPrefixes" } } ] }`. */
export function readServiceTags({ source }: ResourceRecord): ServiceTag[] {
  return source.objects("values").flatMap((item) => {
    const name = item.text("name");
    return name ? { name, source: item, addressPrefixes: item.texts("addressPrefixes") } : [];
  });
}
