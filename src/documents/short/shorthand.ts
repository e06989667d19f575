import { addPart, type Draft, fault, type Part, partsIn, partsOf, text, what } from "./draft.ts";
import { collectionNamed, isAddressText, tierOf } from "./fields.ts";
import { fieldOf, list, object, scalar, textOf, type Written } from "./written.ts";

/** Writes out what stands for more than it says: addresses, ports, inner objects, paths. */
export function writeOutShorthands(draft: Draft): void {
  const policy = draft.fields.get("sslPolicy");
  if (policy !== undefined) draft.fields.set("sslPolicy", policyOf(policy));
  const sku = draft.fields.get("sku");
  if (sku !== undefined) draft.fields.set("sku", skuOf(sku));
  for (const { fields } of draft.parts.get("sslProfiles") ?? []) {
    const own = fields.get("sslPolicy");
    if (own !== undefined) fields.set("sslPolicy", policyOf(own));
  }
  for (const pool of draft.parts.get("backendAddressPools") ?? []) writeOutServers(pool);
  for (const setting of [...(draft.parts.get("backendHttpSettingsCollection") ?? [])])
    writeOutSetting(draft, setting);
  sortByLayer(draft);
  for (const rule of partsOf(draft, "requestRoutingRules")) writeOutPaths(draft, rule);
  for (const name of ["requestRoutingRules", "urlPathMaps"]) {
    for (const part of draft.parts.get(name) ?? []) writeOutRedirects(draft, part);
  }
}

/** `sslPolicy: AppGwSslPolicy20220101` */
function policyOf(written: Written): Written {
  if (written.kind !== "scalar") return written;
  return object(
    [
      ["policyType", text("Predefined", written.at)],
      ["policyName", written],
    ],
    written.at,
  );
}

/** `sku: WAF_v2` */
function skuOf(written: Written): Written {
  const name = written.kind === "scalar" ? textOf(written) : undefined;
  if (name === undefined) return written;
  return object(
    [
      ["name", written],
      ["tier", text(tierOf(name), written.at)],
    ],
    written.at,
  );
}

/** `[10.0.1.4, app.internal]`, a single one, or the list that resources have. */
function writeOutServers(pool: Part): void {
  const servers = pool.fields.get("backendAddresses");
  if (servers === undefined) return;
  const items = servers.kind === "list" ? servers.items : [servers];
  const written = items.map((item) => {
    if (item.kind !== "scalar" || item.value === null) return item;
    const address = textOf(item) ?? String(item.value);
    const port = /^(\[[^\]]*\]|[^:]+):(\d+)$/.exec(address);
    if (port !== null) {
      throw fault(
        item.at,
        `a server of ${what(collectionNamed("backendAddressPools"), pool.name)} has no port: write ${port[1]} here and port: ${port[2]} in the setting`,
        "an address or a name alone",
      );
    }
    return object([[isAddressText(address) ? "ipAddress" : "fqdn", text(address, item.at)]], item.at);
  });
  pool.fields.set("backendAddresses", list(written, servers.at));
}

function writeOutSetting(draft: Draft, setting: Part): void {
  const affinity = setting.fields.get("cookieBasedAffinity");
  if (affinity?.kind === "scalar" && typeof affinity.value === "boolean") {
    setting.fields.set("cookieBasedAffinity", text(affinity.value ? "Enabled" : "Disabled", affinity.at));
  }
  const probe = setting.fields.get("probe");
  if (probe?.kind !== "object" || fieldOf(probe, "id") !== undefined) return;
  const [part] = partsIn(collectionNamed("probes"), list([probe], probe.at), "probe", true);
  const name = addPart(draft, "probes", setting.name ?? "probe", probe.at, part?.fields ?? []);
  setting.fields.set("probe", text(name, probe.at));
}

const isLayer4 = ({ fields }: Part): boolean => /^(tcp|tls)$/i.test(textOf(fields.get("protocol")) ?? "");

/** Parts of layer 4 have collections of their own; their protocol, or their listener, says which they are of. */
function sortByLayer(draft: Draft): void {
  move(draft, "httpListeners", "listeners", isLayer4);
  move(draft, "backendHttpSettingsCollection", "backendSettingsCollection", isLayer4);
  for (const { fields } of draft.parts.get("backendSettingsCollection") ?? [])
    rename(fields, "requestTimeout", "timeout");
  const ofLayer = (name: string): Set<string | undefined> =>
    new Set(draft.parts.get(name)?.map((part) => part.name?.toLowerCase()) ?? []);
  const [layer4, layer7] = [ofLayer("listeners"), ofLayer("httpListeners")];
  const moved = move(draft, "requestRoutingRules", "routingRules", ({ fields }) => {
    const listener = textOf(fields.get("httpListener"))?.toLowerCase();
    return listener === undefined
      ? layer7.size === 0 && layer4.size > 0
      : layer4.has(listener) && !layer7.has(listener);
  });
  for (const { fields } of moved) {
    rename(fields, "httpListener", "listener");
    rename(fields, "backendHttpSettings", "backendSettings");
  }
}

function move(draft: Draft, from: string, to: string, isMeant: (part: Part) => boolean): Part[] {
  const all = draft.parts.get(from) ?? [];
  const moved = all.filter(isMeant);
  if (moved.length === 0) return moved;
  draft.parts.set(
    from,
    all.filter((part) => !isMeant(part)),
  );
  partsOf(draft, to).push(...moved);
  return moved;
}

function rename(fields: Map<string, Written>, from: string, to: string): void {
  const value = fields.get(from);
  if (value === undefined || fields.has(to)) return;
  fields.delete(from);
  fields.set(to, value);
}

/** `paths: { /images/*: images }` in a rule: a path map of its own, whose default target is the rule's. */
function writeOutPaths(draft: Draft, rule: Part): void {
  const paths = rule.fields.get("paths");
  if (paths === undefined) return;
  if (paths.kind !== "object") {
    throw fault(
      paths.at,
      "paths have to be `pattern: pool`, or `pattern:` with a pool, a setting or a redirect",
      "an object",
    );
  }
  const map = new Map<string, Written>();
  for (const [field, value] of [...rule.fields]) {
    if (
      !["backendAddressPool", "backendHttpSettings", "redirectConfiguration", "rewriteRuleSet"].includes(
        field,
      )
    )
      continue;
    rule.fields.delete(field);
    map.set(`default${field.charAt(0).toUpperCase()}${field.slice(1)}`, value);
  }
  const pathRules = [...paths.fields].map(([pattern, target], index) => {
    const fields: [string, Written][] = target.kind === "object" ? [...target.fields] : [["pool", target]];
    return object(
      [
        ["name", text(`path-${index + 1}`, target.at)],
        ["paths", list([text(pattern, target.at)], target.at)],
        ...fields,
      ],
      target.at,
    );
  });
  map.set("pathRules", list(pathRules, paths.at));
  const name = addPart(draft, "urlPathMaps", rule.name ?? "paths", paths.at, map);
  rule.fields.delete("paths");
  rule.fields.set("urlPathMap", text(name, paths.at));
}

/** A redirect that is written where it is used: a part of its own. Path rules get the names resources give their fields. */
function writeOutRedirects(draft: Draft, part: Part): void {
  inlineRedirect(draft, part.fields, "redirectConfiguration", part.name ?? "redirect");
  inlineRedirect(draft, part.fields, "defaultRedirectConfiguration", part.name ?? "redirect");
  const rules = part.fields.get("pathRules");
  if (rules === undefined) return;
  const inner = partsIn(collectionNamed("pathRules"), rules, "pathRules", true).map((rule) => {
    inlineRedirect(draft, rule.fields, "redirectConfiguration", `${part.name ?? "redirect"}-${rule.name}`);
    return object([["name", text(rule.name ?? "", rule.at)], ...rule.fields], rule.at);
  });
  part.fields.set("pathRules", list(inner, rules.at));
}

function inlineRedirect(draft: Draft, fields: Map<string, Written>, field: string, name: string): void {
  const redirect = fields.get(field);
  if (redirect?.kind !== "object" || fieldOf(redirect, "id") !== undefined) return;
  const [part] = partsIn(
    collectionNamed("redirectConfigurations"),
    list([redirect], redirect.at),
    "redirect",
    true,
  );
  fields.set(
    field,
    text(addPart(draft, "redirectConfigurations", name, redirect.at, part?.fields ?? []), redirect.at),
  );
}

/** A number of a port; throws where it is none. */
export function portNumber(written: Written): number {
  const number = Number(textOf(written) ?? Number.NaN);
  if (Number.isInteger(number) && number >= 1 && number <= 65_535) return number;
  throw fault(written.at, "a port is a number from 1 to 65535", "a port");
}

export const number = (value: number, at: Written["at"]): Written => scalar(value, at);
