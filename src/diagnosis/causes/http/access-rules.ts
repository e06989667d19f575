import type { Gateway } from "../../../model/gateway.ts";
import { idKey } from "../../../model/resource.ts";
import type { AccessRestrictions } from "../../../model/services.ts";
import { parseAddress, parseRange, rangeContains } from "../../../network/addresses.ts";

/** What App Service sees of the gateway. */
export interface Caller {
  /** Public addresses; undefined = not known. */
  readonly addresses: readonly string[] | undefined;
  /** Set when a service endpoint of the subnet makes the subnet itself the source: then no address matches. */
  readonly subnetId: string | undefined;
}

/** With a service endpoint the subnet is the source, otherwise the public address (request-handling.md §7). */
export function callerOf(gateway: Gateway): Caller {
  const subnet = gateway.subnet?.target;
  if (subnet?.serviceEndpoints.some((service) => /^microsoft\.web$/i.test(service))) {
    return { addresses: undefined, subnetId: subnet.id };
  }
  const frontends = gateway.frontendIpConfigurations.flatMap(({ publicIpAddress }) => publicIpAddress ?? []);
  const addresses = frontends.map(({ target }) => target?.ipAddress);
  const known = addresses.length > 0 && addresses.every((address) => address !== undefined);
  // Without the subnet nobody can say whether there is an endpoint or a NAT gateway.
  const certain = known && subnet !== undefined && subnet.natGateway === undefined;
  return { addresses: certain ? addresses.flatMap((one) => one ?? []) : undefined, subnetId: undefined };
}

type Rule = AccessRestrictions["rules"][number];

export interface Admission {
  /** `unknown`: a rule that may let the caller in or keep it out cannot be evaluated. */
  readonly verdict: "allowed" | "denied" | "unknown";
  /** The rule that decides; undefined = the default action. */
  readonly rule: Rule | undefined;
}

/** The first rule that matches decides, by ascending priority; otherwise the default action. */
export function admission(restrictions: AccessRestrictions, caller: Caller): Admission {
  const rules = [...restrictions.rules].sort((a, b) => a.priority - b.priority);
  let open: Rule | undefined;
  for (const rule of rules) {
    const match = matches(rule, caller);
    if (match === "no") continue;
    const verdict = rule.action === "Allow" ? "allowed" : "denied";
    if (match === "yes") return settle(open, verdict, rule);
    open ??= rule;
  }
  return settle(open, restrictions.defaultAction === "Allow" ? "allowed" : "denied", undefined);
}

/** A rule in front that may match changes nothing when it would decide the same. */
function settle(open: Rule | undefined, verdict: "allowed" | "denied", rule: Rule | undefined): Admission {
  const same = open === undefined || (open.action === "Allow") === (verdict === "allowed");
  return same ? { verdict, rule } : { verdict: "unknown", rule: open };
}

function matches(rule: Rule, caller: Caller): "yes" | "no" | "unknown" {
  const certain = matchesSource(rule, caller);
  // Rules may ask for header values as well, which a gateway's requests may or may not have.
  const headers = rule.source.peek("headers");
  const conditional = typeof headers === "object" && headers !== null && Object.keys(headers).length > 0;
  return certain === "yes" && conditional ? "unknown" : certain;
}

function matchesSource({ ipAddress, subnetId }: Rule, caller: Caller): "yes" | "no" | "unknown" {
  if (subnetId !== undefined) {
    return caller.subnetId !== undefined && idKey(subnetId) === idKey(caller.subnetId) ? "yes" : "no";
  }
  if (ipAddress === undefined) return "unknown";
  if (/^any$/i.test(ipAddress)) return "yes";
  const ranges = ipAddress.split(",").map((text) => parseRange(text.trim()));
  if (
    ranges.some(
      (range) =>
        range !== undefined && range.family === 4 && Number(range.last) - Number(range.first) === 2 ** 32 - 1,
    )
  ) {
    return "yes";
  }
  if (caller.subnetId !== undefined) return "no";
  if (ranges.some((range) => range === undefined)) return isForeignTag(ipAddress) ? "no" : "unknown";
  if (caller.addresses === undefined) return "unknown";
  const inside = caller.addresses.map((text) => {
    const address = parseAddress(text);
    return (
      address !== undefined && ranges.some((range) => range !== undefined && rangeContains(range, address))
    );
  });
  if (inside.every((one) => one)) return inside.length > 0 ? "yes" : "unknown";
  return inside.some((one) => one) ? "unknown" : "no";
}

/** Service tags of services other than a gateway. */
function isForeignTag(tag: string): boolean {
  return /^(AzureFrontDoor|AzureTrafficManager|LogicApps|ApiManagement|AzureDevOps|AzureEventGrid|AzureLoadBalancer|GatewayManager)\b/i.test(
    tag,
  );
}
