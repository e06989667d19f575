import type { Gateway } from "../../../model/gateway.ts";
import type { NameAnswer } from "../../../network/names.ts";
import type { Server } from "../../../routing/routes.ts";
import { type Decision, defineCause, type Found } from "../../cause.ts";
import { flipOf } from "../../experiment.ts";
import { denies, resolves, type SeenName, seenName } from "../../facets/live-names.ts";
import type { Facets } from "../../facets.ts";
import type { Statement } from "../../finding.ts";
import type { Failing } from "../../live-evidence.ts";
import { evidence, listed, subject } from "../../statements.ts";
import { addressTrials, basisOfAnswers } from "./address-trials.ts";
import { evidenceOf, useOf } from "./answer-evidence.ts";
import { answersSeen, type OtherAddress } from "./seen-answers.ts";
import { azureProvided, customServers } from "./servers.ts";
import { isUnresolved, someHealthy } from "./unresolved.ts";

interface Match {
  readonly gateway: Gateway;
  readonly asked: readonly string[];
  readonly answer: NameAnswer;
  readonly servers: readonly Server[];
  readonly mixed: boolean;
  readonly seen: SeenName | undefined;
}

export default defineCause({
  id: "dns-inconsistent-servers",
  title: "DNS servers of the network give different answers",
  layer: "dns",
  decidedBy: ["configuration", "health", "live"],
  reads: ["gateway", "names", "health", "live"],
  explainedBy: ["gateway-stopped", "dns-server-unreachable", "dns-not-restarted"],
  about: `The virtual network names several DNS servers that do not know the same: one has the record or the forwarder, another
has not, or 168.63.129.16 stands beside servers that cannot see private zones. The first to answer wins, so names come
and go, and instances of the gateway disagree. Live, each of them is asked and their answers differ. All servers of a network have to give the same answers.`,
  find: (facets) => {
    const { gateway, names } = facets;
    const configured = gateway.subnet?.target?.virtualNetwork?.dnsServers ?? [];
    return names.asked.flatMap(({ answer, servers }): Decision<Match>[] => {
      const { answeredBy, verdict } = answer;
      if ((answeredBy !== "custom-servers" && answeredBy !== undefined) || verdict !== "unknown") return [];
      const seen = seenName(facets, servers[0]);
      const asked = configured.length > 0 ? configured : (seen?.own ?? []).map(({ server }) => server);
      if (asked.length < 2 && (seen?.own.length ?? 0) < 2) return [];
      const mixed = configured.includes(azureProvided) && customServers({ gateway }).length > 0;
      const claim = seenClaim(servers, seen, facets) ?? reportedClaim(servers, answer, mixed, facets);
      if (claim === undefined) return [];
      const match = { gateway, asked, answer, servers: claim.affects.servers, mixed, seen };
      return [{ is: "found", key: answer.name, match, ...claim }];
    });
  },
  trials: (facets, failing) => {
    const seen = seenName(facets, failing.server);
    return seen === undefined ? [] : trialsOf(facets, failing, seen);
  },
  say: ({ gateway, asked, answer, servers, mixed, seen }, affects): Statement => ({
    summary: `The DNS servers ${listed(asked)} of the network of gateway ${gateway.name} do not agree on ${answer.name}${useOf(affects.servers ?? servers)}`,
    subjects:
      gateway.subnet?.target?.virtualNetwork === undefined
        ? []
        : [subject("virtualNetwork", gateway.subnet.target.virtualNetwork)],
    evidence: [
      evidence(
        mixed
          ? `${azureProvided}, which sees private zones, stands beside servers of one's own`
          : `several servers are asked: ${listed(asked)}`,
        gateway.subnet?.target?.virtualNetwork?.source.at("dhcpOptions") ?? gateway.source,
      ),
      ...evidenceOf(answer),
      ...answersSeen(seen),
    ],
  }),
  fix: ({ asked, answer }) => ({
    summary: `Let all of ${listed(asked)} give the same answer for ${answer.name}: forward from each of one's own servers to ${azureProvided}, and do not list ${azureProvided} beside them.`,
    changes: [],
    sideEffects: ["A changed list of DNS servers takes effect on the gateway only after a stop and start."],
  }),
});

type Claim = Pick<Found<Match>, "effect" | "basis" | "showsAt"> & {
  readonly affects: { readonly servers: readonly Server[] };
};
type SeenFacets = Pick<Facets, "gateway" | "health" | "live">;

/** What the servers themselves were seen to say: the first that decides is the one the gateway goes by. */
function seenClaim(
  servers: readonly Server[],
  seen: SeenName | undefined,
  facets: SeenFacets,
): Claim | undefined {
  if (seen === undefined) return undefined;
  const { health, live } = facets;
  if (seen.own.some(resolves) && seen.own.some(denies)) {
    const affected = servers.filter((server) => isUnresolved(server, health) || isPartial(server, health));
    const basis = basisOfAnswers(live, affected, (one) => trialsOf(facets, one, seen));
    if (affected.length > 0) return { affects: { servers: affected }, effect: "stops", basis };
    return { affects: { servers }, effect: "threatens", basis: "state" };
  }
  const helped = live.failing.filter(
    (failing) =>
      servers.includes(failing.server) && flipOf(live, failing, trialsOf(facets, failing, seen))?.flipped,
  );
  const affected = servers.filter((server) => helped.some((failing) => failing.server === server));
  return affected.length === 0
    ? undefined
    : // The wrong address may answer with anything.
      { affects: { servers: affected }, effect: "stops", basis: "observed-likely", showsAt: "http" };
}

/** What can be told from the gateway's report alone. */
function reportedClaim(
  servers: readonly Server[],
  { reason }: NameAnswer,
  mixed: boolean,
  { health }: SeenFacets,
): Claim | undefined {
  const failing = servers.filter((server) => isUnresolved(server, health) || isPartial(server, health));
  const flapping =
    failing.length > 0 &&
    (someHealthy(servers, health) || failing.some((server) => isPartial(server, health)));
  const split = failing.length > 0 && mixed && reason === "custom-servers-decide";
  if (!flapping && !split) return undefined;
  const basis = flapping && mixed ? "observed-likely" : "observed-possible";
  return { affects: { servers: failing }, effect: "stops", basis };
}

/** The same exchange with what the others of the gateway's servers answer. */
function trialsOf({ live }: SeenFacets, failing: Failing, seen: SeenName) {
  const places = seen.own.flatMap(({ server, addresses }): OtherAddress[] =>
    addresses.map((address) => ({ address, from: server })),
  );
  return seen.own.length < 2 ? [] : addressTrials(live, failing, seen, places);
}

/** Instances of the gateway disagree, says its report. */
function isPartial(server: Server, health: Facets["health"]): boolean {
  const seen = health.of(server);
  return seen?.observation.health === "partial" && seen.live === undefined;
}
