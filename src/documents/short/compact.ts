import { isDeepStrictEqual } from "node:util";
import { isObject } from "../../model/source.ts";
import { UnreadableDocument } from "../document-set.ts";
import { canonicalGateway, type Plain } from "./canonical.ts";
import { compactPart, isPlainPort, shortPolicy } from "./compact-part.ts";
import { expandGateway } from "./expand.ts";
import { collections, defaultResourceGroup, defaultSubscription, tierOf } from "./fields.ts";
import { plainValue, type WrittenObject, writtenOf } from "./written.ts";

/**
 * How much is left to be understood: what follows from the rest is left out; everything is said, with short words; or
 * nothing is completed at all.
 */
export type Brevity = "shortest" | "complete" | "literal";

/**
 * The short notation of a gateway resource, the shortest that is read back as the same gateway. Undefined = there is none:
 * something in it is not what its place wants, such as a collection that is no list.
 */
export function compactGateway(value: Plain, id: string): Plain | undefined {
  const whole = canonicalGateway(value, id);
  const brevities: readonly Brevity[] = ["shortest", "complete", "literal"];
  for (const brevity of brevities) {
    const short = compacted(whole, id, brevity);
    if (isReadBackAs(short, whole, id)) return short;
  }
  return undefined;
}

function isReadBackAs(short: Plain, whole: Plain, id: string): boolean {
  try {
    const expanded = expandGateway(writtenOf(short) as WrittenObject, "");
    return (
      expanded.id === id &&
      isDeepStrictEqual(canonicalGateway(plainValue(expanded.resource) as Plain, id), whole)
    );
  } catch (error) {
    if (error instanceof UnreadableDocument) return false;
    throw error;
  }
}

function compacted(whole: Plain, id: string, brevity: Brevity): Plain {
  const view = new View(whole, id, brevity);
  const fields = Object.entries(whole).flatMap(([key, value]): [string, unknown][] =>
    key === "id" || collections.some(({ name }) => name === key) ? [] : view.field(key, value),
  );
  const parts = collections.flatMap(({ name }): [string, unknown][] => {
    const value = whole[name];
    return value === undefined ? [] : view.collection(name, value);
  });
  const isOpen = whole.operationalState === undefined && whole.provisioningState === undefined;
  if (isOpen && brevity !== "literal") fields.push(["operationalState", null]);
  const literal: [string, unknown][] = brevity === "literal" ? [["defaults", "none"]] : [];
  return Object.fromEntries([...identityOf(id), ...literal, ...fields, ...parts]);
}

function identityOf(id: string): [string, unknown][] {
  const match =
    /^\/subscriptions\/([^/]+)\/resourceGroups\/([^/]+)\/providers\/Microsoft\.Network\/applicationGateways\/([^/]+)$/.exec(
      id,
    );
  const [, subscription, group, name] = match ?? [];
  if (name === undefined) return [["id", id]];
  return [
    ["name", name],
    ...(subscription === defaultSubscription ? [] : [["subscription", subscription] as [string, unknown]]),
    ...(group === defaultResourceGroup ? [] : [["resourceGroup", group] as [string, unknown]]),
  ];
}

/** What has to be known of the whole gateway to shorten one part of it. */
export class View {
  readonly gatewayId: string;
  readonly brevity: Brevity;
  /** Names of frontend ports → their numbers, where a listener may say the number instead. */
  readonly ports: ReadonlyMap<string, number>;
  readonly hasOneFrontend: boolean;
  readonly prioritiesFollow: boolean;
  private readonly whole: Plain;

  constructor(whole: Plain, gatewayId: string, brevity: Brevity) {
    this.whole = whole;
    this.gatewayId = gatewayId;
    this.brevity = brevity;
    this.ports = portsOf(this.parts("frontendPorts"));
    this.hasOneFrontend = this.parts("frontendIPConfigurations").length === 1;
    const rules = [...this.parts("requestRoutingRules"), ...this.parts("routingRules")];
    this.prioritiesFollow = rules.every(({ priority }, index) => priority === (index + 1) * 10);
  }

  parts(name: string): readonly Plain[] {
    const value = this.whole[name];
    return Array.isArray(value) ? value.filter(isObject) : [];
  }

  field(key: string, value: unknown): [string, unknown][] {
    if (this.brevity === "literal") return [[key, value]];
    if (key === "sku" && isObject(value)) {
      const { name, tier, ...others } = value;
      if (typeof name !== "string" || tier !== tierOf(name) || Object.keys(others).length > 0)
        return [[key, value]];
      return this.brevity === "shortest" && name === "Standard_v2" ? [] : [[key, name]];
    }
    const runs = key === "operationalState" && value === "Running" && !("provisioningState" in this.whole);
    if (runs && this.brevity === "shortest") return [];
    if (key === "sslPolicy") return [[key, shortPolicy(value)]];
    return key === "enableHttp2" ? [["http2", value]] : [[key, value]];
  }

  collection(name: string, value: unknown): [string, unknown][] {
    if (!Array.isArray(value)) return [[name, value]];
    if (this.brevity === "shortest" && this.follows(name)) return [];
    const collection = collections.find((one) => one.name === name);
    if (collection === undefined || !value.every(isObject)) return [[name, value]];
    const parts = value.map((part) => ({ name: part.name, short: compactPart(part, collection, this) }));
    const key = this.brevity === "literal" ? name : (this.shortName(name) ?? name);
    return [[key, keyedByName(parts)]];
  }

  /** `listeners` are those of layer 7 only where there are no others. */
  private shortName(name: string): string | undefined {
    if (name === "httpListeners" && this.parts("listeners").length > 0) return undefined;
    return collections.find((one) => one.name === name)?.short;
  }

  /** The whole collection is what is added to a gateway without it. */
  private follows(name: string): boolean {
    const parts = this.parts(name);
    if (name === "frontendIPConfigurations") {
      return parts.length === 1 && isDeepStrictEqual(parts[0], { name: "frontend" });
    }
    if (name !== "frontendPorts") return false;
    const used = new Set(
      [...this.parts("httpListeners"), ...this.parts("listeners")].map(({ frontendPort }) =>
        isObject(frontendPort) ? frontendPort.id : undefined,
      ),
    );
    return parts.every(
      (part) => isPlainPort(part) && used.has(`${this.gatewayId}/frontendPorts/${part.name}`),
    );
  }
}

function portsOf(parts: readonly Plain[]): ReadonlyMap<string, number> {
  const count = new Map<unknown, number>();
  for (const { port } of parts) count.set(port, (count.get(port) ?? 0) + 1);
  return new Map(
    parts.flatMap(({ name, port }): [string, number][] =>
      typeof name === "string" && typeof port === "number" && count.get(port) === 1 ? [[name, port]] : [],
    ),
  );
}

/** By name where every part has one of its own; names of digits would change their order. */
function keyedByName(parts: readonly { readonly name: unknown; readonly short: unknown }[]): unknown {
  const names = parts.map(({ name }) => name);
  const keys = names.filter((name): name is string => typeof name === "string" && !/^\d+$/.test(name));
  const distinct = new Set(keys.map((name) => name.toLowerCase()));
  if (keys.length === parts.length && distinct.size === parts.length && !distinct.has("__proto__")) {
    return Object.fromEntries(parts.map(({ short }, index) => [keys[index], short]));
  }
  return parts.map(({ name, short }) => {
    const fields = isObject(short) ? short : { backendAddresses: short };
    return name === undefined ? fields : { name, ...fields };
  });
}
