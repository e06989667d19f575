import type { VirtualNetwork } from "../model/network.ts";

/** Where Azure's own DNS answers inside every virtual network, and nowhere else. */
const azureProvided = "168.63.129.16";

/** Domains a gateway with a public frontend asks the platform for, whatever servers the network has. */
const azureOwned = [
  "windows.net",
  "azure.net",
  "microsoft.com",
  "chinacloudapi.cn",
  "azure.cn",
  "usgovcloudapi.net",
  "azure.us",
  "microsoft.scloud",
  "msftcloudes.com",
];

/**
 * The servers of its own network that a gateway asks for a name; empty = the platform's DNS answers (health-probes.md
 * §6).
 */
export function customServersFor(
  name: string,
  home: VirtualNetwork,
  { networkIsolated }: { readonly networkIsolated?: boolean },
): readonly string[] {
  if (isAzureOwned(name) && networkIsolated !== true) return [];
  return home.dnsServers.filter((server) => server !== azureProvided);
}

function isAzureOwned(name: string): boolean {
  return azureOwned.some((domain) => name === domain || name.endsWith(`.${domain}`));
}
