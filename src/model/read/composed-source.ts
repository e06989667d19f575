import { idKey, type ResourceRecord } from "../resource.ts";
import { isObject, Source } from "../source.ts";

/**
 * Records that are parts of another resource and were exported apart from it: a subnet from `az network vnet subnet
 * show`, a rule from `az network nsg rule list`. Found by the id of the parent and the collection they belong to.
 */
export class PartsApart {
  /** parent id → lower-case collection → lower-case name → records */
  private readonly collections = new Map<string, Map<string, Map<string, ResourceRecord[]>>>();
  /** Every id with something below it, however deep. */
  private readonly parents = new Set<string>();

  add(record: ResourceRecord): void {
    const steps = idKey(record.id).split("/");
    const name = steps.pop() ?? "";
    const collection = steps.pop() ?? "";
    const collections = ensure(this.collections, steps.join("/"), () => new Map());
    const siblings = ensure(collections, collection, () => new Map<string, ResourceRecord[]>());
    ensure<string, ResourceRecord[]>(siblings, name, () => []).push(record);
    for (; steps.length > 1; steps.splice(-2)) this.parents.add(steps.join("/"));
  }

  hasBelow(id: string): boolean {
    return this.parents.size > 0 && this.parents.has(idKey(id));
  }

  /** The parts of one collection, by lower-case name. */
  of(parentId: string, collection: string): ReadonlyMap<string, readonly ResourceRecord[]> | undefined {
    if (this.parents.size === 0) return undefined;
    return this.collections.get(idKey(parentId))?.get(collection.toLowerCase());
  }

  /** The direct parts of a resource, of whatever collection. */
  *below(parentId: string): Generator<ResourceRecord> {
    for (const siblings of this.collections.get(idKey(parentId))?.values() ?? []) {
      for (const records of siblings.values()) yield* records;
    }
  }
}

function ensure<K, V>(map: Map<K, V>, key: K, make: () => V): V {
  const known = map.get(key);
  if (known !== undefined) return known;
  const made = make();
  map.set(key, made);
  return made;
}

/**
 * One resource whose settings stand in several places: in documents that export it twice, and in parts written apart.
 * A field is taken from the first layer that has it, so every value still points at the document it was read from.
 */
export class ComposedSource extends Source {
  readonly layers: readonly [Source, ...Source[]];
  private readonly id: string;
  private readonly parts: PartsApart;

  constructor(id: string, layers: readonly [Source, ...Source[]], parts: PartsApart) {
    const [first] = layers;
    super(first.document, first.pointer, first.value, first.problems);
    this.layers = layers;
    this.id = id;
    this.parts = parts;
  }

  override at(name: string): Source {
    // The layer knows its own places, however it was written.
    const first = this.layers[0].at(name);
    if (isSet(first.value)) return first;
    const other = this.layers.slice(1).find((layer) => isSet(layer.peek(name)));
    return other?.at(name) ?? first;
  }

  override peek(name: string): unknown {
    const first = super.peek(name);
    if (isSet(first)) return first;
    for (const layer of this.layers.slice(1)) {
      const value = layer.peek(name);
      if (isSet(value)) return value;
    }
    return first;
  }

  /** The elements written in the resource itself, each joined with its part written apart, then the other parts. */
  override list(name: string): Source[] {
    const embedded = super.list(name);
    if (!this.parts.hasBelow(this.id)) return embedded;
    const apart = this.parts.of(this.id, name);
    const left = new Map(apart);
    const joined = embedded.map((item) => {
      const itemName = nameOfItem(item);
      const records = left.get(itemName);
      left.delete(itemName);
      return records === undefined ? this.withParts(item, name) : this.join(records, item);
    });
    for (const records of left.values()) joined.push(this.join(records));
    return joined;
  }

  private withParts(item: Source, collection: string): Source {
    const id = `${this.id}/${collection}/${nameOfItem(item)}`;
    return this.parts.hasBelow(id) ? new ComposedSource(id, [item], this.parts) : item;
  }

  /** A part written apart is the more specific export; the parent's own copy fills what it leaves out. */
  private join(records: readonly ResourceRecord[], embedded?: Source): Source {
    const layers = records.map(({ source }) => source.reportingTo(this.problems));
    if (embedded !== undefined) layers.push(embedded);
    return new ComposedSource(records[0]?.id ?? this.id, layers as [Source, ...Source[]], this.parts);
  }
}

function isSet(value: unknown): boolean {
  return value !== undefined && value !== null;
}

function nameOfItem(item: Source): string {
  if (!isObject(item.value)) return "";
  const name = item.peek("name");
  if (typeof name === "string") return name.toLowerCase();
  const id = item.peek("id");
  return typeof id === "string" ? (idKey(id).split("/").at(-1) ?? "") : "";
}
