import type { Gateway, GatewayPart, RouteTarget } from "../../../model/gateway.ts";
import type { Reference } from "../../../model/resource.ts";

/** A reference from one part of the gateway to another that should be in `collection`. */
export interface PartReference {
  readonly from: GatewayPart;
  readonly kind: string;
  readonly field: string;
  readonly collection: string;
  readonly reference: Reference<unknown>;
}

/** Every reference between the parts of a gateway. */
export function referencesOf(gateway: Gateway): PartReference[] {
  const found: PartReference[] = [];
  const add =
    (from: GatewayPart, kind: string) =>
    (field: string, collection: string, reference: Reference<unknown> | undefined): void => {
      if (reference !== undefined) found.push({ from, kind, field, collection, reference });
    };
  const target = (to: ReturnType<typeof add>, leadsTo: RouteTarget, prefix: "" | "default"): void => {
    const name = (field: string): string =>
      prefix === "" ? field : `default${field.charAt(0).toUpperCase()}${field.slice(1)}`;
    const layer4 = isField(leadsTo.setting, name("backendSettings"), "backendSettingsCollection");
    to(name("backendAddressPool"), "backendAddressPools", leadsTo.pool);
    if (layer4) to(name("backendSettings"), "backendSettingsCollection", leadsTo.setting);
    else to(name("backendHttpSettings"), "backendHttpSettingsCollection", leadsTo.setting);
    to(name("redirectConfiguration"), "redirectConfigurations", leadsTo.redirect);
    to(name("rewriteRuleSet"), "rewriteRuleSets", leadsTo.rewriteRuleSet);
  };
  for (const listener of gateway.listeners) {
    const to = add(listener, "httpListener");
    to("frontendIPConfiguration", "frontendIPConfigurations", listener.frontendIpConfiguration);
    to("frontendPort", "frontendPorts", listener.frontendPort);
    to("sslCertificate", "sslCertificates", listener.sslCertificate);
    to("sslProfile", "sslProfiles", listener.sslProfile);
  }
  for (const rule of gateway.rules) {
    const to = add(rule, "requestRoutingRule");
    if (isField(rule.listener, "listener", "listeners")) to("listener", "listeners", rule.listener);
    else to("httpListener", "httpListeners", rule.listener);
    to("urlPathMap", "urlPathMaps", rule.urlPathMap);
    target(to, rule, "");
  }
  for (const map of gateway.urlPathMaps) {
    target(add(map, "urlPathMap"), map.defaultTarget, "default");
    for (const rule of map.pathRules) target(add(rule, "pathRule"), rule, "");
  }
  for (const setting of gateway.settings) {
    const to = add(setting, "backendHttpSettings");
    to("probe", "probes", setting.probe);
    for (const root of setting.trustedRootCertificates)
      to("trustedRootCertificates", "trustedRootCertificates", root);
    for (const leaf of setting.authenticationCertificates) {
      to("authenticationCertificates", "authenticationCertificates", leaf);
    }
  }
  for (const redirect of gateway.redirects) {
    add(redirect, "redirectConfiguration")("targetListener", "httpListeners", redirect.targetListener);
  }
  return found;
}

/** Layer 4 objects stand in fields and lists of their own. Where places are lines, the id tells it, which is never cut. */
function isField(reference: Reference<unknown> | undefined, name: string, collection: string): boolean {
  if (reference === undefined) return false;
  const { id, source } = reference;
  if (!source.pointer.startsWith("/")) return id.toLowerCase().includes(`/${collection.toLowerCase()}/`);
  return source.pointer.toLowerCase().endsWith(`/${name.toLowerCase()}`);
}
