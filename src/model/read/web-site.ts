import { nameOfId, type ResourceRecord } from "../resource.ts";
import type { AccessRestrictions, WebSite } from "../services.ts";
import type { Source } from "../source.ts";
import { ComposedSource } from "./composed-source.ts";
import { oneOf } from "./network-security-group.ts";

/**
 * Reads a `Microsoft.Web/sites` record. Its configuration stands in `siteConfig`, or was exported apart from it
 * (`az webapp config show`, `access-restriction show`, `auth show`) and stands below it as `config`.
 */
export function readWebSite({ id, source }: ResourceRecord): WebSite {
  const configurations = configurationsOf(source);
  return {
    id,
    name: source.text("name") ?? nameOfId(id),
    source,
    state: source.text("state"),
    hostNames: hostNamesOf(source),
    defaultHostName: source.text("defaultHostName")?.toLowerCase(),
    httpsOnly: source.boolean("httpsOnly"),
    publicNetworkAccess: textIn([source, ...configurations], "publicNetworkAccess"),
    healthCheckPath: textIn(configurations, "healthCheckPath"),
    accessRestrictions: firstOf(configurations, readAccessRestrictions),
    authenticationRequired: firstOf(configurations, readAuthentication),
  };
}

/** In a list `siteConfig` is there with nothing but nulls: the export that has the settings counts. */
function configurationsOf(source: Source): Source[] {
  const layers = source instanceof ComposedSource ? source.layers : [source];
  return [...source.objects("config"), ...layers.flatMap((layer) => layer.object("siteConfig") ?? [])];
}

function hostNamesOf(source: Source): string[] {
  const names = [
    source.text("defaultHostName") ?? "",
    ...source.texts("hostNames"),
    ...source.texts("enabledHostNames").filter((name) => !/\.scm\./i.test(name)),
    ...source
      .objects("hostNameSslStates")
      .filter((item) => !/^repository$/i.test(item.text("hostType") ?? ""))
      .flatMap((item) => item.text("name") ?? []),
  ];
  return [...new Set(names.filter((name) => name !== "").map((name) => name.toLowerCase()))];
}

function readAccessRestrictions(configuration: Source): AccessRestrictions | undefined {
  if (!Array.isArray(configuration.peek("ipSecurityRestrictions"))) return undefined;
  const rules = configuration.objects("ipSecurityRestrictions").flatMap((item) => {
    const action = oneOf(item, "action", ["Allow", "Deny"] as const);
    if (action === undefined) return [];
    return {
      name: item.text("name") ?? "",
      source: item,
      action,
      priority: item.number("priority") ?? 65_000,
      // `access-restriction show` prints Python's names.
      ipAddress: item.text("ipAddress") || item.text("ip_address") || undefined,
      subnetId: item.text("vnetSubnetResourceId") ?? item.text("vnet_subnet_resource_id"),
    };
  });
  return { defaultAction: defaultActionOf(configuration, rules), rules };
}

/**
 * What happens to a request no rule matches. Where it is not set: the last, all-matching entry that Azure lists says it;
 * without one, any rule at all makes the rest denied, and no rule leaves everything allowed.
 */
function defaultActionOf(
  configuration: Source,
  rules: AccessRestrictions["rules"],
): AccessRestrictions["defaultAction"] {
  const written = configuration.text("ipSecurityRestrictionsDefaultAction");
  if (/^deny$/i.test(written ?? "")) return "Deny";
  if (/^allow$/i.test(written ?? "")) return "Allow";
  const catchAll = rules.findLast(({ ipAddress }) => isCatchAll(ipAddress));
  return catchAll?.action ?? (rules.length > 0 ? "Deny" : "Allow");
}

function isCatchAll(ipAddress: string | undefined): boolean {
  return /^(any|0\.0\.0\.0\/0)$/i.test(ipAddress ?? "");
}

/** Authentication settings, first and second version; other configurations say nothing about it. */
function readAuthentication(configuration: Source): boolean | undefined {
  const validation = configuration.object("globalValidation");
  if (validation !== undefined) {
    const enabled = configuration.object("platform")?.boolean("enabled") ?? false;
    const anonymous = /^allowanonymous$/i.test(validation.text("unauthenticatedClientAction") ?? "");
    return enabled && (validation.boolean("requireAuthentication") ?? true) && !anonymous;
  }
  const isFirstVersion = /\/config\/authsettings$/i.test(configuration.text("id") ?? "");
  if (!isFirstVersion && configuration.peek("unauthenticatedClientAction") === undefined) return undefined;
  const anonymous = /^(1|allowanonymous)$/i.test(configuration.text("unauthenticatedClientAction") ?? "");
  return (configuration.boolean("enabled") ?? false) && !anonymous;
}

function textIn(sources: readonly Source[], name: string): string | undefined {
  return firstOf(sources, (source) => source.text(name) || undefined);
}

function firstOf<T>(sources: readonly Source[], read: (source: Source) => T | undefined): T | undefined {
  for (const source of sources) {
    const found = read(source);
    if (found !== undefined) return found;
  }
  return undefined;
}
