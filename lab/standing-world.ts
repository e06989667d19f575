import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { applyChanges, type Change } from "../src/model/change.ts";
import { parseResourceId } from "../src/model/resource.ts";
import { Source } from "../src/model/source.ts";
import { Chronicle } from "./chronicle.ts";
import { type ClientAnswer, type ClientRequest, sendRequest } from "./machine/client.ts";
import { LabGateway } from "./machine/gateway.ts";
import { Machines } from "./machine/hosts.ts";
import { gatewayOf, publicFrontends } from "./network/facts.ts";
import { RealNetwork } from "./network/realise.ts";
import type { Scenario } from "./scenarios/scenario.ts";
import { names } from "./world/base.ts";
import { changed, type Draft } from "./world/draft.ts";
import { type AzureResource, isObject, listOf, textOf } from "./world/resource.ts";
import type { LabWorld } from "./world/world.ts";

export interface Place {
  /** Words that start Causeway. */
  readonly program: readonly string[];
  /** Of the names of namespaces. */
  readonly prefix: string;
  readonly folder: string;
}

const defaultRequests: readonly ClientRequest[] = [{ url: names.url, times: 2 }];

export function requestsOf({
  requests = defaultRequests,
}: Pick<Scenario, "requests">): readonly ClientRequest[] {
  return requests;
}

/** Rows of the access log tell the second, no more. */
const timeOfRowsMs = 1_100;

/** A world that stands: network, machines and gateway, to which requests are sent and changes are made. */
export class StandingWorld {
  readonly #network: RealNetwork;
  readonly #machines: Machines;
  readonly gateway: LabGateway;
  /** What was done while requests were sent. */
  readonly chronicle = new Chronicle();
  #world: LabWorld;

  private constructor(world: LabWorld, network: RealNetwork, { program, folder }: Place) {
    this.#world = world;
    this.#network = network;
    this.#machines = new Machines(join(folder, "hosts"), (host) => network.namespace(host));
    this.gateway = new LabGateway(this.gatewayNamespace, program, join(folder, "gateway"));
  }

  static async make(world: LabWorld, place: Place): Promise<StandingWorld> {
    const network = await RealNetwork.make(world, place.prefix, join(place.folder, "network"));
    const standing = new StandingWorld(world, network, place);
    try {
      await standing.#machines.apply(world);
      await standing.gateway.start(world);
      return standing;
    } catch (error) {
      await standing.end();
      throw error;
    }
  }

  get world(): LabWorld {
    return this.#world;
  }

  get namespaces(): readonly string[] {
    return this.#network.namespaces;
  }

  get gatewayNamespace(): string {
    return this.#network.namespace("gateway-0");
  }

  async end(): Promise<void> {
    await this.gateway.stop();
    await this.#machines.end();
    await this.#network.remove();
  }

  /** All requests of a scenario, while what disturbs goes on. */
  async requests(scenario: Scenario): Promise<readonly ClientAnswer[]> {
    const over = new AbortController();
    const disturbing = scenario.disturb?.(this.#stage(over.signal));
    const answers: ClientAnswer[] = [];
    try {
      for (const request of requestsOf(scenario)) {
        const { times = 1 } = request;
        if (request.together === true) {
          answers.push(...(await Promise.all(Array.from({ length: times }, () => this.send(request)))));
          continue;
        }
        for (let n = 0; n < times; n++) {
          if (n > 0 && request.pauseMs !== undefined) await sleep(request.pauseMs);
          answers.push(await this.send(request));
        }
      }
    } finally {
      over.abort();
      await disturbing;
    }
    return answers;
  }

  #stage(signal: AbortSignal): Parameters<NonNullable<Scenario["disturb"]>>[0] {
    const world = (): LabWorld => this.#world;
    return {
      signal,
      get world() {
        return world();
      },
      change: (edit) => this.change(edit),
      restart: async (name) => {
        const host = this.#world.hosts.find((one) => one.name === name);
        if (host === undefined) throw new Error(`there is no host ${name}`);
        await this.#machines.restart(host);
      },
      wait: (ms) => sleep(ms, undefined, { signal }).catch(() => {}),
      passes: async (minutes) => {
        this.chronicle.passed(minutes, Date.now());
        await sleep(timeOfRowsMs);
      },
    };
  }

  send(request: ClientRequest): Promise<ClientAnswer> {
    const namespace = this.#network.namespace(request.from ?? "client");
    return sendRequest(namespace, request, frontendAddress(this.#world, request));
  }

  /**
   * Makes changes for real: of hosts by an edit, of documents by both. The gateway reloads when documents changed; where it
   * is stopped and started, it takes the DNS servers of its network.
   */
  async change(edit: (draft: Draft) => void, changes: readonly Change[] = []): Promise<void> {
    const before = JSON.stringify(this.#world.resources);
    const written = JSON.stringify(gatewayOf(this.#world.resources));
    const edited = changed(this.#world, edit);
    this.#world = { ...edited, resources: withChanges(edited.resources, changes) };
    if (written !== JSON.stringify(gatewayOf(this.#world.resources))) this.chronicle.wrote(Date.now());
    await this.#network.apply(this.#world);
    await this.#machines.apply(this.#world);
    if (changes.some((change) => change.action === "operate" && change.operation === "stop-start")) {
      await this.gateway.stop();
      const { dnsServers: _, ...place } = this.#world.gateway;
      this.#world = { ...this.#world, gateway: place };
      await this.gateway.start(this.#world);
    } else if (before !== JSON.stringify(this.#world.resources)) await this.gateway.reload(this.#world);
  }
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
  const frontends = listOf(gateway, "frontendIPConfigurations");
  const [inside] = frontends.flatMap((one) => textOf(one, "privateIPAddress") ?? []);
  const address = from === undefined ? (open ?? inside) : (inside ?? open);
  if (address === undefined) throw new Error("the gateway has no frontend address");
  return address;
}
