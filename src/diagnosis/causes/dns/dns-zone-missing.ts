import type { Gateway } from "../../../model/gateway.ts";
import type { NameAnswer } from "../../../network/names.ts";
import { privateLinkName } from "../../../network/private-link-suffixes.ts";
import type { Server } from "../../../routing/routes.ts";
import { type Decision, defineCause } from "../../cause.ts";
import type { SeenName } from "../../facets/live-names.ts";
import type { Facets } from "../../facets.ts";
import type { FixProposal, Statement } from "../../finding.ts";
import { gatewaySubject, subject } from "../../statements.ts";
import { evidenceOf, useOf } from "./answer-evidence.ts";
import { addressFor } from "./private-name.ts";
import { decideFallback, openAnswers } from "./public-fallback.ts";
import { answersSeen } from "./seen-answers.ts";
import { addressRecord, linkZone, newZone } from "./zone-change.ts";
import { zoneTrials } from "./zone-trials.ts";

interface Match {
  readonly gateway: Gateway;
  readonly answer: NameAnswer;
  readonly known: ReturnType<typeof addressFor>;
  /** The zone that should answer and the record in it. */
  readonly zoneName: string;
  readonly recordName: string;
  readonly servers: readonly Server[];
  readonly told: SeenName | undefined;
}

export default defineCause({
  id: "dns-zone-missing",
  title: "No private DNS zone for a private name",
  layer: "dns",
  decidedBy: ["configuration", "health", "live"],
  reads: ["gateway", "names", "services", "health", "network", "live"],
  explainedBy: ["dns-server-unreachable", "dns-not-restarted"],
  about: `The server's name is answered only from a private DNS zone (a private endpoint's name, the domain of an internal
Container Apps environment or of an internal API Management), and none of the exported zones covers it. Public DNS then
answers with the public address, or says that the name does not exist. The zone is not made by itself when an endpoint
or environment is made without DNS integration. Live, the name leads to a public address, or nowhere, and the server
answers at its private one.`,
  find: (facets) => [
    ...facets.names.asked.flatMap((asked): Decision<Match>[] => {
      const { answer } = asked;
      if (answer.reason !== "zone-missing") return [];
      const known = addressFor(answer.name, asked.servers[0], facets);
      return decideFallback(asked, facets, (servers, told) => ({
        gateway: facets.gateway,
        answer,
        known,
        ...zoneToBe(answer.name, servers[0], facets),
        servers,
        told,
      }));
    }),
    ...openAnswers(facets, "microsoft.network/privatednszones"),
  ],
  trials: (facets, failing) => zoneTrials(facets, failing, "zone-missing"),
  say: ({ gateway, answer, known, zoneName, servers, told }, affects): Statement => ({
    summary: `No private DNS zone ${zoneName} exists, so ${answer.name}${useOf(affects.servers ?? servers)} is not answered with its private address`,
    subjects: [
      ...(known?.endpoint === undefined ? [] : [subject("privateEndpoint", known.endpoint)]),
      gatewaySubject(gateway),
    ],
    evidence: [
      ...evidenceOf(answer),
      ...answersSeen(told),
      ...(servers[0] === undefined
        ? []
        : [
            {
              says: `${answer.name} is a member of pool ${servers[0].pair.pool.name}`,
              document: servers[0].member.source.document,
              pointer: servers[0].member.source.pointer,
            },
          ]),
    ],
  }),
  fix: createZone,
});

/** Where the record belongs: privatelink names under their suffix, environments under their own domain. */
function zoneToBe(
  name: string,
  server: Server | undefined,
  { services }: Pick<Facets, "services">,
): { zoneName: string; recordName: string } {
  const service = server === undefined ? undefined : services.of(server);
  const domain = service?.kind === "container-apps" ? service.environment?.defaultDomain : undefined;
  if (domain !== undefined && service?.kind === "container-apps" && service.environment?.internal === true) {
    return { zoneName: domain, recordName: `*.${domain}` };
  }
  const own = name.includes(".privatelink.") ? name : privateLinkName(name);
  const recordName = own ?? name;
  const cut = own === undefined ? recordName.indexOf(".") : recordName.indexOf(".privatelink.");
  return { zoneName: recordName.slice(cut + 1), recordName };
}

function createZone({ gateway, answer, known, zoneName, recordName }: Match): FixProposal | undefined {
  const network = gateway.subnet?.target?.virtualNetwork;
  const made = network && newZone(network, zoneName);
  if (network === undefined || made === undefined) return undefined;
  if (known === undefined) {
    return {
      summary: `Create private zone ${zoneName} with a record for ${answer.name}, and link it to ${network.name}.`,
      changes: [],
      sideEffects: [],
    };
  }
  return {
    summary: `Create private zone ${zoneName} with ${recordName} → ${known.address}, and link it to ${network.name}.`,
    changes: [made.change, addressRecord(made.zone, recordName, known.address), linkZone(made.zone, network)],
    sideEffects: [
      `All names under ${zoneName} are then answered from this zone in ${network.name}; names it does not have no longer resolve there.`,
    ],
    ...(answer.answeredBy === "custom-servers"
      ? {
          notVerifiable:
            "custom DNS servers answer, and no document says that they pass the question on to 168.63.129.16; asking them shows it",
        }
      : {}),
  };
}
