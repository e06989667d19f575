import type { Gateway } from "../../../model/gateway.ts";
import type { WebSite } from "../../../model/services.ts";
import { isPrivateAddress, parseAddress } from "../../../network/addresses.ts";
import { privateLinkName } from "../../../network/private-link-suffixes.ts";
import type { Server } from "../../../routing/routes.ts";
import type { Decision, Found } from "../../cause.ts";
import { healthExport, needOf } from "../../exports.ts";
import { type SeenName, seenName } from "../../facets/live-names.ts";
import type { AskedName, Facets, HealthEntry } from "../../facets.ts";
import type { Need } from "../../finding.ts";
import { groupedBy } from "../../statements.ts";
import { mayBeUnreachable } from "../open-paths.ts";
import { relativeName, zonesFor } from "./private-name.ts";

/**
 * A name that is not answered privately falls back to public DNS. That is a fault only where the public answer does not
 * lead to the service: there is none, public access is closed, or the server was seen not to answer as it should.
 */
export type FallbackFacets = Pick<Facets, "gateway" | "names" | "services" | "health" | "network" | "live">;

type Standing = "certain" | "likely" | "open" | "fine";

/** The decisions about one private name whose zone is at fault, by how much is known of the public answer. */
export function decideFallback<Match>(
  { answer, servers }: AskedName,
  facets: FallbackFacets,
  match: (servers: readonly Server[], told: SeenName | undefined) => Match,
): Decision<Match>[] {
  const told = seenName(facets, servers[0]);
  const standings = groupedBy(servers, (server) => standingOf(server, answer, told, facets));
  return standings.flatMap(([standing, group]): Decision<Match>[] => {
    if (standing === "fine") return [];
    const affects = { servers: group };
    if (standing === "open") return [{ is: "undecided", needs: whatItGets(answer.name, facets), affects }];
    const basis: Found<Match>["basis"] = standing === "certain" ? "configuration" : "observed-likely";
    const found: Found<Match> = {
      is: "found",
      key: answer.name,
      match: match(group, told),
      affects,
      effect: "stops",
      basis,
    };
    // A wrong address may answer with anything, down to HTTP; what another address answers tells nothing of it.
    const other = group.every((server) => isSeenElsewhere(facets.health.of(server), told));
    return [answer.verdict === "no" || other ? found : { ...found, showsAt: "http" }];
  });
}

/** Names whose private answer hangs on documents that were not exported, of servers that were not seen to be fine. */
export function openAnswers(
  { names, health }: Pick<Facets, "names" | "health">,
  type: string,
): Decision<never>[] {
  return names.asked.flatMap(({ answer, servers }) => {
    const missing = answer.missing.find((one) => one.type.toLowerCase() === type);
    const open = servers.filter((server) => mayBeUnanswered(health.of(server)));
    return missing === undefined || open.length === 0
      ? []
      : [{ is: "undecided", needs: needOf(missing), affects: { servers: open } }];
  });
}

function mayBeUnanswered(seen: HealthEntry | undefined): boolean {
  if (seen === undefined) return true;
  const refused = seen.message.phase === "http" && seen.message.received === 403;
  return refused || seen.message.phase === "dns" || mayBeUnreachable(seen);
}

/** A live probe of an address that the gateway's own DNS was not asked for. */
function isSeenElsewhere(entry: HealthEntry | undefined, told: SeenName | undefined): boolean {
  return entry?.live?.vantage === "elsewhere" && told?.ownSay === "unasked";
}

function standingOf(
  server: Server,
  answer: AskedName["answer"],
  told: SeenName | undefined,
  facets: FallbackFacets,
): Standing {
  if (answer.verdict === "no") return "certain";
  const seen = facets.health.of(server);
  const elsewhere = isSeenElsewhere(seen, told);
  if (seen?.observation.health === "healthy" && !elsewhere) return "fine";
  if (told?.ownSay === "addresses" && told.used.every(isPrivate)) return "fine";
  const fallenBack = told?.ownSay === "addresses" || told?.ownSay === "none";
  if (fallenBack && seen?.live !== undefined && isWrongAnswer(seen) && !isOurOwnWay(seen)) return "certain";
  const byCustom = answer.answeredBy === "custom-servers";
  if (isClosed(server, facets) || hasPrivateRecord(answer.name, facets))
    return byCustom ? "likely" : "certain";
  if (seen?.observation.health !== "unhealthy" || elsewhere) return "open";
  return isWrongAnswer(seen) ? "likely" : "fine";
}

/** Sent from elsewhere, silence may be the fault of the way from there. */
function isOurOwnWay({ live }: HealthEntry): boolean {
  const outcome = live?.observation.tcp?.outcome;
  return live?.vantage === "elsewhere" && (outcome === "timed-out" || outcome === "unreachable");
}

/** What a name's public answer leads to where the service is closed to the Internet. */
function isWrongAnswer({ observation, message: { phase, received } }: HealthEntry): boolean {
  if (observation.health !== "unhealthy") return false;
  const refused = phase === "http" && received === 403;
  return phase === "dns" || phase === "tcp" || phase === "timeout" || refused;
}

function isPrivate(text: string): boolean {
  const address = parseAddress(text);
  return address !== undefined && isPrivateAddress(address);
}

/** Whether the documents show that the service lets nobody in from the Internet. */
function isClosed(server: Server, { services }: FallbackFacets): boolean {
  const service = services.of(server);
  if (service?.kind === "container-apps") return service.environment?.internal === true;
  if (service?.kind === "api-management") {
    return /^internal$/i.test(service.service?.virtualNetworkType ?? "");
  }
  return service?.kind === "app-service" && service.site !== undefined && isSiteClosed(service.site);
}

function isSiteClosed({ publicNetworkAccess, accessRestrictions }: WebSite): boolean {
  if (/^disabled$/i.test(publicNetworkAccess ?? "")) return true;
  return (
    accessRestrictions?.defaultAction === "Deny" &&
    accessRestrictions.rules.every(({ action }) => action === "Deny")
  );
}

/** One's own name with a private address in a zone: public DNS has no business knowing it. */
function hasPrivateRecord(name: string, { network }: FallbackFacets): boolean {
  if (privateLinkName(name) !== undefined) return false;
  return zonesFor(name, network).some(({ zoneName, records }) =>
    records.some((record) => record.name === relativeName(zoneName, name) && record.values.some(isPrivate)),
  );
}

function whatItGets(name: string, { gateway, health }: FallbackFacets): Need {
  return health.exported
    ? lookUp(name, gateway)
    : { what: seenNeed(name), command: healthExport(gateway.id) };
}

function seenNeed(name: string): string {
  return `whether the gateway reaches ${name} at its public address (backend health)`;
}

/** No export says what a name resolves to: it has to be asked for from inside. */
export function lookUp(name: string, gateway: Gateway, server?: string): Need {
  const where = gateway.subnet?.target?.virtualNetwork?.name ?? "the gateway's network";
  return {
    what: `what ${name} resolves to inside ${where}${server === undefined ? "" : ` at ${server}`}`,
    command: `nslookup ${/^[\w.-]+$/.test(name) ? name : "<name>"}${server === undefined ? "" : ` ${server}`}   # on a machine in ${where}`,
  };
}
