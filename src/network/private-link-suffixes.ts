/** How one service's public names turn into the names private endpoints answer to (network.md §4). */
export interface PrivateLinkSuffix {
  /** Lower-case resource type. */
  readonly type: string;
  /** Public suffix; a `{region}` label stands for any one label. */
  readonly suffix: string;
}

/** The private name inserts `privatelink` before the suffix, and before the region where there is one. */
export const privateLinkSuffixes: readonly PrivateLinkSuffix[] = [
  { type: "microsoft.apimanagement/service", suffix: "azure-api.net" },
  { type: "microsoft.app/managedenvironments", suffix: "{region}.azurecontainerapps.io" },
  { type: "microsoft.appconfiguration/configurationstores", suffix: "azconfig.io" },
  { type: "microsoft.attestation/attestationproviders", suffix: "attest.azure.net" },
  { type: "microsoft.automation/automationaccounts", suffix: "azure-automation.net" },
  { type: "microsoft.batch/batchaccounts", suffix: "batch.azure.com" },
  { type: "microsoft.cache/redis", suffix: "redis.cache.windows.net" },
  { type: "microsoft.cache/redisenterprise", suffix: "redisenterprise.cache.azure.net" },
  { type: "microsoft.cognitiveservices/accounts", suffix: "cognitiveservices.azure.com" },
  { type: "microsoft.cognitiveservices/accounts", suffix: "openai.azure.com" },
  { type: "microsoft.cognitiveservices/accounts", suffix: "services.ai.azure.com" },
  { type: "microsoft.containerregistry/registries", suffix: "azurecr.io" },
  { type: "microsoft.containerservice/managedclusters", suffix: "{region}.azmk8s.io" },
  { type: "microsoft.databricks/workspaces", suffix: "azuredatabricks.net" },
  { type: "microsoft.datafactory/factories", suffix: "datafactory.azure.net" },
  { type: "microsoft.dbformariadb/servers", suffix: "mariadb.database.azure.com" },
  { type: "microsoft.dbformysql/flexibleservers", suffix: "mysql.database.azure.com" },
  { type: "microsoft.dbforpostgresql/flexibleservers", suffix: "postgres.database.azure.com" },
  { type: "microsoft.devices/iothubs", suffix: "azure-devices.net" },
  { type: "microsoft.digitaltwins/digitaltwinsinstances", suffix: "digitaltwins.azure.net" },
  { type: "microsoft.documentdb/databaseaccounts", suffix: "documents.azure.com" },
  { type: "microsoft.eventgrid/domains", suffix: "eventgrid.azure.net" },
  { type: "microsoft.eventgrid/topics", suffix: "eventgrid.azure.net" },
  { type: "microsoft.eventhub/namespaces", suffix: "servicebus.windows.net" },
  { type: "microsoft.dashboard/grafana", suffix: "grafana.azure.com" },
  { type: "microsoft.healthcareapis/workspaces", suffix: "azurehealthcareapis.com" },
  { type: "microsoft.keyvault/managedhsms", suffix: "managedhsm.azure.net" },
  { type: "microsoft.keyvault/vaults", suffix: "vault.azure.net" },
  { type: "microsoft.keyvault/vaults", suffix: "vaultcore.azure.net" },
  { type: "microsoft.kusto/clusters", suffix: "{region}.kusto.windows.net" },
  { type: "microsoft.machinelearningservices/workspaces", suffix: "api.azureml.ms" },
  { type: "microsoft.media/mediaservices", suffix: "media.azure.net" },
  { type: "microsoft.purview/accounts", suffix: "purview.azure.com" },
  { type: "microsoft.relay/namespaces", suffix: "servicebus.windows.net" },
  { type: "microsoft.search/searchservices", suffix: "search.windows.net" },
  { type: "microsoft.servicebus/namespaces", suffix: "servicebus.windows.net" },
  { type: "microsoft.signalrservice/signalr", suffix: "service.signalr.net" },
  { type: "microsoft.signalrservice/webpubsub", suffix: "webpubsub.azure.com" },
  { type: "microsoft.sql/servers", suffix: "database.windows.net" },
  { type: "microsoft.storage/storageaccounts", suffix: "blob.core.windows.net" },
  { type: "microsoft.storage/storageaccounts", suffix: "dfs.core.windows.net" },
  { type: "microsoft.storage/storageaccounts", suffix: "file.core.windows.net" },
  { type: "microsoft.storage/storageaccounts", suffix: "queue.core.windows.net" },
  { type: "microsoft.storage/storageaccounts", suffix: "table.core.windows.net" },
  { type: "microsoft.storage/storageaccounts", suffix: "web.core.windows.net" },
  { type: "microsoft.synapse/workspaces", suffix: "sql.azuresynapse.net" },
  { type: "microsoft.synapse/workspaces", suffix: "dev.azuresynapse.net" },
  { type: "microsoft.web/sites", suffix: "azurewebsites.net" },
  { type: "microsoft.web/staticsites", suffix: "azurestaticapps.net" },
];

/** Key Vault's private name stands under another suffix than its public one. */
const renamed: Readonly<Record<string, string>> = { "vault.azure.net": "vaultcore.azure.net" };

/** The name public DNS leads to when a service has a private endpoint; undefined when the name is no service's. */
export function privateLinkName(name: string): string | undefined {
  const labels = name.split(".");
  if (labels.includes("privatelink")) return undefined;
  let best: { readonly at: number; readonly suffix: string } | undefined;
  for (const { suffix } of privateLinkSuffixes) {
    const at = suffixStart(labels, suffix.split("."));
    if (at > 0 && (best === undefined || at < best.at)) best = { at, suffix };
  }
  if (best === undefined) return undefined;
  const end = renamed[best.suffix] ?? labels.slice(best.at).join(".");
  return [...labels.slice(0, best.at), "privatelink", end].join(".");
}

/** Index of the label where the suffix begins, or -1. */
function suffixStart(labels: readonly string[], suffix: readonly string[]): number {
  const at = labels.length - suffix.length;
  const matches = suffix.every((label, i) => label === "{region}" || label === labels[at + i]);
  return matches ? at : -1;
}

/** The public names a resource has by its type and name. */
export function serviceNames(type: string, name: string): readonly string[] {
  return privateLinkSuffixes.flatMap((row) =>
    row.type === type && !row.suffix.startsWith("{") ? [`${name}.${row.suffix}`] : [],
  );
}
