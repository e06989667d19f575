import { addPart, type Draft, fault, type Part, partMeant, partsOf, text } from "./draft.ts";
import { number, portNumber } from "./shorthand.ts";
import { fieldOf, list, object, scalar, textOf, type Written, type WrittenAt } from "./written.ts";

/** Adds what a gateway cannot do without and nobody wrote, where only one thing can be meant. */
export function addDefaults(draft: Draft): void {
  if (!draft.fields.has("sku")) {
    const name = text("Standard_v2", draft.at);
    draft.fields.set(
      "sku",
      object(
        [
          ["name", name],
          ["tier", name],
        ],
        draft.at,
      ),
    );
  }
  // Who writes a gateway down means one that runs, with the servers that stand there and no others.
  if (!draft.fields.has("operationalState") && !draft.fields.has("provisioningState")) {
    draft.fields.set("operationalState", text("Running", draft.at));
  }
  const listeners = [...(draft.parts.get("httpListeners") ?? []), ...(draft.parts.get("listeners") ?? [])];
  if (listeners.length > 0 && partsOf(draft, "frontendIPConfigurations").length === 0) {
    addPart(draft, "frontendIPConfigurations", "frontend", draft.at, []);
  }
  for (const listener of listeners) completeListener(draft, listener);
  for (const setting of draft.parts.get("backendHttpSettingsCollection") ?? []) completeSetting(setting);
  if (!hasRules(draft)) addRules(draft);
  for (const rule of draft.parts.get("requestRoutingRules") ?? []) completeRule(draft, rule, layer7);
  for (const rule of draft.parts.get("routingRules") ?? []) completeRule(draft, rule, layer4);
  for (const map of draft.parts.get("urlPathMaps") ?? []) completePathMap(draft, map);
  addPriorities(draft);
  for (const probe of draft.parts.get("probes") ?? []) completeProbe(draft, probe);
}

/** What a layer calls its things. */
interface Layer {
  readonly listener: string;
  readonly listeners: string;
  readonly rules: string;
  readonly setting: string;
  readonly settings: string;
}

const layer7: Layer = {
  listener: "httpListener",
  listeners: "httpListeners",
  rules: "requestRoutingRules",
  setting: "backendHttpSettings",
  settings: "backendHttpSettingsCollection",
};

const layer4: Layer = {
  listener: "listener",
  listeners: "listeners",
  rules: "routingRules",
  setting: "backendSettings",
  settings: "backendSettingsCollection",
};

function completeListener(draft: Draft, { at, fields }: Part): void {
  const secure = fields.has("sslCertificate");
  if (!fields.has("protocol")) fields.set("protocol", text(secure ? "Https" : "Http", at));
  const [frontend, ...others] = partsOf(draft, "frontendIPConfigurations");
  if (!fields.has("frontendIPConfiguration") && frontend?.name !== undefined && others.length === 0) {
    fields.set("frontendIPConfiguration", text(frontend.name, at));
  }
  const written = fields.get("port");
  const protocol = textOf(fields.get("protocol"))?.toLowerCase();
  const byProtocol = protocol === "https" ? 443 : protocol === "http" ? 80 : undefined;
  const port = written === undefined ? byProtocol : portNumber(written);
  fields.delete("port");
  if (port === undefined || fields.has("frontendPort")) return;
  const place = written?.at ?? at;
  const ports = partsOf(draft, "frontendPorts");
  const known = ports.find((one) => textOf(one.fields.get("port")) === String(port))?.name;
  const name =
    known ?? addPart(draft, "frontendPorts", `port_${port}`, place, [["port", number(port, place)]]);
  fields.set("frontendPort", text(name, place));
}

function completeSetting({ at, fields }: Part): void {
  if (!fields.has("protocol")) fields.set("protocol", text("Http", at));
  const secure = /^https$/i.test(textOf(fields.get("protocol")) ?? "");
  if (!fields.has("port")) fields.set("port", number(secure ? 443 : 80, at));
}

const hasRules = (draft: Draft): boolean =>
  [layer7, layer4].some(({ rules }) => (draft.parts.get(rules) ?? []).length > 0);

/** Without any rule every listener leads to the only pool. */
function addRules(draft: Draft): void {
  const pools = draft.parts.get("backendAddressPools") ?? [];
  if (pools.length > 1) {
    const names = pools.slice(0, 5).map(({ name }) => name);
    throw fault(
      draft.at,
      `there are several pools (${names.join(", ")}) and no rules that say which of them gets the requests`,
      "`rules` with a pool for each listener",
    );
  }
  if (pools.length === 0) return;
  for (const layer of [layer7, layer4]) {
    for (const { name, at } of draft.parts.get(layer.listeners) ?? []) {
      if (name !== undefined) addPart(draft, layer.rules, name, at, [[layer.listener, text(name, at)]]);
    }
  }
}

function completeRule(draft: Draft, { at, fields }: Part, layer: Layer): void {
  const listener = onlyName(draft, layer.listeners);
  if (!fields.has(layer.listener) && listener !== undefined) fields.set(layer.listener, text(listener, at));
  const byPath = fields.has("urlPathMap");
  if (!fields.has("ruleType")) fields.set("ruleType", text(byPath ? "PathBasedRouting" : "Basic", at));
  if (byPath || fields.has("redirectConfiguration")) return;
  const pool = onlyName(draft, "backendAddressPools");
  if (!fields.has("backendAddressPool") && pool !== undefined)
    fields.set("backendAddressPool", text(pool, at));
  addSetting(draft, fields, "backendAddressPool", layer.setting, layer.settings, at);
}

function onlyName(draft: Draft, collection: string): string | undefined {
  const [one, ...others] = draft.parts.get(collection) ?? [];
  return others.length === 0 ? one?.name : undefined;
}

function completePathMap(draft: Draft, { at, fields }: Part): void {
  addSetting(draft, fields, "defaultBackendAddressPool", "defaultBackendHttpSettings", layer7.settings, at);
  const rules = fields.get("pathRules");
  if (rules?.kind !== "list") return;
  const completed = rules.items.map((rule) => {
    if (rule.kind !== "object") return rule;
    const inner = new Map(rule.fields);
    addSetting(draft, inner, "backendAddressPool", layer7.setting, layer7.settings, rule.at);
    return object(inner, rule.at);
  });
  fields.set("pathRules", list(completed, rules.at));
}

/** The setting of a target that names a pool only: that of the same name, or the only one there is. */
function addSetting(
  draft: Draft,
  fields: Map<string, Written>,
  poolField: string,
  settingField: string,
  collection: string,
  at: WrittenAt,
): void {
  const pool = fields.get(poolField);
  if (pool === undefined || fields.has(settingField)) return;
  const settings = draft.parts.get(collection) ?? [];
  const poolName = partMeant(draft, "backendAddressPools", pool)?.name?.toLowerCase();
  const same = settings.find(({ name }) => name !== undefined && name.toLowerCase() === poolName)?.name;
  const found = same ?? onlyName(draft, collection);
  if (found !== undefined) fields.set(settingField, text(found, at));
  else if (settings.length === 0 && collection === layer7.settings) {
    const plain: [string, Written][] = [
      ["protocol", text("Http", draft.at)],
      ["port", number(80, draft.at)],
    ];
    fields.set(settingField, text(addPart(draft, collection, "http", draft.at, plain), at));
  }
}

/** On v2 rules without priority come behind those that have one, in the order written. */
function addPriorities(draft: Draft): void {
  const sku = draft.fields.get("sku");
  const tier =
    sku?.kind === "object" ? (textOf(fieldOf(sku, "tier")) ?? textOf(fieldOf(sku, "name")) ?? "") : "";
  if (/^(standard|waf)(_(small|medium|large))?$/i.test(tier)) return;
  const rules = [...(draft.parts.get(layer7.rules) ?? []), ...(draft.parts.get(layer4.rules) ?? [])];
  const written = rules
    .map(({ fields }) => Number(textOf(fields.get("priority")) ?? 0))
    .filter(Number.isFinite);
  let next = written.reduce((most, one) => Math.max(most, one), 0);
  for (const { at, fields } of rules) {
    if (fields.has("priority")) continue;
    next += 10;
    fields.set("priority", number(next, at));
  }
}

function completeProbe(draft: Draft, probe: Part): void {
  const { at, fields } = probe;
  const users = [layer7.settings, layer4.settings]
    .flatMap((name) => draft.parts.get(name) ?? [])
    .filter((setting) => partMeant(draft, "probes", setting.fields.get("probe")) === probe);
  const protocols = new Set(users.map((setting) => textOf(setting.fields.get("protocol"))));
  const [protocol] = protocols;
  if (!fields.has("protocol")) {
    fields.set("protocol", text(protocols.size === 1 && protocol !== undefined ? protocol : "Http", at));
  }
  if (/^(tcp|tls)$/i.test(textOf(fields.get("protocol")) ?? "")) return;
  if (!fields.has("path")) fields.set("path", text("/", at));
  if (fields.has("host") || fields.has("pickHostNameFromBackendHttpSettings")) return;
  if (users.length > 0 && users.every(namesHost)) {
    fields.set("pickHostNameFromBackendHttpSettings", scalar(true, at));
  } else {
    fields.set("host", text("127.0.0.1", at));
  }
}

function namesHost({ fields }: Part): boolean {
  const pick = fields.get("pickHostNameFromBackendAddress");
  return fields.has("hostName") || (pick?.kind === "scalar" && pick.value === true);
}
