import type { Case } from "../diagnosis/case.ts";
import { facetsOf } from "../diagnosis/facets/build.ts";
import type { Layer } from "../diagnosis/finding.ts";
import { type Judged, judge } from "../diagnosis/judge.ts";
import { serversOf } from "../diagnosis/weigh.ts";
import type { DocumentedCause, SilentPhase } from "../gateway/explain/documented-cause.ts";
import type { Gateway } from "../model/gateway.ts";

/** Where a fault may lie that shows in each phase: a stale name leads to an address where nobody answers. */
const layersOf: Readonly<Record<SilentPhase, ReadonlySet<Layer>>> = {
  name: new Set(["dns"]),
  way: new Set(["pool", "dns", "nsg", "route", "tcp"]),
};

/** The diagnosis of a case in which nothing was seen, as what the running gateway asks of it. Made when first asked. */
export function documentedCauses(kase: Case, gateway: Gateway): DocumentedCause {
  let roots: readonly Judged[] | undefined;
  return ({ pairId, address }, phase) => {
    roots ??= judge(facetsOf(kase, gateway)).findings.filter(({ role }) => role === "root");
    const about = roots.find(
      ({ layer, affects, effect }) =>
        effect === "stops" &&
        layersOf[phase].has(layer) &&
        serversOf(affects).some((server) => server.pair.id === pairId && server.address === address),
    );
    return about?.cause;
  };
}
