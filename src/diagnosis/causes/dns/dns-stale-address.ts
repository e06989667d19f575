import type { DnsRecordSet, PrivateDnsZone } from "../../../model/dns.ts";
import type { ActivityObservation } from "../../../model/observations.ts";
import type { Server } from "../../../routing/routes.ts";
import { type Decision, defineCause } from "../../cause.ts";
import type { Facets } from "../../facets.ts";
import type { Statement } from "../../finding.ts";
import { evidence, serverNames, subject } from "../../statements.ts";
import { addressCauses, networkCauses } from "../families.ts";
import { mayBeUnreachable } from "../open-paths.ts";
import { lastStart, operationsOn, timeText } from "./activity.ts";
import { zonesFor } from "./private-name.ts";

interface Match {
  readonly zone: PrivateDnsZone;
  readonly record: DnsRecordSet;
  readonly write: ActivityObservation;
  readonly ttlS: number;
  readonly servers: readonly Server[];
}

/** What a record set has that names none. */
const usualTtlS = 3600;

export default defineCause({
  id: "dns-stale-address",
  title: "Gateway still uses the address a name had before",
  layer: "dns",
  decidedBy: ["activity", "health"],
  reads: ["gateway", "names", "health", "network", "activities", "clock"],
  explainedBy: ["gateway-stopped", ...networkCauses, ...addressCauses, "dns-not-restarted"],
  about: `A record was changed to another address, and the gateway keeps the answer it has until its time to live is over. Probes
go on to the old address and fail there, although the name resolves rightly wherever it is asked anew. It heals by
itself within the time to live; a shorter one before planned changes keeps the gap small.`,
  find: (facets) => {
    const { names, health, network, activities, clock } = facets;
    const start = lastStart(facets);
    return names.asked.flatMap(({ answer, servers }): Decision<Match>[] => {
      if (answer.verdict !== "yes" || answer.answeredBy !== "private-zone") return [];
      const failing = servers.filter((server) => {
        const seen = health.of(server);
        return seen?.observation.health === "unhealthy" && mayBeUnreachable(seen);
      });
      const changed =
        failing.length === 0 ? undefined : changedRecord(answer.addresses, answer.name, network, activities);
      if (changed === undefined || changed.write.timeMs < (start?.timeMs ?? 0)) return [];
      const ttlS = changed.record.ttlS ?? usualTtlS;
      const age = clock.nowMs - changed.write.timeMs;
      if (age < 0 || age > ttlS * 1000) return [];
      return [
        {
          is: "found",
          key: answer.name,
          match: { ...changed, ttlS, servers: failing },
          affects: { servers: failing },
          effect: "stops",
          basis: "observed-possible",
          // Whoever has the old address now answers, or nobody does.
          showsAt: "http",
        },
      ];
    });
  },
  say: ({ zone, record, write, ttlS, servers }, affects): Statement => ({
    summary: `Record ${record.name} of zone ${zone.zoneName} was changed on ${timeText(write.timeMs)} and may be kept for ${ttlS} s, so the gateway may still use the former address of ${serverNames(affects.servers ?? servers)}`,
    subjects: [subject("privateDnsZone", zone)],
    evidence: [
      evidence(`the record was changed on ${timeText(write.timeMs)}`, write.source),
      evidence(`it now has ${record.values.join(", ")}, to be kept for ${ttlS} s`, record.source),
    ],
  }),
  fix: ({ zone, record, ttlS }) => ({
    summary: `Wait until the ${ttlS} s are over; give record ${record.name} of ${zone.zoneName} a time to live of 60 s before the next change.`,
    changes: [
      { action: "set", resourceId: `${zone.id}/${record.type}/${record.name}`, path: "ttl", value: 60 },
    ],
    sideEffects: ["Resolvers ask for the name more often."],
    notVerifiable: "time heals it: the shorter time to live only helps at the next change",
  }),
});

function changedRecord(
  addresses: readonly string[],
  name: string,
  network: Facets["network"],
  activities: Facets["activities"],
): Pick<Match, "zone" | "record" | "write"> | undefined {
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
