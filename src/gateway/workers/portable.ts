import type { ConfigurationRecords } from "../../model/build.ts";
import type { ResourceRecord } from "../../model/resource.ts";
import { Source } from "../../model/source.ts";
import type { PortableConfiguration, PortableRecord } from "./messages.ts";

/** Records as they can be told to another process. */
export function portableRecords({
  records,
  listedTypes,
}: ConfigurationRecords): Pick<PortableConfiguration, "records" | "listedTypes"> {
  return { records: records.map(portable), listedTypes: [...listedTypes] };
}

function portable({ id, type, source, listed = false }: ResourceRecord): PortableRecord {
  const { document, pointer, value } = source;
  return { id, type, document, pointer, value, listed };
}

/** The same records again. */
export function recordsOf({
  records,
  listedTypes,
}: Pick<PortableConfiguration, "records" | "listedTypes">): ConfigurationRecords {
  return {
    records: records.map(({ id, type, document, pointer, value, listed }) => ({
      id,
      type,
      source: new Source(document, pointer, value),
      ...(listed ? { listed } : {}),
    })),
    listedTypes: new Set(listedTypes),
  };
}
