import type { TrustStore } from "../../health/certificates/trust-store.ts";
import { type JudgedChain, judgeProbeChain } from "../../health/probe-chain.ts";
import { verdictOfProbe } from "../../health/probe-verdict.ts";
import { verdictOfRequest } from "../../health/request-verdict.ts";
import { parseStatusRanges } from "../../health/status-match.ts";
import type { ExchangePlan } from "../../model/exchange-plan.ts";
import type { Gateway } from "../../model/gateway.ts";
import type { LiveExchange } from "../../model/observations.ts";
import type { ProbeObservation } from "../../model/probe-observation.ts";
import type { Server, Wiring } from "../../routing/routes.ts";
import type { Reckoning } from "../experiment.ts";
import type { Plans, Services } from "../facets.ts";
import type { JudgedExchange } from "../live-evidence.ts";
import type { LiveRecords } from "./live-records.ts";
import { layersPassed, vantageOf } from "./vantage.ts";

/** What the judging of live exchanges needs of the other views. */
export interface LiveWorld {
  readonly gateway: Gateway;
  readonly wiring: Wiring;
  readonly plans: Plans;
  readonly services: Services;
  readonly wellKnownRoots: () => TrustStore;
}

type Verdict = Pick<JudgedExchange, "outcome" | "kind" | "says" | "message" | "clientStatus" | "maker">;

const outcomes = { healthy: "fine", unhealthy: "failing", undecided: "undecided" } as const;

/** Judges exchanges by the gateway's rules, or by those rules with one thing changed. */
export class ExchangeJudge {
  readonly #world: LiveWorld;
  readonly #records: LiveRecords;

  constructor(world: LiveWorld, records: LiveRecords) {
    this.#world = world;
    this.#records = records;
  }

  /** What became of a plan at a server; undefined = nobody has sent it. */
  asked(server: Server, plan: ExchangePlan, reckoning: Reckoning | undefined): JudgedExchange | undefined {
    if (server.address === undefined) return undefined;
    const found = this.#records.find(server.address, plan);
    const [first, ...more] = found.map((exchange) => this.#judged(server, plan, exchange, reckoning));
    return first && together(first, more);
  }

  #judged(
    server: Server,
    plan: ExchangePlan,
    { source, observation }: LiveExchange,
    reckoning: Reckoning | undefined,
  ): JudgedExchange {
    const chain = this.#chain(server, observation, reckoning);
    const verdict =
      plan.purpose === "probe"
        ? this.#probeVerdict(server, plan, observation, chain, reckoning)
        : this.#requestVerdict(observation, chain);
    const vantage = vantageOf(observation, this.#world.gateway);
    return {
      server,
      plan,
      observation,
      source,
      chain,
      byAddress: [],
      ...verdict,
      status: observation.http?.outcome === "answered" ? observation.http.status : undefined,
      vantage,
      passed: layersPassed(observation, vantage, verdict),
    };
  }

  #probeVerdict(
    server: Server,
    plan: ExchangePlan,
    observation: ProbeObservation,
    chain: JudgedChain | undefined,
    reckoning: Reckoning | undefined,
  ): Verdict {
    const planned = this.#world.plans.probe(server);
    const rules = {
      ...planned,
      timeoutS: plan.timeoutMs / 1000,
      ...(reckoning?.statuses && {
        healthyStatuses: { ...planned.healthyStatuses, value: parseStatusRanges(reckoning.statuses) },
      }),
      ...(reckoning?.anyBody && { healthyBody: { ...planned.healthyBody, value: undefined } }),
    };
    const { outcome, kind, says, messages } = verdictOfProbe(rules, observation, chain);
    return {
      outcome: outcomes[outcome],
      kind,
      says,
      message: messages[0],
      clientStatus: undefined,
      maker: undefined,
    };
  }

  #requestVerdict(observation: ProbeObservation, chain: JudgedChain | undefined): Verdict {
    const { generation } = this.#world.gateway;
    const { outcome, kind, says, clientStatus, maker } = verdictOfRequest(generation, observation, chain);
    const told = { says, message: undefined, maker, clientStatus: clientStatus ?? undefined };
    if (kind !== "answered") return { ...told, outcome: outcome === "undecided" ? outcome : "failing", kind };
    const status = clientStatus ?? 0;
    return status >= 500 || withoutUpgrade(observation, status)
      ? { ...told, outcome: "failing", kind: "backend-error" }
      : { ...told, outcome: "fine", kind: "healthy" };
  }

  #chain(
    server: Server,
    observation: ProbeObservation,
    asIf: Reckoning | undefined,
  ): JudgedChain | undefined {
    if (observation.tls === undefined) return undefined;
    const { gateway, services, wellKnownRoots } = this.#world;
    return judgeProbeChain(observation, {
      generation: gateway.generation,
      setting: server.pair.setting,
      wellKnownRoots: wellKnownRoots(),
      azureService: services.of(server) !== undefined,
      asIf,
    });
  }
}

/** Answers that may be meant for whoever is not signed in: no refusal of an upgrade. */
const accessAnswers: ReadonlySet<number> = new Set([401, 403, 407]);

/** An upgrade was asked for, and the answer is for somebody who did not ask. */
function withoutUpgrade({ sent }: ProbeObservation, status: number): boolean {
  if (sent.client?.scheme !== "ws" && sent.client?.scheme !== "wss") return false;
  const redirects = status >= 300 && status < 400;
  return status !== 101 && !redirects && !accessAnswers.has(status);
}

/**
 * A server whose name has several addresses: all of them are used (health-probes.md §6), so it is fine or failing only
 * where all that could be told are.
 */
function together(first: JudgedExchange, more: readonly JudgedExchange[]): JudgedExchange {
  if (more.length === 0) return first;
  const byAddress = [first, ...more];
  const ended = (outcome: JudgedExchange["outcome"]) => byAddress.find((one) => one.outcome === outcome);
  const [fine, failing] = [ended("fine"), ended("failing")];
  if (failing === undefined) return { ...(ended("undecided") ?? first), byAddress };
  return fine === undefined ? { ...failing, byAddress } : { ...fine, outcome: "partial", byAddress };
}
