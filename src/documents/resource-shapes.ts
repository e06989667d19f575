import { isObject } from "../model/source.ts";
import { firstObject, type JsonObject, setting } from "./place.ts";

/**
 * Resources that say neither `type` nor `id` (cut by hand, or by `--query`) are recognised by settings that no other
 * resource has. Tried in this order, the more telling first.
 */
const shapes: readonly (readonly [type: string, is: (value: JsonObject) => boolean])[] = [
  [
    "microsoft.network/applicationgateways",
    (value) =>
      count(value, [
        "httpListeners",
        "requestRoutingRules",
        "backendHttpSettingsCollection",
        "gatewayIPConfigurations",
        "frontendIPConfigurations",
        "backendAddressPools",
        "urlPathMaps",
        "probes",
      ]) >= 3 || any(value, "httpListeners", "gatewayIPConfigurations", "requestRoutingRules"),
  ],
  ["microsoft.network/networksecuritygroups", (value) => any(value, "securityRules", "defaultSecurityRules")],
  [
    "microsoft.network/virtualnetworks",
    (value) => isObject(setting(value, "addressSpace")) && !any(value, "gatewayIpAddress", "vpnSites"),
  ],
  [
    "microsoft.network/routetables",
    (value) => {
      const route = firstIn(value, "routes");
      return route !== undefined && typeof setting(route, "nextHopType") === "string";
    },
  ],
  [
    "microsoft.network/privateendpoints",
    (value) => any(value, "privateLinkServiceConnections", "manualPrivateLinkServiceConnections"),
  ],
  [
    "microsoft.network/virtualnetworkgateways",
    (value) => any(value, "gatewayType", "vpnType") && any(value, "ipConfigurations"),
  ],
  [
    "microsoft.network/azurefirewalls",
    (value) => any(value, "threatIntelMode", "networkRuleCollections", "hubIPAddresses"),
  ],
  [
    "microsoft.network/loadbalancers",
    (value) => any(value, "loadBalancingRules", "inboundNatRules") && any(value, "frontendIPConfigurations"),
  ],
  [
    "microsoft.network/networkinterfaces",
    (value) => {
      const configuration = firstIn(value, "ipConfigurations");
      return configuration !== undefined && typeof setting(configuration, "privateIPAddress") === "string";
    },
  ],
  [
    "microsoft.network/publicipaddresses",
    (value) => any(value, "publicIPAllocationMethod", "publicIPAddressVersion"),
  ],
  [
    "microsoft.compute/virtualmachinescalesets",
    (value) => any(value, "virtualMachineProfile") || any(value, "upgradePolicy"),
  ],
  ["microsoft.compute/virtualmachines", (value) => any(value, "hardwareProfile")],
  [
    "microsoft.network/privatednszones",
    (value) => any(value, "numberOfRecordSets", "maxNumberOfVirtualNetworkLinks"),
  ],
  ["microsoft.web/sites", (value) => any(value, "enabledHostNames", "hostNameSslStates")],
  ["microsoft.apimanagement/service", (value) => any(value, "gatewayUrl", "gatewayRegionalUrl")],
  [
    "microsoft.app/managedenvironments",
    (value) =>
      any(value, "defaultDomain") && any(value, "staticIp", "vnetConfiguration", "appLogsConfiguration"),
  ],
];

/** The lower-case resource type that a value without `type` and `id` can only be. */
export function typeByShape(value: JsonObject): string | undefined {
  return shapes.find(([, is]) => is(value))?.[0];
}

/** Everything an entry of `az resource list` has, and every resource has: what a resource is, not how it is set. */
const envelope = new Set([
  "apiversion",
  "changedtime",
  "createdtime",
  "etag",
  "extendedlocation",
  "id",
  "identity",
  "kind",
  "location",
  "managedby",
  "name",
  "plan",
  "provisioningstate",
  "resourceguid",
  "resourcegroup",
  "resourcegroupname",
  "resourceid",
  "resourcename",
  "resourcetype",
  "sku",
  "subscriptionid",
  "systemdata",
  "tags",
  "tenantid",
  "type",
  "zones",
]);

/** Whether a resource is exported with settings, or only named, as `az resource list` names it. */
export function hasSettings(value: JsonObject): boolean {
  return Object.entries(value).some(([key, inner]) => {
    if (inner === null || inner === undefined) return false;
    if (key.toLowerCase() !== "properties") return !envelope.has(key.toLowerCase());
    return isObject(inner) && hasSettings(inner);
  });
}

function any(value: JsonObject, ...names: readonly string[]): boolean {
  return names.some((name) => setting(value, name) !== undefined);
}

function count(value: JsonObject, names: readonly string[]): number {
  return names.filter((name) => Array.isArray(setting(value, name))).length;
}

function firstIn(value: JsonObject, name: string): JsonObject | undefined {
  const list = setting(value, name);
  return Array.isArray(list) ? firstObject(list) : undefined;
}
