import { describe, expect, test } from "vitest";
import type { Network } from "../../src/model/model.ts";
import type { Peering, VirtualNetwork } from "../../src/model/network.ts";
import { Source } from "../../src/model/source.ts";
import type { NetworkPath } from "../../src/network/path.ts";
import { PathAnalyser } from "../../src/network/path-analysis.ts";
import {
  azureFirewall,
  type BuiltNetwork,
  loadBalancer,
  networkInterface,
  networkOf,
  peer,
  peerBoth,
  route,
  routeTable,
  rule,
  type SubnetSpec,
  securityGroup,
  subnetOf,
  to,
  toMissing,
  virtualNetwork,
} from "./builder.ts";

/** A gateway network 10.0.0.0/16 and a server network 10.1.0.0/16 with a machine at 10.1.2.4. */
function pair(spec: { gateway?: Partial<SubnetSpec>; app?: Partial<SubnetSpec> } = {}) {
  const home = virtualNetwork("vnet-agw", "10.0.0.0/16", [
    { name: "agw", prefix: "10.0.1.0/24", ...spec.gateway },
  ]);
  const remote = virtualNetwork("vnet-app", "10.1.0.0/16", [
    { name: "app", prefix: "10.1.2.0/24", ...spec.app },
  ]);
  const path = (
    networks: readonly VirtualNetwork[] = [home, remote],
    rest: Partial<Network> = {},
  ): NetworkPath =>
    new PathAnalyser(
      networkOf(networks, {
        networkInterfaces: [networkInterface("nic-app", "10.1.2.4", subnetOf(remote, "app"))],
        ...rest,
      }),
    ).path(to(subnetOf(home, "agw")), { address: "10.1.2.4", port: 443 });
  return { home, remote, path };
}

describe("peerings", () => {
  test("connected on both sides: reached, by a peering route and back by one", () => {
    const { home, remote, path } = pair({ app: { group: securityGroup("nsg-app") } });
    peerBoth(home, remote);
    const found = path();
    expect(found).toMatchObject({ verdict: "yes", destination: { place: "peered-virtual-network" } });
    expect(found.hops.map(({ kind }) => kind)).toEqual([
      "peering",
      "route",
      "security-group",
      "route",
      "symmetry",
    ]);
    expect(found.hops[1]).toMatchObject({ nextHopType: "VNetPeering" });
  });

  test("in another region it is a global peering", () => {
    const { home, remote, path } = pair();
    peerBoth(home, { ...remote, location: "North Europe" } as BuiltNetwork);
    expect(path().hops.find(({ kind }) => kind === "route")).toMatchObject({
      nextHopType: "VNetGlobalPeering",
    });
  });

  test.each<[string, Partial<Peering>, Partial<Peering> | undefined, string]>([
    ["own side disconnected", { peeringState: "Disconnected" }, {}, "not-connected"],
    ["other side disconnected", {}, { peeringState: "Disconnected" }, "not-connected"],
    ["initiated, and no other side", { peeringState: "Initiated" }, undefined, "other-side-missing"],
    ["server's prefix not synced", { remoteAddressPrefixes: ["10.1.0.0/24"] }, {}, "prefix-not-synced"],
    ["gateway's prefix not synced", {}, { remoteAddressPrefixes: ["10.0.0.0/24"] }, "prefix-not-synced"],
  ])("is at fault: %s", (_, own, other, reason) => {
    const { home, remote, path } = pair({ app: { group: securityGroup("nsg-app") } });
    peer(home, remote, own);
    if (other !== undefined) peer(remote, home, other);
    expect(path()).toMatchObject({ verdict: "no", blocker: { kind: "peering", reason } });
  });

  test("without any peering the system route drops it, and the network it lies in is named", () => {
    const { path } = pair();
    expect(path()).toMatchObject({
      verdict: "no",
      blocker: { kind: "route", reason: "no-private-path" },
      destination: { place: "private-elsewhere", virtualNetwork: { name: "vnet-app" } },
    });
  });

  test("a network that was not exported: unknown, and it is what is missing", () => {
    const { home, remote, path } = pair();
    peer(home, remote, { remoteVirtualNetwork: toMissing(remote.id) });
    const found = path([home], { networkInterfaces: [] });
    expect(found).toMatchObject({ verdict: "unknown", blocker: undefined });
    expect(found.missing.map(({ resourceId }) => resourceId)).toContain(remote.id);
  });

  test("a state that was not exported", () => {
    const { home, remote, path } = pair();
    peer(home, remote, { peeringState: undefined });
    peer(remote, home);
    expect(path().verdict).toBe("unknown");
  });

  test("not transitive: a peer of a peer is not reached", () => {
    const { home, remote, path } = pair();
    const hub = virtualNetwork("hub", "10.9.0.0/16", []);
    peerBoth(home, hub);
    peerBoth(hub, remote);
    expect(path([home, hub, remote])).toMatchObject({
      verdict: "no",
      blocker: { reason: "no-private-path" },
    });
  });

  describe("with allowVirtualNetworkAccess off", () => {
    const closed = { allowVirtualNetworkAccess: false };

    test("default rules deny: the peering is at fault", () => {
      const { home, remote, path } = pair({ app: { group: securityGroup("nsg-app") } });
      peer(home, remote);
      peer(remote, home, closed);
      expect(path()).toMatchObject({
        verdict: "no",
        blocker: { kind: "peering", reason: "access-not-allowed", peering: { name: "vnet-app-to-vnet-agw" } },
      });
    });

    test("a rule that would deny anyway stays the blocker", () => {
      const group = securityGroup("nsg-app", rule("deny", 100, "Deny"));
      const { home, remote, path } = pair({ app: { group } });
      peer(home, remote);
      peer(remote, home, closed);
      expect(path().blocker).toMatchObject({ kind: "security-group", rule: { name: "deny" } });
    });

    test("a rule that allows by address lets traffic pass", () => {
      const group = securityGroup("nsg-app", rule("allow", 100, "Allow", { from: "10.0.1.0/24" }));
      const { home, remote, path } = pair({ app: { group } });
      peer(home, remote);
      peer(remote, home, closed);
      expect(path().verdict).toBe("yes");
    });

    test("without any group nothing is certain", () => {
      const { home, remote, path } = pair();
      peer(home, remote, closed);
      peer(remote, home);
      expect(path()).toMatchObject({ verdict: "unknown", blocker: undefined });
    });
  });

  test("the same numbers in two networks: the peered one is meant", () => {
    const { home, remote, path } = pair({ app: { group: securityGroup("nsg-app") } });
    const group = securityGroup("nsg-twin", rule("deny", 100, "Deny"));
    const twin = virtualNetwork("twin", "10.1.0.0/16", [{ name: "app", prefix: "10.1.2.0/24", group }]);
    peerBoth(home, remote);
    const networkInterfaces = [
      networkInterface("nic-twin", "10.1.2.4", subnetOf(twin, "app")),
      networkInterface("nic-app", "10.1.2.4", subnetOf(remote, "app")),
    ];
    expect(path([twin, home, remote], { networkInterfaces })).toMatchObject({
      verdict: "yes",
      destination: { networkInterface: { name: "nic-app" } },
    });
  });

  test("a closer subnet of a network that is not joined does not win over the peered one", () => {
    const { home, remote, path } = pair();
    const group = securityGroup("nsg-twin", rule("deny", 100, "Deny"));
    const twin = virtualNetwork("twin", "10.1.2.0/24", [{ name: "near", prefix: "10.1.2.0/28", group }]);
    peerBoth(home, remote);
    expect(path([twin, home, remote])).toMatchObject({
      verdict: "yes",
      destination: { subnet: { name: "app" } },
    });
  });

  test("two networks that are not joined and have the same numbers: neither is named", () => {
    const { home, remote, path } = pair();
    const twin = virtualNetwork("twin", "10.1.0.0/16", []);
    expect(path([home, remote, twin]).destination.virtualNetwork).toBeUndefined();
  });

  test("a network that is not joined is not judged: its numbers may mean another one behind a gateway", () => {
    const group = securityGroup("nsg-app", rule("deny", 100, "Deny"));
    const table = routeTable("rt", route("on-premises", "10.1.0.0/16", "VirtualNetworkGateway"));
    const { path } = pair({ gateway: { table }, app: { group } });
    expect(path()).toMatchObject({ verdict: "unknown", blocker: undefined });
  });
});

const hubSubnets = [
  { name: "AzureFirewallSubnet", prefix: "10.9.0.0/26" },
  { name: "nva", prefix: "10.9.1.0/24" },
];

/** Gateway and server in two spokes of a hub, each sending what is for the other to `via`. */
function hubAndSpoke(there: string | undefined, back: string | undefined, rest: Partial<Network> = {}) {
  const table = (name: string, prefix: string, via: string | undefined) =>
    via === undefined ? {} : { table: routeTable(name, route(`to-${via}`, prefix, "VirtualAppliance", via)) };
  const { home, remote, path } = pair({
    gateway: table("rt-agw", "10.1.0.0/16", there),
    app: table("rt-app", "10.0.0.0/8", back),
  });
  const hub = virtualNetwork("hub", "10.9.0.0/16", hubSubnets);
  peerBoth(home, hub);
  peerBoth(hub, remote);
  const appInterface = networkInterface("nic-app", "10.1.2.4", subnetOf(remote, "app"));
  const found = path([home, hub, remote], {
    ...rest,
    networkInterfaces: [appInterface, ...(rest.networkInterfaces ?? [])],
  });
  return { home, hub, remote, found };
}

const open = {
  name: "net-allow",
  source: new Source("fw.json", "/r/0", {}),
  priority: 100,
  action: "Allow" as const,
};
const allowing = azureFirewall("fw", "10.9.0.4", {
  networkRules: [
    {
      ...open,
      protocols: ["TCP"],
      sourceAddresses: ["10.0.1.0/24"],
      destinationAddresses: ["10.1.0.0/16"],
      destinationPorts: ["443"],
    },
  ],
});

describe("appliances on the way", () => {
  test("one firewall both ways that allows it", () => {
    const { found } = hubAndSpoke("10.9.0.4", "10.9.0.4", { azureFirewalls: [allowing] });
    expect(found).toMatchObject({ verdict: "yes", destination: { virtualNetwork: { name: "vnet-app" } } });
    expect(found.hops.map(({ kind }) => kind)).toEqual([
      "peering",
      "route",
      "appliance",
      "route",
      "symmetry",
    ]);
  });

  test.each<[string, object]>([
    ["a rule that denies", { networkRules: [{ ...allowing.networkRules[0], action: "Deny" }] }],
    [
      "no rule at all, and the whole firewall exported",
      { value: { networkRuleCollections: [], applicationRuleCollections: [] } },
    ],
  ])("the firewall denies: %s", (_, spec) => {
    const { found } = hubAndSpoke("10.9.0.4", "10.9.0.4", {
      azureFirewalls: [azureFirewall("fw", "10.9.0.4", spec)],
    });
    expect(found.blocker).toMatchObject({ kind: "appliance", reason: "firewall-denies" });
  });

  test.each<[string, object]>([
    ["rules in a policy", { firewallPolicyId: "/policies/p" }],
    ["no network rule matches, application rules unknown", {}],
    [
      "a rule for part of the gateway subnet",
      { networkRules: [{ ...allowing.networkRules[0], sourceAddresses: ["10.0.1.4"] }] },
    ],
    [
      "an earlier rule that may deny",
      {
        networkRules: [
          allowing.networkRules[0],
          { ...allowing.networkRules[0], priority: 50, action: "Deny", destinationAddresses: [] },
        ],
      },
    ],
    ["addresses in IP groups", { networkRules: [{ ...allowing.networkRules[0], sourceAddresses: [] }] }],
  ])("the firewall may deny: %s", (_, spec) => {
    const { found } = hubAndSpoke("10.9.0.4", "10.9.0.4", {
      azureFirewalls: [azureFirewall("fw", "10.9.0.4", spec)],
    });
    expect(found).toMatchObject({ verdict: "unknown", blocker: undefined });
  });

  test("an interface without IP forwarding drops it; with it, its own rules decide", () => {
    const { hub } = hubAndSpoke(undefined, undefined);
    const nva = (enableIpForwarding: boolean) => [
      networkInterface("nic-nva", "10.9.1.4", subnetOf(hub, "nva"), { enableIpForwarding }),
    ];
    const off = hubAndSpoke("10.9.1.4", "10.9.1.4", { networkInterfaces: nva(false) });
    expect(off.found.blocker).toMatchObject({ kind: "appliance", reason: "no-ip-forwarding" });
    const on = hubAndSpoke("10.9.1.4", "10.9.1.4", { networkInterfaces: nva(true) });
    expect(on.found).toMatchObject({ verdict: "unknown", blocker: undefined });
  });

  const listed = (...types: string[]) => ({
    listedTypes: new Set(types.map((type) => `microsoft.network/${type}`)),
  });
  test.each<[string, string, Partial<Network>, string, string | undefined]>([
    ["everything listed", "10.9.1.99", listed("networkinterfaces", "loadbalancers"), "no", "no-such-address"],
    ["load balancers not listed", "10.9.1.99", listed("networkinterfaces"), "unknown", "no-such-address"],
    ["nothing listed", "10.9.1.99", {}, "unknown", undefined],
    ["outside every subnet", "10.9.200.4", {}, "no", "no-such-address"],
    ["an address Azure keeps", "10.9.1.1", listed("networkinterfaces"), "no", "no-such-address"],
    ["a firewall that was not exported", "10.9.0.4", listed("networkinterfaces"), "unknown", undefined],
    ["in no network", "172.20.0.4", {}, "no", "unreachable"],
  ])("an appliance address nobody has: %s", (_, address, rest, verdict, reason) => {
    const { found } = hubAndSpoke(address, address, rest);
    expect(found.hops.find(({ kind }) => kind === "appliance")).toMatchObject({ verdict, reason });
  });

  test("a load balancer in front of appliances is not an address nobody has", () => {
    const { hub } = hubAndSpoke(undefined, undefined);
    const { found } = hubAndSpoke("10.9.1.10", "10.9.1.10", {
      ...listed("networkinterfaces", "loadbalancers"),
      loadBalancers: [loadBalancer("ilb", "10.9.1.10", subnetOf(hub, "nva"))],
    });
    expect(found).toMatchObject({ verdict: "unknown", blocker: undefined });
  });

  test("a peering that takes no forwarded traffic is pointed out, not blamed", () => {
    const { home, hub, remote } = hubAndSpoke("10.9.0.4", "10.9.0.4");
    remote.peerings.length = 0;
    peer(remote, hub, { allowForwardedTraffic: false });
    const analyser = new PathAnalyser(
      networkOf([home, hub, remote], {
        azureFirewalls: [allowing],
        networkInterfaces: [networkInterface("nic", "10.1.2.4", subnetOf(remote, "app"))],
      }),
    );
    const found = analyser.path(to(subnetOf(home, "agw")), { address: "10.1.2.4", port: 443 });
    expect(found.verdict).toBe("unknown");
    expect(found.hops).toContainEqual(expect.objectContaining({ reason: "forwarded-traffic-not-allowed" }));
  });

  test("a group that would deny the gateway but not the appliance leaves it open", () => {
    const group = securityGroup(
      "nsg",
      rule("fw", 100, "Allow", { from: "10.9.0.4" }),
      rule("d", 200, "Deny"),
    );
    const table = routeTable("rt", route("r", "10.1.0.0/16", "VirtualAppliance", "10.9.0.4"));
    const { home, remote, path } = pair({ gateway: { table }, app: { group } });
    const hub = virtualNetwork("hub", "10.9.0.0/16", hubSubnets);
    peerBoth(home, hub);
    peerBoth(home, remote);
    const found = path([home, remote, hub], { azureFirewalls: [allowing] });
    const filter = found.hops.find(({ kind }) => kind === "security-group");
    expect(filter).toMatchObject({ verdict: "unknown" });
  });
});

describe("symmetry", () => {
  /** Peered directly, so that without a table each side goes straight to the other. */
  function ways(there: string | undefined, back: string | undefined, rest: Partial<Network> = {}) {
    const table = (name: string, prefix: string, hop: string | undefined) => {
      if (hop === undefined) return {};
      const [type = "", address] = hop.split(" ");
      return { table: routeTable(name, route("r", prefix, type, address)) };
    };
    const { home, remote, path } = pair({
      gateway: table("rt-agw", "10.1.2.0/24", there),
      app: table("rt-app", "10.0.0.0/16", back),
    });
    const hub = virtualNetwork("hub", "10.9.0.0/16", hubSubnets);
    peerBoth(home, remote);
    peerBoth(home, hub);
    peerBoth(remote, hub);
    const firewalls = [allowing, azureFirewall("fw2", "10.9.0.5", { networkRules: allowing.networkRules })];
    return path([home, remote, hub], { azureFirewalls: firewalls, ...rest });
  }
  const firewall = "VirtualAppliance 10.9.0.4";

  test.each<[string, string | undefined, string | undefined, string, string | undefined]>([
    ["direct, direct", undefined, undefined, "yes", undefined],
    ["direct, appliance", undefined, firewall, "no", "symmetry"],
    ["appliance, direct", firewall, undefined, "no", "symmetry"],
    ["same appliance", firewall, firewall, "yes", undefined],
    ["two appliances", firewall, "VirtualAppliance 10.9.0.5", "no", "symmetry"],
    ["direct, gateway", undefined, "VirtualNetworkGateway", "no", "symmetry"],
    ["direct, dropped", undefined, "None", "no", "route"],
    ["dropped", "None", undefined, "no", "route"],
  ])("%s", (_, there, back, verdict, blocker) => {
    const path = ways(there, back);
    expect(path.verdict).toBe(verdict);
    expect(path.blocker?.kind).toBe(blocker);
  });

  test("learned routes cannot undo an asymmetry between peers", () => {
    const gatewaySubnet = { name: "GatewaySubnet", prefix: "10.1.255.0/27" };
    const table = routeTable("rt", route("back", "10.0.1.0/24", "VirtualAppliance", "10.9.0.4"));
    const home = virtualNetwork("vnet-agw", "10.0.0.0/16", [{ name: "agw", prefix: "10.0.1.0/24" }]);
    const remote = virtualNetwork("vnet-app", "10.1.0.0/16", [
      { name: "app", prefix: "10.1.2.0/24", table },
      gatewaySubnet,
    ]);
    peerBoth(home, remote);
    const nic = networkInterface("nic", "10.1.2.4", subnetOf(remote, "app"));
    const network = networkOf([home, remote], { networkInterfaces: [nic] });
    const found = new PathAnalyser(network).path(to(subnetOf(home, "agw")), {
      address: "10.1.2.4",
      port: 443,
    });
    const back = found.hops.find((hop) => hop.kind === "route" && hop.direction === "return");
    expect(back).toMatchObject({ learnedRoutesPossible: false });
    expect(found.hops.at(-1)).toMatchObject({ kind: "symmetry", verdict: "no" });
  });

  test("a default route at the server does not catch replies to a peered network", () => {
    const table = routeTable("rt", route("all", "0.0.0.0/0", "VirtualAppliance", "10.9.0.4"));
    const { home, remote, path } = pair({ app: { table } });
    peerBoth(home, remote);
    expect(path().verdict).toBe("yes");
  });

  test("a route for part of the gateway subnet leaves the reply open", () => {
    const table = routeTable("rt", route("half", "10.0.1.128/25", "VirtualAppliance", "10.9.0.4"));
    const { home, remote, path } = pair({ app: { table } });
    peerBoth(home, remote);
    expect(path()).toMatchObject({ verdict: "unknown", blocker: undefined });
  });
});

describe("what Azure itself says it applies", () => {
  const source = new Source("effective.json", "/value/0", {});
  function effective(
    groups: Network["effectiveSecurityGroups"][number]["groups"],
    routes: Network["effectiveRoutes"][number]["routes"] = [],
  ) {
    const configured = securityGroup("nsg-app", rule("configured", 100, "Deny"));
    const { home, remote, path } = pair({ app: { group: configured } });
    peerBoth(home, remote);
    const nic = networkInterface("nic-app", "10.1.2.4", subnetOf(remote, "app"));
    return path([home, remote], {
      networkInterfaces: [nic],
      effectiveSecurityGroups: groups.length === 0 ? [] : [{ source, networkInterface: to(nic), groups }],
      effectiveRoutes: routes.length === 0 ? [] : [{ source, networkInterface: to(nic), routes }],
    });
  }
  const group = (
    association: "subnet" | "networkInterface" | "networkManager",
    ...rules: ReturnType<typeof rule>[]
  ) => ({
    source,
    networkSecurityGroupId: undefined,
    association,
    associationId: undefined,
    rules,
  });
  const any = { from: "0.0.0.0/0", to: "0.0.0.0/0", port: "0-65535" };

  test("effective rules are preferred to configured ones", () => {
    const path = effective([group("subnet", rule("securityRules/allow", 100, "Allow", any))]);
    expect(path.verdict).toBe("yes");
  });

  test.each<[string, "Allow" | "Deny" | "AlwaysAllow", string, string | undefined]>([
    ["Deny is final", "Deny", "no", "admin-rule"],
    ["AlwaysAllow is final", "AlwaysAllow", "yes", undefined],
    ["Allow leaves it to the groups", "Allow", "no", "security-group"],
  ])("security admin rules come first: %s", (_, access, verdict, blocker) => {
    const admin = { ...rule("admin", 1, "Allow", any), access };
    const path = effective([
      { ...group("networkManager"), rules: [admin] },
      group("subnet", rule("defaultSecurityRules/DenyAllInBound", 65500, "Deny", any)),
    ]);
    expect(path.verdict).toBe(verdict);
    expect(path.blocker?.kind).toBe(blocker);
  });

  test("any address of effective rules means IPv6 too", () => {
    const home = virtualNetwork(
      "vnet",
      ["10.0.0.0/16", "fd00:1::/48"],
      [
        { name: "agw", prefix: "fd00:1:0:1::/64" },
        { name: "app", prefix: "fd00:1:0:2::/64" },
      ],
    );
    const nic = networkInterface("nic", "fd00:1:0:2::4", subnetOf(home, "app"));
    const groups = [group("subnet", rule("securityRules/deny", 100, "Deny", any))];
    const analyser = new PathAnalyser(
      networkOf([home], {
        networkInterfaces: [nic],
        effectiveSecurityGroups: [{ source, networkInterface: to(nic), groups }],
      }),
    );
    const found = analyser.path(to(subnetOf(home, "agw")), { address: "fd00:1:0:2::4", port: 443 });
    expect(found.blocker).toMatchObject({
      rule: { name: "securityRules/deny" },
      says: "effective security rules: rule deny (priority 100) denies tcp fd00:1:0:1::/64 → [fd00:1:0:2::/64]:443",
    });
  });

  test("admin rules that do not match leave it to the groups too", () => {
    const admin = { ...rule("admin", 1, "Deny", { port: "22" }), access: "Deny" as const };
    const path = effective([
      { ...group("networkManager"), rules: [admin] },
      group("networkInterface", rule("securityRules/allow", 100, "Allow", any)),
    ]);
    expect(path.verdict).toBe("yes");
  });

  test("effective routes decide the way back, active ones only", () => {
    const effectiveRoute = (prefix: string, nextHopType: string, active: boolean) => ({
      source,
      name: undefined,
      origin: "User",
      active,
      addressPrefixes: [prefix],
      nextHopType,
      nextHopIpAddresses: [],
    });
    const allow = group("subnet", rule("securityRules/allow", 100, "Allow", any));
    const routes = [
      effectiveRoute("10.0.0.0/16", "VNetPeering", true),
      effectiveRoute("10.0.1.0/24", "None", false),
    ];
    expect(effective([allow], routes).verdict).toBe("yes");
    const blackhole = [...routes, effectiveRoute("10.0.1.0/24", "None", true)];
    expect(effective([allow], blackhole).blocker).toMatchObject({
      kind: "route",
      direction: "return",
      reason: "none-next-hop",
    });
  });
});
