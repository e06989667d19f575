import { nameOfId, parseResourceId } from "../../model/resource.ts";
import { addDefaults } from "./defaults.ts";
import { type Draft, draftOf, fault, type Part, text } from "./draft.ts";
import {
  type Collection,
  collectionNamed,
  defaultResourceGroup,
  defaultSubscription,
  gatewayType,
  pathRules,
} from "./fields.ts";
import { writeOutShorthands } from "./shorthand.ts";
import { fieldOf, list, object, textOf, type Written, type WrittenObject } from "./written.ts";

/** A gateway as `az` would print it, every value with the place of what it was made from. */
export interface ExpandedGateway {
  readonly id: string;
  readonly resource: WrittenObject;
}

/**
 * Writes a gateway of the short notation out in full (docs/short-notation.md). `name` is for one that has none. Throws
 * `UnreadableDocument` where what is written cannot be meant.
 */
export function expandGateway(gateway: WrittenObject, name: string): ExpandedGateway {
  const draft = draftOf(gateway);
  if (draft.completes) {
    writeOutShorthands(draft);
    addDefaults(draft);
  }
  const { id, identity } = identityOf(draft, name);
  const fields: [string, Written][] = [...identity];
  for (const [field, value] of draft.fields) {
    if (!["id", "name", "type", "subscription", "resourceGroup", "defaults"].includes(field)) {
      fields.push([field, value]);
    }
  }
  for (const [collection, parts] of draft.parts) {
    if (parts.length === 0 && draft.completes) continue;
    fields.push([collection, written(draft, parts, collectionNamed(collection), id)]);
  }
  return { id, resource: object(fields, gateway.at) };
}

function identityOf({ at, fields }: Draft, otherwise: string): { id: string; identity: [string, Written][] } {
  const field = (key: string): Written | undefined => fields.get(key);
  const ownId = textOf(field("id"));
  const name = textOf(field("name")) ?? (ownId === undefined ? otherwise : nameOfId(ownId));
  const subscription = textOf(field("subscription")) ?? defaultSubscription;
  const groupOfId = ownId === undefined ? defaultResourceGroup : parseResourceId(ownId).resourceGroup;
  const group = textOf(field("resourceGroup")) ?? groupOfId;
  for (const key of ["name", "subscription", "resourceGroup"]) {
    const value = field(key);
    if (value !== undefined && (textOf(value) ?? "/").includes("/")) {
      throw fault(
        value.at,
        `"${key}" is part of the id of the gateway, which has no / in it`,
        "a name without /",
      );
    }
  }
  const id =
    ownId ?? `/subscriptions/${subscription}/resourceGroups/${group}/providers/${gatewayType}/${name}`;
  return {
    id,
    identity: [
      ["id", field("id") ?? text(id, at)],
      ["name", field("name") ?? text(name, at)],
      ["type", field("type") ?? text(gatewayType, at)],
      ...(group === undefined
        ? []
        : [["resourceGroup", field("resourceGroup") ?? text(group, at)] as [string, Written]]),
    ],
  };
}

function written(draft: Draft, parts: readonly Part[], collection: Collection, gatewayId: string): Written {
  const made = parts.map((part) =>
    partWritten(part, collection, `${gatewayId}/${collection.name}`, gatewayId),
  );
  return list(made, parts[0]?.at ?? draft.at);
}

function partWritten(
  { name, at, fields }: Part,
  collection: Collection,
  place: string,
  gatewayId: string,
): Written {
  const id = name === undefined ? undefined : `${place}/${name}`;
  const made: [string, Written][] = name === undefined ? [] : [["name", text(name, at)]];
  if (id !== undefined && !fields.has("id")) made.push(["id", text(id, at)]);
  for (const [field, value] of fields) {
    const target = Object.hasOwn(collection.references, field) ? collection.references[field] : undefined;
    if (target !== undefined) made.push([field, referred(value, `${gatewayId}/${target}`)]);
    else if (collection.name === "urlPathMaps" && field === "pathRules" && value.kind === "list") {
      made.push([field, pathRulesWritten(value.items, value, `${id ?? place}/pathRules`, gatewayId)]);
    } else if (referenceFields.has(field)) made.push([field, referred(value, "")]);
    else made.push([field, value]);
  }
  return object(made, at);
}

/** To resources beside the gateway: ids. */
const referenceFields: ReadonlySet<string> = new Set(["subnet", "publicIPAddress", "firewallPolicy"]);

function pathRulesWritten(
  items: readonly Written[],
  whole: Written,
  place: string,
  gatewayId: string,
): Written {
  return list(
    items.map((item) => {
      if (item.kind !== "object") return item;
      const name = textOf(fieldOf(item, "name"));
      const fields = new Map([...item.fields].filter(([field]) => field.toLowerCase() !== "name"));
      return partWritten({ name, at: item.at, fields }, pathRules, place, gatewayId);
    }),
    whole.at,
  );
}

/** A name becomes an id; ids and objects stay. */
function referred(value: Written, place: string): Written {
  if (value.kind === "list") {
    return list(
      value.items.map((item) => referred(item, place)),
      value.at,
    );
  }
  const name = value.kind === "scalar" ? textOf(value) : undefined;
  if (name === undefined) return value;
  const id = name.includes("/") || place === "" ? name : `${place}/${name}`;
  return object([["id", text(id, value.at)]], value.at);
}
