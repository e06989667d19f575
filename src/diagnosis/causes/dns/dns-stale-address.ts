import type { Server } from "../../../routing/routes.ts";
import { type Decision, defineCause, type Found } from "../../cause.ts";
import { flipOf } from "../../experiment.ts";
import { seenName } from "../../facets/live-names.ts";
import type { AskedName, Facets } from "../../facets.ts";
import type { FixProposal, Statement } from "../../finding.ts";
import type { Failing, JudgedExchange } from "../../live-evidence.ts";
import { evidence, groupedBy, listed, poolSubject, sentWords, subject } from "../../statements.ts";
import { addressCauses, networkCauses } from "../families.ts";
import { timeText } from "./activity.ts";
import { addressTrials } from "./address-trials.ts";
import { useOf } from "./answer-evidence.ts";
import { type ChangedRecord, changedRecord } from "./changed-record.ts";
import { type KeptAddress, keptAddresses, keptEvidence } from "./kept-address.ts";
import { answersSeen, otherAddresses } from "./seen-answers.ts";
import { recorded } from "./zone-trials.ts";

type StaleFacets = Pick<
  Facets,
  "gateway" | "names" | "health" | "network" | "activities" | "clock" | "live" | "traffic"
>;

interface Match {
  readonly name: string;
  readonly servers: readonly Server[];
  readonly seen: ReturnType<typeof seenName>;
  readonly why: /** The record was changed a short while ago. */
    | ({ readonly is: "changed" } & ChangedRecord)
    /** What the gateway's servers answer fails, and another address serves. */
    | { readonly is: "answered"; readonly used: readonly string[]; readonly serving: string }
    /** The gateway goes on to an address that the name had before. */
    | { readonly is: "kept"; readonly kept: readonly [KeptAddress, ...KeptAddress[]] }
    /** Of several addresses of the name some fail. */
    | {
        readonly is: "one-of-several";
        readonly bad: readonly JudgedExchange[];
        readonly good: readonly JudgedExchange[];
      };
}

export default defineCause({
  id: "dns-stale-address",
  title: "Name leads to an address that does not serve any more",
  layer: "dns",
  decidedBy: ["activity", "health", "log", "live"],
  reads: ["gateway", "names", "health", "network", "activities", "clock", "live", "traffic"],
  explainedBy: [
    "gateway-stopped",
    ...networkCauses,
    ...addressCauses,
    "dns-not-restarted",
    "dns-inconsistent-servers",
    "dns-zone-not-linked",
    "dns-zone-missing",
  ],
  about: `A record was changed to another address, and the gateway keeps the answer it has until its time to live is over. Probes
go on to the old address and fail there, although the name resolves rightly wherever it is asked anew. It heals by
itself within the time to live; a shorter one before planned changes keeps the gap small. Or a name has several
addresses, all of which the gateway uses, and behind one of them nothing serves: then some requests fail. Live, every
address of a name is asked, and those that other servers or the records have.`,
  find: (facets) =>
    facets.names.asked.flatMap((asked): Decision<Match>[] => {
      const claims = [
        partlyFailing(asked, facets),
        keptSince(asked, facets),
        answeredOtherwise(asked, facets),
        changed(asked, facets),
      ];
      const claim = claims.find((one) => one !== undefined);
      return claim === undefined ? [] : [claim];
    }),
  trials: (facets, failing) => {
    const asked = facets.names.of(failing.server);
    return asked === undefined ? [] : trialsOf(asked, facets, failing);
  },
  say: ({ name, servers, seen, why }, affects): Statement => {
    const pools = [...new Set(servers.map(({ pair }) => pair.pool))].map(poolSubject);
    const named = `${name}${useOf(affects.servers ?? servers)}`;
    if (why.is === "changed") return sayChanged(why, named);
    if (why.is === "kept") return sayKept(why.kept, named);
    if (why.is === "answered") {
      const says = `${named} leads to ${listed(why.used)}, which does not serve, while ${why.serving} does`;
      return { summary: says, subjects: pools, evidence: answersSeen(seen) };
    }
    const [bad, good] = [addressesOf(why.bad), addressesOf(why.good)];
    return {
      summary: `${named} has several addresses, and ${listed(bad)} ${bad.length === 1 ? "fails" : "fail"} while ${listed(good)} ${good.length === 1 ? "serves" : "serve"}`,
      subjects: pools,
      evidence: [
        ...[...why.bad.slice(0, 4), ...why.good.slice(0, 1)].map((one) =>
          evidence(`${sentWords(one)}, at ${addressOf(one)}: ${one.says}`, one.source),
        ),
        ...answersSeen(seen),
      ],
    };
  },
  fix: ({ name, why }) => fixOf(name, why),
});

function claimOf(
  { answer: { name } }: AskedName,
  servers: readonly Server[],
  facets: StaleFacets,
  why: Match["why"],
  rest: Pick<Found<Match>, "effect" | "basis"> & Partial<Pick<Found<Match>, "showsAt">>,
): Found<Match> {
  const match = { name, servers, why, seen: seenName(facets, servers[0]) };
  return { is: "found", key: name, match, affects: { servers }, ...rest };
}

/** Some addresses of the name are fine, others not. */
function partlyFailing(asked: AskedName, facets: StaleFacets): Found<Match> | undefined {
  const { live, health } = facets;
  const partial = [...live.probes, ...live.requests].filter(
    ({ server, outcome }) => outcome === "partial" && asked.servers.includes(server),
  );
  const counted = partial.filter(
    ({ server, plan }) => plan.purpose === "request" || health.of(server)?.live !== undefined,
  );
  const [first] = counted;
  if (first === undefined) return undefined;
  const ended = groupedBy(first.byAddress, ({ outcome }) => outcome);
  const of = (outcome: string) => ended.find(([one]) => one === outcome)?.[1] ?? [];
  const bad = of("failing");
  const certain = bad.some(({ vantage, observation: { tcp } }) => vantage === "gateway" || isHeard(tcp));
  const servers = asked.servers.filter((server) => counted.some((one) => one.server === server));
  const why = { is: "one-of-several", bad, good: of("fine") } as const;
  return claimOf(asked, servers, facets, why, {
    effect: "impairs",
    basis: certain ? "state" : "observed-possible",
  });
}

function isHeard(tcp: JudgedExchange["observation"]["tcp"]): boolean {
  return tcp?.outcome === "connected" || tcp?.outcome === "refused" || tcp?.outcome === "reset";
}

/** What was seen of the gateway itself does not fit what the name leads to now. */
function keptSince(asked: AskedName, facets: StaleFacets): Found<Match> | undefined {
  const [first, ...others] = keptAddresses(asked, facets);
  if (first === undefined) return undefined;
  const kept = [first, ...others] as const;
  const servers = kept.map(({ server }) => server);
  const basis = first.attempt === undefined ? "observed-likely" : "state";
  return claimOf(asked, servers, facets, { is: "kept", kept }, { effect: "impairs", basis });
}

/** The gateway's own servers answer with something else than the record, or than others do, and that serves. */
function answeredOtherwise(asked: AskedName, facets: StaleFacets): Found<Match> | undefined {
  const { live } = facets;
  const helped = live.failing.flatMap((failing) => {
    if (!asked.servers.includes(failing.server)) return [];
    const experiment = flipOf(live, failing, trialsOf(asked.answer, facets, failing));
    return experiment === undefined ? [] : [{ failing, experiment }];
  });
  const [first] = helped;
  if (first === undefined) return undefined;
  const servers = asked.servers.filter((server) => helped.some(({ failing }) => failing.server === server));
  const used = seenName(facets, servers[0])?.used ?? [];
  const serving = first.experiment.plan.manner.connectTo ?? "another";
  const probes = helped.some(({ failing }) => failing.plan.purpose === "probe");
  return claimOf(
    asked,
    servers,
    facets,
    { is: "answered", used, serving },
    // Whoever has the old address now answers, or nobody does.
    { effect: probes ? "stops" : "stops-requests", basis: "observed-likely", showsAt: "http" },
  );
}

function trialsOf(answer: AskedName["answer"], facets: StaleFacets, failing: Failing) {
  const { reason } = answer;
  const seen = seenName(facets, failing.server);
  const open = reason === undefined || reason === "custom-servers-decide";
  if (!open || seen?.ownSay !== "addresses") return [];
  const places = [...recorded(answer.name, facets), ...otherAddresses(seen)];
  return addressTrials(facets.live, failing, seen, places);
}

/** The record was changed, and what the gateway had before may still be kept. */
function changed(asked: AskedName, facets: StaleFacets): Found<Match> | undefined {
  const found = changedRecord(asked, facets);
  if (found === undefined) return undefined;
  const { servers, ...record } = found;
  return claimOf(
    asked,
    servers,
    facets,
    { is: "changed", ...record },
    // Whoever has the old address now answers, or nobody does.
    { effect: "stops", basis: "observed-possible", showsAt: "http" },
  );
}

function addressOf({ observation: { tcp, sent } }: JudgedExchange): string {
  return tcp?.address ?? sent.target;
}

function addressesOf(exchanges: readonly JudgedExchange[]): readonly string[] {
  return [...new Set(exchanges.map(addressOf))];
}

function sayKept(kept: readonly [KeptAddress, ...KeptAddress[]], named: string): Statement {
  const [{ address, seen }] = kept;
  return {
    summary: `${named} leads to ${listed(seen.used)}, but the gateway still goes to ${address}, which it was told before and which does not serve`,
    subjects: [...new Set(kept.map(({ server }) => server.pair.pool))].map(poolSubject),
    evidence: kept.flatMap(keptEvidence),
  };
}

function sayChanged({ zone, record, write, ttlS }: ChangedRecord, named: string): Statement {
  return {
    summary: `Record ${record.name} of zone ${zone.zoneName} was changed on ${timeText(write.timeMs)} and may be kept for ${ttlS} s, so the gateway may still use the former address of ${named}`,
    subjects: [subject("privateDnsZone", zone)],
    evidence: [
      evidence(`the record was changed on ${timeText(write.timeMs)}`, write.source),
      evidence(`it now has ${record.values.join(", ")}, to be kept for ${ttlS} s`, record.source),
    ],
  };
}

function fixOf(name: string, why: Match["why"]): FixProposal {
  if (why.is === "answered") {
    return {
      summary: `Let the DNS servers of the gateway's network answer ${name} with ${why.serving}: correct the record there, or wait until what they keep is over.`,
      changes: [],
      sideEffects: [
        "The gateway asks again when its answers' time to live is over; a stop and start does it at once.",
      ],
    };
  }
  if (why.is === "kept") {
    const [{ address, ttlS }] = why.kept;
    return {
      summary: `Let ${address} serve until the ${ttlS} s are over for which ${name} may be kept, or stop and start the gateway; give the record a short time to live before the next change.`,
      changes: [],
      sideEffects: ["The gateway serves nothing while it is stopped."],
    };
  }
  if (why.is === "one-of-several") {
    const bad = listed(addressesOf(why.bad));
    return {
      summary: `Take ${bad} out of the record of ${name} if no server is meant to be there, or repair the server there.`,
      changes: [],
      sideEffects: ["Everyone who uses the name no longer gets an address that is taken out."],
    };
  }
  const { zone, record, ttlS } = why;
  return {
    summary: `Wait until the ${ttlS} s are over; give record ${record.name} of ${zone.zoneName} a time to live of 60 s before the next change.`,
    changes: [
      { action: "set", resourceId: `${zone.id}/${record.type}/${record.name}`, path: "ttl", value: 60 },
    ],
    sideEffects: ["Resolvers ask for the name more often."],
    notVerifiable: "time heals it: the shorter time to live only helps at the next change",
  };
}
