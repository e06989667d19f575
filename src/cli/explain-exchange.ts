import type { Case } from "../diagnosis/case.ts";
import { type Diagnosis, diagnosing } from "../diagnosis/diagnose.ts";
import type { Finding } from "../diagnosis/finding.ts";
import type { Steps } from "../diagnosis/steps.ts";
import { asRecorded } from "../documents/observations/recording.ts";
import type { Gateway } from "../model/gateway.ts";
import type { LiveExchange, Observations } from "../model/observations.ts";
import { jsonReport } from "../report/json.ts";
import type { DiagnosisJson } from "../report/json-types.ts";
import type { ReportInput } from "../report/report-input.ts";
import { findingsText } from "../report/text/report.ts";
import type { TextStyle } from "../report/text/style.ts";

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
 * `diagnose`, of which the route that was taken and the findings that explain it are left. In steps: it serves meanwhile.
 */
export function* explainingExchange(question: Question): Steps<DiagnosisJson> {
  const report = yield* reporting(question);
  yield;
  return JSON.parse(jsonReport(report)) as DiagnosisJson;
}

/** The same for people: the findings as `diagnose` prints them. */
export function* explainingInWords(question: Question, style: TextStyle): Steps<string> {
  const report = yield* reporting(question);
  yield;
  return findingsText(report, style);
}

function* reporting(question: Question): Steps<ReportInput> {
  const { kase, gateway, routeId, exported } = question;
  const live = question.seen.map(({ source, observation }) => ({
    source,
    observation: asRecorded(observation),
  }));
  const judged = (observations: Observations): Steps<Diagnosis> =>
    diagnosing({ ...kase, observations }, gateway);
  // What was seen elsewhere tells nothing of servers as this machine reaches them: it has no say in what is wrong.
  const whole = yield* judged({ ...kase.observations, live: [...kase.observations.live, ...live] });
  const routes = whole.routes.filter(({ route }) => route.id === routeId);
  const own = findingsFor(whole.findings, routes);
  const others = own.every(isSettled) || isEmpty(exported) ? [] : (yield* judged(exported)).findings;
  const findings = own.map((finding) => withFixFrom(others, finding));
  const diagnosis = { ...whole, routes, findings };
  return { diagnoses: [diagnosis], documents: [], records: kase.configuration.records, sent: [] };
}

/** How far a change has to go may stand in a log alone, such as how long answers take that were waited for. */
function withFixFrom(others: readonly Finding[], finding: Finding): Finding {
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

function isSettled({ fix }: Finding): boolean {
  return fix?.verified === true;
}

function isEmpty({ healthReports, traffic, activities, live }: Observations): boolean {
  return healthReports.length + activities.length + live.length === 0 && traffic === undefined;
}

/** Those that explain these routes, and what they explain in turn. */
function findingsFor(findings: readonly Finding[], routes: Diagnosis["routes"]): readonly Finding[] {
  const cited = routes.flatMap(({ causedBy, servers }) => [
    ...causedBy,
    ...servers.flatMap((one) => one.causedBy),
  ]);
  const wanted = new Set(cited.map(({ id }) => id));
  for (const { id, explains } of findings)
    if (wanted.has(id)) for (const other of explains) wanted.add(other);
  return findings.filter(({ id }) => wanted.has(id));
}
