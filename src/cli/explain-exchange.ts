import type { Case } from "../diagnosis/case.ts";
import { diagnose } from "../diagnosis/diagnose.ts";
import { asRecorded } from "../documents/observations/recording.ts";
import type { Gateway } from "../model/gateway.ts";
import type { LiveExchange, Observations } from "../model/observations.ts";
import { jsonReport } from "../report/json.ts";
import type { DiagnosisJson, FindingJson } from "../report/json-types.ts";

/** What is asked of one exchange: the documents, and what is known beside them. */
export interface Question {
  /** Of the documents alone. */
  readonly kase: Case;
  readonly gateway: Gateway;
  readonly routeId: string;
  /** Of the one exchange. */
  readonly seen: readonly LiveExchange[];
  /** Health reports and logs that were exported: seen elsewhere, and earlier. */
  readonly exported: Observations;
}

/**
 * What the running gateway asks of the diagnosis: the case it serves, with what was seen of one exchange, as the JSON of
 * `diagnose`, of which the route that was taken and the findings that explain it are left.
 */
export function explainExchange({ kase, gateway, routeId, seen, exported }: Question): DiagnosisJson {
  const live = seen.map(({ source, observation }) => ({ source, observation: asRecorded(observation) }));
  const judged = (observations: Observations): DiagnosisJson => {
    const diagnosis = diagnose({ ...kase, observations }, gateway);
    const input = { diagnoses: [diagnosis], documents: [], records: kase.configuration.records, sent: [] };
    return JSON.parse(jsonReport(input)) as DiagnosisJson;
  };
  // What was seen elsewhere tells nothing of servers as this machine reaches them: it has no say in what is wrong.
  const whole = judged({ ...kase.observations, live: [...kase.observations.live, ...live] });
  const routes = whole.routes.filter(({ id }) => id === routeId);
  const findings = findingsFor(whole, routes);
  if (findings.every(isSettled) || isEmpty(exported)) return { ...whole, routes, findings };
  const { findings: others } = judged({ ...exported, live: [...exported.live, ...live] });
  return { ...whole, routes, findings: findings.map((finding) => withFixFrom(others, finding)) };
}

/** How far a change has to go may stand in a log alone, such as how long answers take that were waited for. */
function withFixFrom(others: readonly FindingJson[], finding: FindingJson): FindingJson {
  if (isSettled(finding)) return finding;
  const [subject] = finding.subjects;
  const same = others.find(
    ({ cause, subjects, fix }) =>
      cause === finding.cause &&
      subjects[0]?.resourceId === subject?.resourceId &&
      (fix?.changes.length ?? 0) > 0,
  );
  return same === undefined ? finding : { ...finding, fix: same.fix };
}

function isSettled({ fix }: FindingJson): boolean {
  return fix?.verified === true;
}

function isEmpty({ healthReports, traffic, activities, live }: Observations): boolean {
  return healthReports.length + activities.length + live.length === 0 && traffic === undefined;
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
