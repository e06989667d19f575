import type { Case } from "../diagnosis/case.ts";
import { diagnose } from "../diagnosis/diagnose.ts";
import { asRecorded } from "../documents/observations/recording.ts";
import type { Gateway } from "../model/gateway.ts";
import type { LiveExchange } from "../model/observations.ts";
import { jsonReport } from "../report/json.ts";
import type { DiagnosisJson } from "../report/json-types.ts";

/**
 * What the running gateway asks of the diagnosis: the case it serves, with what was seen of one exchange, as the JSON of
 * `diagnose`, of which the route that was taken and the findings that explain it are left.
 */
export function explainExchange(
  kase: Case,
  gateway: Gateway,
  routeId: string,
  seen: readonly LiveExchange[],
): DiagnosisJson {
  const live = seen.map(({ source, observation }) => ({ source, observation: asRecorded(observation) }));
  const observations = { ...kase.observations, live: [...kase.observations.live, ...live] };
  const diagnosis = diagnose({ ...kase, observations }, gateway);
  const input = { diagnoses: [diagnosis], documents: [], records: kase.configuration.records, sent: [] };
  const whole = JSON.parse(jsonReport(input)) as DiagnosisJson;
  const routes = whole.routes.filter(({ id }) => id === routeId);
  return { ...whole, routes, findings: findingsFor(whole, routes) };
}

/** Those that explain these routes, and what they explain in turn. */
function findingsFor(
  { findings }: DiagnosisJson,
  routes: DiagnosisJson["routes"],
): DiagnosisJson["findings"] {
  const wanted = new Set(
    routes.flatMap(({ causedBy, servers }) => [...causedBy, ...servers.flatMap((one) => one.causedBy)]),
  );
  for (const { id, explains } of findings)
    if (wanted.has(id)) for (const other of explains) wanted.add(other);
  return findings.filter(({ id }) => wanted.has(id));
}
