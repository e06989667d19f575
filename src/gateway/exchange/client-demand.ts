import type { Listener } from "../../model/gateway.ts";
import type { PreparedGateway } from "../config/prepared.ts";
import type { ClientPlace } from "./client-side.ts";
import type { OwnAnswer } from "./own-answer.ts";

/** What the listener of a TLS door wants to know of clients; undefined = it does not ask for certificates. */
type Demand = string | undefined;

/** Of the listeners that are served over TLS; by configuration, in which nothing changes. */
const known = new WeakMap<PreparedGateway, ReadonlyMap<Listener, Demand>>();

function demandsOf(prepared: PreparedGateway): ReadonlyMap<Listener, Demand> {
  const before = known.get(prepared);
  if (before !== undefined) return before;
  const identities = prepared.doors.flatMap(({ tls }) => tls?.identities ?? []);
  const demands = new Map(identities.map(({ listener, clients }) => [listener, clients?.demand] as const));
  known.set(prepared, demands);
  return demands;
}

/**
 * Refuses a request that reaches a listener by its Host over a connection that was secured for another one (by SNI), or
 * before a reload: the listener may want a certificate that this client was never asked for, or may not be served at all.
 * Who came by a listener with the same demand has met it. Undefined = it may go on.
 */
export function misdirected(
  listener: Listener | undefined,
  { tls, metDemand }: ClientPlace,
  prepared: PreparedGateway,
): OwnAnswer | undefined {
  if (tls === undefined || listener === undefined) return undefined;
  const demands = demandsOf(prepared);
  const demand = demands.get(listener);
  if (demand === undefined ? demands.has(listener) : demand === metDemand) return undefined;
  return elsewhere;
}

/** RFC 9110 §15.5.20: a client may ask again over a connection of its own, as browsers that share connections do. */
const elsewhere: OwnAnswer = { status: 421, ending: "PR", errorInfo: "ERRORINFO_INVALID_HOST" };
