import type { PrivateDnsZone } from "../../../model/dns.ts";
import type { Gateway } from "../../../model/gateway.ts";
import type { NameAnswer } from "../../../network/names.ts";
import type { Server } from "../../../routing/routes.ts";
import { type Decision, defineCause } from "../../cause.ts";
import type { SeenName } from "../../facets/live-names.ts";
import type { Facets } from "../../facets.ts";
import type { FixProposal, Statement } from "../../finding.ts";
import { subject } from "../../statements.ts";
import { evidenceOf, useOf } from "./answer-evidence.ts";
import { addressFor, covers, hasRecord, privateNameOf, zonesFor } from "./private-name.ts";
import { decideFallback, openAnswers } from "./public-fallback.ts";
import { answersSeen } from "./seen-answers.ts";
import { addressRecord } from "./zone-change.ts";
import { zoneTrials } from "./zone-trials.ts";

interface Match {
  readonly gateway: Gateway;
  readonly answer: NameAnswer;
  readonly zone: PrivateDnsZone;
  readonly recordName: string;
  readonly known: ReturnType<typeof addressFor>;
  readonly servers: readonly Server[];
  readonly told: SeenName | undefined;
}

export default defineCause({
  id: "dns-zone-shadow",
  title: "Linked private DNS zone has no record for the server",
  layer: "dns",
  decidedBy: ["configuration", "health", "live"],
  reads: ["gateway", "names", "services", "health", "network", "live"],
  explainedBy: ["dns-server-unreachable", "dns-not-restarted"],
  about: `A private DNS zone that is linked to the network covers the server's name but has no record for it. The zone alone
answers there, so the name does not exist inside the network even when public DNS knows it, and the gateway has no
address to probe. From outside the same name resolves. It often begins when somebody links a zone for another service
of the same kind. Live, the DNS servers of the network deny the name and others know it.`,
  find: (facets) => [
    ...facets.names.asked.flatMap((asked): Decision<Match>[] => {
      const { answer } = asked;
      const zone = answer.reason === "zone-has-no-record" ? emptyFor(answer.name, facets) : undefined;
      if (zone === undefined) return [];
      const recordName = privateNameOf(answer.name, covers(zone.zoneName, answer.name));
      const known = addressFor(answer.name, asked.servers[0], facets);
      return decideFallback(asked, facets, (servers, told) => ({
        gateway: facets.gateway,
        answer,
        zone,
        recordName,
        known,
        servers,
        told,
      }));
    }),
    ...openAnswers(facets, "microsoft.network/privatednszones/a"),
  ],
  trials: (facets, failing) => zoneTrials(facets, failing, "zone-has-no-record"),
  say: ({ answer, zone, recordName, servers, told }, affects): Statement => ({
    summary: `Private zone ${zone.zoneName} answers for ${answer.name}${useOf(affects.servers ?? servers)} and has no record ${recordName}, so the name does not exist inside the network`,
    subjects: [subject("privateDnsZone", zone)],
    evidence: [...evidenceOf(answer), ...answersSeen(told)],
  }),
  fix: addRecord,
});

/** The zone that answers in vain: one that is linked somewhere, covers the name and does not have it. */
function emptyFor(name: string, { network }: Pick<Facets, "network">): PrivateDnsZone | undefined {
  const zones = zonesFor(name, network).filter(
    (zone) => !hasRecord(zone, privateNameOf(name, covers(zone.zoneName, name))),
  );
  return zones.find(({ links }) => links.length > 0) ?? zones[0];
}

function addRecord({ answer, zone, recordName, known }: Match): FixProposal {
  if (known === undefined) {
    return {
      summary: `Add a record for ${recordName} to private zone ${zone.zoneName}, with the address the server has; or let the zone's link fall back to public DNS.`,
      changes: [],
      sideEffects: [],
    };
  }
  return {
    summary: `Add record ${recordName} → ${known.address} to private zone ${zone.zoneName}.`,
    changes: [addressRecord(zone, recordName, known.address)],
    sideEffects: [`Every network linked to ${zone.zoneName} then gets ${known.address} for ${answer.name}.`],
    ...(answer.answeredBy === "custom-servers"
      ? {
          notVerifiable:
            "custom DNS servers answer; only asking them shows whether they pass the question on",
        }
      : {}),
  };
}
