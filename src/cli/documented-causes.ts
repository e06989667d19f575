import type { Case } from "../diagnosis/case.ts";
import type { CauseId } from "../diagnosis/cause-ids.ts";
import { facetsOf } from "../diagnosis/facets/build.ts";
import type { Layer } from "../diagnosis/finding.ts";
import { type Judged, judging } from "../diagnosis/judge.ts";
import { serversOf } from "../diagnosis/weigh.ts";
import type { DocumentedCause, SilentPhase } from "../gateway/explain/documented-cause.ts";
import type { Gateway } from "../model/gateway.ts";
import { inTurns } from "./in-turns.ts";

/** Where a fault may lie that shows in each phase: a stale name leads to an address where nobody answers. */
const layersOf: Readonly<Record<SilentPhase, ReadonlySet<Layer>>> = {
  name: new Set(["dns"]),
  way: new Set(["pool", "dns", "nsg", "route", "tcp"]),
};

/**
 * The diagnosis of a case in which nothing was seen, as what the running gateway asks of it. It is made before it is asked
 * for, and with pauses, since another configuration may be served meanwhile: no request waits for it. `now` in milliseconds.
 */
export async function documentedCauses(
  kase: Case,
  gateway: Gateway,
  now?: () => number,
): Promise<DocumentedCause> {
  const { findings } = await inTurns(judging(facetsOf(kase, gateway)), now);
  const { name, way } = byPhase(findings);
  return ({ pairId, address }, phase) => (phase === "name" ? name : way).get(keyOf(pairId, address));
}

type ByServer = ReadonlyMap<string, CauseId>;

function byPhase(findings: readonly Judged[]): Readonly<Record<SilentPhase, ByServer>> {
  const stopping = findings.filter(({ role, effect }) => role === "root" && effect === "stops");
  const found = (phase: SilentPhase): ByServer =>
    firstOf(stopping.filter(({ layer }) => layersOf[phase].has(layer)));
  return { name: found("name"), way: found("way") };
}

/** Of each server, the first that affects it. */
function firstOf(roots: readonly Judged[]): ByServer {
  const causes = new Map<string, CauseId>();
  for (const { cause, affects } of roots) {
    for (const { pair, address } of serversOf(affects)) {
      const key = keyOf(pair.id, address);
      if (!causes.has(key)) causes.set(key, cause);
    }
  }
  return causes;
}

const keyOf = (pairId: string, address: string | undefined): string => `${pairId}\n${address ?? ""}`;
