import type { Gateway } from "../../../model/gateway.ts";
import type { Pair, Server } from "../../../routing/routes.ts";
import type { Found } from "../../cause.ts";
import type { Facets, HealthEntry } from "../../facets.ts";
import type { Evidence } from "../../finding.ts";
import { groupedBy, seenEvidence, serverNames } from "../../statements.ts";
import { type MessageFault, messageFault } from "./message-fault.ts";

/** Servers of one pair of which the health report says the same fault. */
export interface Reported {
  readonly gateway: Gateway;
  readonly pair: Pair;
  readonly servers: readonly Server[];
  /** The first of them, for its text. */
  readonly entry: HealthEntry;
}

/** The pairs with servers whose message means this fault. */
export function reported(
  { gateway, health }: Pick<Facets, "gateway" | "health">,
  fault: MessageFault,
  also: (entry: HealthEntry) => boolean = () => true,
): Reported[] {
  const entries = health.unhealthy.filter((entry) => messageFault(entry) === fault && also(entry));
  return groupedBy(entries, ({ server }) => server.pair.id).map(([, group]) => {
    const [entry] = group as [HealthEntry];
    return { gateway, pair: entry.server.pair, servers: group.map(({ server }) => server), entry };
  });
}

/** The servers' certificates fail for probes and requests alike. */
export function foundReported(
  match: Reported,
  basis: "observed-likely" | "observed-possible" = "observed-likely",
): Found<Reported> {
  const { pair, servers } = match;
  return { is: "found", key: pair.id, match, affects: { servers }, effect: "stops", basis };
}

export function reportEvidence(entry: HealthEntry): Evidence {
  return seenEvidence(entry);
}

/** `10.1.0.4 and 10.1.0.5 of pool shop` */
export function presenters({ pair, servers }: Pick<Reported, "pair" | "servers">): string {
  return `${serverNames(servers)} of pool ${pair.pool.name}`;
}

/** Any HTTP answer shows that the handshake and the checks of the certificate succeeded. */
export function shookHands(entry: HealthEntry | undefined): boolean {
  if (entry === undefined) return false;
  const { phase } = entry.message;
  return entry.observation.health === "healthy" || phase === "http" || phase === "ok";
}
