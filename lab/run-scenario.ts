import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { applyChanges, type Change } from "../src/model/change.ts";
import { parseResourceId } from "../src/model/resource.ts";
import { Source } from "../src/model/source.ts";
import type { DiagnosisJson } from "../src/report/json-types.ts";
import { diagnoseHere, parseDiagnosis } from "./ask/causeway.ts";
import { type Answered, answeredBy } from "./ask/verdicts.ts";
import { type ClientAnswer, type ClientRequest, sendRequest } from "./machine/client.ts";
import { dnsServersOf, LabGateway, writeDocuments } from "./machine/gateway.ts";
import { Machines } from "./machine/hosts.ts";
import { publicFrontends } from "./network/facts.ts";
import { RealNetwork } from "./network/realise.ts";
import { askPeers, type PeerAnswers } from "./peers/ask.ts";
import { peerScene } from "./peers/scene.ts";
import { idOf, type Scenario } from "./scenarios/scenario.ts";
import { type Question, type Score, scoreOf } from "./score/score.ts";
import { names } from "./world/base.ts";
import { changed, type Draft } from "./world/draft.ts";
import { type AzureResource, isObject, listOf, setting, textOf } from "./world/resource.ts";
import type { LabWorld } from "./world/world.ts";

export interface LabTools {
  /** Words that start Causeway. */
  readonly program: readonly string[];
  /** Of namespaces. */
  readonly prefix: string;
  readonly folder: string;
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

export type Healing = "healed" | "not-healed" | "no-fix" | "not-tried";

export interface Asked extends Score {
  readonly tookMs: number;
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

const healingPatienceMs = 12_000;

/** Makes the world, breaks nothing but what it says, asks the four questions, tries the fix, and takes all away. */
export async function runScenario(scenario: Scenario, tools: LabTools): Promise<ScenarioResult> {
  const begun = Date.now();
  mkdirSync(tools.folder, { recursive: true });
  const running = new RunningScenario(scenario, tools);
  try {
    const result = await running.run();
    return { ...result, tookMs: Date.now() - begun };
  } catch (error) {
    const invalid = error instanceof Error ? (error.stack ?? error.message) : String(error);
    return { ...nothingAsked(scenario), invalid, tookMs: Date.now() - begun };
  } finally {
    await running.end();
    if (tools.keep === undefined) rmSync(tools.folder, { recursive: true, force: true });
  }
}

function nothingAsked(scenario: Scenario): ScenarioResult {
  const expects = scenario.expects.map(({ cause }) => cause);
  const common = {
    statuses: [],
    answers: {},
    experiments: 0,
    healing: "not-tried",
    peers: undefined,
    tookMs: 0,
  } as const;
  return { id: idOf(scenario), expects, invalid: undefined, ...common };
}

class RunningScenario {
  readonly #scenario: Scenario;
  readonly #tools: LabTools;
  #world: LabWorld;
  #network: RealNetwork | undefined;
  #machines: Machines | undefined;
  #gateway: LabGateway | undefined;

  constructor(scenario: Scenario, tools: LabTools) {
    this.#scenario = scenario;
    this.#tools = tools;
    this.#world = scenario.world();
  }

  async run(): Promise<ScenarioResult> {
    const { folder, prefix, program, keep } = this.#tools;
    const network = await RealNetwork.make(this.#world, prefix, join(folder, "network"));
    this.#network = network;
    const namespaceOf = (host: string): string => network.namespace(host);
    this.#machines = new Machines(join(folder, "hosts"), namespaceOf);
    await this.#machines.apply(this.#world);
    const gateway = new LabGateway(namespaceOf("gateway-0"), program, join(folder, "gateway"));
    this.#gateway = gateway;
    await gateway.start(this.#world);
    const seen = await this.#requests();
    const invalid = this.#notAsSaid(seen);
    if (keep !== undefined) {
      await keep({ namespaces: network.namespaces, folder, gateway: namespaceOf("gateway-0") });
    }
    const peers = await this.#askPeers(gateway, namespaceOf("gateway-0"));
    const asked = await this.#ask(gateway, seen);
    const healing = await this.#heal(asked.liveDiagnosis);
    return {
      ...nothingAsked(this.#scenario),
      invalid,
      statuses: seen.map(({ status }) => status),
      answers: asked.answers,
      experiments: asked.experiments,
      ...{ healing, peers },
    };
  }

  async end(): Promise<void> {
    await this.#gateway?.stop();
    await this.#machines?.end();
    await this.#network?.remove();
  }

  /** All requests of the scenario, while what disturbs goes on. */
  async #requests(): Promise<readonly ClientAnswer[]> {
    const { requests = defaultRequests, disturb } = this.#scenario;
    const over = new AbortController();
    const disturbing = disturb?.({
      world: this.#world,
      signal: over.signal,
      change: (edit) => this.#change(edit),
      restart: async (name) => {
        const host = this.#world.hosts.find((one) => one.name === name);
        if (host !== undefined) await this.#machines?.restart(host);
      },
      wait: (ms) => sleep(ms, undefined, { signal: over.signal }).catch(() => {}),
    });
    const answers: ClientAnswer[] = [];
    try {
      for (const request of requests) {
        for (let n = 0; n < (request.times ?? 1); n++) {
          if (n > 0 && request.pauseMs !== undefined) await sleep(request.pauseMs);
          answers.push(await this.#send(request));
        }
      }
    } finally {
      over.abort();
      await disturbing;
    }
    return answers;
  }

  #send(request: ClientRequest): Promise<ClientAnswer> {
    const namespace = this.#network?.namespace(request.from ?? "client") ?? "";
    return sendRequest(namespace, request, frontendAddress(this.#world, request));
  }

  /** A scenario that is not broken as it says would measure nothing. */
  #notAsSaid(seen: readonly ClientAnswer[]): string | undefined {
    const { expects, fails = expects.length === 0 ? "never" : "always" } = this.#scenario;
    const failed = seen.filter(({ right }) => !right).length;
    const is = failed === 0 ? "never" : failed === seen.length ? "always" : "sometimes";
    const asSaid = fails === is || (fails === "sometimes" && failed > 0);
    const statuses = seen.map(({ status }) => status).join(", ");
    return asSaid ? undefined : `requests were to fail ${fails}, and got ${statuses}`;
  }

  async #ask(gateway: LabGateway, seen: readonly ClientAnswer[]) {
    const { folder } = this.#tools;
    const documents = join(folder, "asked");
    writeDocuments(this.#world.resources, documents, this.#scenario.withhold?.kinds);
    const health = join(folder, "backend-health.json");
    writeFileSync(health, await gateway.ask("/backendhealth"));
    const probes = join(folder, "probes.ndjson");
    writeFileSync(probes, await gateway.ask("/observations"));
    const evidence = [documents, health, gateway.accessLog];
    const answers: Partial<Record<Question, Asked>> = {};
    const put = async (
      question: Question,
      asking: Promise<Answered | undefined>,
    ): Promise<Answered | undefined> => {
      const begun = Date.now();
      const answered = await asking;
      answers[question] = { ...scoreOf(this.#scenario, answered), tookMs: Date.now() - begun };
      return answered;
    };
    const explained = await put("explain", this.#explain(gateway, seen));
    await put("documents", diagnoseHere([documents]).then(answeredBy));
    await put("evidence", diagnoseHere([...evidence, probes]).then(answeredBy));
    let liveDiagnosis: DiagnosisJson | undefined;
    const live = await put(
      "live",
      this.#live(gateway, evidence).then((diagnosis) => {
        liveDiagnosis = diagnosis;
        return answeredBy(diagnosis);
      }),
    );
    if (explained === undefined) delete answers.explain;
    return { answers, experiments: live?.experiments ?? 0, liveDiagnosis };
  }

  async #askPeers(gateway: LabGateway, namespace: string): Promise<PeerAnswers | string | undefined> {
    const { noPeers, requests = defaultRequests, expects } = this.#scenario;
    if (!this.#tools.peers || expects.length === 0) return undefined;
    if (noPeers !== undefined) return noPeers;
    const [first] = requests;
    const host = new URL(first?.url ?? names.url).hostname;
    const scene = peerScene(this.#world.resources, host, dnsServersOf(this.#world)[0] ?? "");
    if (typeof scene === "string") return scene;
    const resolvConf = gateway.resolverFile(this.#world);
    return askPeers(namespace, scene, requests.slice(0, 2), join(this.#tools.folder, "peers"), resolvConf);
  }

  async #live(gateway: LabGateway, evidence: readonly string[]): Promise<DiagnosisJson> {
    const { requests = defaultRequests, liveOptions = [] } = this.#scenario;
    const urls = [...new Set(requests.map(({ url }) => url))];
    const words = [
      "diagnose",
      ...evidence,
      ...["--live", "--experiments", "all", "--experiment-time", "40", "--format", "json", "--quiet"],
      ...urls
        .flatMap((url) => ["--url", url, "--via", "127.0.0.1"])
        .filter((_, index) => index < 2 || index % 4 < 2),
      ...liveOptions,
    ];
    const { code, stdout, stderr } = await gateway.call(words, gateway.resolverFile(this.#world), 120_000);
    writeFileSync(join(this.#tools.folder, "live.json"), stdout);
    if (code === null || code > 1) throw new Error(`diagnose --live: code ${code}: ${stderr.slice(-2000)}`);
    return parseDiagnosis(stdout);
  }

  /** Of the last request that failed and left an id. */
  async #explain(gateway: LabGateway, seen: readonly ClientAnswer[]): Promise<Answered | undefined> {
    const failed = seen.findLast(({ right, transactionId }) => !right && transactionId !== undefined);
    if (failed === undefined) return undefined;
    const text = await gateway.ask(`/explain/${failed.transactionId}`);
    writeFileSync(join(this.#tools.folder, "explain.json"), text);
    if (!text.startsWith("{")) return undefined;
    const { diagnosis } = JSON.parse(text) as { diagnosis: DiagnosisJson | null };
    return diagnosis === null ? undefined : answeredBy(diagnosis);
  }

  /** Makes the fix of the first root for real, and sends the requests again. */
  async #heal(diagnosis: DiagnosisJson | undefined): Promise<Healing> {
    if (diagnosis === undefined || this.#scenario.expects.length === 0) return "not-tried";
    const roots = diagnosis.findings.filter(({ role }) => role === "root");
    const [first] = roots;
    if (first === undefined) return "not-tried";
    const changes = roots.flatMap(({ fix }) => fix?.changes ?? []);
    const actions = (this.#scenario.operator ?? []).filter((action) => isNamedOn(diagnosis, action));
    if (changes.length === 0 && actions.length === 0) {
      // A fix in words alone, which nobody in the lab can follow.
      return first.fix === null ? "no-fix" : "not-tried";
    }
    await this.#change((draft) => {
      for (const { edit } of actions) edit(draft);
    }, changes);
    const end = Date.now() + healingPatienceMs;
    const { requests = defaultRequests } = this.#scenario;
    do {
      await sleep(700);
      const answers = await Promise.all(requests.map((request) => this.#send(request)));
      if (answers.every(({ right }) => right) && (await this.#isHealthy())) return "healed";
    } while (Date.now() < end);
    return "not-healed";
  }

  /** Where nothing failed for clients, a fix has to bring servers back. */
  async #isHealthy(): Promise<boolean> {
    if (this.#scenario.fails !== "never" || this.#gateway === undefined) return true;
    return !/"health": "(?:Unhealthy|Unknown)"/.test(await this.#gateway.ask("/backendhealth"));
  }

  async #change(edit: (draft: Draft) => void, changes: readonly Change[] = []): Promise<void> {
    const before = JSON.stringify(this.#world.resources);
    const edited = changed(this.#world, edit);
    this.#world = { ...edited, resources: withChanges(edited.resources, changes) };
    await this.#network?.apply(this.#world);
    await this.#machines?.apply(this.#world);
    if (before !== JSON.stringify(this.#world.resources)) await this.#gateway?.reload(this.#world);
  }
}

const defaultRequests: readonly ClientRequest[] = [{ url: names.url, times: 2 }];

function isNamedOn(
  { findings, routes }: DiagnosisJson,
  { cause, servers }: NonNullable<Scenario["operator"]>[number],
): boolean {
  const ids = findings.filter((one) => one.role === "root" && one.cause === cause).map(({ id }) => id);
  return routes.some((route) =>
    route.servers.some(
      ({ address, causedBy }) =>
        address !== null && servers.includes(address) && causedBy.some((id) => ids.includes(id)),
    ),
  );
}

/** The documents with a fix made to them, as Azure would have it. */
export function withChanges(
  resources: readonly AzureResource[],
  changes: readonly Change[],
): readonly AzureResource[] {
  if (changes.length === 0) return resources;
  const records = resources.map((resource) => ({
    id: resource.id,
    type: resource.type.toLowerCase(),
    source: new Source("lab", "", resource),
  }));
  return applyChanges(records, changes).flatMap(({ id, source: { value } }) => {
    if (!isObject(value)) return [];
    const { type, names: parts } = parseResourceId(id);
    const name = typeof value.name === "string" ? value.name : (parts.at(-1) ?? "");
    return [{ type, ...value, id, name }];
  });
}

/** Where clients reach the gateway: its public address, or the private one where they are inside. */
function frontendAddress({ resources }: LabWorld, { from }: ClientRequest): string {
  const [open] = publicFrontends(resources);
  const gateway = resources.find(({ type }) => type === "Microsoft.Network/applicationGateways");
  const inside = listOf(gateway, "frontendIPConfigurations").flatMap(
    (one) => textOf(one, "privateIPAddress") ?? [],
  );
  const address = from === undefined ? (open ?? inside[0]) : (inside[0] ?? open);
  if (address === undefined) throw new Error(`${String(setting(gateway, "name"))} has no frontend address`);
  return address;
}
