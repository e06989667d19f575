import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { gatewayOf, gatewaySubnet, networksOf } from "../network/facts.ts";
import type { AzureResource } from "../world/resource.ts";
import { listOf, partsOf, setting, textOf } from "../world/resource.ts";
import type { LabWorld } from "../world/world.ts";
import { endProcess, type Outcome, runInside, type Started, startInside } from "./processes.ts";

const adminPort = 9900;

/** The DNS servers that the gateway took when it was started: those of its network, or the platform's. */
export function dnsServersOf({ resources, gateway }: LabWorld): readonly string[] {
  if (gateway.dnsServers !== undefined) return gateway.dnsServers;
  const subnet = gatewaySubnet(resources);
  const network = networksOf(resources).find(({ subnets }) => subnets.some(({ id }) => id === subnet));
  const servers = network?.dnsServers ?? [];
  return servers.length > 0 ? servers : ["168.63.129.16"];
}

/** Causeway in the gateway's place: in the namespace of its first instance, at its real ports. */
export class LabGateway {
  readonly #namespace: string;
  readonly #program: readonly string[];
  readonly #folder: string;
  #process: Started | undefined;

  /** `program`: the words that start Causeway. */
  constructor(namespace: string, program: readonly string[], folder: string) {
    this.#namespace = namespace;
    this.#program = program;
    this.#folder = folder;
    mkdirSync(this.documents, { recursive: true });
  }

  get documents(): string {
    return join(this.#folder, "documents");
  }

  get accessLog(): string {
    return join(this.#folder, "access.ndjson");
  }

  async start(world: LabWorld): Promise<void> {
    this.write(world);
    if (!serves(world)) return;
    const command = [
      ...this.#program,
      "run",
      this.documents,
      ...["--admin", `127.0.0.1:${adminPort}`, "--access-log", this.accessLog, "--drain", "0"],
      ...dnsServersOf(world).flatMap((server) => ["--dns", server]),
      ...frontendPorts(world.resources).flatMap(([frontend, port]) => [
        "--listen",
        `${frontend}:${port}=0.0.0.0:${port}`,
      ]),
      ...(world.gateway.options ?? []),
    ];
    const resolvConf = this.resolverFile(world);
    const log = join(this.#folder, "gateway.log");
    this.#process = await startInside(this.#namespace, { command, log, ports: [adminPort], resolvConf });
    await this.#ready();
  }

  /** The documents that it serves; also those that diagnoses are given. */
  write(world: LabWorld): void {
    writeDocuments(world, this.documents);
  }

  resolverFile(world: LabWorld): string {
    const file = join(this.#folder, "resolv.conf");
    writeFileSync(
      file,
      dnsServersOf(world)
        .map((server) => `nameserver ${server}\noptions timeout:1 attempts:1\n`)
        .join(""),
    );
    return file;
  }

  /** Serves the documents of the changed world; begins or ends to serve when they say so. */
  async reload(world: LabWorld): Promise<void> {
    if (!serves(world)) return this.stop();
    if (this.#process === undefined) return this.start(world);
    this.write(world);
    this.#process.child.kill("SIGHUP");
    await sleep(300);
  }

  async stop(): Promise<void> {
    if (this.#process !== undefined) await endProcess(this.#process);
    this.#process = undefined;
  }

  get log(): string {
    const file = join(this.#folder, "gateway.log");
    return existsSync(file) ? readFileSync(file, "utf8") : "";
  }

  /** Waits, a moment at most, until so many requests are in the log: rows are written in batches. */
  async logged(rows: number): Promise<void> {
    const end = Date.now() + 3_000;
    const written = (): number =>
      this.logs.flatMap((file) => readFileSync(file, "utf8").split("\n")).length - 1;
    while (this.#process !== undefined && written() < rows && Date.now() < end) await sleep(50);
  }

  /** What it left to be read: its access log, once there is one. */
  get logs(): readonly string[] {
    return existsSync(this.accessLog) ? [this.accessLog] : [];
  }

  /** One page of the admin port; empty when nobody serves it. */
  async ask(path: string, { method = "GET", withinMs = 20_000 } = {}): Promise<string> {
    const seconds = String(Math.ceil(withinMs / 1000));
    const { stdout } = await runInside(this.#namespace, {
      command: ["curl", "-s", "-X", method, "--max-time", seconds, `http://127.0.0.1:${adminPort}${path}`],
      timeoutMs: withinMs + 5_000,
    });
    return stdout;
  }

  /** Another call of Causeway where the gateway stands. */
  call(words: readonly string[], resolvConf: string, timeoutMs: number): Promise<Outcome> {
    return runInside(this.#namespace, { command: [...this.#program, ...words], resolvConf, timeoutMs });
  }

  async #ready(): Promise<void> {
    const end = Date.now() + 30_000;
    while ((await this.ask("/readyz")).trim() !== "ready") {
      if (Date.now() > end) throw new Error(`the gateway does not become ready: ${this.log.slice(-2000)}`);
      await sleep(100);
    }
  }
}

/** One that is stopped is not there: nobody can be asked for its log and health. */
export function serves({ resources }: LabWorld): boolean {
  return textOf(gatewayOf(resources), "operationalState") === "Running";
}

function frontendPorts(
  resources: readonly AzureResource[],
): readonly (readonly [frontend: string, port: number])[] {
  const gateway = gatewayOf(resources);
  const portOf = (id: unknown): number =>
    Number(
      setting(
        partsOf(resources, gateway, "frontendPorts").find((one) => setting(one, "id") === id),
        "port",
      ),
    );
  const nameOf = (id: unknown): string =>
    String(
      setting(
        partsOf(resources, gateway, "frontendIPConfigurations").find((one) => setting(one, "id") === id),
        "name",
      ),
    );
  const listeners = [...listOf(gateway, "httpListeners"), ...listOf(gateway, "listeners")];
  const inRules = [...listOf(gateway, "requestRoutingRules"), ...listOf(gateway, "routingRules")].map(
    (rule) => setting(setting(rule, "httpListener") ?? setting(rule, "listener"), "id"),
  );
  const doors = listeners
    .filter((listener) => inRules.includes(setting(listener, "id")))
    .map(
      (listener) =>
        [
          nameOf(setting(setting(listener, "frontendIPConfiguration"), "id")),
          portOf(setting(setting(listener, "frontendPort"), "id")),
        ] as const,
    );
  return [...new Map(doors.map((door) => [door.join(), door])).values()];
}

/** A file for each kind of resource, as an operator's export is, and what was exported beside. */
export function writeDocuments(
  { resources, exports = {} }: Pick<LabWorld, "resources" | "exports">,
  folder: string,
  withheld: readonly string[] = [],
): void {
  mkdirSync(folder, { recursive: true });
  const kinds = Map.groupBy(resources, ({ type }) =>
    (type.split("/")[1] ?? "").replace(/^./, (first) => first.toLowerCase()),
  );
  for (const [kind, list] of kinds) {
    if (withheld.includes(kind)) continue;
    writeFileSync(join(folder, `${kind}.json`), `${JSON.stringify(list, null, 1)}\n`);
  }
  for (const [name, json] of Object.entries(exports)) {
    if (!withheld.includes(name)) writeFileSync(join(folder, name), `${JSON.stringify(json, null, 1)}\n`);
  }
}
