import type { PrivateDnsZone } from "../../../model/dns.ts";
import type { Gateway } from "../../../model/gateway.ts";
import type { VirtualNetwork } from "../../../model/network.ts";
import type { NameAnswer } from "../../../network/names.ts";
import type { Server } from "../../../routing/routes.ts";
import { type Decision, defineCause } from "../../cause.ts";
import type { SeenName } from "../../facets/live-names.ts";
import type { Facets } from "../../facets.ts";
import type { FixProposal, Statement } from "../../finding.ts";
import { evidence, listed, subject } from "../../statements.ts";
import { evidenceOf, useOf } from "./answer-evidence.ts";
import { hasRecord, privateNameOf, zonesFor } from "./private-name.ts";
import { decideFallback, openAnswers } from "./public-fallback.ts";
import { answersSeen } from "./seen-answers.ts";
import { dnsPaths } from "./servers.ts";
import { isLinked, linkZone } from "./zone-change.ts";
import { zoneTrials } from "./zone-trials.ts";

interface Match {
  readonly gateway: Gateway;
  readonly answer: NameAnswer;
  readonly zone: PrivateDnsZone;
  /** Where the name is answered: the gateway's network, or those of its DNS servers. */
  readonly networks: readonly VirtualNetwork[];
  readonly servers: readonly Server[];
  readonly told: SeenName | undefined;
}

export default defineCause({
  id: "dns-zone-not-linked",
  title: "Private DNS zone is not linked to the network that asks",
  layer: "dns",
  decidedBy: ["configuration", "health", "live"],
  reads: ["gateway", "names", "services", "health", "network", "reach", "live"],
  explainedBy: ["dns-server-unreachable", "dns-not-restarted"],
  about: `The private DNS zone with the server's name exists, but has no link to the virtual network in which the question is
asked: the gateway's own, or that of its custom DNS servers, which pass questions on from where they stand. Peering does
not help. The name then gets its public answer, or none; a service that is closed to the Internet answers 403 or not at
all. Live, the same probe goes well at the address that the zone has.`,
  find: (facets) => [
    ...facets.names.asked.flatMap((asked): Decision<Match>[] => {
      if (asked.answer.reason !== "zone-not-linked") return [];
      const networks = askingNetworks(facets, asked.answer);
      const zone = unlinkedZone(asked.answer.name, networks, facets.network);
      if (zone === undefined) return [];
      return decideFallback(asked, facets, (servers, told) => ({
        gateway: facets.gateway,
        answer: asked.answer,
        zone,
        networks: networks.filter((network) => !isLinked(zone, network)),
        servers,
        told,
      }));
    }),
    ...openAnswers(facets, "microsoft.network/privatednszones/virtualnetworklinks"),
    ...openAnswers(facets, "microsoft.network/virtualnetworks"),
  ],
  trials: (facets, failing) => zoneTrials(facets, failing, "zone-not-linked"),
  say: ({ answer, zone, networks, servers, told }, affects): Statement => ({
    summary: `Private zone ${zone.zoneName} is not linked to ${listed(networks.map(({ name }) => name))}, so ${answer.name}${useOf(affects.servers ?? servers)} is not answered from it`,
    subjects: [
      subject("privateDnsZone", zone),
      ...networks.map((network) => subject("virtualNetwork", network)),
    ],
    evidence: [
      evidence(
        zone.links.length === 0
          ? "the zone has no links"
          : `the zone is linked only to ${listed(zone.links.map(({ virtualNetworkId }) => virtualNetworkId.split("/").at(-1) ?? ""))}`,
        zone.links[0]?.source ?? zone.source,
      ),
      ...evidenceOf(answer),
      ...answersSeen(told),
    ],
  }),
  fix: ({ zone, networks, answer }): FixProposal | undefined =>
    networks.length === 0
      ? undefined
      : {
          summary: `Link private zone ${zone.zoneName} to ${listed(networks.map(({ name }) => name))}.`,
          changes: networks.map((network) => linkZone(zone, network)),
          sideEffects: [
            `All names under ${zone.zoneName} are then answered from this zone in ${listed(networks.map(({ name }) => name))}; names it does not have no longer resolve there.`,
          ],
          ...(answer.answeredBy === "custom-servers"
            ? {
                notVerifiable:
                  "custom DNS servers answer, and no document says that they pass the question on to 168.63.129.16; asking them shows it",
              }
            : {}),
        },
});

function askingNetworks(
  facets: Pick<Facets, "gateway" | "reach">,
  { answeredBy }: NameAnswer,
): readonly VirtualNetwork[] {
  const own = facets.gateway.subnet?.target?.virtualNetwork;
  if (answeredBy !== "custom-servers") return own === undefined ? [] : [own];
  const networks = dnsPaths(facets).flatMap(({ path }) => path.destination.virtualNetwork ?? []);
  return [...new Set(networks)];
}

function unlinkedZone(
  name: string,
  networks: readonly VirtualNetwork[],
  network: Facets["network"],
): PrivateDnsZone | undefined {
  const zones = zonesFor(name, network).filter((zone) => networks.some((one) => !isLinked(zone, one)));
  const asks = (zone: PrivateDnsZone) => privateNameOf(name, name.endsWith(`.${zone.zoneName}`));
  return zones.find((zone) => hasRecord(zone, asks(zone))) ?? zones[0];
}
