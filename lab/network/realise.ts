import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { feed, netPath, removeNamespaces } from "../machine/namespaces.ts";
import { endProcess, type Started, startInside } from "../machine/processes.ts";
import type { LabWorld } from "../world/world.ts";
import { asRealised } from "./azure-firewall.ts";
import { hostCommands } from "./host.ts";
import { answersIn, platformConfig } from "./names.ts";
import { routerOf, type Shape, shapeOf } from "./plan.ts";
import { type Commands, networkRouter, outsideRouter } from "./router.ts";

/** A world that stands: its namespaces, cables, routes, rules and resolvers. */
export class RealNetwork {
  readonly #prefix: string;
  readonly #folder: string;
  #shape: Shape;
  #resolvers: { readonly network: string; readonly config: string; readonly process: Started }[] = [];

  private constructor(prefix: string, folder: string, shape: Shape) {
    this.#prefix = prefix;
    this.#folder = folder;
    this.#shape = shape;
  }

  /** `prefix` starts the names of its namespaces, `folder` takes the configurations of its resolvers. */
  static async make(world: LabWorld, prefix: string, folder: string): Promise<RealNetwork> {
    const network = new RealNetwork(prefix, folder, shapeOf(world));
    mkdirSync(folder, { recursive: true });
    const { namespaces, cables } = network.#shape;
    await feed(
      "ip",
      ["-batch", "-"],
      namespaces.map((name) => `netns add ${network.namespace(name)}`).join("\n"),
    );
    try {
      const lines = cables.map(({ from, to }) => {
        const [one, other] = [network.namespace(from.namespace), network.namespace(to.namespace)];
        return `link add ${from.device} netns ${one} type veth peer name ${to.device} netns ${other}`;
      });
      await feed("ip", ["-batch", "-"], lines.join("\n"));
      await network.apply(world);
    } catch (error) {
      await network.remove();
      throw error;
    }
    return network;
  }

  /** The full name of the namespace of a host or router. */
  namespace(name: string): string {
    const index = this.#shape.namespaces.indexOf(name);
    return `${this.#prefix}${index}-${name}`.toLowerCase();
  }

  get namespaces(): readonly string[] {
    return this.#shape.namespaces.map((name) => this.namespace(name));
  }

  /** Realises the world anew in the namespaces that stand: routes, rules, names, machines on and off. */
  async apply(world: LabWorld): Promise<void> {
    const shape = shapeOf(world);
    if (shape.namespaces.join() !== this.#shape.namespaces.join()) {
      throw new Error("hosts and networks cannot come or go while the world stands");
    }
    this.#shape = shape;
    const hosts = new Map(world.hosts.map((host) => [host.name, host]));
    await Promise.all([
      ...shape.networks.map((one) => this.#commands(routerOf(one), networkRouter(world, shape, one))),
      this.#commands("internet", outsideRouter(world, shape, "internet")),
      ...(world.onPremises === undefined
        ? []
        : [this.#commands("on-premises", outsideRouter(world, shape, "on-premises"))]),
      ...shape.plugged.map((port) => {
        const host = hosts.get(port.host);
        return this.#commands(port.host, hostCommands(port, host && asRealised(host, world.resources)));
      }),
    ]);
    await Promise.all(shape.networks.map((one) => this.#resolver(one.name, one.id, world)));
  }

  /** Takes all of it away, with whatever runs inside. */
  async remove(): Promise<void> {
    await removeNamespaces(this.namespaces);
  }

  async #commands(name: string, { clear, ip, nft, forwards }: Commands): Promise<void> {
    const script = [
      "set -e",
      `echo ${forwards ? 1 : 0} >/proc/sys/net/ipv4/ip_forward`,
      "for f in all default; do echo 0 >/proc/sys/net/ipv4/conf/$f/rp_filter; echo 0 >/proc/sys/net/ipv4/conf/$f/send_redirects; done",
      ...(clear.length === 0
        ? []
        : [`ip -force -batch - >/dev/null 2>&1 <<'END' || true\n${clear.join("\n")}\nEND`]),
      `ip -batch - <<'END'\n${ip.join("\n")}\nEND`,
      `nft -f - <<'END'\n${nft}END`,
      "",
    ].join("\n");
    await feed("nsenter", [`--net=${netPath(this.namespace(name))}`, "sh", "-s"], script);
  }

  async #resolver(name: string, id: string, world: LabWorld): Promise<void> {
    const config = platformConfig(answersIn(world, id));
    const before = this.#resolvers.find(({ network }) => network === id);
    if (before?.config === config) return;
    if (before !== undefined) await endProcess(before.process);
    const file = join(this.#folder, `dns-${name}.conf`);
    writeFileSync(file, `${config}\n`);
    const process = await startInside(this.namespace(`router-${name}`), {
      command: ["dnsmasq", "-C", file],
      log: join(this.#folder, `dns-${name}.log`),
      udpPort: 53,
    });
    this.#resolvers = [
      ...this.#resolvers.filter(({ network }) => network !== id),
      { network: id, config, process },
    ];
  }
}
