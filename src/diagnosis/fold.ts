import type { Server } from "../routing/routes.ts";
import { gatewayState } from "./causes/families.ts";
import type { Affects } from "./finding.ts";
import type { Draft } from "./judge.ts";
import type { Live } from "./live-evidence.ts";
import { serversOf } from "./weigh.ts";

export interface Folded {
  /** Symptom id → ids of the findings that explain it. */
  readonly explained: ReadonlyMap<string, readonly string[]>;
  /** All drafts; a symptom that is explained on some of its servers is left with the others. */
  readonly drafts: readonly Draft[];
}

/**
 * Which findings are symptoms of which. A finding is explained only when others, of causes it declares to be its
 * explanation, stand on everything it affects; where they stand on a part, it keeps the rest. That the gateway itself is
 * not at work explains nothing of servers that were asked without it.
 */
export function foldSymptoms(drafts: readonly Draft[], live: Pick<Live, "probe">): Folded {
  const standing = drafts.filter(({ weighed }) => !weighed.denied && weighed.effect !== "threatens");
  const explained = new Map<string, string[]>();
  const reduced = new Map<Draft, Draft>();
  for (const symptom of standing) {
    const explainers = standing.filter(
      (other) =>
        other !== symptom &&
        symptom.cause.explainedBy.includes(other.cause.id) &&
        !(gatewayState.includes(other.cause.id) && isSeenPast(symptom.weighed.affects, live)),
    );
    const covering = explainers.filter((other) => overlaps(other.weighed.affects, symptom.weighed.affects));
    if (covering.length === 0) continue;
    if (covers(covering, symptom.weighed.affects)) {
      explained.set(
        symptom.id,
        covering.map(({ id }) => id),
      );
    } else {
      reduced.set(symptom, withoutExplained(symptom, covering));
    }
  }
  return { explained: withoutCircles(explained), drafts: drafts.map((draft) => reduced.get(draft) ?? draft) };
}

/** Probes of all its servers were sent and failed, by whomever. */
function isSeenPast(affects: Affects, live: Pick<Live, "probe">): boolean {
  const servers = serversOf(affects);
  return servers.length > 0 && servers.every((server) => live.probe(server)?.outcome === "failing");
}

/** The symptom on the servers that nothing explains. Causes that explain each other leave each other alone. */
function withoutExplained(symptom: Draft, covering: readonly Draft[]): Draft {
  const { affects } = symptom.weighed;
  if (affects.gateway || affects.routes !== undefined) return symptom;
  const above = covering.filter(({ cause }) => !cause.explainedBy.includes(symptom.cause.id));
  const covered = new Set(above.flatMap(({ weighed }) => serversOf(weighed.affects)));
  const servers = serversOf(affects).filter((server) => !covered.has(server));
  if (servers.length === 0) return symptom;
  return { ...symptom, weighed: { ...symptom.weighed, affects: { servers } } };
}

function overlaps(explainer: Affects, symptom: Affects): boolean {
  if (explainer.gateway || symptom.gateway) return true;
  const servers = new Set(serversOf(explainer));
  if (serversOf(symptom).some((server) => servers.has(server))) return true;
  const pairs = new Set(explainer.pairs ?? []);
  if ((symptom.pairs ?? []).some((pair) => pairs.has(pair))) return true;
  const routes = new Set(routesOf(explainer));
  return routesOf(symptom).some((route) => routes.has(route));
}

function covers(explainers: readonly Draft[], symptom: Affects): boolean {
  if (explainers.some(({ weighed }) => weighed.affects.gateway)) return true;
  if (symptom.gateway) return true;
  const covered = new Set<Server>(explainers.flatMap(({ weighed }) => serversOf(weighed.affects)));
  const routes = new Set(explainers.flatMap(({ weighed }) => wholeRoutesOf(weighed.affects)));
  const wanted = serversOf(symptom);
  if (wanted.length > 0) {
    return wanted.every(
      (server) => covered.has(server) || server.pair.routes.every((route) => routes.has(route)),
    );
  }
  // What stands on some servers of a route does not explain what happens on the whole of it.
  return routesOf(symptom).every(
    (route) =>
      routes.has(route) ||
      (route.pair !== undefined &&
        route.pair.servers.length > 0 &&
        route.pair.servers.every((server) => covered.has(server))),
  );
}

function wholeRoutesOf({ routes = [], pairs = [] }: Affects) {
  return [...routes, ...pairs.flatMap((pair) => pair.routes)];
}

function routesOf(affects: Affects) {
  return [
    ...(affects.routes ?? []),
    ...(affects.pairs ?? []).flatMap((pair) => pair.routes),
    ...(affects.servers ?? []).flatMap((server) => server.pair.routes),
  ];
}

/** Two causes may name each other; the one that was declared first in the catalogue then stays a root. */
function withoutCircles(explained: Map<string, string[]>): Map<string, string[]> {
  for (const [symptom, by] of explained) {
    const kept = by.filter((explainer) => !explained.get(explainer)?.includes(symptom));
    if (kept.length === 0) explained.delete(symptom);
    else explained.set(symptom, kept);
  }
  return explained;
}
