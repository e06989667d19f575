import { addRecord, type BaseWish, baseWorld, linkZone, names } from "../world/base.ts";
import { changed, type Draft } from "../world/draft.ts";
import { networkId } from "../world/resource.ts";
import type { Scenario } from "./scenario.ts";

/** Nothing is wrong in any of them: every shape a base world may have, and shapes that other families break. */
const shapes: readonly (readonly [
  variant: string,
  about: string,
  wish: BaseWish,
  edit?: (draft: Draft) => void,
])[] = [
  ["plain", "Two servers in the gateway's network.", {}],
  ["v1-nic", "A v1 gateway, its servers joined by their interfaces.", { generation: "v1", members: "nic" }],
  [
    "https-fqdn",
    "Names of a private zone, certificates of a private authority.",
    { protocol: "Https", members: "fqdn" },
  ],
  ["peered-https", "Servers in a peered network, over TLS.", { place: "peered", protocol: "Https" }],
  ["appliance", "Both ways lead through an appliance.", { appliance: true }],
  [
    "appliance-peered",
    "Both ways lead through an appliance, to a peered network.",
    { appliance: true, place: "peered" },
  ],
  ["on-premises", "Servers behind a virtual network gateway.", { place: "on-premises" }],
  ["default-probe", "No probe of its own; servers answer every path.", { probe: false }],
  [
    "custom-dns",
    "The network has a DNS server of its own, which forwards to the platform's.",
    { members: "fqdn" },
    (draft) => {
      draft.addHost({
        name: "dns-1",
        at: { subnet: "snet-nva", address: "10.10.9.10" },
        programs: [{ kind: "dns", records: {}, forwardTo: ["168.63.129.16"] }],
      });
      draft.resource("virtualNetworks", names.hub, { dhcpOptions: { dnsServers: ["10.10.9.10"] } });
    },
  ],
  [
    "real-servers",
    "nginx and Apache as servers.",
    {
      program: ({ name, port }) =>
        name === "app-1"
          ? {
              kind: "nginx",
              config: `server { listen ${port}; location / { return 200 "ok"; } }`,
              ports: [port],
            }
          : {
              kind: "apache",
              config: `Listen ${port}\nDocumentRoot $DIR\nRewriteEngine on\nRewriteRule .* $DIR/page.html\n<Directory "$DIR">\nRequire all granted\n</Directory>`,
              files: { "page.html": "ok" },
              ports: [port],
            },
    },
  ],
  [
    "haproxy-server",
    "haproxy over TLS as server.",
    {
      protocol: "Https",
      servers: 1,
      program: ({ port, tls }) => ({
        kind: "haproxy",
        config: `frontend app\n  bind *:${port} ssl crt $DIR/pair.pem\n  http-request return status 200 content-type text/plain string ok`,
        files: { "pair.pem": `${tls?.certificate}${tls?.key}` },
        ports: [port],
      }),
    },
  ],
  [
    "openssl-server",
    "openssl s_server as server.",
    {
      protocol: "Https",
      servers: 1,
      probe: { match: { statusCodes: ["200"] } },
      program: ({ port, tls }) => ({
        kind: "openssl",
        config: `-accept ${port}\n-www -quiet\n-cert $DIR/cert.pem -key $DIR/key.pem`,
        files: { "cert.pem": tls?.certificate ?? "", "key.pem": tls?.key ?? "" },
        ports: [port],
      }),
    },
  ],
  [
    "private-endpoint",
    "A private endpoint in a peered network, known by its private zone.",
    { members: "fqdn", servers: 1, port: 80 },
    (draft) => {
      const endpoint = networkId("privateEndpoints", "pe-images");
      draft
        .resource("networkInterfaces", "pe-images.nic", {
          privateEndpoint: { id: endpoint },
          ipConfigurations: [
            {
              id: networkId("networkInterfaces", "pe-images.nic", "ipConfigurations", "one"),
              name: "one",
              privateIPAddress: "10.20.9.4",
              subnet: { id: networkId("virtualNetworks", names.spoke, "subnets", "snet-endpoints") },
            },
          ],
        })
        .resource("privateEndpoints", "pe-images", {
          customDnsConfigs: [{ fqdn: "images.blob.core.windows.net", ipAddresses: ["10.20.9.4"] }],
          subnet: { id: networkId("virtualNetworks", names.spoke, "subnets", "snet-endpoints") },
          networkInterfaces: [{ id: networkId("networkInterfaces", "pe-images.nic") }],
          privateLinkServiceConnections: [
            { name: "images", groupIds: ["blob"], privateLinkServiceConnectionState: { status: "Approved" } },
          ],
        })
        .resource("privateDnsZones", "privatelink.blob.core.windows.net", {})
        .addHost({
          name: "images",
          at: { nic: "pe-images.nic" },
          programs: [{ kind: "node", behaviour: "http", port: 80 }],
        })
        .more({
          publicNames: {
            [names.host]: [names.publicAddress],
            "images.blob.core.windows.net": { cname: "images.privatelink.blob.core.windows.net" },
          },
        })
        .part("backendAddressPools", "pool-app", {
          backendAddresses: [{ fqdn: "images.blob.core.windows.net" }],
        });
      linkZone(draft, "privatelink.blob.core.windows.net", names.hub);
      addRecord(draft, "privatelink.blob.core.windows.net", "images", "10.20.9.4");
    },
  ],
];

const scenarios = shapes.map(
  ([variant, about, wish, edit]): Scenario => ({
    family: "healthy",
    variant,
    about,
    world: () => changed(baseWorld(wish), edit ?? (() => {})),
    expects: [],
  }),
);

export default scenarios;
