import { effectiveRouteTable } from "../network/effective.ts";
import { addMachine, type BaseWish, baseWorld, httpProgram, names, serverSubnet } from "../world/base.ts";
import { changed, type Draft, type RouteWish } from "../world/draft.ts";
import { networkId } from "../world/resource.ts";
import type { Scenario } from "./scenario.ts";

/** A broken world is a healthy one and one edit. */
const broken = (wish: BaseWish, edit: (draft: Draft) => void) => () => changed(baseWorld(wish), edit);

/** Gives a subnet a route, by the table it has or a new one. */
function routed(
  draft: Draft,
  where: "gateway" | "servers",
  route: RouteWish,
  place?: BaseWish["place"],
): void {
  const { network, subnet } =
    where === "gateway" ? { network: names.hub, subnet: "snet-gateway" } : serverSubnet(place);
  draft
    .route(`rt-${where}`, route)
    .subnet(network, subnet, { routeTable: { id: networkId("routeTables", `rt-${where}`) } });
}

/** A machine that passes on what comes to it; no route leads there yet. */
function addAppliance(draft: Draft): void {
  addMachine(draft, {
    ...{ name: "appliance", address: names.appliance, network: names.hub, subnet: "snet-nva", programs: [] },
    nic: { enableIPForwarding: true },
    host: { forwards: true },
  });
}

/** A third network, peered with the spoke alone unless said otherwise, with a server of the pool. */
function addFarNetwork(draft: Draft): void {
  draft.resource("virtualNetworks", "vnet-far", {
    addressSpace: { addressPrefixes: ["10.40.0.0/16"] },
    dhcpOptions: { dnsServers: [] },
    subnets: [
      {
        id: networkId("virtualNetworks", "vnet-far", "subnets", "snet-far"),
        name: "snet-far",
        addressPrefix: "10.40.1.0/24",
        privateEndpointNetworkPolicies: "Disabled",
      },
    ],
    virtualNetworkPeerings: [],
  });
  peer(draft, "vnet-far", names.spoke, "10.20.0.0/16");
  peer(draft, names.spoke, "vnet-far", "10.40.0.0/16");
  addMachine(draft, {
    ...{ name: "far-1", address: "10.40.1.4", network: "vnet-far", subnet: "snet-far" },
    programs: [httpProgram(8080)],
  });
  draft.part("backendAddressPools", "pool-app", { backendAddresses: [{ ipAddress: "10.40.1.4" }] });
}

function peer(draft: Draft, from: string, to: string, prefix: string): void {
  draft.peering(from, `${from}-to-${to}`, {
    remoteVirtualNetwork: { id: networkId("virtualNetworks", to) },
    remoteAddressSpace: { addressPrefixes: [prefix] },
    ...{ allowVirtualNetworkAccess: true, allowForwardedTraffic: false },
    ...{ allowGatewayTransit: false, useRemoteGateways: false },
    ...{ peeringState: "Connected", peeringSyncLevel: "FullyInSync" },
  });
}

/** A range that was added to the peered network, with a server of the pool. */
function addLaterRange(draft: Draft): void {
  draft
    .resource("virtualNetworks", names.spoke, {
      addressSpace: { addressPrefixes: ["10.20.0.0/16", "10.21.0.0/16"] },
    })
    .subnet(names.spoke, "snet-later", { addressPrefix: "10.21.1.0/24", serviceEndpoints: [] })
    .part("backendAddressPools", "pool-app", { backendAddresses: [{ ipAddress: "10.21.1.4" }] });
  addMachine(draft, {
    ...{ name: "later-1", address: "10.21.1.4", network: names.spoke, subnet: "snet-later" },
    programs: [httpProgram(8080)],
  });
}

/** A machine in the gateway's network that serves nothing: people send requests and export routes from it. */
function addJump(draft: Draft): void {
  addMachine(draft, {
    ...{ name: "jump", address: "10.10.9.20", network: names.hub, subnet: "snet-nva", programs: [] },
  });
}

/** Both ways lead through an Azure Firewall of the gateway's network. */
function addFirewall(draft: Draft, collections: readonly unknown[], place?: BaseWish["place"]): void {
  const hop = { hop: { appliance: "10.10.8.4" } };
  draft
    .subnet(names.hub, "AzureFirewallSubnet", { addressPrefix: "10.10.8.0/26" })
    .resource("azureFirewalls", "afw-hub", {
      sku: { name: "AZFW_VNet", tier: "Standard" },
      ipConfigurations: [
        {
          name: "ipconfig1",
          privateIPAddress: "10.10.8.4",
          subnet: { id: networkId("virtualNetworks", names.hub, "subnets", "AzureFirewallSubnet") },
        },
      ],
      networkRuleCollections: collections,
      applicationRuleCollections: [],
      natRuleCollections: [],
    })
    .addHost({ name: "firewall", at: { firewall: "afw-hub" }, programs: [] });
  const prefix = place === "peered" ? names.spokeSubnet : names.appSubnet;
  routed(draft, "gateway", { name: "to-servers", prefix, ...hop });
  routed(draft, "servers", { ...toGateway, ...hop }, place);
  if (place === "peered") draft.peering(names.spoke, "spoke-to-hub", { allowForwardedTraffic: true });
}

function firewallRules(
  name: string,
  priority: number,
  type: "Allow" | "Deny",
  { from, to, port }: { readonly from: string; readonly to: string; readonly port: string },
): unknown {
  const rule = { sourceAddresses: [from], destinationAddresses: [to], destinationPorts: [port] };
  return { name, priority, action: { type }, rules: [{ name: `${name}-1`, protocols: ["TCP"], ...rule }] };
}

const clusterTable = "aks-agentpool-31415926-routetable";

/** A kubenet cluster in the servers' subnet: its pods are known to its node and to a table of its own. */
function addCluster(draft: Draft): void {
  const pod = "10.244.1.5";
  addMachine(draft, {
    ...{ name: "node-1", address: "10.10.2.10", network: names.hub, subnet: "snet-app" },
    programs: [httpProgram(8080)],
    nic: { enableIPForwarding: true },
    host: { innerAddresses: [pod] },
  });
  draft
    .route(clusterTable, {
      name: "aks-nodepool1-31415926-vmss000000____1024416024",
      prefix: "10.244.1.0/24",
      hop: { appliance: "10.10.2.10" },
    })
    .subnet(names.hub, "snet-app", { routeTable: { id: networkId("routeTables", clusterTable) } })
    .part("backendAddressPools", "pool-app", { backendAddresses: [{ ipAddress: pod }] });
}

const toServers = { name: "to-servers", prefix: names.appSubnet } as const;
const toGateway = { name: "to-gateway", prefix: names.gatewaySubnet } as const;
const throughAppliance = { hop: { appliance: names.appliance } } as const;

const scenarios: readonly Omit<Scenario, "family">[] = [
  {
    variant: "blackhole-none",
    about: "A route of the gateway's subnet leads the servers' subnet to None.",
    world: broken({}, (draft) => routed(draft, "gateway", { ...toServers, hop: "None" })),
    expects: [{ cause: "route-gw-blackhole" }],
  },
  {
    variant: "blackhole-none-peered-v1",
    about: "A v1 gateway's subnet leads the whole peered network to None.",
    world: broken({ place: "peered", generation: "v1" }, (draft) =>
      routed(draft, "gateway", { name: "old-spoke", prefix: "10.20.0.0/16", hop: "None" }),
    ),
    expects: [{ cause: "route-gw-blackhole" }],
  },
  {
    variant: "blackhole-appliance-gone-https",
    about: "The route to the servers leads through an appliance that does not exist any more.",
    world: broken({ protocol: "Https", members: "fqdn" }, (draft) =>
      routed(draft, "gateway", { ...toServers, hop: { appliance: "10.10.9.99" } }),
    ),
    expects: [{ cause: "route-gw-blackhole" }],
  },
  {
    variant: "blackhole-twin-longer-wins",
    about: "The whole network is led to None, and the servers' subnet, with a longer prefix, is not.",
    world: broken({}, (draft) => {
      routed(draft, "gateway", { name: "network", prefix: "10.10.0.0/16", hop: "None" });
      routed(draft, "gateway", { ...toServers, hop: "VnetLocal" });
    }),
    expects: [],
  },
  {
    variant: "blackhole-twin-elsewhere",
    about: "A subnet that no server stands in is led to None.",
    world: broken({}, (draft) =>
      routed(draft, "gateway", { name: "unused", prefix: "10.10.3.0/24", hop: "None" }),
    ),
    expects: [],
  },
  {
    variant: "return-through-appliance",
    about: "Requests go directly, replies through a stateful appliance.",
    world: broken({}, (draft) => {
      addAppliance(draft);
      routed(draft, "servers", { ...toGateway, ...throughAppliance });
    }),
    expects: [{ cause: "route-return-asymmetric" }],
  },
  {
    variant: "return-direct-peered-https",
    about: "Requests to a peered network go through a stateful appliance, replies directly.",
    world: broken({ place: "peered", protocol: "Https" }, (draft) => {
      addAppliance(draft);
      draft.peering(names.spoke, "spoke-to-hub", { allowForwardedTraffic: true });
      routed(draft, "gateway", { name: "to-servers", prefix: names.spokeSubnet, ...throughAppliance });
    }),
    expects: [{ cause: "route-return-asymmetric" }],
  },
  {
    variant: "return-none-v1",
    about: "The servers' subnet leads the gateway's to None.",
    world: broken({ generation: "v1", members: "nic" }, (draft) =>
      routed(draft, "servers", { ...toGateway, hop: "None" }),
    ),
    expects: [{ cause: "route-return-asymmetric" }],
  },
  {
    variant: "return-twin-default-through-appliance",
    about:
      "The servers' default route leads through the appliance; the way back to the gateway is a longer one.",
    world: broken({}, (draft) => {
      addAppliance(draft);
      routed(draft, "servers", { name: "default", prefix: "0.0.0.0/0", ...throughAppliance });
    }),
    expects: [],
  },
  {
    variant: "appliance-ip-forwarding-off",
    about: "Both ways lead through an appliance whose interface may not forward.",
    world: broken({ appliance: true }, (draft) =>
      draft.resource("networkInterfaces", "nic-appliance", { enableIPForwarding: false }),
    ),
    expects: [{ cause: "route-nva-no-forwarding" }],
  },
  {
    variant: "appliance-ip-forwarding-off-peered-https",
    about: "Both ways to a peered network lead through an appliance whose interface may not forward.",
    world: broken({ appliance: true, place: "peered", protocol: "Https", members: "fqdn" }, (draft) =>
      draft.resource("networkInterfaces", "nic-appliance", { enableIPForwarding: false }),
    ),
    expects: [{ cause: "route-nva-no-forwarding" }],
  },
  {
    variant: "firewall-no-rule",
    about: "Both ways lead through an Azure Firewall, none of whose rules allows the gateway's subnet.",
    world: broken({}, (draft) => addFirewall(draft, [])),
    expects: [{ cause: "firewall-deny" }],
  },
  {
    variant: "firewall-denies-peered-https",
    about: "A rule of the firewall denies the port before another one allows everything inside.",
    world: broken({ place: "peered", protocol: "Https" }, (draft) =>
      addFirewall(
        draft,
        [
          firewallRules("deny-tls", 200, "Deny", { from: "10.0.0.0/8", to: "*", port: "8443" }),
          firewallRules("allow-inside", 300, "Allow", { from: "10.0.0.0/8", to: "10.0.0.0/8", port: "*" }),
        ],
        "peered",
      ),
    ),
    expects: [{ cause: "firewall-deny" }],
  },
  {
    variant: "firewall-other-port-v1",
    about: "The firewall allows the gateway's subnet another port than the servers'.",
    world: broken({ generation: "v1", members: "fqdn" }, (draft) =>
      addFirewall(draft, [
        firewallRules("allow-web", 200, "Allow", {
          from: names.gatewaySubnet,
          to: names.appSubnet,
          port: "80",
        }),
      ]),
    ),
    expects: [{ cause: "firewall-deny" }],
  },
  {
    variant: "firewall-twin-allows",
    about: "The firewall allows just what the gateway needs.",
    world: broken({}, (draft) =>
      addFirewall(draft, [
        firewallRules("allow-web", 200, "Allow", {
          from: names.gatewaySubnet,
          to: names.appSubnet,
          port: "8080",
        }),
      ]),
    ),
    expects: [],
  },
  {
    variant: "kubenet-table-missing",
    about: "The pool holds addresses of pods, and the gateway's subnet lacks the cluster's route table.",
    world: broken({}, addCluster),
    expects: [{ cause: "route-kubenet-missing" }],
  },
  {
    variant: "kubenet-other-table-v1",
    about: "The same, and the gateway's subnet has a route table without the cluster's routes.",
    world: broken({ generation: "v1" }, (draft) => {
      addCluster(draft);
      routed(draft, "gateway", { name: "unused", prefix: "10.10.3.0/24", hop: "None" });
    }),
    expects: [{ cause: "route-kubenet-missing" }],
  },
  {
    variant: "kubenet-twin-attached",
    about: "The gateway's subnet has the cluster's route table.",
    world: broken({}, (draft) => {
      addCluster(draft);
      draft.subnet(names.hub, "snet-gateway", { routeTable: { id: networkId("routeTables", clusterTable) } });
    }),
    expects: [],
  },
  {
    variant: "no-path-two-peerings-away",
    about: "The server is in a network behind the peered one: peerings are not passed on.",
    world: broken({}, addFarNetwork),
    expects: [{ cause: "route-no-path-private" }],
  },
  {
    variant: "no-path-nowhere-https",
    about:
      "The pool has a private address that no network and no peering has, as of a server that was moved.",
    world: broken({ protocol: "Https" }, (draft) =>
      draft
        .part("backendAddressPools", "pool-app", { backendAddresses: [{ ipAddress: "10.99.1.4" }] })
        .resource("routeTables", "rt-gateway", { disableBgpRoutePropagation: true, routes: [] })
        .subnet(names.hub, "snet-gateway", { routeTable: { id: networkId("routeTables", "rt-gateway") } }),
    ),
    expects: [
      {
        cause: "route-no-path-private",
        equals: [{ cause: "pool-wrong-address", why: "no network of the export has the address at all" }],
      },
    ],
  },
  {
    variant: "no-path-not-announced",
    about: "The servers are on premises, and the router there announces another prefix than theirs.",
    world: () => {
      const world = changed(baseWorld({ place: "on-premises" }), (draft) => {
        addJump(draft);
        draft.more({ onPremises: { network: names.hub, announces: ["10.31.0.0/16"] } });
      });
      return changed(world, (draft) =>
        draft.more({ exports: { "effective-routes.json": effectiveRouteTable(world, "nic-jump") } }),
      );
    },
    expects: [{ cause: "route-no-path-private" }],
  },
  {
    variant: "no-path-not-announced-unseen",
    about: "The same, and nobody exported the routes that are in effect at an interface of the network.",
    world: broken({ place: "on-premises", generation: "v1" }, (draft) =>
      draft.more({ onPremises: { network: names.hub, announces: ["10.31.0.0/16"] } }),
    ),
    expects: [{ cause: "route-no-path-private" }],
    withhold: { kinds: [], asks: /route/i },
  },
  {
    variant: "no-path-twin-peered-too",
    about: "The network behind the peered one is peered with the gateway's as well.",
    world: broken({}, (draft) => {
      addFarNetwork(draft);
      peer(draft, names.hub, "vnet-far", "10.40.0.0/16");
      peer(draft, "vnet-far", names.hub, "10.10.0.0/16");
    }),
    expects: [],
  },
  {
    variant: "peering-disconnected",
    about: "The other side of the peering was removed: this one is Disconnected.",
    world: broken({ place: "peered" }, (draft) =>
      draft
        .withoutPeering(names.spoke, "spoke-to-hub")
        .peering(names.hub, "hub-to-spoke", { peeringState: "Disconnected" }),
    ),
    expects: [{ cause: "peering-broken" }],
  },
  {
    variant: "peering-initiated-https",
    about: "Only one side of the peering was ever made.",
    world: broken({ place: "peered", protocol: "Https" }, (draft) =>
      draft
        .withoutPeering(names.spoke, "spoke-to-hub")
        .peering(names.hub, "hub-to-spoke", { peeringState: "Initiated" }),
    ),
    expects: [{ cause: "peering-broken" }],
  },
  {
    variant: "peering-access-off-v1",
    about:
      "The servers' side of the peering gives no access, and their group relies on the tag VirtualNetwork.",
    world: broken({ place: "peered", generation: "v1", members: "fqdn" }, (draft) =>
      draft
        .withoutRule("nsg-web", "allow-gateway")
        .peering(names.spoke, "spoke-to-hub", { allowVirtualNetworkAccess: false }),
    ),
    expects: [{ cause: "peering-broken" }],
  },
  {
    variant: "peering-access-off-twin-by-address",
    about:
      "The servers' side of the peering gives no access, and their group lets the gateway in by its addresses.",
    world: broken({ place: "peered" }, (draft) =>
      draft.peering(names.spoke, "spoke-to-hub", { allowVirtualNetworkAccess: false }),
    ),
    expects: [],
  },
  {
    variant: "peering-not-synced",
    about:
      "The servers are in a range that was added to the peered network, and the peering was not synchronised.",
    world: broken({ place: "peered" }, (draft) => {
      addLaterRange(draft);
      draft.peering(names.hub, "hub-to-spoke", { peeringSyncLevel: "RemoteNotInSync" });
    }),
    expects: [{ cause: "peering-broken" }],
  },
  {
    variant: "peering-not-synced-twin",
    about: "The same range, and the peering was synchronised.",
    world: broken({ place: "peered" }, (draft) => {
      addLaterRange(draft);
      draft.peering(names.hub, "hub-to-spoke", {
        remoteAddressSpace: { addressPrefixes: ["10.20.0.0/16", "10.21.0.0/16"] },
        peeringSyncLevel: "FullyInSync",
      });
    }),
    expects: [],
  },
  {
    variant: "peering-twin-forwarded-not-needed",
    about:
      "An appliance in the gateway's network forwards; its packets are the network's own, so the servers' side need not allow forwarded ones.",
    world: broken({ place: "peered", appliance: true }, (draft) =>
      draft.peering(names.spoke, "spoke-to-hub", { allowForwardedTraffic: false }),
    ),
    expects: [],
  },
  {
    variant: "peering-twin-no-transit",
    about: "The peering allows neither forwarded traffic nor transit, which nothing here needs.",
    world: broken({ place: "peered" }, (draft) =>
      draft.peering(names.hub, "hub-to-spoke", { allowForwardedTraffic: false, allowGatewayTransit: false }),
    ),
    expects: [],
  },
];

export default scenarios.map((one): Scenario => ({ family: "route", ...one }));
