import { basename } from "node:path";
import { isObject } from "../../model/source.ts";
import type { DocumentTally, Harvest } from "../harvest.ts";
import { expandGateway } from "./expand.ts";
import { collections, gatewayType } from "./fields.ts";
import { fieldName, plainValue, type Written, type WrittenObject, writtenOf } from "./written.ts";
import { WrittenSource } from "./written-source.ts";

/** Far beyond 100 certificates, and little enough to be read whole with its places. */
export const mostShortBytes = 4 * 1024 * 1024;

const wrappers = ["gateway", "applicationGateway"];

/** One of these makes a gateway of an object. */
const telling = ["listeners", "httpListeners", "pools", "backendAddressPools"];

const beginsLikeYaml = /^["']?(gateway|applicationGateway)["']?\s*:/m;
const tellsOfGateway = /(^|[\s{,"'])(listeners|httpListeners|pools|backendAddressPools)["']?\s*:/m;

/** Whether a text that is no JSON may hold a gateway in the short notation. */
export function mayBeShortYaml(head: string): boolean {
  return (
    beginsLikeYaml.test(head) && tellsOfGateway.test(head) && !/^(apiVersion|interactions)\s*:/m.test(head)
  );
}

const fileOfYaml = /\.ya?ml(\.gz)?$/i;

/** Templates that a program fills in are no YAML before. */
const template = /\{\{|\{%|<%/;

/**
 * Whether a text that was taken for nothing else is held to be YAML: because it begins as a gateway does or its file is
 * called so. `kind`: what it was taken for.
 */
export function shallBeYaml(name: string, head: string, kind: string): boolean {
  if (kind !== "YAML" && kind !== "text") return false;
  return (beginsLikeYaml.test(head) || fileOfYaml.test(name)) && !template.test(head);
}

/** Whether a JSON value is a gateway in the short notation, and not an export that stands below such a name. */
export function isShortValue(value: unknown): boolean {
  if (!isObject(value)) return false;
  const wrapper = Object.keys(value).find((key) => wrappers.includes(key));
  const gateway = wrapper === undefined ? undefined : value[wrapper];
  if (!isObject(gateway) || !telling.some((name) => Object.hasOwn(gateway, name))) return false;
  const id = gateway.id;
  if (Object.hasOwn(gateway, "properties") || typeof gateway.type === "string") return false;
  if (typeof id === "string" && /\/providers\//i.test(id) && gateway.defaults === undefined) return false;
  return !collections.some(({ name }) => hasRawParts(gateway[name]));
}

/** Parts as ARM has them, with a level for their settings. */
function hasRawParts(value: unknown): boolean {
  return Array.isArray(value) && value.some((part) => isObject(part) && isObject(part.properties));
}

/** Takes what is a gateway in the short notation into the harvest; `document` names it in evidence. */
export function takeShort(document: string, written: Written, harvest: Harvest, tally: DocumentTally): void {
  const gateway = shortGatewayIn(written);
  if (gateway === undefined) {
    tally.ignore(
      "YAML",
      "YAML without a gateway; the short notation has its listeners and pools below `gateway:`",
    );
    return;
  }
  const { id, resource } = expandGateway(gateway, nameFor(document));
  const source = new WrittenSource(document, resource, plainValue(resource));
  harvest.records.push({ id, type: gatewayType.toLowerCase(), source, listed: false });
  tally.take("application gateway", 1, "gateway in the short notation");
}

/** The JSON values of a document whose text is not at hand: evidence has pointers instead of lines. */
export function takeShortValue(
  document: string,
  value: unknown,
  harvest: Harvest,
  tally: DocumentTally,
): void {
  takeShort(document, writtenOf(value), harvest, tally);
}

function shortGatewayIn(written: Written): WrittenObject | undefined {
  if (written.kind !== "object") return undefined;
  for (const wrapper of wrappers) {
    const key = fieldName(written, wrapper);
    const found = key === undefined ? undefined : written.fields.get(key);
    if (found?.kind === "object" && telling.some((name) => fieldName(found, name) !== undefined))
      return found;
  }
  return undefined;
}

/** `exports/shop.yaml` → `shop` */
function nameFor(document: string): string {
  const base = basename(document.replace(/ \(document (\d+)\)$/, "-$1")).replace(
    /\.(ya?ml|json)(?=(-\d+)?$)/i,
    "",
  );
  const name = base.replace(/[^\w.-]+/g, "-").replace(/^[^A-Za-z0-9]+|[^A-Za-z0-9]+$/g, "");
  return name === "" ? "gateway" : name.slice(0, 80);
}
