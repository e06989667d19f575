import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { DiagnosisJson } from "../../src/report/json-types.ts";
import type { ClientAnswer } from "../machine/client.ts";

import { serves, writeDocuments } from "../machine/gateway.ts";
import { gatewayOf } from "../network/facts.ts";

import type { Scenario } from "../scenarios/scenario.ts";
import { type Question, type Score, scoreOf } from "../score/score.ts";
import { requestsOf, type StandingWorld } from "../standing-world.ts";
import { listOf } from "../world/resource.ts";
import { diagnoseHere, parseDiagnosis } from "./causeway.ts";
import { type Answered, answeredBy, namedAlone } from "./verdicts.ts";

export interface Asked extends Score {
  readonly tookMs: number;
}

export interface AskedAll {
  readonly answers: Readonly<Partial<Record<Question, Asked>>>;
  readonly experiments: number;
  /** What `--live` said: its fixes are tried. */
  readonly live: DiagnosisJson;
}

/** Asks Causeway all questions. `seen`: what clients got; `folder` keeps what it was given and what it answered. */
export async function askAll(
  scenario: Scenario,
  standing: StandingWorld,
  seen: readonly ClientAnswer[],
  folder: string,
): Promise<AskedAll> {
  const { documents, evidence, probes } = await evidenceOf(scenario, standing, seen, folder);
  const explain = await timed(
    scenario,
    "explain",
    explained(standing, seen, folder),
    (told) => told?.answered,
  );
  const settled = await timed(
    scenario,
    "settled",
    settledBy(standing, explain.told, folder),
    (told) => told?.answered,
  );
  const offline = await timed(scenario, "documents", diagnoseHere([documents]), answeredBy);
  const informed = await timed(scenario, "evidence", diagnoseHere([...evidence, ...probes]), answeredBy);
  const live = await timed(scenario, "live", diagnoseLive(scenario, standing, evidence, folder), answeredBy);
  return {
    answers: {
      documents: offline.asked,
      evidence: informed.asked,
      live: live.asked,
      ...(explain.answered === undefined ? {} : { explain: explain.asked, settled: settled.asked }),
    },
    experiments: live.answered?.experiments ?? 0,
    live: live.told,
  };
}

/** The two questions that are put while something fails: to `--live`, and to `/explain`. */
export async function askAgain(
  scenario: Scenario,
  standing: StandingWorld,
  seen: readonly ClientAnswer[],
  folder: string,
): Promise<AskedAll> {
  const { evidence } = await evidenceOf(scenario, standing, seen, folder);
  const explain = await timed(
    scenario,
    "explain",
    explained(standing, seen, folder),
    (told) => told?.answered,
  );
  const live = await timed(scenario, "live", diagnoseLive(scenario, standing, evidence, folder), answeredBy);
  return {
    answers: { live: live.asked, ...(explain.answered === undefined ? {} : { explain: explain.asked }) },
    experiments: live.answered?.experiments ?? 0,
    live: live.told,
  };
}

async function timed<T>(
  scenario: Scenario,
  question: Question,
  asking: Promise<T>,
  answeredOf: (told: T) => Answered | undefined,
) {
  const begun = Date.now();
  const told = await asking;
  const answered = answeredOf(told);
  return { told, answered, asked: { ...scoreOf(scenario, answered, question), tookMs: Date.now() - begun } };
}

interface Exported {
  readonly documents: string;
  /** Documents, with the gateway's own log and health. */
  readonly evidence: readonly string[];
  /** What the gateway's own probes met. */
  readonly probes: readonly string[];
}

/** What an operator exports; a gateway that does not serve tells nothing. */
async function evidenceOf(
  scenario: Scenario,
  { world, gateway, chronicle }: StandingWorld,
  seen: readonly ClientAnswer[],
  folder: string,
): Promise<Exported> {
  const documents = join(folder, "asked");
  // What was done while the lab healed a world is in no operator's activity log.
  const activities =
    scenario.disturb === undefined ? [] : chronicle.activities(gatewayOf(world.resources).id);
  const exports = activities.length === 0 ? {} : { "activity-log.json": activities };
  const exported = { ...world, exports: { ...world.exports, ...exports } };
  writeDocuments(exported, documents, scenario.withhold?.kinds);
  await gateway.logged(seen.filter(({ transactionId }) => transactionId !== undefined).length);
  const kept = async (page: string, name: string): Promise<readonly string[]> => {
    const text = await gateway.ask(page);
    if (text === "") return [];
    const file = join(folder, name);
    writeFileSync(file, text);
    return [file];
  };
  const logs = gateway.logs.map((log, index) => {
    const file = join(folder, `access-${index}.ndjson`);
    writeFileSync(file, chronicle.log(readFileSync(log, "utf8")));
    return file;
  });
  return {
    documents,
    evidence: [documents, ...(await kept("/backendhealth", "backend-health.json")), ...logs],
    probes: await kept("/observations", "probes.ndjson"),
  };
}

/** From the gateway's namespace, with all evidence there is. */
async function diagnoseLive(
  scenario: Scenario,
  { gateway, world }: StandingWorld,
  evidence: readonly string[],
  folder: string,
): Promise<DiagnosisJson> {
  // What a listener of layer 4 carries is not replayed: its servers are probed.
  const layer7 = listOf(gatewayOf(world.resources), "httpListeners").length > 0;
  const urls = layer7 ? [...new Set(requestsOf(scenario).map(({ url }) => url))] : [];
  const words = [
    "diagnose",
    ...evidence,
    ...["--live", "--experiments", "all", "--experiment-time", "40", "--format", "json", "--quiet"],
    ...urls.flatMap((url) => ["--url", url]),
    ...(serves(world) && layer7 ? ["--via", "127.0.0.1"] : []),
    ...(scenario.liveOptions ?? []),
  ];
  const { code, stdout, stderr } = await gateway.call(words, gateway.resolverFile(world), 120_000);
  writeFileSync(join(folder, "live.json"), stdout);
  if (code === null || code > 1) throw new Error(`diagnose --live: code ${code}: ${stderr.slice(-2000)}`);
  return parseDiagnosis(stdout);
}

/** An explanation as it was answered, and what it says. */
interface Explained {
  readonly transactionId: string;
  readonly answered: Answered;
  /** Its first root is proven: nobody needs experiments. */
  readonly proven: boolean;
}

/** The last request that failed and left an id; undefined = there is none. */
async function explained(
  { gateway }: StandingWorld,
  seen: readonly ClientAnswer[],
  folder: string,
): Promise<Explained | undefined> {
  const transactionId = seen.findLast(
    ({ right, transactionId: id }) => !right && id !== undefined,
  )?.transactionId;
  if (transactionId === undefined) return undefined;
  const text = await gateway.ask(`/explain/${transactionId}`);
  writeFileSync(join(folder, "explain.json"), text);
  return readExplanation(transactionId, text);
}

/** What a person does next where an explanation leaves several causes open: lets the gateway make experiments. */
async function settledBy(
  { gateway }: StandingWorld,
  plain: Explained | undefined,
  folder: string,
): Promise<Explained | undefined> {
  if (plain === undefined || plain.proven) return plain;
  const path = `/explain/${plain.transactionId}/all`;
  const text = await gateway.ask(path, { method: "POST", withinMs: 60_000 });
  writeFileSync(join(folder, "settled.json"), text);
  return readExplanation(plain.transactionId, text) ?? plain;
}

function readExplanation(transactionId: string, text: string): Explained | undefined {
  if (!text.startsWith("{")) return undefined;
  const { diagnosis, record } = JSON.parse(text) as {
    diagnosis: DiagnosisJson | null;
    record: { cause: string | null; route: string | null };
  };
  if (diagnosis === null)
    return { transactionId, answered: namedAlone(record.route, record.cause), proven: false };
  const answered = {
    ...answeredBy(diagnosis),
    ...(record.route === null ? {} : { ofRoute: record.route }),
  };
  const [first] = diagnosis.findings.filter(({ role }) => role === "root");
  return { transactionId, answered, proven: first?.certainty === "proven" };
}
