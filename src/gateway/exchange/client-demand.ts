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

/** Listeners that are served without TLS. */
const plain = new WeakMap<PreparedGateway, ReadonlySet<Listener>>();

function plainOf(prepared: PreparedGateway): ReadonlySet<Listener> {
  const before = plain.get(prepared);
  if (before !== undefined) return before;
  const doors = prepared.doors.filter(({ tls }) => tls === undefined);
  const served = new Set(doors.flatMap(({ listeners }) => listeners.map(({ listener }) => listener)));
  plain.set(prepared, served);
  return served;
}

/**
 * Refuses a request that reaches a listener by its Host over a connection that was secured for another one (by SNI), or
 * before a reload: the listener may want a certificate that this client was never asked for, or may not be served at all.
 * Who came by a listener with the same demand has met it. Over a plain connection it is refused where the listener is not
 * served, because its protocol is none. Undefined = it may go on.
 */
export function misdirected(
  listener: Listener | undefined,
  { tls, metDemand }: ClientPlace,
  prepared: PreparedGateway,
): OwnAnswer | undefined {
  if (listener === undefined) return undefined;
  if (tls === undefined) return plainOf(prepared).has(listener) ? undefined : elsewhere;
  const demands = demandsOf(prepared);
  const demand = demands.get(listener);
  if (demand === undefined ? demands.has(listener) : demand === metDemand) return undefined;
  return elsewhere;
}

/** RFC 9110 §15.5.20: a client may ask again over a connection of its own, as browsers that share connections do. */
const elsewhere: OwnAnswer = { status: 421, ending: "PR", errorInfo: "ERRORINFO_INVALID_HOST" };
