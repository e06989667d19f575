/** Service of a service endpoint → the tag whose addresses its route takes over (network.md §2.2). */
const tags: Readonly<Record<string, string>> = {
  "microsoft.azureactivedirectory": "AzureActiveDirectory",
  "microsoft.azurecosmosdb": "AzureCosmosDB",
  "microsoft.cognitiveservices": "CognitiveServicesManagement",
  "microsoft.containerregistry": "AzureContainerRegistry",
  "microsoft.eventhub": "EventHub",
  "microsoft.keyvault": "AzureKeyVault",
  "microsoft.servicebus": "ServiceBus",
  "microsoft.sql": "Sql",
  "microsoft.storage": "Storage",
  "microsoft.storage.global": "Storage",
  "microsoft.web": "AppService",
};

export function serviceEndpointTag(service: string): string {
  return tags[service.toLowerCase()] ?? service.replace(/^microsoft\./i, "");
}
