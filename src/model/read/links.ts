import type { PrivateDnsZone } from "../dns.ts";
import type { IpConfiguration, NetworkInterface, PublicIpAddress, VirtualMachine } from "../hosts.ts";
import type {
  ApplicationSecurityGroup,
  NetworkSecurityGroup,
  RouteTable,
  Subnet,
  VirtualNetwork,
} from "../network.ts";
import { idKey, type Reference, type Resource } from "../resource.ts";
import type { Source } from "../source.ts";

/** What a reference between resources can lead to. */
export interface LinkKinds {
  virtualNetwork: VirtualNetwork;
  subnet: Subnet;
  networkSecurityGroup: NetworkSecurityGroup;
  applicationSecurityGroup: ApplicationSecurityGroup;
  routeTable: RouteTable;
  networkInterface: NetworkInterface;
  ipConfiguration: IpConfiguration;
  publicIpAddress: PublicIpAddress;
  virtualMachine: VirtualMachine;
  privateDnsZone: PrivateDnsZone;
  natGateway: Resource;
}

type MutableReference = { id: string; source: Source; target: unknown };

/**
 * Turns ids into object links. Readers define what they read and take references; `resolve` fills in the targets once
 * everything has been read, so the order of documents does not matter and cycles are fine.
 */
export class Links {
  private readonly defined = new Map<string, unknown>();
  private readonly pending: { key: string; reference: MutableReference }[] = [];

  /** The first definition of an id wins: documents are given most important first. */
  define<K extends keyof LinkKinds>(kind: K, id: string, object: LinkKinds[K]): void {
    const key = `${kind} ${idKey(id)}`;
    if (!this.defined.has(key)) this.defined.set(key, object);
  }

  get<K extends keyof LinkKinds>(kind: K, id: string): LinkKinds[K] | undefined {
    return this.defined.get(`${kind} ${idKey(id)}`) as LinkKinds[K] | undefined;
  }

  /** The reference in `parent.field`, or undefined when unset. Its target is there after `resolve`. */
  reference<K extends keyof LinkKinds>(
    kind: K,
    parent: Source,
    field: string,
  ): Reference<LinkKinds[K]> | undefined {
    const id = parent.referenceId(field);
    return id === undefined ? undefined : this.referTo(kind, id, parent.at(field));
  }

  /** The references in a list of `{ "id": … }` objects. */
  references<K extends keyof LinkKinds>(kind: K, parent: Source, field: string): Reference<LinkKinds[K]>[] {
    const found: Reference<LinkKinds[K]>[] = [];
    for (const item of parent.list(field)) {
      const id = typeof item.value === "string" ? item.value : item.text("id");
      if (id !== undefined) found.push(this.referTo(kind, id, item));
    }
    return found;
  }

  referTo<K extends keyof LinkKinds>(kind: K, id: string, source: Source): Reference<LinkKinds[K]> {
    const reference: MutableReference = { id, source, target: undefined };
    this.pending.push({ key: `${kind} ${idKey(id)}`, reference });
    return reference as Reference<LinkKinds[K]>;
  }

  resolve(): void {
    for (const { key, reference } of this.pending) reference.target = this.defined.get(key);
  }
}
