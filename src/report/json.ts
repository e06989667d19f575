import type { Diagnosis } from "../diagnosis/diagnose.ts";
import type { Experiment } from "../diagnosis/experiment.ts";
import type { Finding, Fix } from "../diagnosis/finding.ts";
import { type CommandContext, fixCommands } from "../diagnosis/fixes/commands.ts";
import type { Check } from "../diagnosis/judge.ts";
import type { Cited, RouteVerdict, ServerVerdict } from "../diagnosis/verdict.ts";
import { plainJson } from "../model/plain-json.ts";
import { notSentWords } from "./content/sent.ts";
import type {
  CheckJson,
  DiagnosisJson,
  ExperimentJson,
  FindingJson,
  FixJson,
  RouteJson,
  ServerJson,
} from "./json-types.ts";
import type { ReportInput, SentForGateway } from "./report-input.ts";

/** The JSON report: one object for one gateway, an array for several. Ends with a newline. */
export function jsonReport(input: ReportInput): string {
  const [first, ...others] = input.diagnoses.map((diagnosis) => diagnosisJson(diagnosis, input));
  return `${plainJson(JSON.stringify(others.length === 0 ? first : [first, ...others], null, 2))}\n`;
}

function diagnosisJson(diagnosis: Diagnosis, { documents, records, sent }: ReportInput): DiagnosisJson {
  const { gateway, routes, findings, checks } = diagnosis;
  const context: CommandContext = { gatewayId: gateway.id, records };
  const servers = new Map<RouteVerdict["servers"], ServerJson[]>();
  return {
    format: "causeway/diagnosis/v1",
    gateway: {
      id: gateway.id,
      name: gateway.name,
      sku: gateway.sku.name,
      generation: gateway.generation,
    },
    routes: routes.map((verdict) => routeJson(verdict, serversJson(verdict.servers, servers))),
    findings: findings.map((finding) => findingJson(finding, context)),
    checks: checks.map(checkJson),
    documents: documents.map(({ path, kind, used, note }) => ({ path, kind, used, note })),
    live: liveJson(sent.find(({ gatewayId }) => gatewayId === gateway.id)),
  };
}

function liveJson(sent: SentForGateway | undefined): DiagnosisJson["live"] {
  if (sent === undefined) return null;
  const { probes, requests, experiments, fixesTried, throughGateway } = sent;
  return { probes, requests, experiments, fixesTried, throughGateway, notSent: notSentWords(sent) };
}

function routeJson(verdict: RouteVerdict, servers: readonly ServerJson[]): RouteJson {
  const { route, outcome, status, causedBy } = verdict;
  const { pathRule, leadsTo } = route;
  return {
    id: route.id,
    listener: route.listener?.name ?? null,
    rule: route.rule.name,
    pathRule: typeof pathRule === "object" ? pathRule.name : (pathRule ?? null),
    pool: leadsTo.pool?.target?.name ?? null,
    backendSetting: leadsTo.setting?.target?.name ?? null,
    outcome,
    status,
    causedBy: idsOf(causedBy),
    servers,
  };
}

/** The servers of a pair, once: many routes share one list. */
function serversJson(
  verdicts: readonly ServerVerdict[],
  known: Map<RouteVerdict["servers"], ServerJson[]>,
): readonly ServerJson[] {
  const made = known.get(verdicts) ?? verdicts.map(serverJson);
  known.set(verdicts, made);
  return made;
}

function serverJson({ server, outcome, causedBy }: ServerVerdict): ServerJson {
  return {
    address: server.address ?? null,
    port: server.pair.setting.port ?? null,
    outcome,
    causedBy: idsOf(causedBy),
  };
}

function findingJson(finding: Finding, context: CommandContext): FindingJson {
  const { id, cause, layer, role, certainty, summary, subjects, evidence, explains, azureMessage, fix } =
    finding;
  return {
    id,
    cause,
    layer,
    role,
    certainty,
    summary,
    subjects: subjects.map(({ kind, name, resourceId, document, pointer }) => ({
      kind,
      name,
      resourceId,
      document,
      pointer,
    })),
    evidence: evidence.map(({ says, document, pointer }) => ({ says, document, pointer })),
    explains,
    azureMessage,
    experiments: finding.experiments.map(experimentJson),
    fix: fix === undefined ? null : fixJson(fix, context),
  };
}

function experimentJson(experiment: Experiment): ExperimentJson {
  const { what, from, to, reckoning, before, after, flipped } = experiment;
  return {
    changed: what,
    from,
    to,
    sent: reckoning === undefined,
    before: before.says,
    after: after.says,
    helped: flipped,
    document: before.source.document,
    beforeAt: before.source.pointer,
    afterAt: after.source.pointer,
  };
}

function fixJson(fix: Fix, context: CommandContext): FixJson {
  return {
    summary: fix.summary,
    changes: fix.changes,
    commands: fixCommands(fix.changes, context),
    verified: fix.verified,
    triedLive: fix.triedLive,
    reason: fix.reason ?? null,
    sideEffects: fix.sideEffects,
  };
}

function checkJson({ cause, status, needs }: Check): CheckJson {
  return { cause, status, needs: needs.map(({ what, command }) => `${what}: ${command}`) };
}

function idsOf(findings: readonly Cited[]): string[] {
  return findings.map(({ id }) => id);
}
