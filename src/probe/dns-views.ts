import { isIPv6 } from "node:net";
import type { DnsAnswer, DnsPhase } from "../model/probe-observation.ts";
import type { AddressType } from "../wire/dns/codes.ts";

/** What one server makes of a name, all types together. */
interface View {
  readonly role: DnsAnswer["role"];
  /** Sorted. */
  readonly addresses: readonly string[];
  /** By type; undefined where the system's resolver does not tell. */
  readonly rcodes: readonly (string | undefined)[];
}

/**
 * Whether those that answered say the same. Names that are answered in turns with different addresses differ too: that
 * is what was seen.
 */
export function differing(
  answers: readonly DnsAnswer[],
  types: readonly AddressType[],
): DnsPhase["differing"] {
  const views = byServer(answers).flatMap((own) => viewOf(own, types) ?? []);
  const gateway = views.filter(({ role }) => role === "gateway");
  const others = views.filter(({ role }) => role !== "gateway");
  const [first] = gateway;
  return {
    amongGatewayServers: first !== undefined && gateway.some((view) => !same(first, view)),
    withOthers: gateway.some((view) => others.some((other) => !same(view, other))),
  };
}

/**
 * The addresses that the gateway goes on with: those of its first server that decides (health-probes.md §6: the first
 * answer wins). That a name does not exist is a decision; a failure or silence hands on to the next. Without servers
 * of its own, what the system's resolver says.
 */
export function usedByGateway(
  answers: readonly DnsAnswer[],
  types: readonly AddressType[],
): readonly string[] {
  const servers = byServer(answers);
  const own = servers.filter(([answer]) => answer?.role === "gateway");
  const deciding =
    own.length > 0
      ? own.find((all) => all.some(({ rcode }) => rcode === "NOERROR" || rcode === "NXDOMAIN"))
      : servers.find(([answer]) => answer?.role === "system");
  return ofTypes(deciding?.flatMap(({ addresses }) => addresses) ?? [], types);
}

/** Answers stand in order, all types of a server side by side. */
function byServer(answers: readonly DnsAnswer[]): DnsAnswer[][] {
  return [...Map.groupBy(answers, ({ role, server }) => `${role} ${server}`).values()];
}

/** Undefined unless every type was answered: silence is no opinion. */
function viewOf(own: readonly DnsAnswer[], types: readonly AddressType[]): View | undefined {
  const [first] = own;
  if (first === undefined || own.some(({ outcome }) => outcome !== "answered")) return undefined;
  return {
    role: first.role,
    addresses: ofTypes(
      own.flatMap(({ addresses }) => addresses),
      types,
    ).sort(),
    rcodes: own.map(({ rcode }) => rcode),
  };
}

function same(left: View, right: View): boolean {
  if (left.addresses.join() !== right.addresses.join()) return false;
  const told =
    left.rcodes.length === right.rcodes.length && ![...left.rcodes, ...right.rcodes].includes(undefined);
  return !told || left.rcodes.join() === right.rcodes.join();
}

function ofTypes(addresses: readonly string[], types: readonly AddressType[]): string[] {
  return addresses.filter((address) => types.includes(isIPv6(address) ? "AAAA" : "A"));
}
