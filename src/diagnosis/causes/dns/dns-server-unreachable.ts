import type { Gateway } from "../../../model/gateway.ts";
import type { Hop } from "../../../network/path.ts";
import type { Server } from "../../../routing/routes.ts";
import { type Decision, defineCause, type Found } from "../../cause.ts";
import { type SeenName, seenName, speaks } from "../../facets/live-names.ts";
import type { AskedName, Facets } from "../../facets.ts";
import type { FixProposal, Statement, Subject } from "../../finding.ts";
import { evidence, listed, ruleSubject, subject } from "../../statements.ts";
import { allowRuleAbove } from "../nsg/allow-rule.ts";
import { repairPeering, sidesOf } from "../route/peering-change.ts";
import { removeRoute, routeSubject } from "../route/route-change.ts";
import { lookUp, openAnswers } from "./public-fallback.ts";
import { answersSeen } from "./seen-answers.ts";
import { asksOthers, customServers, type DnsPath, dnsPaths } from "./servers.ts";
import { isUnresolved, someHealthy } from "./unresolved.ts";

interface Match {
  readonly gateway: Gateway;
  /** As the network names them. */
  readonly asked: readonly string[];
  readonly seen: SeenName | undefined;
  readonly paths: readonly DnsPath[];
  readonly names: readonly string[];
  readonly servers: readonly Server[];
  readonly network: Facets["network"];
}

export default defineCause({
  id: "dns-server-unreachable",
  title: "Custom DNS servers do not answer the gateway",
  layer: "dns",
  decidedBy: ["configuration", "health", "live"],
  reads: ["gateway", "names", "reach", "health", "network", "live"],
  explainedBy: ["gateway-stopped", "peering-broken", "dns-not-restarted"],
  about: `The virtual network names DNS servers of its own, and the way from the gateway subnet to their port 53 (UDP and TCP) is
cut: by a security group, a route, a firewall, or because they live in a network that is not peered; or nothing serves
DNS there. Live, they are silent in the gateway's subnet while other servers answer. The gateway then
gets no address for the names in its pools; their health is Unknown or says that no probe could be made. Servers given
by address go on working.`,
  find: (facets) => {
    const cut = facets.names.asked.filter(({ answer }) => answer.reason === "servers-unreachable");
    const blocked = decideBlocked(facets, cut);
    if (cut.length > 0) return blocked;
    return [...decideSilent(facets), ...openAnswers(facets, "microsoft.network/virtualnetworks")];
  },
  say: ({ gateway, asked, paths, names, seen }): Statement => ({
    summary: `Gateway ${gateway.name} ${paths.some(isBlocked) ? "cannot reach" : "gets no answer from"} its DNS servers ${listed(asked)}, so ${listed(names)} cannot be resolved${whyCut(paths)}`,
    subjects: [
      ...blockerSubjects(paths[0]?.path.blocker),
      ...(gateway.subnet?.target?.virtualNetwork === undefined
        ? []
        : [subject("virtualNetwork", gateway.subnet.target.virtualNetwork)]),
    ],
    evidence: [
      evidence(
        `the network's DNS servers are ${listed(gateway.subnet?.target?.virtualNetwork?.dnsServers ?? asked)}`,
        gateway.subnet?.target?.virtualNetwork?.source.at("dhcpOptions") ?? gateway.source,
      ),
      ...paths.flatMap(({ server, path: { blocker } }) =>
        blocker?.origin === undefined ? [] : [evidence(`to ${server}: ${blocker.says}`, blocker.origin)],
      ),
      ...answersSeen(seen),
    ],
  }),
  fix: unblock,
});

type DnsFacets = Pick<Facets, "gateway" | "names" | "reach" | "health" | "network" | "live">;

/** By the documents the way is cut. Servers that were heard in the gateway's own subnet can be reached. */
function decideBlocked(facets: DnsFacets, cut: readonly AskedName[]): Decision<Match>[] {
  const told = cut.map((asked) => ({ asked, seen: seenName(facets, asked.servers[0]) }));
  const standing = told.filter(
    ({ seen }) => seen?.vantage !== "gateway" || (seen.ownSay !== "addresses" && seen.ownSay !== "none"),
  );
  if (standing.length === 0) return [];
  const seen = standing.find((one) => one.seen !== undefined)?.seen;
  const found = claimOf(facets, standing, seen, isSilentHere(seen) ? "state" : "configuration");
  // What was heard elsewhere came by another way.
  const elsewhere = (found.affects.servers ?? []).every(
    (server) => (facets.health.of(server)?.live?.vantage ?? "elsewhere") === "elsewhere",
  );
  return [elsewhere && seen !== undefined ? { ...found, showsAt: "nsg" } : found];
}

/** The documents leave the way open, and yet nothing came back. */
function decideSilent(facets: DnsFacets): Decision<Match>[] {
  const { gateway, names, health } = facets;
  const silent = names.asked.flatMap((asked) => {
    const { answeredBy, verdict } = asked.answer;
    const byCustom = answeredBy === "custom-servers" || answeredBy === undefined;
    const seen = seenName(facets, asked.servers[0]);
    const fits = byCustom && verdict === "unknown" && seen?.ownSay === "silence";
    return fits && !someHealthy(asked.servers, health) ? [{ asked, seen }] : [];
  });
  const sure = silent.filter(({ seen }) => isSilentHere(seen));
  if (sure.length > 0) return [claimOf(facets, sure, sure[0]?.seen, "state")];
  const likely = silent.filter(
    ({ asked, seen }) =>
      seen.own.every(({ says }) => says === "closed") ||
      asked.servers.some((server) => isUnresolved(server, health)),
  );
  if (likely.length > 0) return [claimOf(facets, likely, likely[0]?.seen, "observed-likely")];
  return silent.map(({ asked, seen }) => ({
    is: "undecided",
    needs: lookUp(asked.answer.name, gateway, customServers(facets)[0] ?? seen.own[0]?.server),
    affects: { servers: asked.servers },
  }));
}

/** Silence counts where the gateway itself stands, and where others are heard. */
function isSilentHere(seen: SeenName | undefined): boolean {
  return seen?.ownSay === "silence" && seen.vantage === "gateway" && seen.others.some(speaks);
}

function claimOf(
  facets: DnsFacets,
  told: readonly { readonly asked: AskedName }[],
  seen: SeenName | undefined,
  basis: Found<Match>["basis"],
): Found<Match> {
  const paths = dnsPaths(facets);
  const servers = told.flatMap(({ asked }) => asked.servers);
  const configured = paths.map(({ server }) => server);
  const own = (seen?.own ?? []).map(({ server }) => server);
  // Of a gateway that was not restarted those that it asks are not those of its network.
  const asked = configured.length === 0 || asksOthers(seen, facets.gateway) ? own : configured;
  const names = told.map(({ asked: { answer } }) => answer.name);
  return {
    is: "found",
    key: configured.length > 0 ? configured.join("+") : "asked",
    match: {
      gateway: facets.gateway,
      asked,
      seen,
      paths: asked === own ? [] : paths,
      names,
      servers,
      network: facets.network,
    },
    affects: { servers },
    effect: "stops",
    basis,
  };
}

const isBlocked = ({ path }: DnsPath): boolean => path.blocker !== undefined;

function whyCut(paths: readonly DnsPath[]): string {
  const blocked = paths.find(isBlocked);
  return blocked === undefined ? "" : `: ${blocked.path.blocker?.says}`;
}

/** The object to change is what stands in the way, not the DNS server. */
function blockerSubjects(blocker: Hop | undefined): Subject[] {
  if (blocker?.kind === "security-group" && blocker.group !== undefined) {
    const own = subject("networkSecurityGroup", blocker.group);
    return blocker.rule === undefined || blocker.rule.isDefault
      ? [own]
      : [ruleSubject(blocker.group, blocker.rule), own];
  }
  if (blocker?.kind === "route" && blocker.table !== undefined && blocker.route !== undefined) {
    return [routeSubject(blocker.table, blocker.route)];
  }
  return blocker?.kind === "peering" && blocker.peering !== undefined
    ? [subject("virtualNetworkPeering", blocker.peering)]
    : [];
}

function unblock({ gateway, asked, paths, network }: Match): FixProposal | undefined {
  const blocker = paths[0]?.path.blocker;
  if (blocker?.kind === "security-group" && blocker.group !== undefined) {
    return allowRuleAbove({
      holder: blocker.group,
      rule: blocker.rule,
      direction: blocker.place === "gateway-subnet-outbound" ? "Outbound" : "Inbound",
      from: gateway.subnet?.target?.addressPrefixes ?? [],
      to: paths.map(({ server }) => server),
      ports: ["53"],
      protocol: "*",
      purpose: `${gateway.name}-dns`,
    });
  }
  if (blocker?.kind === "peering") {
    const { owner, other } = sidesOf(blocker, network);
    return repairPeering(blocker, owner, other);
  }
  if (blocker?.kind === "route" && blocker.table !== undefined && blocker.route !== undefined) {
    return {
      summary: `Remove route ${blocker.route.name} (${blocker.prefix}) from table ${blocker.table.name}.`,
      changes: [removeRoute(blocker.table, blocker.route)],
      sideEffects: [`Traffic to ${blocker.prefix} takes the next longest route instead.`],
    };
  }
  return {
    summary: `See that DNS is served at ${listed(asked)}, and open the way from the gateway subnet to port 53 (UDP and TCP) there.`,
    changes: [],
    sideEffects: [],
  };
}
