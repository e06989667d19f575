import { parseResourceId } from "../model/resource.ts";
import { Source } from "../model/source.ts";
import type { DocumentTally, Harvest } from "./harvest.ts";
import { field, type IdHints, type JsonObject, type Place, setting, textField } from "./place.ts";
import { unfoldTextFields } from "./powershell.ts";
import { resourceKind } from "./resource-kinds.ts";
import { hasSettings, typeByShape } from "./resource-shapes.ts";

export interface Identity {
  readonly type: string;
  /** Undefined when the document has none and none follows from what is around it. */
  readonly id: string | undefined;
}

/** What resource a value is, by its id, its type, or its shape. */
export function identify(value: JsonObject): Identity | undefined {
  const id = resourceIdOf(value);
  const written = textField(value, "type") ?? textField(value, "resourceType");
  const typeField =
    written !== undefined && /^[\w.]+\.[\w.]+\//.test(written) ? written.toLowerCase() : undefined;
  const typeOfId = id === undefined ? undefined : parseResourceId(id).type.toLowerCase();
  const types = [typeOfId, typeField, typeField ?? (typeOfId || undefined)];
  const type =
    types.find((candidate) => candidate && resourceKind(candidate)) ?? types[2] ?? typeByShape(value);
  return type === undefined ? undefined : { type: configurationOfSite(type, value), id };
}

/** Takes one resource into the harvest, or says why not. */
export function takeResource(
  place: Place,
  value: JsonObject,
  identity: Identity,
  harvest: Harvest,
  tally: DocumentTally,
): void {
  const { type } = identity;
  const kind = resourceKind(type);
  if (kind === undefined) {
    tally.ignore(...unreadType(type));
    return;
  }
  if (!kind.bare && !hasSettings(value)) {
    tally.ignore(
      kind.label,
      `${/^[aeiou]/.test(kind.label) ? "an" : "a"} ${kind.label} that is only named, without its settings: export it with its own \`show\` or \`list\` command`,
    );
    return;
  }
  const settings = unfoldTextFields(value);
  const written = identity.id ?? idOfParts(type, settings) ?? idFromHints(type, settings, place.hints);
  const id = siteConfigurationId(type, written, settings);
  const source = new Source(place.document, place.pointer, settings);
  const record = { id: id ?? "", type, source, listed: place.listed };
  tally.take(kind.label);
  if (id === undefined) harvest.nameless.push({ record, tally });
  else harvest.records.push(record);
  if (place.listed) harvest.listedTypes.add(type);
}

/** The type is text of the document: only what a type can be is repeated. */
function unreadType(type: string): [kind: string, reason: string] {
  const name = /^[\w./-]{1,100}$/.test(type) ? type : "a resource of unknown type";
  return [name, `${name} plays no part in what Causeway decides`];
}

function resourceIdOf(value: JsonObject): string | undefined {
  const id = textField(value, "id") ?? textField(value, "resourceId");
  return id !== undefined && /\/providers\//i.test(id) ? id.replace(/\/+$/, "") : undefined;
}

/** The resource's own id is the beginning of the ids of its parts: `…/applicationGateways/g/probes/p`. */
function idOfParts(type: string, value: JsonObject): string | undefined {
  const properties = field(value, "properties");
  for (const holder of [value, properties]) {
    if (typeof holder !== "object" || holder === null) continue;
    for (const list of Object.values(holder)) {
      if (!Array.isArray(list)) continue;
      for (const item of list) {
        const id = textField(item, "id");
        const start = id?.toLowerCase().indexOf(`/providers/${type}/`) ?? -1;
        if (id === undefined || start < 0) continue;
        const end = id.indexOf("/", start + `/providers/${type}/`.length);
        if (end > 0) return id.slice(0, end);
      }
    }
  }
  return undefined;
}

function idFromHints(type: string, value: JsonObject, hints: IdHints): string | undefined {
  const name = textField(value, "name") ?? nameFromHints(type, hints);
  const [provider, collection, ...deeper] = type.split("/");
  if (name === undefined || hints.subscription === undefined || deeper.length > 0) return undefined;
  const group = hints.resourceGroup ?? textField(value, "resourceGroup") ?? "unknown";
  return `/subscriptions/${hints.subscription}/resourceGroups/${group}/providers/${provider}/${collection}/${name}`;
}

/** `microsoft.network/networkInterfaces` → the parameter `networkInterfaceName`. */
function nameFromHints(type: string, hints: IdHints): string | undefined {
  const singular = (type.split("/").at(-1) ?? "").replace(/e?s$/, "");
  for (const key of Object.keys(hints.names ?? {})) {
    if (/name$/i.test(key) && key.toLowerCase().startsWith(singular)) return textField(hints.names, key);
  }
  return undefined;
}

/** `az webapp config show` gives the configuration the id and the type of the site. */
function configurationOfSite(type: string, value: JsonObject): string {
  if (type !== "microsoft.web/sites" && type !== "microsoft.web/sites/slots") return type;
  const isSite = ["defaultHostName", "hostNames", "enabledHostNames", "hostNameSslStates"].some(
    (name) => setting(value, name) !== undefined,
  );
  const isConfiguration = [
    "ftpsState",
    "globalValidation",
    "ipSecurityRestrictions",
    "numberOfWorkers",
    "tokenStoreEnabled",
    "unauthenticatedClientAction",
  ].some((name) => setting(value, name) !== undefined);
  return isConfiguration && !isSite ? `${type}/config` : type;
}

function siteConfigurationId(type: string, id: string | undefined, value: JsonObject): string | undefined {
  if (!/^microsoft\.web\/sites\/(slots\/)?config$/.test(type) || id === undefined) return id;
  if (/\/config\/[^/]+$/i.test(id)) return id;
  return `${id}/config/${siteConfigurationName(value)}`;
}

/** Authentication and general settings are two configurations of one site. */
export function siteConfigurationName(value: JsonObject): string {
  if (setting(value, "globalValidation") !== undefined) return "authsettingsV2";
  return setting(value, "unauthenticatedClientAction") !== undefined ? "authsettings" : "web";
}
