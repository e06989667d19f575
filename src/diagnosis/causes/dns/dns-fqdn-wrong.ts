import type { Gateway } from "../../../model/gateway.ts";
import type { NameAnswer } from "../../../network/names.ts";
import type { Server } from "../../../routing/routes.ts";
import { type Decision, defineCause } from "../../cause.ts";
import { needOf } from "../../exports.ts";
import { denies, resolves, type SeenName, seenName, speaks } from "../../facets/live-names.ts";
import type { Facets, HealthEntry } from "../../facets.ts";
import type { FixProposal, Statement } from "../../finding.ts";
import { evidence, poolSubject, seenEvidence } from "../../statements.ts";
import { nameCauses } from "../families.ts";
import { useOf } from "./answer-evidence.ts";
import { nameFinder } from "./like-names.ts";
import { replaceMember } from "./pool-change.ts";
import { lookUp } from "./public-fallback.ts";
import { answersSeen } from "./seen-answers.ts";
import { isUnresolved, someHealthy } from "./unresolved.ts";

interface Match {
  readonly gateway: Gateway;
  readonly answer: NameAnswer;
  readonly like: string | undefined;
  readonly likeResolves: boolean;
  readonly servers: readonly Server[];
  readonly seen: HealthEntry | undefined;
  /** What DNS servers were seen to say. */
  readonly asked: SeenName | undefined;
}

export default defineCause({
  id: "dns-fqdn-wrong",
  title: "Pool holds a name that does not exist",
  layer: "dns",
  decidedBy: ["health", "live"],
  showsInHealthOf: "named-servers",
  reads: ["gateway", "names", "health", "network", "live"],
  explainedBy: ["gateway-stopped", ...nameCauses.filter((id) => id !== "dns-fqdn-wrong")],
  about: `A backend pool names a server by a DNS name that no server knows: misspelt, of a deleted service, or never registered.
The gateway cannot make a probe for it and has no address to send requests to. The name fails everywhere, not only from
inside the gateway's network; that is what tells it from all other DNS causes. Live, the gateway's DNS servers and all
that are asked to compare say that it does not exist.`,
  find: ({ gateway, names, health, network, live }) => {
    const likeName = nameFinder(network);
    return names.asked.flatMap(({ answer, servers }): Decision<Match>[] => {
      if (answer.verdict !== "unknown" || answer.reason !== undefined) return [];
      const failing = servers.filter((server) => isUnresolved(server, health));
      if (failing.length === 0 || someHealthy(servers, health)) return [];
      const affects = { servers: failing };
      const asked = seenName({ live, gateway }, failing[0]);
      const standing = asked === undefined ? "open" : standingOf(asked, answer, network);
      if (standing === "known") return [];
      const like = likeName(answer.name);
      // Custom servers may simply not know a name that exists.
      const open = standing === "open" && like === undefined;
      if (answer.answeredBy === "custom-servers" && open) {
        const needs = lookUp(answer.name, gateway, "168.63.129.16");
        return [{ is: "undecided", needs, affects }];
      }
      // A private zone may well know it, which only an export of zones and links can tell.
      const zones = answer.missing.find(({ type }) => type.startsWith("microsoft.network/privatednszones"));
      if (zones !== undefined && open) {
        return [{ is: "undecided", needs: needOf(zones), affects }];
      }
      const seen = failing[0] === undefined ? undefined : health.of(failing[0]);
      const likeResolves = like !== undefined && names.resolve(like).verdict === "yes";
      return [
        {
          is: "found",
          key: answer.name,
          match: { gateway, answer, like, likeResolves, servers: failing, seen, asked },
          affects,
          effect: "stops",
          basis: basisOf(standing, answer, seen),
        },
      ];
    });
  },
  say: ({ answer, like, servers, seen, asked }, affects): Statement => ({
    summary: `${answer.name}${useOf(affects.servers ?? servers)} cannot be resolved${like === undefined ? "" : `; ${like} exists and differs by a letter or two`}`,
    subjects: [...new Set(servers.map(({ pair }) => pair.pool))].map(poolSubject),
    evidence: [
      ...servers.slice(0, 1).map(({ member }) => evidence(`the pool names ${answer.name}`, member.source)),
      ...(seen === undefined ? [] : [seenEvidence(seen)]),
      ...answersSeen(asked),
    ],
  }),
  fix: correct,
});

/**
 * `nowhere`: the gateway's servers and others deny the name, or it cannot be asked for. `denied`: the one who was asked
 * denies it. `known`: somebody knows it, so it is not the name that is wrong.
 */
type Standing = "nowhere" | "denied" | "known" | "open";

function standingOf(
  { own, others, ownSay, unaskable }: SeenName,
  answer: NameAnswer,
  { listedTypes }: Facets["network"],
): Standing {
  if (unaskable) return "nowhere";
  const voices = [...own, ...others].filter(speaks);
  if (voices.some(resolves)) return "known";
  // Whom nobody here can ask may have a private zone for it.
  const settled = ownSay === "none" || (answer.answeredBy === "public-dns" && answer.missing.length === 0);
  if (!settled || voices.length === 0 || !voices.every(denies)) return "open";
  const missing = voices.some(({ says }) => says === "no-such-name");
  const zonesKnown = ownSay === "none" || listedTypes.has("microsoft.network/privatednszones");
  if (missing && zonesKnown && voices.length > 1) return "nowhere";
  return ownSay === "none" ? "open" : "denied";
}

function basisOf(standing: Standing, answer: NameAnswer, seen: HealthEntry | undefined) {
  if (standing === "nowhere") return "state";
  return standing === "denied" || isTelling(answer, seen) ? "observed-likely" : "observed-possible";
}

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
