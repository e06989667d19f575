import type { Gateway } from "../../../model/gateway.ts";
import type { NameAnswer } from "../../../network/names.ts";
import type { Server } from "../../../routing/routes.ts";
import { type Decision, defineCause } from "../../cause.ts";
import { needOf } from "../../exports.ts";
import type { HealthEntry } from "../../facets.ts";
import type { FixProposal, Statement } from "../../finding.ts";
import { evidence, poolSubject, seenEvidence } from "../../statements.ts";
import { nameCauses } from "../families.ts";
import { useOf } from "./answer-evidence.ts";
import { nameFinder } from "./like-names.ts";
import { replaceMember } from "./pool-change.ts";
import { lookUp } from "./public-fallback.ts";
import { isUnresolved, someHealthy } from "./unresolved.ts";

interface Match {
  readonly gateway: Gateway;
  readonly answer: NameAnswer;
  readonly like: string | undefined;
  readonly likeResolves: boolean;
  readonly servers: readonly Server[];
  readonly seen: HealthEntry | undefined;
}

export default defineCause({
  id: "dns-fqdn-wrong",
  title: "Pool holds a name that does not exist",
  layer: "dns",
  decidedBy: ["health"],
  showsInHealthOf: "named-servers",
  reads: ["gateway", "names", "health", "network"],
  explainedBy: ["gateway-stopped", ...nameCauses.filter((id) => id !== "dns-fqdn-wrong")],
  about: `A backend pool names a server by a DNS name that no server knows: misspelt, of a deleted service, or never registered.
The gateway cannot make a probe for it and has no address to send requests to. The name fails everywhere, not only from
inside the gateway's network; that is what tells it from all other DNS causes.`,
  find: ({ gateway, names, health, network }) => {
    const likeName = nameFinder(network);
    return names.asked.flatMap(({ answer, servers }): Decision<Match>[] => {
      if (answer.verdict !== "unknown" || answer.reason !== undefined) return [];
      const failing = servers.filter((server) => isUnresolved(server, health));
      if (failing.length === 0 || someHealthy(servers, health)) return [];
      const affects = { servers: failing };
      const like = likeName(answer.name);
      // Custom servers may simply not know a name that exists.
      if (answer.answeredBy === "custom-servers" && like === undefined) {
        const needs = lookUp(answer.name, gateway, "168.63.129.16");
        return [{ is: "undecided", needs, affects }];
      }
      // A private zone may well know it, which only an export of zones and links can tell.
      const zones = answer.missing.find(({ type }) => type.startsWith("microsoft.network/privatednszones"));
      if (zones !== undefined && like === undefined) {
        return [{ is: "undecided", needs: needOf(zones), affects }];
      }
      const seen = failing[0] === undefined ? undefined : health.of(failing[0]);
      const likeResolves = like !== undefined && names.resolve(like).verdict === "yes";
      return [
        {
          is: "found",
          key: answer.name,
          match: { gateway, answer, like, likeResolves, servers: failing, seen },
          affects,
          effect: "stops",
          basis: isTelling(answer, seen) ? "observed-likely" : "observed-possible",
        },
      ];
    });
  },
  say: ({ answer, like, servers, seen }, affects): Statement => ({
    summary: `${answer.name}${useOf(affects.servers ?? servers)} cannot be resolved${like === undefined ? "" : `; ${like} exists and differs by a letter or two`}`,
    subjects: [...new Set(servers.map(({ pair }) => pair.pool))].map(poolSubject),
    evidence: [
      ...servers.slice(0, 1).map(({ member }) => evidence(`the pool names ${answer.name}`, member.source)),
      ...(seen === undefined ? [] : [seenEvidence(seen)]),
    ],
  }),
  fix: correct,
});

/** The platform's own DNS was asked, everything private was exported, and the message names the lookup. */
function isTelling(answer: NameAnswer, seen: HealthEntry | undefined): boolean {
  return seen?.message.phase === "dns" && answer.answeredBy === "public-dns" && answer.missing.length === 0;
}

function correct({ gateway, answer, like, likeResolves, servers }: Match): FixProposal {
  if (like === undefined) {
    return {
      summary: `Correct ${answer.name} in the pool, or register the name.`,
      changes: [],
      sideEffects: [],
    };
  }
  return {
    summary: `Replace ${answer.name} by ${like} in the pool.`,
    changes: replaceMember(gateway, servers, answer.name, { fqdn: like }),
    sideEffects: [`Probes and requests go to ${like}; make sure that it is the server that was meant.`],
    ...(likeResolves
      ? {}
      : {
          notVerifiable: `no document says what ${like} resolves to; asking for it shows whether it exists`,
        }),
  };
}
