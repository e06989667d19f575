import { type AzureResource, computeId, isObject, networkId, networkResource } from "./resource.ts";
import type { Host, LabWorld } from "./world.ts";

type Fields = Readonly<Record<string, unknown>>;
type Part = Record<string, unknown>;

export interface RuleWish {
  readonly name: string;
  readonly priority: number;
  readonly direction: "Inbound" | "Outbound";
  readonly access: "Allow" | "Deny";
  readonly protocol?: "Tcp" | "Udp" | "*";
  readonly from?: string | readonly string[];
  readonly to?: string | readonly string[];
  readonly ports?: string | readonly string[];
}

export interface RouteWish {
  readonly name: string;
  readonly prefix: string;
  readonly hop: "None" | "Internet" | "VnetLocal" | "VirtualNetworkGateway" | { readonly appliance: string };
}

/** A copy of a world to be changed: a fault, or its harmless twin, is a few calls. Names that do not exist throw. */
export class Draft {
  readonly #resources: (AzureResource & Part)[];
  #hosts: Host[];
  #rest: Omit<LabWorld, "resources" | "hosts">;

  constructor({ resources, hosts, ...rest }: LabWorld) {
    this.#resources = structuredClone(resources) as (AzureResource & Part)[];
    this.#hosts = [...hosts];
    this.#rest = rest;
  }

  get world(): LabWorld {
    return { ...this.#rest, resources: this.#resources, hosts: this.#hosts };
  }

  /** Fields of the application gateway itself. */
  gateway(fields: Fields): this {
    Object.assign(this.#gateway(), fields);
    return this;
  }

  /** Fields of a part of the gateway, e.g. `part("probes", "probe-app", { path: "/" })`; made when it is not there. */
  part(collection: string, name: string, fields: Fields): this {
    const list = this.#parts(collection);
    const found = list.find((one) => one.name === name);
    if (found !== undefined) Object.assign(found, fields);
    else list.push({ ...this.partLink(collection, name), name, ...fields });
    return this;
  }

  withoutPart(collection: string, name: string): this {
    const list = this.#parts(collection);
    list.splice(indexOf(list, name), 1);
    return this;
  }

  partLink(collection: string, name: string): { readonly id: string } {
    return { id: `${this.#gateway().id}/${collection}/${name}` };
  }

  /** Fields of a resource of Microsoft.Network; made when it is not there. */
  resource(collection: string, name: string, fields: Fields): this {
    const found = this.#resources.find(({ id }) => id === networkId(collection, name));
    if (found !== undefined) Object.assign(found, fields);
    else this.#resources.push(networkResource(collection, name, fields) as AzureResource & Part);
    return this;
  }

  /** Fields of a virtual machine. */
  machine(name: string, fields: Fields): this {
    const found = this.#resources.find(({ id }) => id === computeId("virtualMachines", name));
    if (found === undefined) throw new Error(`there is no virtual machine ${name}`);
    Object.assign(found, fields);
    return this;
  }

  /** Any resource, as it is. */
  add(resource: AzureResource): this {
    this.#resources.push({ ...resource });
    return this;
  }

  /** Takes a resource out, and what stands below it. */
  without(collection: string, ...names: readonly string[]): this {
    const [name = "", ...parts] = names;
    const wanted = networkId(collection, name, ...parts).toLowerCase();
    const left = this.#resources.filter(({ id }) => !`${id.toLowerCase()}/`.startsWith(`${wanted}/`));
    if (left.length === this.#resources.length) throw new Error(`there is no ${wanted}`);
    this.#resources.splice(0, this.#resources.length, ...left);
    return this;
  }

  /** A rule of a security group; one of the same name is replaced. */
  rule(group: string, wish: RuleWish): this {
    const { name, priority, direction, access, protocol = "Tcp", from = "*", to = "*", ports = "*" } = wish;
    const list = listIn(this.#find("networkSecurityGroups", group), "securityRules");
    remove(list, name);
    list.push({
      id: networkId("networkSecurityGroups", group, "securityRules", name),
      name,
      ...{ priority, direction, access, protocol },
      ...oneOrMany("sourceAddressPrefix", "sourceAddressPrefixes", from),
      sourcePortRange: "*",
      ...oneOrMany("destinationAddressPrefix", "destinationAddressPrefixes", to),
      ...oneOrMany("destinationPortRange", "destinationPortRanges", ports),
      provisioningState: "Succeeded",
    });
    return this;
  }

  withoutRule(group: string, name: string): this {
    const list = listIn(this.#find("networkSecurityGroups", group), "securityRules");
    list.splice(indexOf(list, name), 1);
    return this;
  }

  /** A security group with the rules that every group has. */
  group(name: string): this {
    return this.resource("networkSecurityGroups", name, { securityRules: [] });
  }

  /** A route; the table is made when it is not there. */
  route(table: string, { name, prefix, hop }: RouteWish): this {
    if (!this.#resources.some(({ id }) => id === networkId("routeTables", table))) {
      this.resource("routeTables", table, { disableBgpRoutePropagation: false, routes: [] });
    }
    const list = listIn(this.#find("routeTables", table), "routes");
    remove(list, name);
    list.push({
      id: networkId("routeTables", table, "routes", name),
      name,
      addressPrefix: prefix,
      ...(typeof hop === "string"
        ? { nextHopType: hop }
        : { nextHopType: "VirtualAppliance", nextHopIpAddress: hop.appliance }),
      provisioningState: "Succeeded",
    });
    return this;
  }

  /** Fields of a subnet, e.g. `{ routeTable: { id } }`; made when it is not there. */
  subnet(network: string, name: string, fields: Fields): this {
    return this.#inNetwork(network, "subnets", name, fields);
  }

  peering(network: string, name: string, fields: Fields): this {
    return this.#inNetwork(network, "virtualNetworkPeerings", name, fields);
  }

  withoutPeering(network: string, name: string): this {
    const list = listIn(this.#find("virtualNetworks", network), "virtualNetworkPeerings");
    list.splice(indexOf(list, name), 1);
    return this;
  }

  /** Gives a host other programs, another firewall … */
  host(name: string, fields: Partial<Host>): this {
    const index = indexOf(this.#hosts, name);
    this.#hosts[index] = { ...(this.#hosts[index] as Host), ...fields };
    return this;
  }

  addHost(host: Host): this {
    this.#hosts.push(host);
    return this;
  }

  /** What is beside resources and hosts. */
  more(fields: Partial<Omit<LabWorld, "resources" | "hosts">>): this {
    this.#rest = { ...this.#rest, ...fields };
    return this;
  }

  #inNetwork(network: string, collection: string, name: string, fields: Fields): this {
    const list = listIn(this.#find("virtualNetworks", network), collection);
    const found = list.find((one) => one.name === name);
    if (found !== undefined) Object.assign(found, fields);
    else list.push({ id: networkId("virtualNetworks", network, collection, name), name, ...fields });
    return this;
  }

  #find(collection: string, name: string): Part {
    const found = this.#resources.find(({ id }) => id === networkId(collection, name));
    if (found === undefined) throw new Error(`there is no ${collection} ${name}`);
    return found;
  }

  #gateway(): AzureResource & Part {
    const found = this.#resources.find(({ type }) => type === "Microsoft.Network/applicationGateways");
    if (found === undefined) throw new Error("there is no application gateway");
    return found;
  }

  #parts(collection: string): Part[] {
    return listIn(this.#gateway(), collection);
  }
}

/** A world with changes made to a copy of it. */
export function changed(world: LabWorld, ...edits: readonly ((draft: Draft) => void)[]): LabWorld {
  const draft = new Draft(world);
  for (const edit of edits) edit(draft);
  return draft.world;
}

function listIn(of: Part, name: string): Part[] {
  const list = of[name];
  if (Array.isArray(list) && list.every(isObject)) return list as Part[];
  const made: Part[] = [];
  of[name] = made;
  return made;
}

function indexOf(list: readonly { readonly name?: unknown }[], name: string): number {
  const index = list.findIndex((one) => one.name === name);
  if (index < 0) throw new Error(`there is no ${name}`);
  return index;
}

function remove(list: Part[], name: string): void {
  const index = list.findIndex((one) => one.name === name);
  if (index >= 0) list.splice(index, 1);
}

function oneOrMany(singular: string, plural: string, value: string | readonly string[]): Fields {
  return typeof value === "string" ? { [singular]: value } : { [plural]: value };
}
