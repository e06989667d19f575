import type { VirtualNetwork } from "../model/network.ts";
import { parseAddress, parseRange, rangeContains } from "./addresses.ts";

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

/**
 * Those of them, in the order of the network, that can be asked from a machine. Where the platform's DNS stands among
 * them it is one of them, but answers for the network that the machine is in, and outside of Azure not at all.
 */
export function askableServersFor(
  name: string,
  home: VirtualNetwork,
  { insideHome, ...options }: { readonly networkIsolated: boolean; readonly insideHome: boolean },
): readonly string[] {
  const custom = customServersFor(name, home, options);
  return custom.length > 0 && insideHome ? home.dnsServers : custom;
}

/** Whether a machine with these addresses is in the network, as far as addresses tell. */
export function isInside(home: VirtualNetwork, addresses: readonly string[]): boolean {
  const ranges = home.addressPrefixes.flatMap((prefix) => parseRange(prefix) ?? []);
  return addresses.some((text) => {
    const address = parseAddress(text);
    return address !== undefined && ranges.some((range) => rangeContains(range, address));
  });
}

function isAzureOwned(name: string): boolean {
  return azureOwned.some((domain) => name === domain || name.endsWith(`.${domain}`));
}
