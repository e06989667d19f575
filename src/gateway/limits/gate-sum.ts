import type { GateFigures, Limit } from "./gate.ts";
import { noOverload, type Overload, resources } from "./overload.ts";

/** What the gates of several processes have counted together; the load is that of the one that has most. */
export function gateSum(all: readonly GateFigures[]): GateFigures {
  const sum = (of: (one: GateFigures) => number): number => all.reduce((total, one) => total + of(one), 0);
  const refused = new Map<Limit, number>();
  for (const one of all)
    for (const [limit, count] of one.refused) refused.set(limit, (refused.get(limit) ?? 0) + count);
  return {
    overload: all.map(({ overload }) => overload).reduce(worst, noOverload),
    refused,
    connections: sum(({ connections }) => connections),
    connectionsSoFar: sum(({ connectionsSoFar }) => connectionsSoFar),
    webSockets: sum(({ webSockets }) => webSockets),
    handshakes: sum(({ handshakes }) => handshakes),
    requests: sum(({ requests }) => requests),
  };
}

function worst(a: Overload, b: Overload): Overload {
  const readings = { ...a.readings };
  for (const resource of resources) readings[resource] = Math.max(a.readings[resource], b.readings[resource]);
  return { ...(b.level > a.level ? b : a), readings };
}

/** What is left of a gate whose process is gone: what was counted since its start. */
export function gateGone({ connectionsSoFar, refused }: GateFigures): GateFigures {
  return { ...gateSum([]), connectionsSoFar, refused };
}
