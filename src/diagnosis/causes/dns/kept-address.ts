import type { LogSample, ServerTraffic } from "../../../model/observations.ts";
import type { Source } from "../../../model/source.ts";
import type { Server } from "../../../routing/routes.ts";
import { phaseOf } from "../../experiment.ts";
import { type SeenName, seenName } from "../../facets/live-names.ts";
import type { AskedName, Facets } from "../../facets.ts";
import type { Evidence } from "../../finding.ts";
import { evidence, listed } from "../../statements.ts";
import { timeText } from "./activity.ts";

/** An address that the gateway went to, and that its DNS servers no longer have for the name. */
export interface KeptAddress {
  readonly server: Server;
  readonly address: string;
  readonly seen: SeenName;
  /** How long an answer may be kept. */
  readonly ttlS: number;
  /** Undefined where only the log tells. */
  readonly attempt: { readonly says: string; readonly source: Source } | undefined;
  readonly row: LogSample | undefined;
}

type KeptFacets = Pick<Facets, "gateway" | "live" | "traffic">;

/** Where answers tell no time to live, and the longest that is reckoned with. */
const usualTtlS = 30;
const longestTtlS = 3_600;
/** Rows and clocks agree to a few seconds. */
const slackMs = 5_000;

/**
 * The one who was asked answers with addresses, and its probe there is well; but requests went, within the time to live,
 * to another one, and no connection came about.
 */
export function keptAddresses({ servers }: AskedName, facets: KeptFacets): readonly KeptAddress[] {
  return servers.flatMap((server) => {
    const seen = seenName(facets, server);
    const probe = facets.live.probe(server);
    if (seen === undefined || seen.ownSay !== "addresses" || probe?.outcome !== "fine") return [];
    const ttls = seen.own.flatMap((voice) => voice.ttlS ?? []);
    const ttlS = Math.min(ttls.length === 0 ? usualTtlS : Math.min(...ttls), longestTtlS);
    const asked = { server, seen, ttlS, atMs: probe.observation.startedAtMs };
    return attempted(asked, facets) ?? logged(asked, facets) ?? [];
  });
}

interface Asked extends Pick<KeptAddress, "server" | "seen" | "ttlS"> {
  /** When the name was asked for; epoch milliseconds. */
  readonly atMs: number;
}

function isWithin({ atMs, ttlS }: Asked, thenMs: number): boolean {
  return Math.abs(atMs - thenMs) <= ttlS * 1000 + slackMs;
}

/** A request of the gateway itself, which is among what was seen. */
function attempted({ atMs, ...asked }: Asked, { live }: KeptFacets): KeptAddress | undefined {
  for (const { server, plan, kind, says, source, observation } of live.failing) {
    const { tcp, startedAtMs } = observation;
    if (server !== asked.server || plan.manner.connectTo !== undefined || tcp === undefined) continue;
    if (asked.seen.used.includes(tcp.address) || phaseOf(kind) > phaseOf("tcp-refused")) continue;
    if (!isWithin({ ...asked, atMs }, startedAtMs)) continue;
    return { ...asked, address: tcp.address, attempt: { says, source }, row: undefined };
  }
  return undefined;
}

/** Rows of the log tell the address; whose it is, where the pair has no other name. */
function logged({ atMs, ...asked }: Asked, { traffic }: KeptFacets): KeptAddress | undefined {
  const { pair } = asked.server;
  if (pair.servers.some((other) => other !== asked.server)) return undefined;
  for (const seen of traffic.ofPair(pair)) {
    for (const rows of seen.servers) {
      const address = addressOf(rows);
      const lastMs = rows.lastFailureMs;
      if (address === undefined || lastMs === undefined || asked.seen.used.includes(address)) continue;
      if (lastMs !== rows.lastMs || rows.failedServerStatuses.size > 0) continue;
      const row = seen.samples.findLast(
        ({ serverRouted, reading }) => serverRouted === rows.server && reading !== "served",
      );
      if (row === undefined || !isWithin({ ...asked, atMs }, lastMs)) continue;
      return { ...asked, address, attempt: undefined, row };
    }
  }
  return undefined;
}

function addressOf({ server }: ServerTraffic): string | undefined {
  return /^\[?([\d.]+|[\da-f:]+)\]?(?::\d+)?$/i.exec(server)?.[1];
}

/** What shows that the gateway went there. */
export function keptEvidence({ address, attempt, row, seen, ttlS }: KeptAddress): Evidence[] {
  const present = `${seen.name} leads to ${listed(seen.used)} now, and an answer may be kept for ${ttlS} s`;
  return [
    ...(attempt === undefined
      ? []
      : [evidence(`the gateway went to ${address}: ${attempt.says}`, attempt.source)]),
    ...(row === undefined ? [] : [rowEvidence(row, address)]),
    evidence(present, seen.source),
  ];
}

function rowEvidence({ document, line, timeMs }: LogSample, address: string): Evidence {
  const at = timeMs === undefined ? "" : ` on ${timeText(timeMs)}`;
  return {
    says: `a request went to ${address}${at} and got no answer there`,
    document,
    pointer: `line ${line}`,
  };
}
