import { describe, expect, test } from "vitest";
import type { Network } from "../../src/model/model.ts";
import type { NetworkSecurityGroup, RouteTable, Subnet, VirtualNetwork } from "../../src/model/network.ts";
import type { Hop, NetworkPath } from "../../src/network/path.ts";
import { type GatewaySource, PathAnalyser, type PathTarget } from "../../src/network/path-analysis.ts";
import {
  applicationGroup,
  type BuiltNetwork,
  loadBalancer,
  networkInterface,
  networkOf,
  privateEndpoint,
  resource,
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

interface Town {
  readonly home: BuiltNetwork;
  readonly network: Network;
  readonly path: (
    target: Partial<PathTarget> & { address: string },
    from?: Partial<GatewaySource>,
  ) => NetworkPath;
}

/** A gateway in 10.0.1.0/24 and servers in 10.0.2.0/24 with a machine at 10.0.2.4. */
function town(
  spec: {
    gateway?: Partial<SubnetSpec>;
    app?: Partial<SubnetSpec>;
    others?: readonly SubnetSpec[];
    nic?: Parameters<typeof networkInterface>[3];
    rest?: (home: VirtualNetwork) => Partial<Network> & { readonly listed?: readonly string[] };
    vnet?: Partial<VirtualNetwork>;
  } = {},
): Town {
  const home = virtualNetwork(
    "vnet",
    "10.0.0.0/16",
    [
      { name: "agw", prefix: "10.0.1.0/24", ...spec.gateway },
      { name: "app", prefix: "10.0.2.0/24", ...spec.app },
      ...(spec.others ?? []),
    ],
    spec.vnet,
  );
  const machine = networkInterface("nic-app", "10.0.2.4", subnetOf(home, "app"), spec.nic);
  const rest = spec.rest?.(home) ?? {};
  const network = networkOf([home], {
    ...rest,
    networkInterfaces: [machine, ...(rest.networkInterfaces ?? [])],
  });
  const analyser = new PathAnalyser(network);
  const gateway = to(subnetOf(home, "agw"));
  return {
    home,
    network,
    path: (target, from) => analyser.path({ ...gateway, ...from }, { port: 8080, ...target }),
  };
}

const brief = (hops: readonly Hop[]) =>
  hops.map((hop) => {
    const where =
      hop.kind === "security-group" ? ` ${hop.place}` : hop.kind === "route" ? ` ${hop.direction}` : "";
    return `${hop.kind}${where} ${hop.verdict}`;
  });

const server = { address: "10.0.2.4" };

describe("inside one network", () => {
  test("without groups or tables everything passes, and replies come straight back", () => {
    const path = town().path(server);
    expect(path).toMatchObject({ verdict: "yes", blocker: undefined, missing: [] });
    expect(brief(path.hops)).toEqual(["route forward yes", "route return yes", "symmetry yes"]);
    expect(path.destination).toMatchObject({ place: "same-virtual-network", subnet: { name: "app" } });
    expect(path.destination.networkInterface?.name).toBe("nic-app");
  });

  test("the group of the server's subnet denies: the blocker names rule, priority, addresses and place", () => {
    const group = securityGroup(
      "nsg-app",
      rule("deny-agw", 200, "Deny", { protocol: "tcp", from: "10.0.1.0/24", port: "8080" }),
    );
    const path = town({ app: { group } }).path(server);
    expect(path.verdict).toBe("no");
    expect(path.blocker).toMatchObject({
      kind: "security-group",
      place: "backend-subnet-inbound",
      rule: { name: "deny-agw" },
      partlyAllowedBy: [],
      says: "NSG nsg-app rule deny-agw (priority 200) denies tcp 10.0.1.0/24 → 10.0.2.0/24:8080",
      origin: { document: "rules.json", pointer: "/securityRules/deny-agw" },
    });
  });

  const denyAll = securityGroup("nsg", rule("deny", 100, "Deny"));
  const denyOut = securityGroup("nsg", rule("deny", 100, "Deny", { direction: "Outbound" }));
  test.each<[string, Parameters<typeof town>[0], string]>([
    ["gateway subnet, outbound", { gateway: { group: denyOut } }, "gateway-subnet-outbound"],
    ["server's subnet, inbound", { app: { group: denyAll } }, "backend-subnet-inbound"],
    ["network interface, inbound", { nic: { group: denyAll } }, "backend-nic-inbound"],
  ])("a group denies at: %s", (_, spec, place) => {
    expect(town(spec).path(server).blocker).toMatchObject({ place, verdict: "no" });
  });

  test.each<[string, Parameters<typeof town>[0]]>([
    ["inbound rules of the gateway subnet", { gateway: { group: denyAll } }],
    ["outbound rules of the server's subnet", { app: { group: denyOut } }],
    [
      "another port",
      { app: { group: securityGroup("nsg", rule("deny", 100, "Deny", { port: ["80", "9000-9999"] })) } },
    ],
    ["udp", { app: { group: securityGroup("nsg", rule("deny", 100, "Deny", { protocol: "udp" })) } }],
    [
      "a lower priority",
      { app: { group: securityGroup("nsg", rule("a", 100, "Allow"), rule("d", 101, "Deny")) } },
    ],
    [
      "reserved addresses of the gateway subnet alone",
      { app: { group: securityGroup("nsg", rule("deny", 100, "Deny", { from: "10.0.1.0/30" })) } },
    ],
    [
      "a source port no client uses",
      { app: { group: securityGroup("nsg", rule("deny", 100, "Deny", { fromPort: "443" })) } },
    ],
  ])("what does not apply does not block: %s", (_, spec) => {
    expect(town(spec).path(server).verdict).toBe("yes");
  });

  test("a rule that allows some instance addresses is a partial denial", () => {
    const group = securityGroup(
      "nsg-app",
      rule("allow-instances", 100, "Allow", { from: ["10.0.1.4", "10.0.1.5"] }),
      rule("deny-rest", 200, "Deny", { from: "10.0.1.0/24" }),
    );
    expect(town({ app: { group } }).path(server).blocker).toMatchObject({
      verdict: "no",
      rule: { name: "deny-rest" },
      partlyAllowedBy: [{ name: "allow-instances" }],
    });
  });

  test("a rule for some client ports only leaves it open", () => {
    const group = securityGroup("nsg", rule("some", 100, "Deny", { fromPort: "49152-65535" }));
    expect(town({ app: { group } }).path(server).verdict).toBe("unknown");
  });

  test("part allowed, part denied and part in doubt is a partial denial all the same", () => {
    const group = securityGroup(
      "nsg",
      rule("allow", 100, "Allow", { from: "10.0.1.4" }),
      rule("doubt", 110, "Deny", { from: "10.0.1.5", fromPort: "49152-65535" }),
      rule("five", 120, "Allow", { from: "10.0.1.5" }),
      rule("rest", 130, "Deny"),
    );
    expect(town({ app: { group } }).path(server).blocker).toMatchObject({
      rule: { name: "rest" },
      partlyAllowedBy: [{ name: "allow" }],
    });
  });

  test("application security groups: members are matched, others are not", () => {
    const web = applicationGroup("web");
    const group = securityGroup("nsg-app", rule("only-web", 100, "Deny", { toGroups: [web] }));
    const member = town({ app: { group }, nic: { applicationGroups: [web] } });
    expect(member.path(server).blocker).toMatchObject({ rule: { name: "only-web" } });
    const other = town({ app: { group } });
    expect(other.path(server).verdict).toBe("yes");
    expect(other.path({ address: "10.0.2.9" }).hops[1]).toMatchObject({ verdict: "unknown" });
    const fromGroup = securityGroup("nsg", rule("from-web", 100, "Deny", { fromGroups: [web] }));
    expect(town({ app: { group: fromGroup } }).path(server).verdict).toBe("yes");
  });

  test("servers that take the same way share their hops", () => {
    const here = town({
      rest: (home) => ({
        networkInterfaces: [networkInterface("nic-2", "10.0.2.5", subnetOf(home, "app"))],
      }),
    });
    const [one, two] = [here.path(server), here.path({ address: "10.0.2.5" })];
    expect(two.hops).toBe(one.hops);
    expect(two.destination.networkInterface?.name).toBe("nic-2");
  });
});

describe("what was not exported is never taken for allowed or denied", () => {
  test("no gateway subnet: unknown, and its network is what is missing", () => {
    const { path } = town();
    const id = "/subscriptions/s/resourceGroups/rg/providers/Microsoft.Network/virtualNetworks/v/subnets/agw";
    const lost = path(server, { id, target: undefined });
    expect(lost).toMatchObject({ verdict: "unknown", hops: [] });
    expect(lost.missing[0]).toMatchObject({ type: "microsoft.network/virtualnetworks" });
    expect(lost.missing[0]?.resourceId).toMatch(/virtualNetworks\/v$/i);
  });

  test.each<[string, Parameters<typeof town>[0]]>([
    ["gateway subnet", { gateway: { networkSecurityGroup: toMissing<NetworkSecurityGroup>("/x/nsg-lost") } }],
    ["server's subnet", { app: { networkSecurityGroup: toMissing<NetworkSecurityGroup>("/x/nsg-lost") } }],
    ["network interface", { nic: { networkSecurityGroup: toMissing<NetworkSecurityGroup>("/x/nsg-lost") } }],
    ["route table", { app: { routeTable: toMissing<RouteTable>("/x/nsg-lost") } }],
  ])("a document that is referred to and missing: %s", (_, spec) => {
    const path = town(spec).path(server);
    expect(path).toMatchObject({ verdict: "unknown", blocker: undefined });
    expect(path.missing.map(({ resourceId }) => resourceId)).toContain("/x/nsg-lost");
  });

  test("no network interface: only that hop is open, and a denial elsewhere still counts", () => {
    const open = town().path({ address: "10.0.2.77" });
    expect(open.verdict).toBe("unknown");
    expect(open.hops.filter(({ verdict }) => verdict === "unknown")).toMatchObject([
      { place: "backend-nic-inbound" },
    ]);
    expect(open.missing).toMatchObject([{ type: "microsoft.network/networkinterfaces" }]);
    const group = securityGroup("nsg", rule("deny", 100, "Deny"));
    expect(town({ app: { group } }).path({ address: "10.0.2.77" }).verdict).toBe("no");
  });

  test("in a delegated subnet nobody can put a group on an interface", () => {
    const here = town({ app: { delegations: ["Microsoft.Web/serverFarms"] } });
    expect(here.path({ address: "10.0.2.77" }).verdict).toBe("yes");
  });

  test("a subnet exported without its network", () => {
    const group = securityGroup(
      "nsg",
      rule("deny", 100, "Deny", { direction: "Outbound", to: "10.0.2.0/24" }),
    );
    const { home } = town({ gateway: { group } });
    const lone: Subnet = { ...subnetOf(home, "agw"), virtualNetwork: undefined };
    const analyser = new PathAnalyser(networkOf([], { subnets: [lone] }));
    expect(analyser.path(to(lone), { ...server, port: 8080 }).verdict).toBe("no");
    const other = analyser.path(to(lone), { address: "10.0.3.4", port: 8080 });
    expect(other).toMatchObject({ verdict: "unknown", destination: { place: "unknown" } });
    expect(other.missing.some(({ resourceId }) => resourceId === home.id)).toBe(true);
  });

  test("a name is not an address", () => {
    expect(town().path({ address: "app.contoso.com" }).verdict).toBe("unknown");
  });

  test("the addresses behind a load balancer are its servers' business", () => {
    const group = securityGroup("nsg", rule("deny", 100, "Deny"));
    const here = town({
      app: { group },
      rest: (home) => ({ loadBalancers: [loadBalancer("ilb", "10.0.2.100", subnetOf(home, "app"))] }),
    });
    expect(here.path({ address: "10.0.2.100" }).verdict).toBe("unknown");
  });

  test("a scale set's own model says which group its instances have", () => {
    const scaleSet = (groups: readonly string[]) => ({
      ...resource("x", "vmss"),
      id: "/s/virtualMachineScaleSets/vmss",
      upgradeMode: "Manual",
      gatewayPoolIds: [],
      subnetIds: ["/s/subnet"],
      networkSecurityGroupIds: groups,
      instances: [],
    });
    const ipConfiguration = toMissing<never>(
      "/s/virtualMachineScaleSets/vmss/virtualMachines/0/networkInterfaces/n",
    );
    const target = { address: "10.0.2.50", ipConfiguration };
    const bare = town({ rest: () => ({ scaleSets: [scaleSet([])] }) });
    expect(bare.path(target).verdict).toBe("yes");
    const group = securityGroup("nsg-vmss", rule("deny", 100, "Deny"));
    const guarded = town({
      rest: () => ({ scaleSets: [scaleSet([group.id])], networkSecurityGroups: [group] }),
    });
    expect(guarded.path(target).blocker).toMatchObject({
      place: "backend-nic-inbound",
      group: { name: "nsg-vmss" },
    });
  });
});

describe("private endpoints", () => {
  const group = securityGroup("nsg", rule("deny", 100, "Deny"));
  const table = routeTable("rt", route("wide", "10.0.0.0/16", "VirtualAppliance", "10.0.9.4"));
  const endpoint = (home: VirtualNetwork) => ({
    privateEndpoints: [privateEndpoint("pe", "10.0.2.8", subnetOf(home, "app"), "/sites/x")],
  });

  test("without network policies neither group nor table of its subnet counts", () => {
    const path = town({ app: { group, table }, rest: endpoint }).path({ address: "10.0.2.8" });
    expect(path).toMatchObject({ verdict: "yes", destination: { privateEndpoint: { name: "pe" } } });
  });

  test("with policies for groups, the group does", () => {
    const app = { group, privateEndpointNetworkPolicies: "NetworkSecurityGroupEnabled" };
    expect(town({ app, rest: endpoint }).path({ address: "10.0.2.8" }).verdict).toBe("no");
  });

  test("its host route wins over a wider route of the gateway subnet, unless route policies are on", () => {
    const forward = (policies: string) => {
      const app = { privateEndpointNetworkPolicies: policies };
      const path = town({ gateway: { table }, app, rest: endpoint }).path({ address: "10.0.2.8" });
      return path.hops.find((hop) => hop.kind === "route" && hop.direction === "forward");
    };
    expect(forward("Disabled")).toMatchObject({ nextHopType: "InterfaceEndpoint" });
    expect(forward("Enabled")).toMatchObject({ nextHopType: "VirtualAppliance" });
  });

  test("an interface that Azure lists for an endpoint stands for the endpoint", () => {
    const here = town({ app: { group }, nic: { value: { privateEndpoint: { id: "/pe" } } } });
    expect(here.path(server).verdict).toBe("yes");
  });
});

describe("the Internet", () => {
  test("a public server is reached unless something says no", () => {
    const path = town().path({ address: "20.1.2.3", port: 443 });
    expect(path).toMatchObject({ verdict: "yes", destination: { place: "public" } });
    const group = securityGroup("nsg", rule("deny", 4000, "Deny", { direction: "Outbound", to: "Internet" }));
    expect(town({ gateway: { group } }).path({ address: "20.1.2.3" }).blocker).toMatchObject({
      rule: { name: "deny" },
      says: "NSG nsg rule deny (priority 4000) denies tcp 10.0.1.0/24 → 20.1.2.3:8080",
    });
  });

  test("default rules let the Internet through even where VirtualNetwork may be wider than known", () => {
    const table = routeTable("rt", route("all", "0.0.0.0/0", "Internet"));
    const gateway = { table, group: securityGroup("nsg") };
    expect(town({ gateway }).path({ address: "20.1.2.3" }).verdict).toBe("yes");
    const others = [{ name: "GatewaySubnet", prefix: "10.0.255.0/27" }];
    expect(
      town({ gateway: { group: securityGroup("nsg") }, others }).path({ address: "20.1.2.3" }).hops[0],
    ).toMatchObject({ verdict: "yes" });
  });

  test("a machine's public address: its groups see the gateway's public one", () => {
    const publicIpAddress = to({
      ...resource("publicIPAddresses", "pip"),
      ipAddress: "20.9.9.9",
      fqdn: undefined,
      idleTimeoutMinutes: undefined,
    });
    const target = { address: "20.9.9.9", port: 443 };
    const closed = town({ nic: { publicIpAddress, group: securityGroup("nsg") } });
    expect(closed.path(target).blocker).toMatchObject({ rule: { name: "DenyAllInbound" } });
    const group = securityGroup("nsg", rule("gw", 100, "Allow", { from: "20.0.0.7" }));
    const some = town({ nic: { publicIpAddress, group } });
    expect(some.path(target).verdict).toBe("unknown");
    expect(some.path(target, { publicAddresses: ["20.0.0.7"] }).verdict).toBe("yes");
    expect(some.path(target, { publicAddresses: ["20.0.0.8"] }).verdict).toBe("no");
  });

  test("the platform's DNS address is bound only by rules that name its tag", () => {
    const target = { address: "168.63.129.16", port: 53, protocol: "udp" as const };
    const all = securityGroup("nsg", rule("all", 100, "Deny", { direction: "Outbound" }));
    expect(town({ gateway: { group: all } }).path(target).verdict).toBe("yes");
    const named = securityGroup(
      "nsg",
      rule("dns", 100, "Deny", { direction: "Outbound", to: "AzurePlatformDNS" }),
    );
    expect(town({ gateway: { group: named } }).path(target).verdict).toBe("no");
  });
});

describe("private addresses nothing leads to", () => {
  test("a private address outside everything known: the system route drops it", () => {
    const path = town().path({ address: "192.168.7.7" });
    expect(path).toMatchObject({
      verdict: "no",
      destination: { place: "private-elsewhere" },
      blocker: { kind: "route", reason: "no-private-path", nextHopType: "None" },
    });
  });

  test("with a virtual network gateway it may have been learned", () => {
    const others = [{ name: "GatewaySubnet", prefix: "10.0.255.0/27" }];
    const path = town({ others }).path({ address: "192.168.7.7" });
    expect(path.verdict).toBe("unknown");
    expect(path.missing.map(({ type }) => type)).toContain("microsoft.network/virtualnetworkgateways");
  });
});
