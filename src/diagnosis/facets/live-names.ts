import type { Gateway } from "../../model/gateway.ts";
import type { DnsAnswer, DnsPhase, DnsRole } from "../../model/probe-observation.ts";
import type { Source } from "../../model/source.ts";
import type { Server } from "../../routing/routes.ts";
import type { Live, Vantage } from "../live-evidence.ts";
import { vantageOf } from "./vantage.ts";

/** What one DNS server made of a name. */
export interface Voice {
  /** As people know it: its address, or `this machine's resolver`. */
  readonly server: string;
  readonly role: DnsRole;
  /**
   * `failure`: an answer that decides nothing, such as SERVFAIL or REFUSED. `closed`: nobody serves DNS there, says the
   * machine itself. `silence`: no answer came back.
   */
  readonly says: "addresses" | "no-such-name" | "no-address" | "failure" | "closed" | "silence";
  readonly rcode: string | undefined;
  readonly addresses: readonly string[];
  readonly ttlS: number | undefined;
}

/** What DNS was seen to say of a server's name when something was last sent to it. */
export interface SeenName {
  readonly name: string;
  /** The exchange it was asked for. */
  readonly source: Source;
  readonly vantage: Vantage;
  /** The name cannot be asked for at all. */
  readonly unaskable: boolean;
  /** The servers that the gateway asks, in its order; empty = they are not known, or only Azure can ask them. */
  readonly own: readonly Voice[];
  /** Those that were asked to compare. */
  readonly others: readonly Voice[];
  /** What the gateway's servers come to together. */
  readonly ownSay: "addresses" | "none" | "silence" | "unasked";
  /** Of its own servers, or of this machine's resolver where none is known. */
  readonly used: readonly string[];
}

/** Undefined where the name was not asked for: nothing was sent, or the server is reached another way. */
export function seenName(
  { live, gateway }: { readonly live: Live; readonly gateway: Gateway },
  server: Server | undefined,
): SeenName | undefined {
  if (server === undefined) return undefined;
  const seen = live.sentTo(server).findLast(({ observation }) => observation.dns !== undefined);
  const dns = seen?.observation.dns;
  if (seen === undefined || dns === undefined) return undefined;
  const voices = voicesOf(dns);
  const own = voices.filter(({ role }) => role === "gateway");
  return {
    name: dns.name,
    source: seen.source,
    vantage: vantageOf(seen.observation, gateway),
    unaskable: dns.unaskable !== undefined,
    own,
    others: voices.filter(({ role }) => role !== "gateway"),
    ownSay: ownSay(own, dns),
    used: dns.used,
  };
}

function ownSay(own: readonly Voice[], { used }: DnsPhase): SeenName["ownSay"] {
  if (own.length === 0) return "unasked";
  if (used.length > 0) return "addresses";
  return own.some(speaks) ? "none" : "silence";
}

/** Every server once, whatever types it was asked for. */
function voicesOf({ answers }: DnsPhase): Voice[] {
  const byServer = Map.groupBy(answers, ({ role, server }) => `${role} ${server}`);
  return [...byServer.values()].flatMap((own) => {
    const [first] = own;
    if (first === undefined) return [];
    const ttls = own.flatMap(({ ttlS }) => ttlS ?? []);
    return [
      {
        server: first.role === "system" ? "this machine's resolver" : first.server,
        role: first.role,
        says: saysOf(own),
        rcode: own.find(({ rcode }) => rcode !== undefined)?.rcode,
        addresses: [...new Set(own.flatMap(({ addresses }) => addresses))],
        ttlS: ttls.length === 0 ? undefined : Math.min(...ttls),
      },
    ];
  });
}

function saysOf(own: readonly DnsAnswer[]): Voice["says"] {
  const some = (test: (answer: DnsAnswer) => boolean): boolean => own.some(test);
  if (some(({ addresses }) => addresses.length > 0)) return "addresses";
  if (some(({ rcode, errno }) => rcode === "NXDOMAIN" || errno === "ENOTFOUND")) return "no-such-name";
  if (some(({ rcode, errno }) => rcode === "NOERROR" || errno === "ENODATA")) return "no-address";
  if (some(({ outcome }) => outcome === "answered" || outcome === "malformed")) return "failure";
  return some(({ errno }) => errno === "ECONNREFUSED") ? "closed" : "silence";
}

/** It answered, whatever the answer. */
export function speaks({ says }: Voice): boolean {
  return says !== "silence" && says !== "closed";
}

/** It says for certain that the name leads nowhere. */
export function denies({ says }: Voice): boolean {
  return says === "no-such-name" || says === "no-address";
}

export function resolves({ says }: Voice): boolean {
  return says === "addresses";
}
