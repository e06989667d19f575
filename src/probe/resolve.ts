import { isIPv6 } from "node:net";
import type { DnsAnswer, DnsPhase, DnsRole } from "../model/probe-observation.ts";
import { type AddressType, rcodeName } from "../wire/dns/codes.ts";
import { encodeName, type NameFault } from "../wire/dns/name.ts";
import type { Clock } from "./clock.ts";
import { AliasChain } from "./dns-chain.ts";
import { type AskOptions, type DnsReply, type DnsServer, queryDns, serverLabel } from "./dns-query.ts";
import { differing, usedByGateway } from "./dns-views.ts";
import { lookUpWithin, type SystemLookup } from "./system-lookup.ts";

/** Whom to ask for the addresses of a name. */
export interface ResolvePlan {
  readonly name: string;
  /** In the order in which the gateway has them; empty = it is not known whom it asks. */
  readonly gatewayServers: readonly DnsServer[];
  /** Asked only to be held against those of the gateway. */
  readonly comparisonServers: readonly DnsServer[];
  /** At least one. */
  readonly types: readonly AddressType[];
  /** For all of it. */
  readonly budgetMs: number;
  readonly localAddress: string | undefined;
}

export type Ask = (
  question: { readonly name: string; readonly type: AddressType },
  server: DnsServer,
  options: AskOptions,
) => Promise<DnsReply | NameFault>;

export interface ResolveMeans {
  readonly clock: Clock;
  /** Undefined = the system's resolver is not asked. */
  readonly systemLookup: SystemLookup | undefined;
  /** Who really asks, e.g. within the bounds of a limiter; `queryDns` if not given. */
  readonly ask?: Ask;
  readonly signal: AbortSignal | undefined;
}

/** Resolvers wait for two to five seconds before they ask again (RFC 1035 §4.2.1, resolver(5)). */
const maxMessageMs = 2_000;

/**
 * Asks all servers at once, each for every type, and this machine's resolver. Rejects only when the signal is aborted,
 * with its reason; ends within the budget.
 */
export async function resolveName(plan: ResolvePlan, means: ResolveMeans): Promise<DnsPhase> {
  const { clock } = means;
  const startedMs = clock.nowMs();
  const encoded = encodeName(plan.name);
  if (typeof encoded === "string") return unaskable(plan.name, encoded);
  const deadlineMs = startedMs + plan.budgetMs;
  const askAll = (servers: readonly DnsServer[], role: DnsRole): Promise<DnsAnswer>[] =>
    servers.flatMap((server) =>
      plan.types.map((type) => askFor(plan, { server, role, type, deadlineMs }, means)),
    );
  const answers = await Promise.all([
    ...askAll(plan.gatewayServers, "gateway"),
    ...askAll(plan.comparisonServers, "comparison"),
    ...(means.systemLookup === undefined ? [] : [askSystem(plan, means.systemLookup, means)]),
  ]);
  return {
    name: plan.name,
    unaskable: undefined,
    answers,
    differing: differing(answers, plan.types),
    used: usedByGateway(answers, plan.types),
    tookMs: clock.nowMs() - startedMs,
  };
}

function unaskable(name: string, fault: NameFault): DnsPhase {
  const nothing = { amongGatewayServers: false, withOthers: false };
  return { name, unaskable: fault, answers: [], differing: nothing, used: [], tookMs: 0 };
}

interface OneServer {
  readonly server: DnsServer;
  readonly role: DnsRole;
  readonly type: AddressType;
  readonly deadlineMs: number;
}

async function askFor(plan: ResolvePlan, one: OneServer, means: ResolveMeans): Promise<DnsAnswer> {
  const { clock, signal, ask = queryDns } = means;
  const { type, server } = one;
  const startedMs = clock.nowMs();
  const chain = new AliasChain(plan.name, type);
  let sent = 0;
  let ignored = 0;
  for (;;) {
    const leftMs = Math.max(0, one.deadlineMs - clock.nowMs());
    // Two messages over UDP and one attempt over TCP must fit into what is left.
    const timeoutMs = Math.min(maxMessageMs, leftMs / 3);
    const options = { timeoutMs, localAddress: sameFamily(server, plan.localAddress), clock, signal };
    const reply = await ask({ name: chain.last, type }, server, options);
    // Only names that came as names are asked on; a fault here would be ours.
    if (typeof reply === "string") throw new TypeError(`not a name: ${reply}`);
    sent += reply.sent;
    ignored += reply.ignored;
    const { result } = reply;
    const message = result.outcome === "answered" ? result.message : undefined;
    // An answer that ends in an alias is asked on; each time there is one alias more, and their number is bounded.
    const further = message !== undefined && chain.follow(message.answers);
    if (further && message.rcode === 0 && chain.state === "open") continue;
    const tookMs = clock.nowMs() - startedMs;
    return { ...answerOf(one, reply, chain), sent, ignored, tookMs };
  }
}

function answerOf(
  one: OneServer,
  reply: DnsReply,
  chain: AliasChain,
): Omit<DnsAnswer, "sent" | "ignored" | "tookMs"> {
  const { result } = reply;
  const noAlias = chain.state === "open" && chain.canonicalNames.length === 0;
  return {
    server: serverLabel(one.server),
    role: one.role,
    type: one.type,
    outcome: result.outcome,
    transport: reply.transport,
    rcode: result.outcome === "answered" ? rcodeName(result.message.rcode) : undefined,
    errno: "errno" in result ? result.errno : undefined,
    fault: result.outcome === "malformed" ? result.fault : undefined,
    addresses: chain.addresses,
    canonicalNames: chain.canonicalNames,
    chain: noAlias ? "complete" : chain.state,
    ttlS: chain.ttlS,
  };
}

/** A source address serves only servers of its own family. */
function sameFamily(server: DnsServer, localAddress: string | undefined): string | undefined {
  if (localAddress === undefined) return undefined;
  return isIPv6(server.address) === isIPv6(localAddress) ? localAddress : undefined;
}

/** getaddrinfo's ways to say that the name has no address, as Node names them; its other failures are no answer. */
const noSuchName: ReadonlySet<string> = new Set(["ENOTFOUND", "ENODATA"]);

async function askSystem(plan: ResolvePlan, ask: SystemLookup, means: ResolveMeans): Promise<DnsAnswer> {
  const { clock, signal } = means;
  const startedMs = clock.nowMs();
  const result = await lookUpWithin(ask, plan.name, plan.budgetMs, clock, signal);
  const failed = "failed" in result ? result.failed : undefined;
  const answered = "addresses" in result || (failed !== undefined && noSuchName.has(failed));
  return {
    server: "system",
    role: "system",
    type: undefined,
    outcome: answered ? "answered" : "no-answer",
    transport: "system",
    rcode: undefined,
    errno: failed,
    fault: undefined,
    addresses: "addresses" in result ? [...new Set(result.addresses)] : [],
    canonicalNames: [],
    chain: "complete",
    ttlS: undefined,
    sent: 1,
    ignored: 0,
    tookMs: clock.nowMs() - startedMs,
  };
}
