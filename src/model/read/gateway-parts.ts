import type { GatewayPart, Protocol } from "../gateway.ts";
import { nameOfId, type Reference } from "../resource.ts";
import type { Source } from "../source.ts";

/**
 * The parts of one gateway and the references between them. These compare by collection and name: a gateway's inner
 * references never leave it, and exports that were renamed or anonymised keep working.
 */
export class GatewayParts {
  private readonly found = new Map<string, unknown>();
  private readonly pending: { key: string; reference: { target: unknown } }[] = [];
  private readonly gatewayId: string;
  private readonly gateway: Source;

  constructor(gatewayId: string, gateway: Source) {
    this.gatewayId = gatewayId;
    this.gateway = gateway;
  }

  each<T>(collection: string, read: (item: Source) => T): (T & GatewayPart)[] {
    return this.gateway.objects(collection).map((item) => {
      const object = Object.assign(part(item, `${this.gatewayId}/${collection}`), read(item));
      const key = partKey(collection, object.name);
      if (!this.found.has(key)) this.found.set(key, object);
      return object;
    });
  }

  reference<T>(collection: string, parent: Source, field: string): Reference<T> | undefined {
    const id = parent.referenceId(field);
    return id === undefined ? undefined : this.referTo<T>(collection, id, parent.at(field));
  }

  references<T>(collection: string, parent: Source, field: string): Reference<T>[] {
    return parent.list(field).flatMap((item) => {
      const id = typeof item.value === "string" ? item.value : item.text("id");
      return id === undefined ? [] : [this.referTo<T>(collection, id, item)];
    });
  }

  resolve(): void {
    for (const { key, reference } of this.pending) reference.target = this.found.get(key);
  }

  private referTo<T>(collection: string, id: string, source: Source): Reference<T> {
    const reference: { id: string; source: Source; target: T | undefined } = {
      id,
      source,
      target: undefined,
    };
    this.pending.push({ key: partKey(collection, nameOfId(id)), reference });
    return reference;
  }
}

function partKey(collection: string, name: string): string {
  return `${collection}/${name}`.toLowerCase();
}

export function part(item: Source, place: string): GatewayPart {
  const id = item.text("id");
  const name = item.text("name") ?? nameOfId(id ?? place);
  return {
    id: id ?? `${place}/${name}`,
    name,
    source: item,
    provisioningState: item.text("provisioningState"),
  };
}

export function protocolOf(item: Source, otherwise: Protocol): Protocol {
  const protocols = ["Http", "Https", "Tcp", "Tls"] as const;
  const written = item.text("protocol")?.toLowerCase();
  return protocols.find((protocol) => protocol.toLowerCase() === written) ?? otherwise;
}
