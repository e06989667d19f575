import { addRecord, addZone, type BaseWish, baseWorld, linkZone, names } from "../world/base.ts";
import { changed, type Draft } from "../world/draft.ts";
import { addImages, addImagesZone, images } from "../world/endpoint.ts";
import { networkId } from "../world/resource.ts";
import type { Host, Program } from "../world/world.ts";
import type { Scenario } from "./scenario.ts";

/** A broken world is a healthy one and one edit. */
const broken = (wish: BaseWish, edit: (draft: Draft) => void) => () => changed(baseWorld(wish), edit);

const platform = "168.63.129.16";
const first = "10.10.9.10";
const second = "10.10.9.11";
type DnsProgram = Omit<Extract<Program, { kind: "dns" }>, "kind" | "records"> & {
  readonly records?: Readonly<Record<string, readonly string[]>>;
};
const dns = ({ records = {}, ...more }: DnsProgram): Program => ({ kind: "dns", records, ...more });
const forwarding = dns({ forwardTo: [platform] });

/** Machines with DNS servers in the gateway's network, which the network names. */
function customDns(draft: Draft, ...servers: readonly (Program | undefined)[]): void {
  const addresses = [first, second];
  servers.forEach((program, index) => {
    addDnsHost(draft, addresses[index] ?? "", { programs: program === undefined ? [] : [program] });
  });
  named(draft, ...addresses.slice(0, servers.length));
}

function addDnsHost(draft: Draft, address: string, more: Partial<Host>): void {
  draft.addHost({ name: `dns-${address}`, at: { subnet: "snet-nva", address }, programs: [], ...more });
}

function named(draft: Draft, ...dnsServers: readonly string[]): void {
  draft.resource("virtualNetworks", names.hub, { dhcpOptions: { dnsServers } });
}

const members = (draft: Draft, ...fqdns: readonly string[]) =>
  draft.part("backendAddressPools", "pool-app", { backendAddresses: fqdns.map((fqdn) => ({ fqdn })) });

const full = (server: number): string => `app-${server}.${names.zone}`;

/** The records of the zone go, the zone and its links stay. */
function withoutRecords(draft: Draft, ...servers: readonly string[]): void {
  for (const server of servers) draft.without("privateDnsZones", names.zone, "A", server);
}

/** The network's servers were written ten minutes ago, the gateway was started the day before. */
function serversChanged(...dnsServers: readonly string[]): Readonly<Record<string, unknown>> {
  const row = (agoS: number, operation: string, resourceId: string, body?: unknown) => ({
    eventTimestamp: new Date(Date.now() - agoS * 1000).toISOString(),
    operationName: { value: operation },
    resourceId,
    status: { value: "Succeeded" },
    ...(body === undefined ? {} : { properties: { requestbody: JSON.stringify(body) } }),
  });
  const network = networkId("virtualNetworks", names.hub);
  const gateway = networkId("applicationGateways", "agw-lab");
  return {
    "activity-log.json": [
      row(600, "Microsoft.Network/virtualNetworks/write", network, {
        properties: { dhcpOptions: { dnsServers } },
      }),
      row(86_400, "Microsoft.Network/applicationGateways/start/action", gateway),
    ],
  };
}

const scenarios: readonly Omit<Scenario, "family">[] = [
  {
    variant: "name-misspelt",
    about: "The pool's name has a letter too many; no zone covers what it became.",
    world: broken({ members: "fqdn", servers: 1 }, (draft) =>
      members(draft, "app-1.internal.contosso.example"),
    ),
    expects: [{ cause: "dns-fqdn-wrong" }],
    operator: [
      {
        cause: "dns-fqdn-wrong",
        servers: ["app-1.internal.contosso.example"],
        edit: (draft) => members(draft, full(1)),
      },
    ],
  },
  {
    variant: "name-of-deleted-service-v1",
    about: "The pool has the name of a public service that was deleted.",
    world: broken({ members: "fqdn", generation: "v1" }, (draft) =>
      members(draft, "contoso-old.westeurope.cloudapp.azure.com"),
    ),
    expects: [{ cause: "dns-fqdn-wrong" }],
    operator: [
      {
        cause: "dns-fqdn-wrong",
        servers: ["contoso-old.westeurope.cloudapp.azure.com"],
        edit: (draft) => members(draft, full(1), full(2)),
      },
    ],
  },
  {
    variant: "name-twin-public",
    about: "The name is no private one either, but public DNS knows it.",
    world: broken({ members: "fqdn", servers: 1 }, (draft) => {
      members(draft, "origin.fabrikam.example");
      draft
        .addHost({
          name: "origin",
          at: { internet: images.publicAddress },
          programs: [{ kind: "node", behaviour: "http", port: 8080 }],
        })
        .more({
          publicNames: {
            [names.host]: [names.publicAddress],
            "origin.fabrikam.example": [images.publicAddress],
          },
        });
    }),
    expects: [],
  },
  {
    variant: "custom-without-forwarder",
    about: "The network's DNS server knows nothing of the private zone and forwards nothing.",
    world: broken({ members: "fqdn" }, (draft) => customDns(draft, dns({}))),
    expects: [{ cause: "dns-custom-cannot-resolve" }],
    operator: [
      {
        cause: "dns-custom-cannot-resolve",
        servers: [full(1), full(2)],
        edit: (draft) => draft.host(`dns-${first}`, { programs: [forwarding] }),
      },
    ],
  },
  {
    variant: "custom-zone-of-its-own-https",
    about: "The network's DNS server is itself the authority of the zone, without the servers' records.",
    world: broken({ members: "fqdn", protocol: "Https" }, (draft) =>
      customDns(draft, dns({ zones: [names.zone], forwardTo: [platform] })),
    ),
    expects: [{ cause: "dns-custom-cannot-resolve" }],
    operator: [
      {
        cause: "dns-custom-cannot-resolve",
        servers: [full(1), full(2)],
        edit: (draft) => draft.host(`dns-${first}`, { programs: [forwarding] }),
      },
    ],
  },
  {
    variant: "custom-twin-knows-the-names",
    about: "The network's DNS server forwards nothing, and has the servers' records itself.",
    world: broken({ members: "fqdn" }, (draft) =>
      customDns(draft, dns({ records: { [full(1)]: ["10.10.2.4"], [full(2)]: ["10.10.2.5"] } })),
    ),
    expects: [],
  },
  {
    variant: "server-denied-by-group",
    about: "The gateway's subnet denies port 53 towards the network's DNS server.",
    world: broken({ members: "fqdn" }, (draft) => {
      customDns(draft, forwarding);
      draft.rule("nsg-gateway", {
        ...{ name: "deny-dns", priority: 90, direction: "Outbound", access: "Deny", protocol: "*" },
        ...{ to: first, ports: "53" },
      });
    }),
    expects: [{ cause: "dns-server-unreachable" }],
  },
  {
    variant: "server-routed-nowhere-https",
    about: "A route of the gateway's subnet leads the DNS server's subnet to None.",
    world: broken({ members: "fqdn", protocol: "Https" }, (draft) => {
      customDns(draft, forwarding);
      draft
        .route("rt-gateway", { name: "old-nva", prefix: "10.10.9.0/24", hop: "None" })
        .subnet(names.hub, "snet-gateway", { routeTable: { id: networkId("routeTables", "rt-gateway") } });
    }),
    expects: [{ cause: "dns-server-unreachable" }],
  },
  {
    variant: "server-gone-v1",
    about: "Nothing is at the address of the network's DNS server any more.",
    world: broken({ members: "fqdn", generation: "v1" }, (draft) => named(draft, "10.10.9.77")),
    expects: [{ cause: "dns-server-unreachable" }],
  },
  {
    variant: "server-twin-other-port-denied",
    about: "The gateway's subnet denies another port towards the DNS server.",
    world: broken({ members: "fqdn" }, (draft) => {
      customDns(draft, forwarding);
      draft.rule("nsg-gateway", {
        ...{ name: "deny-web", priority: 90, direction: "Outbound", access: "Deny", protocol: "*" },
        ...{ to: first, ports: "80" },
      });
    }),
    expects: [],
  },
  {
    variant: "not-restarted-old-server-gone",
    about: "The network names a new DNS server; the gateway still asks the old one, which is switched off.",
    world: broken({ members: "fqdn" }, (draft) => {
      addDnsHost(draft, first, { programs: [forwarding] });
      addDnsHost(draft, second, { silent: true });
      named(draft, first);
      draft.more({
        gateway: { instances: [names.gatewayAddress], dnsServers: [second] },
        exports: serversChanged(first),
      });
    }),
    expects: [{ cause: "dns-not-restarted" }],
  },
  {
    variant: "not-restarted-platform-before-v1",
    about: "The names are on a DNS server that the network got lately; the gateway still asks Azure's own.",
    world: broken({ members: "fqdn", generation: "v1" }, (draft) => {
      draft.without("privateDnsZones", names.zone);
      customDns(draft, dns({ records: { [full(1)]: ["10.10.2.4"], [full(2)]: ["10.10.2.5"] } }));
      draft.more({
        gateway: { instances: [names.gatewayAddress], dnsServers: [platform] },
        exports: serversChanged(first),
      });
    }),
    expects: [{ cause: "dns-not-restarted" }],
  },
  {
    variant: "not-restarted-twin",
    about: "The network's DNS servers were changed, and the gateway's old one still answers.",
    world: broken({ members: "fqdn" }, (draft) => {
      customDns(draft, forwarding, forwarding);
      named(draft, first);
      draft.more({
        gateway: { instances: [names.gatewayAddress], dnsServers: [second] },
        exports: serversChanged(first),
      });
    }),
    expects: [],
  },
  {
    variant: "zone-not-linked",
    about: "The private zone is linked to the peered network and not to the gateway's.",
    world: broken({ members: "fqdn" }, (draft) =>
      draft.without("privateDnsZones", names.zone, "virtualNetworkLinks", `link-${names.hub}`),
    ),
    expects: [{ cause: "dns-zone-not-linked" }],
  },
  {
    variant: "zone-not-linked-endpoint",
    about:
      "The endpoint's zone is linked to the endpoint's network alone: the gateway gets the public address.",
    world: broken({ servers: 1, port: 80 }, (draft) => {
      addImages(draft);
      addImagesZone(draft, names.spoke);
    }),
    expects: [{ cause: "dns-zone-not-linked" }],
  },
  {
    variant: "zone-not-linked-twin",
    about: "The endpoint's zone is linked to the gateway's network alone.",
    world: broken({ servers: 1, port: 80 }, (draft) => {
      addImages(draft);
      addImagesZone(draft, names.hub);
    }),
    expects: [],
  },
  {
    variant: "zone-missing-endpoint",
    about: "The endpoint was made without a private zone.",
    world: broken({ servers: 1, port: 80 }, addImages),
    expects: [{ cause: "dns-zone-missing" }],
  },
  {
    variant: "zone-missing-endpoint-v1",
    about: "The endpoint was made without a private zone, and the public side does not answer at all.",
    world: broken({ servers: 1, port: 80, generation: "v1" }, (draft) => {
      addImages(draft);
      draft.host("images-public", { silent: true });
    }),
    expects: [{ cause: "dns-zone-missing" }],
  },
  {
    variant: "zone-shadow-records-gone",
    about: "The linked zone lacks the servers' records; public DNS would know the names.",
    world: broken({ members: "fqdn" }, (draft) => {
      withoutRecords(draft, "app-1", "app-2");
      draft.more({
        publicNames: {
          [names.host]: [names.publicAddress],
          [full(1)]: [images.publicAddress],
          [full(2)]: [images.publicAddress],
        },
      });
    }),
    expects: [{ cause: "dns-zone-shadow" }],
    operator: [
      {
        cause: "dns-zone-shadow",
        servers: [full(1), full(2)],
        edit: (draft) =>
          draft.part("backendAddressPools", "pool-app", { backendAddresses: [{ ipAddress: "10.10.2.4" }] }),
      },
    ],
  },
  {
    variant: "zone-shadow-endpoint-of-another",
    about: "The zone was linked for another account's endpoint and has no record of this one.",
    world: broken({ servers: 1, port: 80 }, (draft) => {
      addImages(draft);
      addZone(draft, images.zone);
      linkZone(draft, images.zone, names.hub);
    }),
    expects: [{ cause: "dns-zone-shadow" }],
  },
  {
    variant: "top-level-zone-vault",
    about: "A zone with the name of Azure's vaults as a whole is linked to the gateway's network.",
    world: broken({}, (draft) => {
      addZone(draft, "vaultcore.azure.net");
      linkZone(draft, "vaultcore.azure.net", names.hub);
    }),
    expects: [{ cause: "dns-top-level-zone", asRisk: true }],
    fails: "never",
  },
  {
    variant: "top-level-zone-whole-azure-v1",
    about: "A zone azure.net is linked to the gateway's network.",
    world: broken({ generation: "v1" }, (draft) => {
      addZone(draft, "azure.net");
      linkZone(draft, "azure.net", names.hub);
    }),
    expects: [{ cause: "dns-top-level-zone", asRisk: true }],
    fails: "never",
  },
  {
    variant: "top-level-zone-twin-elsewhere",
    about: "Such a zone is linked to the peered network only.",
    world: broken({}, (draft) => {
      addZone(draft, "vaultcore.azure.net");
      linkZone(draft, "vaultcore.azure.net", names.spoke);
    }),
    expects: [],
  },
  {
    variant: "servers-disagree",
    about: "The first of two DNS servers denies the private names, the second forwards.",
    world: broken({ members: "fqdn" }, (draft) => customDns(draft, dns({}), forwarding)),
    expects: [{ cause: "dns-inconsistent-servers" }],
    operator: [
      {
        cause: "dns-inconsistent-servers",
        servers: [full(1), full(2)],
        edit: (draft) => draft.host(`dns-${first}`, { programs: [forwarding] }),
      },
    ],
  },
  {
    variant: "servers-disagree-platform-beside-https",
    about: "Azure's own DNS stands before a server of one's own, which alone knows the names.",
    world: broken({ members: "fqdn", protocol: "Https" }, (draft) => {
      draft.without("privateDnsZones", names.zone);
      customDns(draft, dns({ records: { [full(1)]: ["10.10.2.4"], [full(2)]: ["10.10.2.5"] } }));
      named(draft, platform, first);
    }),
    expects: [{ cause: "dns-inconsistent-servers" }],
    operator: [
      {
        cause: "dns-inconsistent-servers",
        servers: [full(1), full(2)],
        edit: (draft) => {
          addZone(draft, names.zone);
          addRecord(draft, names.zone, "app-1", "10.10.2.4");
          addRecord(draft, names.zone, "app-2", "10.10.2.5");
          linkZone(draft, names.zone, names.hub);
        },
      },
    ],
  },
  {
    variant: "servers-disagree-twin",
    about: "Two DNS servers that both forward.",
    world: broken({ members: "fqdn" }, (draft) => customDns(draft, forwarding, forwarding)),
    expects: [],
  },
  {
    variant: "short-name",
    about: "The pool has the servers' names without their domain.",
    world: broken({ members: "fqdn" }, (draft) => members(draft, "app-1", "app-2")),
    expects: [{ cause: "dns-short-name" }],
    operator: [
      {
        cause: "dns-short-name",
        servers: ["app-1", "app-2"],
        edit: (draft) => members(draft, full(1), full(2)),
      },
    ],
  },
  {
    variant: "short-name-custom-v1",
    about:
      "The pool has a name without its domain, and the network's own DNS server knows the full name only.",
    world: broken({ members: "fqdn", servers: 1, generation: "v1" }, (draft) => {
      members(draft, "app-1");
      customDns(draft, forwarding);
    }),
    expects: [{ cause: "dns-short-name" }],
    operator: [{ cause: "dns-short-name", servers: ["app-1"], edit: (draft) => members(draft, full(1)) }],
  },
  {
    variant: "short-name-twin",
    about: "The network's own DNS server knows the short name as it stands.",
    world: broken({ members: "fqdn", servers: 1 }, (draft) => {
      members(draft, "app-1");
      customDns(draft, dns({ records: { "app-1": ["10.10.2.4"] }, forwardTo: [platform] }));
    }),
    expects: [],
  },
  {
    variant: "stale-one-of-two-addresses",
    unsteady: "which of the two addresses the DNS server names first is a matter of the moment",
    about: "The name has two addresses, and at one of them nothing has answered since the server was moved.",
    world: broken({ members: "fqdn", servers: 1 }, (draft) => {
      withoutRecords(draft, "app-1");
      addRecord(draft, names.zone, "app-1", "10.10.2.4", "10.10.2.99");
    }),
    expects: [{ cause: "dns-stale-address" }],
    fails: "never",
  },
  {
    variant: "stale-kept-answer",
    about:
      "The record was changed when the server was moved; the gateway keeps the former answer for its time to live.",
    world: broken({ members: "fqdn", servers: 2 }, (draft) => {
      members(draft, full(1));
      customDns(draft, dns({ records: { [full(1)]: ["10.10.2.4"] }, ttlS: 300 }));
    }),
    disturb: async ({ change, wait }) => {
      await wait(1500);
      await change((draft) =>
        draft
          .host(`dns-${first}`, {
            programs: [dns({ records: { [full(1)]: ["10.10.2.5"] }, ttlS: 300 })],
          })
          .host("app-1", { silent: true }),
      );
    },
    requests: [{ url: names.url, times: 7, pauseMs: 900 }],
    expects: [{ cause: "dns-stale-address" }],
    fails: "sometimes",
  },
  {
    variant: "public-names-cut-off",
    about: "The way to the network's DNS server is closed; the servers are given by address and work.",
    world: broken({}, (draft) => {
      customDns(draft, forwarding);
      draft.rule("nsg-gateway", {
        ...{ name: "deny-dns", priority: 90, direction: "Outbound", access: "Deny", protocol: "*" },
        ...{ to: "10.10.9.0/24", ports: "53" },
      });
    }),
    expects: [{ cause: "dns-public-unresolvable", asRisk: true }],
    fails: "never",
  },
  {
    variant: "public-names-cut-off-route",
    about: "The network's DNS server is routed to None; the servers are joined by their interfaces and work.",
    world: broken({ members: "nic", protocol: "Https" }, (draft) => {
      customDns(draft, forwarding);
      draft
        .route("rt-gateway", { name: "old-nva", prefix: "10.10.9.0/24", hop: "None" })
        .subnet(names.hub, "snet-gateway", { routeTable: { id: networkId("routeTables", "rt-gateway") } });
    }),
    expects: [{ cause: "dns-public-unresolvable", asRisk: true }],
    fails: "never",
  },
];

export default scenarios.map((one): Scenario => ({ family: "dns", ...one }));
