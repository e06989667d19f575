import type { Gateway } from "../../../model/gateway.ts";
import type { NameAnswer } from "../../../network/names.ts";
import type { Server } from "../../../routing/routes.ts";
import { type Decision, defineCause } from "../../cause.ts";
import type { Facets } from "../../facets.ts";
import type { Statement } from "../../finding.ts";
import { listed, seenEvidence, subject } from "../../statements.ts";
import { evidenceOf, useOf } from "./answer-evidence.ts";
import { lookUp, openAnswers } from "./public-fallback.ts";
import { customServers } from "./servers.ts";
import { isUnresolved, someHealthy } from "./unresolved.ts";

interface Match {
  readonly gateway: Gateway;
  readonly answer: NameAnswer;
  readonly asked: readonly string[];
  readonly servers: readonly Server[];
  readonly seen: ReturnType<Facets["health"]["of"]>;
}

export default defineCause({
  id: "dns-custom-cannot-resolve",
  title: "Custom DNS servers do not resolve the server's name",
  layer: "dns",
  decidedBy: ["health"],
  reads: ["gateway", "names", "health"],
  explainedBy: [
    "gateway-stopped",
    "dns-server-unreachable",
    "dns-not-restarted",
    "dns-cache-lost-on-put",
    "dns-inconsistent-servers",
    "dns-zone-not-linked",
    "dns-zone-missing",
    "dns-zone-shadow",
    "dns-short-name",
  ],
  about: `The virtual network uses DNS servers of its own and the gateway asks them for the names in its pools. They answer, but
not with an address: a forwarder to 168.63.129.16 or to the public DNS is missing, or a record is. Health says that no
probe could be made, or is Unknown for these servers alone. The same name resolves when 168.63.129.16 is asked directly.`,
  find: ({ gateway, names, health }) => [
    ...names.asked.flatMap(({ answer, servers }): Decision<Match>[] => {
      const byCustom = answer.answeredBy === "custom-servers" && answer.verdict === "unknown";
      const open = answer.reason === undefined || answer.reason === "custom-servers-decide";
      if (!byCustom || !open || someHealthy(servers, health)) return [];
      const failing = servers.filter((server) => isUnresolved(server, health));
      const asked = customServers({ gateway });
      if (failing.length === 0) {
        const unseen = servers.filter((server) => health.of(server) === undefined);
        const needs = lookUp(answer.name, gateway, asked[0]);
        return unseen.length === 0 ? [] : [{ is: "undecided", needs, affects: { servers: unseen } }];
      }
      const seen = failing[0] === undefined ? undefined : health.of(failing[0]);
      return [
        {
          is: "found",
          key: answer.name,
          match: { gateway, answer, asked, servers: failing, seen },
          affects: { servers: failing },
          effect: "stops",
          // A name of which a private zone is known exists for certain; any other may be misspelt.
          basis: answer.reason === undefined ? "observed-possible" : "observed-likely",
        },
      ];
    }),
    ...openAnswers({ names, health }, "microsoft.network/virtualnetworks"),
  ],
  say: ({ gateway, answer, asked, servers, seen }, affects): Statement => ({
    summary: `The DNS servers of the gateway's network, ${listed(asked)}, do not give gateway ${gateway.name} an address for ${answer.name}${useOf(affects.servers ?? servers)}`,
    subjects:
      gateway.subnet?.target?.virtualNetwork === undefined
        ? []
        : [subject("virtualNetwork", gateway.subnet.target.virtualNetwork)],
    evidence: [...evidenceOf(answer), ...(seen === undefined ? [] : [seenEvidence(seen)])],
  }),
  fix: ({ answer, asked }) => ({
    summary: `Let ${listed(asked)} forward ${answer.name} to a server that knows it (168.63.129.16 for private zones and public names), or add the record there.`,
    changes: [],
    sideEffects: [
      "The gateway asks again when its answers' time to live is over; a stop and start does it at once.",
    ],
  }),
});
