import type { Gateway } from "../../../model/gateway.ts";
import type { NameAnswer } from "../../../network/names.ts";
import type { Server } from "../../../routing/routes.ts";
import { type Decision, defineCause, type Found } from "../../cause.ts";
import type { Trial } from "../../experiment.ts";
import { needOf } from "../../exports.ts";
import { type SeenName, seenName } from "../../facets/live-names.ts";
import type { Facets } from "../../facets.ts";
import type { FixProposal, Statement } from "../../finding.ts";
import type { Failing } from "../../live-evidence.ts";
import { evidence, poolSubject } from "../../statements.ts";
import { addressTrials, basisOfAnswers } from "./address-trials.ts";
import { useOf } from "./answer-evidence.ts";
import { replaceMember } from "./pool-change.ts";
import { addressFor } from "./private-name.ts";
import { lookUp } from "./public-fallback.ts";
import { answersSeen, otherAddresses } from "./seen-answers.ts";
import { isUnresolved } from "./unresolved.ts";

interface Match {
  readonly gateway: Gateway;
  readonly answer: NameAnswer;
  readonly servers: readonly Server[];
  readonly seen: SeenName | undefined;
  /** The one full name that begins with it, or the address of the machine of that name. */
  readonly full: { readonly fqdn: string } | { readonly ipAddress: string } | undefined;
}

export default defineCause({
  id: "dns-short-name",
  title: "Pool holds a name without a domain",
  layer: "dns",
  decidedBy: ["configuration", "health", "live"],
  reads: ["gateway", "names", "health", "network", "services", "live"],
  explainedBy: ["gateway-stopped", "dns-server-unreachable"],
  about: `A pool member is a single word without a dot. Such a name resolves only for virtual machines of the very same virtual
network with Azure's own DNS, or where custom DNS servers know it as it stands; the gateway adds no search domain. On a
machine with one the name works, which is how it gets into the pool. Live, the DNS servers that the gateway asks do not
know the name. The full name, or the address, has to be given.`,
  find: (facets) =>
    facets.names.asked.flatMap(({ answer, servers }): Decision<Match>[] => {
      if (answer.reason !== "single-label") return [];
      const { gateway, health, network } = facets;
      const seen = seenName(facets, servers[0]);
      if (seen?.ownSay === "addresses") return [];
      const match = (group: readonly Server[]): Match => ({
        gateway,
        answer,
        servers: group,
        seen,
        full: fullName(answer.name, facets),
      });
      const found = (group: readonly Server[], basis: Found<Match>["basis"]): Decision<Match> => ({
        is: "found",
        key: answer.name,
        match: match(group),
        affects: { servers: group },
        effect: "stops",
        basis,
      });
      if (answer.verdict === "no") return [found(servers, "configuration")];
      const failing = servers.filter((server) => isUnresolved(server, health));
      if (failing.length > 0) {
        const compared = () => basisOfAnswers(facets.live, failing, (one) => trialsOf(facets, one));
        return [found(failing, seen?.ownSay === "none" ? compared() : "observed-likely")];
      }
      const unseen = servers.filter((server) => health.of(server) === undefined);
      if (unseen.length === 0 || network.virtualNetworks.length === 0) return [];
      const [missing] = answer.missing;
      const needs = missing === undefined ? lookUp(answer.name, gateway) : needOf(missing);
      return [{ is: "undecided", needs, affects: { servers: unseen } }];
    }),
  trials: trialsOf,
  say: ({ answer, servers, seen }, affects): Statement => ({
    summary: `${answer.name}${useOf(affects.servers ?? servers)} is a name without a domain, and nothing in the gateway's network resolves it`,
    subjects: [...new Set(servers.map(({ pair }) => pair.pool))].map(poolSubject),
    evidence: [
      ...servers.slice(0, 1).map(({ member }) => evidence(`the pool names ${answer.name}`, member.source)),
      ...answer.steps.flatMap(({ says, origin }) => (origin === undefined ? [] : [evidence(says, origin)])),
      ...answersSeen(seen),
    ],
  }),
  fix: ({ gateway, answer, servers, full }): FixProposal => {
    if (full === undefined) {
      return {
        summary: `Give the full name (or the address) of ${answer.name} in the pool.`,
        changes: [],
        sideEffects: [],
      };
    }
    const now = "fqdn" in full ? full.fqdn : full.ipAddress;
    return {
      summary: `Replace ${answer.name} by ${now} in the pool.`,
      changes: replaceMember(gateway, servers, answer.name, full),
      sideEffects:
        "fqdn" in full
          ? []
          : [`The pool then holds an address: it has to be changed when the machine gets another.`],
    };
  },
});

function trialsOf(facets: Pick<Facets, "gateway" | "names" | "live">, failing: Failing): readonly Trial[] {
  const seen = failing.kind.startsWith("name-") ? seenName(facets, failing.server) : undefined;
  const answer = facets.names.of(failing.server);
  if (seen === undefined || answer?.reason !== "single-label") return [];
  return addressTrials(facets.live, failing, seen, otherAddresses(seen));
}

/** Only a single candidate is one. */
function fullName(name: string, facets: Pick<Facets, "network" | "services">): Match["full"] {
  const records = facets.network.privateDnsZones.flatMap(({ zoneName, records: sets }) =>
    sets.some((record) => record.name === name) ? [`${name}.${zoneName}`] : [],
  );
  const [only] = records;
  if (only !== undefined && records.length === 1) return { fqdn: only };
  const known = records.length === 0 ? addressFor(name, undefined, facets) : undefined;
  return known === undefined ? undefined : { ipAddress: known.address };
}
