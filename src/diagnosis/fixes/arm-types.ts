/** Facts about resource types in templates. */

/** A published API version of each outermost type, for the fragments. Sorted. */
export const apiVersions: Readonly<Record<string, string>> = {
  "microsoft.apimanagement/service": "2022-08-01",
  "microsoft.app/managedenvironments": "2024-03-01",
  "microsoft.compute/virtualmachines": "2024-07-01",
  "microsoft.compute/virtualmachinescalesets": "2024-07-01",
  "microsoft.network/applicationgateways": "2024-05-01",
  "microsoft.network/azurefirewalls": "2024-05-01",
  "microsoft.network/firewallpolicies": "2024-05-01",
  "microsoft.network/loadbalancers": "2024-05-01",
  "microsoft.network/natgateways": "2024-05-01",
  "microsoft.network/networkinterfaces": "2024-05-01",
  "microsoft.network/networksecuritygroups": "2024-05-01",
  "microsoft.network/privatednszones": "2020-06-01",
  "microsoft.network/privateendpoints": "2024-05-01",
  "microsoft.network/publicipaddresses": "2024-05-01",
  "microsoft.network/routetables": "2024-05-01",
  "microsoft.network/virtualnetworks": "2024-05-01",
  "microsoft.web/sites": "2023-12-01",
};

/** Parts that a template can deploy without the resource around them. The parts of a gateway are not among them. */
export const deployableParts: ReadonlySet<string> = new Set([
  "microsoft.network/networksecuritygroups/securityrules",
  "microsoft.network/privatednszones/a",
  "microsoft.network/privatednszones/virtualnetworklinks",
  "microsoft.network/routetables/routes",
  "microsoft.network/virtualnetworks/subnets",
  "microsoft.network/virtualnetworks/virtualnetworkpeerings",
]);
