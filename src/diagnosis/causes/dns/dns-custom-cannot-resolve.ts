import type { Gateway } from "../../../model/gateway.ts";
import type { NameAnswer } from "../../../network/names.ts";
import type { Server } from "../../../routing/routes.ts";
import { type Decision, defineCause, type Found } from "../../cause.ts";
import type { Trial } from "../../experiment.ts";
import { resolves, type SeenName, seenName, speaks } from "../../facets/live-names.ts";
import type { AskedName, Facets } from "../../facets.ts";
import type { Statement } from "../../finding.ts";
import type { Failing } from "../../live-evidence.ts";
import { listed, seenEvidence, subject } from "../../statements.ts";
import { addressTrials, basisOfAnswers } from "./address-trials.ts";
import { evidenceOf, useOf } from "./answer-evidence.ts";
import { lookUp, openAnswers } from "./public-fallback.ts";
import { answersSeen, otherAddresses } from "./seen-answers.ts";
import { customServers } from "./servers.ts";
import { isUnresolved, someHealthy } from "./unresolved.ts";

interface Match {
  readonly gateway: Gateway;
  readonly answer: NameAnswer;
  readonly asked: readonly string[];
  readonly servers: readonly Server[];
  readonly seen: ReturnType<Facets["health"]["of"]>;
  readonly told: SeenName | undefined;
}

export default defineCause({
  id: "dns-custom-cannot-resolve",
  title: "Custom DNS servers do not resolve the server's name",
  layer: "dns",
  decidedBy: ["health", "live"],
  reads: ["gateway", "names", "health", "live"],
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
probe could be made, or is Unknown for these servers alone. The same name resolves when 168.63.129.16 is asked directly. Live, the gateway's servers answer without an address while
another server has one, and the server answers there.`,
  find: (facets) => [
    ...facets.names.asked.flatMap(({ answer, servers }): Decision<Match>[] => {
      const { gateway, health, live } = facets;
      const told = seenName({ live, gateway }, servers[0]);
      if (!mayBe(answer, told) || someHealthy(servers, health)) return [];
      const failing = servers.filter((server) => isUnresolved(server, health));
      const configured = customServers({ gateway });
      const asked = configured.length > 0 ? configured : (told?.own ?? []).map(({ server }) => server);
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
          match: { gateway, answer, asked, servers: failing, seen, told },
          affects: { servers: failing },
          effect: "stops",
          basis: basisOf(answer, told, () => basisOfAnswers(live, failing, (one) => trialsOf(facets, one))),
        },
      ];
    }),
    ...openAnswers(facets, "microsoft.network/virtualnetworks"),
  ],
  trials: trialsOf,
  say: ({ gateway, answer, asked, servers, seen, told }, affects): Statement => ({
    summary: `The DNS servers of the gateway's network, ${listed(asked)}, do not give gateway ${gateway.name} an address for ${answer.name}${useOf(affects.servers ?? servers)}`,
    subjects:
      gateway.subnet?.target?.virtualNetwork === undefined
        ? []
        : [subject("virtualNetwork", gateway.subnet.target.virtualNetwork)],
    evidence: [
      ...evidenceOf(answer),
      ...(seen === undefined ? [] : [seenEvidence(seen)]),
      ...answersSeen(told),
    ],
  }),
  fix: ({ answer, asked }) => ({
    summary: `Let ${listed(asked)} forward ${answer.name} to a server that knows it (168.63.129.16 for private zones and public names), or add the record there.`,
    changes: [],
    sideEffects: [
      "The gateway asks again when its answers' time to live is over; a stop and start does it at once.",
    ],
  }),
});

function mayBe({ answeredBy, verdict, reason }: AskedName["answer"], told: SeenName | undefined): boolean {
  const byCustom = answeredBy === "custom-servers" || (answeredBy === undefined && told?.ownSay === "none");
  const open = reason === undefined || reason === "custom-servers-decide";
  if (!byCustom || verdict !== "unknown" || !open || told?.unaskable) return false;
  if (told === undefined || told.ownSay === "unasked" || told.ownSay === "silence") return true;
  if (told.ownSay === "addresses") return false;
  // A name that is known to be private exists; another that nobody has is misspelt.
  return reason !== undefined || told.others.some(resolves) || !told.others.some(speaks);
}

/** Servers may refuse to answer strangers: a refusal from elsewhere is no word on what the gateway gets. */
function mayBeForUs({ vantage, own }: SeenName): boolean {
  return vantage === "elsewhere" && own.filter(speaks).every(({ rcode }) => rcode === "REFUSED");
}

function trialsOf(
  { gateway, names, live }: Pick<Facets, "gateway" | "names" | "live">,
  failing: Failing,
): readonly Trial[] {
  const told = failing.kind.startsWith("name-") ? seenName({ live, gateway }, failing.server) : undefined;
  const answer = names.of(failing.server);
  if (told === undefined || answer === undefined || !mayBe(answer, told) || mayBeForUs(told)) return [];
  return addressTrials(live, failing, told, otherAddresses(told));
}

function basisOf(
  { reason }: AskedName["answer"],
  told: SeenName | undefined,
  compared: () => Found<Match>["basis"],
): Found<Match>["basis"] {
  const failed = told?.ownSay === "none" && !mayBeForUs(told);
  if (failed && told.others.some(resolves)) return compared();
  // A name of which a private zone is known exists for certain; any other may be misspelt.
  if (reason === undefined) return "observed-possible";
  return failed ? "configuration" : "observed-likely";
}
