import type { DnsRecordSet, PrivateDnsZone } from "../../../model/dns.ts";
import type { ActivityObservation } from "../../../model/observations.ts";
import type { Server } from "../../../routing/routes.ts";
import type { AskedName, Facets } from "../../facets.ts";
import { mayBeUnreachable } from "../open-paths.ts";
import { lastStart, operationsOn } from "./activity.ts";
import { zonesFor } from "./private-name.ts";

/** A record that was changed so lately that its former value may still be kept. */
export interface ChangedRecord {
  readonly zone: PrivateDnsZone;
  readonly record: DnsRecordSet;
  readonly write: ActivityObservation;
  readonly ttlS: number;
}

/** What a record set has that names none. */
const usualTtlS = 3600;

/** The change behind a name, with the servers that cannot be reached since. */
export function changedRecord(
  { answer, servers }: AskedName,
  facets: Pick<Facets, "gateway" | "health" | "network" | "activities" | "clock">,
): (ChangedRecord & { readonly servers: readonly Server[] }) | undefined {
  const { health, clock } = facets;
  if (answer.verdict !== "yes" || answer.answeredBy !== "private-zone") return undefined;
  const failing = servers.filter((server) => {
    const seen = health.of(server);
    return seen?.observation.health === "unhealthy" && mayBeUnreachable(seen);
  });
  const found = failing.length === 0 ? undefined : writtenRecord(answer.addresses, answer.name, facets);
  if (found === undefined || found.write.timeMs < (lastStart(facets)?.timeMs ?? 0)) return undefined;
  const ttlS = found.record.ttlS ?? usualTtlS;
  const age = clock.nowMs - found.write.timeMs;
  return age < 0 || age > ttlS * 1000 ? undefined : { ...found, ttlS, servers: failing };
}

function writtenRecord(
  addresses: readonly string[],
  name: string,
  { network, activities }: Pick<Facets, "network" | "activities">,
): Omit<ChangedRecord, "ttlS"> | undefined {
  for (const zone of zonesFor(name, network)) {
    for (const record of zone.records) {
      if (!record.values.some((value) => addresses.includes(value))) continue;
      const id = `${zone.id}/${record.type}/${record.name}`;
      const operation = `microsoft.network/privatednszones/${record.type.toLowerCase()}/write`;
      const [write] = operationsOn(activities, operation, id);
      if (write !== undefined) return { zone, record, write };
    }
  }
  return undefined;
}
