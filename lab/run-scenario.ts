import { mkdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { type Asked, type AskedAll, askAll } from "./ask/questions.ts";
import { type Healing, heal } from "./heal.ts";
import type { ClientAnswer } from "./machine/client.ts";
import { dnsServersOf } from "./machine/gateway.ts";
import { askPeers, type PeerAnswers } from "./peers/ask.ts";
import { peerScene } from "./peers/scene.ts";
import { idOf, type Scenario } from "./scenarios/scenario.ts";
import type { Question } from "./score/score.ts";
import { secondFault } from "./second-fault.ts";
import { type Place, requestsOf, StandingWorld } from "./standing-world.ts";

export interface LabTools extends Place {
  /** Ask other proxies in the gateway's place too. */
  readonly peers: boolean;
  /** Called with a world that stands, before anything is asked; `--keep`. */
  readonly keep?: (place: KeptPlace) => Promise<void>;
}

export interface KeptPlace {
  readonly namespaces: readonly string[];
  readonly folder: string;
  readonly gateway: string;
}

export interface ScenarioResult {
  readonly id: string;
  readonly expects: readonly string[];
  /** What made it no valid measurement: the world did not stand, or is not broken as it says. */
  readonly invalid: string | undefined;
  /** The statuses clients got. */
  readonly statuses: readonly number[];
  readonly answers: Readonly<Partial<Record<Question, Asked>>>;
  readonly experiments: number;
  readonly healing: Healing;
  /** Undefined = they were not asked; a text = why they cannot be. */
  readonly peers: PeerAnswers | string | undefined;
  readonly tookMs: number;
}

/** Makes the world, breaks nothing but what it says, asks all questions, tries the fix, and takes all away. */
export async function runScenario(scenario: Scenario, tools: LabTools): Promise<ScenarioResult> {
  const begun = Date.now();
  const { folder } = tools;
  mkdirSync(folder, { recursive: true });
  let standing: StandingWorld | undefined;
  try {
    standing = await StandingWorld.make(scenario.world(), tools);
    const result = await measure(scenario, standing, tools);
    return { ...result, tookMs: Date.now() - begun };
  } catch (error) {
    const invalid = error instanceof Error ? (error.stack ?? error.message) : String(error);
    return { ...nothingMeasured(scenario), invalid, tookMs: Date.now() - begun };
  } finally {
    await standing?.end();
    rmSync(folder, { recursive: true, force: true });
  }
}

function nothingMeasured(scenario: Scenario): ScenarioResult {
  const expects = [...scenario.expects, ...(scenario.behind ?? [])].map(({ cause }) => cause);
  const common = { statuses: [], answers: {}, experiments: 0, healing: "not-tried", tookMs: 0 } as const;
  return { id: idOf(scenario), expects, invalid: undefined, peers: undefined, ...common };
}

async function measure(
  scenario: Scenario,
  standing: StandingWorld,
  tools: LabTools,
): Promise<ScenarioResult> {
  const { folder, keep } = tools;
  const seen = await standing.requests(scenario);
  const { namespaces, gatewayNamespace } = standing;
  await keep?.({ namespaces, folder, gateway: gatewayNamespace });
  const peers = tools.peers ? await peersOf(scenario, standing, folder) : undefined;
  const first = await askAll(scenario, standing, seen, folder);
  const { behind } = scenario;
  const { asked, healing, invalid } =
    behind === undefined
      ? { asked: first, healing: await healingOf(scenario, standing, first), invalid: undefined }
      : await secondFault({ ...scenario, behind }, standing, first, folder);
  return {
    ...nothingMeasured(scenario),
    invalid: notAsSaid(scenario, seen) ?? invalid,
    statuses: seen.map(({ status }) => status),
    ...{ answers: asked.answers, experiments: asked.experiments, peers, healing },
  };
}

async function healingOf(scenario: Scenario, standing: StandingWorld, { live }: AskedAll): Promise<Healing> {
  return scenario.expects.length === 0 ? "not-tried" : await heal(scenario, standing, live);
}

/** A scenario that is not broken as it says would measure nothing. */
function notAsSaid({ expects, fails }: Scenario, seen: readonly ClientAnswer[]): string | undefined {
  const said = fails ?? (expects.length === 0 ? "never" : "always");
  const failed = seen.filter(({ right }) => !right).length;
  const is = failed === 0 ? "never" : failed === seen.length ? "always" : "sometimes";
  if (said === is || (said === "sometimes" && failed > 0)) return undefined;
  return `requests were to fail ${said}, and got ${seen.map(({ status }) => status).join(", ")}`;
}

/** Of broken worlds alone. */
async function peersOf(
  scenario: Scenario,
  { world, gateway, gatewayNamespace }: StandingWorld,
  folder: string,
): Promise<PeerAnswers | string | undefined> {
  if (scenario.expects.length === 0) return undefined;
  if (scenario.noPeers !== undefined) return scenario.noPeers;
  const requests = requestsOf(scenario);
  const host = new URL(requests[0]?.url ?? "http://localhost").hostname;
  const scene = peerScene(world.resources, host, dnsServersOf(world)[0] ?? "");
  if (typeof scene === "string") return scene;
  const resolvConf = gateway.resolverFile(world);
  return askPeers(gatewayNamespace, scene, requests.slice(0, 2), join(folder, "peers"), resolvConf);
}
