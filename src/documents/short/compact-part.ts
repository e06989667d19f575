import { isObject } from "../../model/source.ts";
import type { Plain } from "./canonical.ts";
import type { View } from "./compact.ts";
import { type Collection, isAddressText, pathRules } from "./fields.ts";

/** One part in the short notation, without its name. */
export function compactPart(part: Plain, collection: Collection, view: View): unknown {
  const referred = Object.entries(part).flatMap(([key, value]): [string, unknown][] =>
    key === "name" ? [] : [[key, shortValue(key, value, collection, view)]],
  );
  if (view.brevity === "literal") return Object.fromEntries(referred);
  const kept =
    view.brevity === "shortest"
      ? referred.filter(([key]) => !follows(key, part, collection, view))
      : referred;
  const shortened = kept.map(([key, value]): [string, unknown] => shortField(key, value, collection, view));
  const [only, ...others] = shortened;
  if (collection.name === "backendAddressPools") {
    if (only === undefined) return [];
    if (others.length === 0 && only[0] === "backendAddresses" && isTexts(only[1])) return only[1];
  }
  return Object.fromEntries(shortened);
}

/** Named `port_443` and nothing more: what a listener's `port: 443` makes. */
export function isPlainPort({ name, port, ...others }: Plain): boolean {
  return typeof port === "number" && name === `port_${port}` && Object.keys(others).length === 0;
}

/** A predefined policy is its name. */
export function shortPolicy(value: unknown): unknown {
  if (!isObject(value)) return value;
  const { policyType, policyName, ...others } = value;
  const isName =
    typeof policyName === "string" && policyType === "Predefined" && Object.keys(others).length === 0;
  return isName ? policyName : value;
}

function isTexts(value: unknown): boolean {
  return Array.isArray(value) && value.every((item) => typeof item === "string");
}

function shortValue(key: string, value: unknown, collection: Collection, view: View): unknown {
  const target = Object.hasOwn(collection.references, key) ? collection.references[key] : undefined;
  if (target !== undefined) return shortReference(value, `${view.gatewayId}/${target}/`);
  if (collection.name === "urlPathMaps" && key === "pathRules" && Array.isArray(value)) {
    return value.map((rule) => (isObject(rule) ? shortPathRule(rule, view) : rule));
  }
  if (view.brevity === "literal") return value;
  if (key === "backendAddresses" && Array.isArray(value)) return shortServers(value);
  return key === "sslPolicy" ? shortPolicy(value) : value;
}

function shortPathRule(rule: Plain, view: View): unknown {
  const short = compactPart(rule, pathRules, view);
  return isObject(short) && rule.name !== undefined ? { name: rule.name, ...short } : short;
}

function shortReference(value: unknown, place: string): unknown {
  if (Array.isArray(value)) return value.map((item) => shortReference(item, place));
  if (!isObject(value) || typeof value.id !== "string" || Object.keys(value).length > 1) return value;
  const { id } = value;
  const name = id.startsWith(place) ? id.slice(place.length) : "";
  return name === "" || name.includes("/") ? value : name;
}

/** Addresses alone, where each says by itself whether it is an address or a name. */
function shortServers(servers: readonly unknown[]): unknown {
  const texts = servers.map((server) => {
    if (!isObject(server) || Object.keys(server).length !== 1) return undefined;
    const { fqdn, ipAddress } = server;
    const address = fqdn ?? ipAddress;
    if (typeof address !== "string" || isAddressText(address) === (fqdn !== undefined)) return undefined;
    return address;
  });
  return texts.every((text) => text !== undefined) ? texts : servers;
}

function shortField(key: string, value: unknown, collection: Collection, view: View): [string, unknown] {
  if (key === "frontendPort" && typeof value === "string") {
    const port = view.ports.get(value);
    if (port !== undefined) return ["port", port];
  }
  if (key === "hostNames" && Array.isArray(value) && value.length > 0) return ["hosts", value];
  const alias = Object.entries(collection.aliases).find(([, name]) => name === key);
  return [alias?.[0] ?? key, value];
}

/** What is added when it is left out; whether it really is, is seen by reading the whole back. */
function follows(key: string, part: Plain, { name }: Collection, view: View): boolean {
  const value = part[key];
  switch (`${name}.${key}`) {
    case "httpListeners.protocol":
      return value === (part.sslCertificate === undefined ? "Http" : "Https");
    case "httpListeners.frontendIPConfiguration":
    case "listeners.frontendIPConfiguration":
      return view.hasOneFrontend;
    case "backendHttpSettingsCollection.protocol":
      return value === "Http";
    case "requestRoutingRules.ruleType":
    case "routingRules.ruleType":
      return value === (part.urlPathMap === undefined ? "Basic" : "PathBasedRouting");
    case "requestRoutingRules.priority":
    case "routingRules.priority":
      return view.prioritiesFollow;
    default:
      return false;
  }
}
