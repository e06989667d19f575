import type { Gateway } from "../../../model/gateway.ts";
import type { VirtualNetwork } from "../../../model/network.ts";
import type { ActivityObservation } from "../../../model/observations.ts";
import { idKey } from "../../../model/resource.ts";
import type { Server } from "../../../routing/routes.ts";
import { type Decision, defineCause, type Found } from "../../cause.ts";
import { activityExport } from "../../exports.ts";
import { type SeenName, seenName } from "../../facets/live-names.ts";
import type { Facets } from "../../facets.ts";
import type { FixProposal, Statement } from "../../finding.ts";
import { evidence, gatewaySubject, listed, subject } from "../../statements.ts";
import { lastStart, logCovers, operationsOn, timeText } from "./activity.ts";
import { answersSeen } from "./seen-answers.ts";
import { asksOthers } from "./servers.ts";
import { isUnresolved, isUnresolvedThere } from "./unresolved.ts";

interface Match {
  readonly gateway: Gateway;
  readonly network: VirtualNetwork;
  readonly write: ActivityObservation;
  readonly start: ActivityObservation | undefined;
  readonly names: readonly string[];
  readonly seen: SeenName | undefined;
}

export default defineCause({
  id: "dns-not-restarted",
  title: "DNS servers changed after the gateway was started",
  layer: "dns",
  decidedBy: ["activity", "health", "live"],
  reads: ["gateway", "names", "health", "activities", "live"],
  explainedBy: ["gateway-stopped"],
  about: `The gateway's instances take the DNS servers of their virtual network when they start and keep them. After the servers
are changed, machines that were restarted resolve names by the new ones while the gateway still asks the old. It begins
with the change, or when the old servers are switched off. Live, the present servers answer from here for a name that
the gateway reports it has no address for. Stopping and starting the gateway heals it.`,
  find: (facets) => {
    const { gateway, activities, names, health } = facets;
    const network = gateway.subnet?.target?.virtualNetwork;
    if (network === undefined) return [];
    const start = lastStart(facets);
    const [write] = operationsOn(activities, "microsoft.network/virtualnetworks/write", network.id).filter(
      (one) => one.timeMs > (start?.timeMs ?? 0) && mayChangeServers(one, network),
    );
    if (write === undefined) return isLogged(facets, network) ? [] : openQuestion(facets, network);
    // A restart does not help where the present configuration gives no answer either.
    const asked = names.asked.filter(
      ({ answer, servers }) => answer.verdict !== "no" && !isVain(seenName(facets, servers[0]), gateway),
    );
    const failing = asked.flatMap(({ servers }) =>
      servers.filter((server) => isWithoutAddress(server, health)),
    );
    const unseen = asked.flatMap(({ servers }) =>
      servers.filter((server) => health.of(server) === undefined),
    );
    const servers: readonly Server[] = failing.length > 0 ? failing : unseen;
    if (servers.length === 0) return [];
    const likely = namesServers(write) && (start !== undefined || logCovers(facets));
    const seen = asked.flatMap((one) => seenName(facets, one.servers[0]) ?? []);
    const answered = seen.find(({ ownSay }) => ownSay === "addresses");
    const decision: Decision<Match> = {
      is: "found",
      key: network.name,
      match: { gateway, network, write, start, names: namesOf(servers), seen: answered },
      affects: { servers },
      effect: failing.length > 0 ? "stops" : "threatens",
      basis: basisOf(failing.length > 0, likely, answered !== undefined),
    };
    return [decision];
  },
  say: ({ gateway, network, write, start, names, seen }): Statement => ({
    summary: `The DNS servers of ${network.name} were written on ${timeText(write.timeMs)}, and gateway ${gateway.name} was not started since: it still asks the former ones for ${listed(names)}`,
    subjects: [gatewaySubject(gateway), subject("virtualNetwork", network)],
    evidence: [
      evidence(`${network.name} was changed on ${timeText(write.timeMs)}`, write.source),
      evidence(
        `its DNS servers are now ${network.dnsServers.length === 0 ? "Azure's own" : listed(network.dnsServers)}`,
        network.source.at("dhcpOptions"),
      ),
      ...(start === undefined
        ? []
        : [evidence(`the gateway was last started on ${timeText(start.timeMs)}`, start.source)]),
      ...answersSeen(seen),
    ],
  }),
  fix: ({ gateway }): FixProposal => ({
    summary: `Stop and start gateway ${gateway.name}, so that it takes the present DNS servers.`,
    changes: [
      {
        action: "operate",
        resourceId: gateway.id,
        operation: "stop-start",
        becomes: [{ path: "operationalState", value: "Running" }],
      },
    ],
    sideEffects: ["The gateway serves nothing while it is stopped, usually for several minutes."],
  }),
});

/** The servers that the network has now were asked, and lead nowhere either. */
function isVain(seen: SeenName | undefined, gateway: Gateway): boolean {
  const vain = seen?.ownSay === "none" || (seen?.ownSay === "silence" && seen.vantage === "gateway");
  return vain && !asksOthers(seen, gateway);
}

function isWithoutAddress(server: Server, health: Facets["health"]): boolean {
  return isUnresolved(server, health) || isUnresolvedThere(server, health);
}

/** The log says what was changed, the report that it fails, and the servers as they are now answer. */
function basisOf(fails: boolean, likely: boolean, answered: boolean): Found<Match>["basis"] {
  if (!fails) return "observed-possible";
  if (likely) return answered ? "configuration" : "observed-likely";
  return answered ? "observed-likely" : "observed-possible";
}

/** The log has anything of the network or of the gateway: what it does not have did not happen. */
function isLogged(facets: Pick<Facets, "gateway" | "activities">, network: VirtualNetwork): boolean {
  const key = idKey(network.id);
  return logCovers(facets) || facets.activities.some(({ resourceId }) => idKey(resourceId).startsWith(key));
}

/** Names that should resolve as things are, or that custom servers answer, and that the gateway has no address for. */
function openQuestion(
  { names, health }: Pick<Facets, "names" | "health">,
  network: VirtualNetwork,
): Decision<Match>[] {
  const servers = names.asked.flatMap((asked) => {
    const { verdict, answeredBy } = asked.answer;
    const changeable = verdict === "yes" || (verdict === "unknown" && answeredBy === "custom-servers");
    return changeable ? asked.servers.filter((server) => isWithoutAddress(server, health)) : [];
  });
  const what = `when the DNS servers of ${network.name} were changed and the gateway was last started`;
  const needs = { what, command: activityExport(network.id) };
  return servers.length === 0 ? [] : [{ is: "undecided", needs, affects: { servers } }];
}

/** A write whose body is in the log has to speak of the servers the network has now. */
function mayChangeServers({ source }: ActivityObservation, { dnsServers }: VirtualNetwork): boolean {
  const text = JSON.stringify(source.value) ?? "";
  if (!/requestbody/i.test(text)) return true;
  return /dnsservers/i.test(text) && dnsServers.every((server) => text.includes(server));
}

function namesServers({ source }: ActivityObservation): boolean {
  return /dnsservers/i.test(JSON.stringify(source.value) ?? "");
}

function namesOf(servers: readonly Server[]): readonly string[] {
  return [...new Set(servers.flatMap(({ address }) => address ?? []))];
}
