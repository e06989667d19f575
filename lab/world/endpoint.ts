import { addRecord, addZone, httpProgram, linkZone, names } from "./base.ts";
import type { Draft } from "./draft.ts";
import { networkId } from "./resource.ts";

/** The names of a storage account: what clients use, and the one that private endpoints answer to. */
export const images = {
  host: "images.blob.core.windows.net",
  zone: "privatelink.blob.core.windows.net",
  address: "10.20.9.4",
  publicAddress: "198.51.100.50",
} as const;

/**
 * A storage account, the only member of the pool: a private endpoint in the peered network, and a public side that lets
 * nobody in. No private zone has its name yet.
 */
export function addImages(draft: Draft): void {
  const subnet = { id: networkId("virtualNetworks", names.spoke, "subnets", "snet-endpoints") };
  draft
    .resource("networkInterfaces", "pe-images.nic", {
      privateEndpoint: { id: networkId("privateEndpoints", "pe-images") },
      ipConfigurations: [
        {
          id: networkId("networkInterfaces", "pe-images.nic", "ipConfigurations", "one"),
          name: "one",
          privateIPAddress: images.address,
          subnet,
        },
      ],
    })
    .resource("privateEndpoints", "pe-images", {
      customDnsConfigs: [{ fqdn: images.host, ipAddresses: [images.address] }],
      subnet,
      networkInterfaces: [{ id: networkId("networkInterfaces", "pe-images.nic") }],
      privateLinkServiceConnections: [
        { name: "images", groupIds: ["blob"], privateLinkServiceConnectionState: { status: "Approved" } },
      ],
    })
    .addHost({ name: "images", at: { nic: "pe-images.nic" }, programs: [httpProgram(80)] })
    .addHost({
      name: "images-public",
      at: { internet: images.publicAddress },
      programs: [httpProgram(80, undefined, { otherwise: { status: 403 } })],
    })
    .more({
      publicNames: {
        [names.host]: [names.publicAddress],
        [images.host]: { cname: `images.${images.zone}` },
        [`images.${images.zone}`]: [images.publicAddress],
      },
    })
    .part("backendAddressPools", "pool-app", { backendAddresses: [{ fqdn: images.host }] });
}

/** The zone of the endpoint with its record, linked to these networks. */
export function addImagesZone(draft: Draft, ...linked: readonly string[]): void {
  addZone(draft, images.zone);
  for (const network of linked) linkZone(draft, images.zone, network);
  addRecord(draft, images.zone, "images", images.address);
}
