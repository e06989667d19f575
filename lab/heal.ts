import { setTimeout as sleep } from "node:timers/promises";
import type { DiagnosisJson, FindingJson } from "../src/report/json-types.ts";
import type { ClientAnswer } from "./machine/client.ts";
import type { OperatorAction, Scenario } from "./scenarios/scenario.ts";
import { requestsOf, type StandingWorld } from "./standing-world.ts";

/** Whether the route works once a fix was made for real. */
export type Healing = "healed" | "not-healed" | "no-fix" | "not-tried";

const patienceMs = 12_000;
/** Until probes have seen what was mended; only then is anything disturbed again. */
const settledMs = 3_000;

/** Makes the fixes of the first roots, as many causes as are expected, and sends the requests again. */
export async function heal(
  scenario: Scenario,
  standing: StandingWorld,
  diagnosis: DiagnosisJson,
): Promise<Healing> {
  const mended = await mend(scenario, standing, diagnosis);
  if (mended !== "mended") return mended;
  const end = Date.now() + patienceMs;
  do {
    await sleep(isRepeated(scenario) ? settledMs : 700);
    const answers = await again(scenario, standing);
    if (answers.every(({ right }) => right) && (await isHealthy(scenario, standing))) return "healed";
  } while (Date.now() < end);
  return "not-healed";
}

/** Makes the fixes for real, or says why there is nothing to make. */
export async function mend(
  scenario: Pick<Scenario, "expects" | "operator">,
  standing: StandingWorld,
  diagnosis: DiagnosisJson,
): Promise<"mended" | "no-fix" | "not-tried"> {
  const roots = [...firstRoots(diagnosis, scenario.expects.length), ...expectedRisks(scenario, diagnosis)];
  const [first] = roots;
  if (first === undefined) return "not-tried";
  const changes = roots.flatMap(({ fix }) => fix?.changes ?? []);
  const actions = (scenario.operator ?? []).filter((action) => isNamedOn(diagnosis, roots, action));
  if (changes.length === 0 && actions.length === 0) {
    // A fix in words alone, which nobody in the lab follows.
    return first.fix === null ? "no-fix" : "not-tried";
  }
  await standing.change((draft) => {
    for (const { edit } of actions) edit(draft);
  }, changes);
  return "mended";
}

function isRepeated({ disturb, fails }: Scenario): boolean {
  return disturb !== undefined || fails === "sometimes";
}

/** What failed at times is asked as often as before, with what disturbs; what always failed, once each. */
function again(scenario: Scenario, standing: StandingWorld): Promise<readonly ClientAnswer[]> {
  if (isRepeated(scenario)) return standing.requests(scenario);
  return Promise.all(requestsOf(scenario).map((request) => standing.send(request)));
}

/** The roots of the first so many causes: one cause may stand in several places. */
function firstRoots({ findings }: DiagnosisJson, count: number): readonly FindingJson[] {
  const roots = findings.filter(({ role }) => role === "root");
  const causes = [...new Set(roots.map(({ cause }) => cause))].slice(0, count);
  return roots.filter(({ cause }) => causes.includes(cause));
}

function expectedRisks(
  { expects }: Pick<Scenario, "expects">,
  { findings }: DiagnosisJson,
): readonly FindingJson[] {
  return findings.filter(
    ({ role, cause }) => role === "risk" && expects.some((one) => one.asRisk === true && one.cause === cause),
  );
}

function isNamedOn(
  { routes }: DiagnosisJson,
  roots: readonly FindingJson[],
  { cause, servers }: OperatorAction,
): boolean {
  const ids = roots.filter((one) => one.cause === cause).map(({ id }) => id);
  if (servers.length === 0) return ids.length > 0;
  const names = (causedBy: readonly string[]): boolean => causedBy.some((id) => ids.includes(id));
  // What is wrong with requests of a whole route is said of the route, and so of each of its servers.
  return routes.some((route) =>
    route.servers.some(
      ({ address, causedBy }) =>
        address !== null && servers.includes(address) && (names(causedBy) || names(route.causedBy)),
    ),
  );
}

/** Where nothing failed for clients, a fix has to bring servers back. */
async function isHealthy({ fails }: Scenario, { gateway }: StandingWorld): Promise<boolean> {
  if (fails !== "never") return true;
  return !/"health": "(?:Unhealthy|Unknown)"/.test(await gateway.ask("/backendhealth"));
}
