import type { Source } from "./source.ts";

/**
 * One Azure resource as it stood in a document, in whatever notation, before it is understood. Fixes are changes to
 * these records; the typed model is always built from them.
 */
export interface ResourceRecord {
  /** The full resource id as written; synthesised when the document has none. */
  readonly id: string;
  /** Lower-case resource type, e.g. `microsoft.network/virtualnetworks`. */
  readonly type: string;
  readonly source: Source;
  /** It stood in a list of its kind: what the list does not have, the parent does not have. */
  readonly listed?: boolean;
}

/** What every understood resource carries. */
export interface Resource {
  readonly id: string;
  readonly name: string;
  readonly source: Source;
}

/** A link to another resource. `target` is undefined when that resource was not among the documents. */
export interface Reference<T> {
  readonly id: string;
  readonly source: Source;
  readonly target: T | undefined;
}

/** The parts of a resource id. All text as written; compare with `sameId`. */
export interface ResourceIdParts {
  readonly subscription: string | undefined;
  readonly resourceGroup: string | undefined;
  /** e.g. `Microsoft.Network/virtualNetworks/subnets` */
  readonly type: string;
  /** Names from the outermost to the innermost, e.g. `["vnet", "subnet"]`. */
  readonly names: readonly string[];
}

/** Splits an ARM resource id. Tolerates missing leading parts; never throws. */
export function parseResourceId(id: string): ResourceIdParts {
  const parts = id.split("/").filter((part) => part !== "");
  const lower = parts.map((part) => part.toLowerCase());
  const after = (word: string): string | undefined => {
    const index = lower.indexOf(word);
    return index < 0 ? undefined : parts[index + 1];
  };
  const provider = lower.lastIndexOf("providers");
  const types: string[] = [];
  const names: string[] = [];
  if (provider >= 0) {
    types.push(parts[provider + 1] ?? "");
    for (let i = provider + 2; i < parts.length; i += 2) {
      types.push(parts[i] ?? "");
      if (parts[i + 1] !== undefined) names.push(parts[i + 1] as string);
    }
  } else {
    const last = parts.at(-1);
    if (last !== undefined) names.push(last);
  }
  return {
    subscription: after("subscriptions"),
    resourceGroup: after("resourcegroups"),
    type: types.join("/"),
    names,
  };
}

/** The key under which ids compare: ARM ids are case-insensitive. */
export function idKey(id: string): string {
  return id.toLowerCase().replace(/\/+$/, "");
}

/** The last name of an id, as written. */
export function nameOfId(id: string): string {
  return parseResourceId(id).names.at(-1) ?? id;
}
