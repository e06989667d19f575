import type { Listener } from "../../model/gateway.ts";
import { type BoundListener, isLayer4 } from "../../routing/listener-match.ts";
import type { NotServed } from "./prepared.ts";

/** As the configuration may write them, whatever their case. */
const protocols: ReadonlySet<string> = new Set(["http", "https", "tcp", "tls"]);

/**
 * The listeners that are to speak a protocol there is; the others are told of. What was meant is not known: plain HTTP in
 * its place might give away what was to be had over TLS alone.
 */
export function knownProtocols(bound: readonly BoundListener[], notServed: NotServed[]): BoundListener[] {
  return bound.filter(({ listener }) => {
    const written = listener.source.text("protocol");
    if (written === undefined || protocols.has(written.toLowerCase())) return true;
    notServed.push({
      what: "listener-protocol",
      weight: "hole",
      says: `the listener ${listener.name} is not served: ${JSON.stringify(written.slice(0, 40))} is no protocol of listeners`,
      instead: "write Http, Https, Tcp or Tls",
      at: listener.source.at("protocol"),
    });
    return false;
  });
}

/** Listeners of one door that no client gets to, because one before them takes all. `bound` in the order of trying. */
export function unreached(bound: readonly BoundListener[]): NotServed[] {
  const taker = bound.findIndex(({ listener }) => listener.protocol === "Tcp" || isBasic(listener));
  const winner = bound[taker]?.listener;
  if (winner === undefined) return [];
  return bound.slice(taker + 1).flatMap(({ listener }) => {
    // Over TLS without requests it is the name in the handshake that counts, before any order.
    if (listener.protocol === "Tls" && !isBasic(listener)) return [];
    const [clients, all] = isLayer4(listener) ? ["connections", "connection"] : ["requests", "host"];
    return {
      what: "listener-shadowed",
      weight: "hole",
      says: `the listener ${listener.name} gets no ${clients}: ${winner.name}, which comes before it on the same port, takes every ${all}`,
      instead: `give ${winner.name} host names, or another port, or a rule that comes later`,
      at: listener.source,
    };
  });
}

function isBasic({ hostNames }: Listener): boolean {
  return hostNames.length === 0;
}
