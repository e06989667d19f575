import { describe, expect, it } from "vitest";
import type { Network } from "../../src/model/model.ts";
import { build, idOf, plain, recordOf } from "./support.ts";

interface Row {
  readonly of: keyof Network;
  readonly type: string;
  /** Where the id is not simply type and name. */
  readonly id?: string;
  readonly settings: object;
  readonly expected: object;
}

const subnetId = idOf("Microsoft.Network/virtualNetworks", "v", "subnets", "s");
const nsgId = idOf("Microsoft.Network/networkSecurityGroups", "n");
const publicIpId = idOf("Microsoft.Network/publicIPAddresses", "p");
const poolId = idOf("Microsoft.Network/applicationGateways", "g", "backendAddressPools", "p");

const rows: readonly Row[] = [
  {
    of: "virtualNetworks",
    type: "Microsoft.Network/virtualNetworks",
    settings: {
      addressSpace: { addressPrefixes: ["10.0.0.0/16"] },
      dhcpOptions: { dnsServers: ["10.9.0.4"] },
      subnets: [
        {
          name: "s",
          addressPrefixes: ["10.0.1.0/24", "10.0.2.0/24"],
          networkSecurityGroup: { id: nsgId },
          routeTable: null,
          serviceEndpoints: [{ service: "Microsoft.Web", locations: ["*"] }],
          delegations: [{ name: "d", serviceName: "Microsoft.Web/serverFarms" }],
          defaultOutboundAccess: false,
        },
        { name: "one", addressPrefix: "10.0.3.0/24" },
      ],
      virtualNetworkPeerings: [
        {
          name: "to-hub",
          remoteVirtualNetwork: { id: idOf("Microsoft.Network/virtualNetworks", "hub") },
          peeringState: "Disconnected",
          allowVirtualNetworkAccess: false,
          useRemoteGateways: true,
          remoteAddressSpace: { addressPrefixes: ["10.1.0.0/16"] },
        },
      ],
    },
    expected: {
      addressPrefixes: ["10.0.0.0/16"],
      dnsServers: ["10.9.0.4"],
      subnets: [
        {
          id: idOf("Microsoft.Network/virtualNetworks", "x", "subnets", "s"),
          addressPrefixes: ["10.0.1.0/24", "10.0.2.0/24"],
          networkSecurityGroup: { id: nsgId },
          routeTable: undefined,
          serviceEndpoints: ["Microsoft.Web"],
          delegations: ["Microsoft.Web/serverFarms"],
          privateEndpointNetworkPolicies: "Disabled",
          defaultOutboundAccess: false,
        },
        { addressPrefixes: ["10.0.3.0/24"], defaultOutboundAccess: undefined },
      ],
      peerings: [
        {
          peeringState: "Disconnected",
          allowVirtualNetworkAccess: false,
          allowForwardedTraffic: false,
          useRemoteGateways: true,
          remoteAddressPrefixes: ["10.1.0.0/16"],
        },
      ],
    },
  },
  {
    of: "routeTables",
    type: "Microsoft.Network/routeTables",
    settings: {
      disableBgpRoutePropagation: true,
      routes: [
        {
          name: "r",
          addressPrefix: "0.0.0.0/0",
          nextHopType: "virtualappliance",
          nextHopIpAddress: "10.9.0.4",
        },
        { name: "tag", addressPrefix: "Storage", nextHopType: "Internet", nextHopIpAddress: "" },
      ],
    },
    expected: {
      disableBgpRoutePropagation: true,
      routes: [
        {
          name: "r",
          addressPrefix: "0.0.0.0/0",
          nextHopType: "VirtualAppliance",
          nextHopIpAddress: "10.9.0.4",
        },
        { name: "tag", nextHopType: "Internet", nextHopIpAddress: undefined },
      ],
    },
  },
  {
    of: "networkInterfaces",
    type: "Microsoft.Network/networkInterfaces",
    settings: {
      enableIPForwarding: true,
      networkSecurityGroup: { id: nsgId },
      dnsSettings: { dnsServers: ["10.9.0.4"], appliedDnsServers: [] },
      ipConfigurations: [
        {
          name: "c",
          privateIPAddress: "10.0.1.4",
          primary: false,
          subnet: { id: subnetId },
          publicIPAddress: { id: publicIpId },
          applicationGatewayBackendAddressPools: [{ id: poolId }],
        },
      ],
    },
    expected: {
      enableIpForwarding: true,
      networkSecurityGroup: { id: nsgId },
      dnsServers: ["10.9.0.4"],
      ipConfigurations: [
        {
          id: idOf("Microsoft.Network/networkInterfaces", "x", "ipConfigurations", "c"),
          privateIpAddress: "10.0.1.4",
          primary: false,
          subnet: { id: subnetId },
          publicIpAddress: { id: publicIpId },
          gatewayPoolIds: [poolId],
        },
      ],
    },
  },
  {
    of: "networkInterfaces",
    type: "Microsoft.Compute/virtualMachineScaleSets/virtualMachines/networkInterfaces",
    id: idOf(
      "Microsoft.Compute/virtualMachineScaleSets",
      "vs",
      "virtualMachines",
      "0",
      "networkInterfaces",
      "x",
    ),
    settings: { ipConfigurations: [{ name: "c", privateIPAddress: "10.0.1.4" }] },
    expected: { ipConfigurations: [{ privateIpAddress: "10.0.1.4" }] },
  },
  {
    of: "publicIpAddresses",
    type: "Microsoft.Network/publicIPAddresses",
    settings: { ipAddress: "203.0.113.4", dnsSettings: { fqdn: "x.example" }, idleTimeoutInMinutes: "4" },
    expected: { ipAddress: "203.0.113.4", fqdn: "x.example", idleTimeoutMinutes: 4 },
  },
  ...(
    [
      [{ powerState: "VM running" }, "running"],
      [{ powerState: "VM deallocating" }, "stopping"],
      [{ powerState: null }, "unknown"],
      [{ powerState: "constructor" }, "unknown"],
      [
        {
          instanceView: {
            statuses: [{ code: "ProvisioningState/succeeded" }, { code: "PowerState/deallocated" }],
          },
        },
        "deallocated",
      ],
      [{ statuses: [{ code: "PowerState/stopped" }] }, "stopped"],
      [{}, "unknown"],
    ] as const
  ).map(
    ([settings, powerState]): Row => ({
      of: "virtualMachines",
      type: "Microsoft.Compute/virtualMachines",
      settings,
      expected: { powerState },
    }),
  ),
  {
    of: "scaleSets",
    type: "Microsoft.Compute/virtualMachineScaleSets",
    settings: {
      upgradePolicy: { mode: "Manual" },
      virtualMachineProfile: {
        networkProfile: {
          networkInterfaceConfigurations: [
            {
              name: "nic",
              networkSecurityGroup: { id: nsgId },
              ipConfigurations: [
                {
                  name: "c",
                  subnet: { id: subnetId },
                  applicationGatewayBackendAddressPools: [{ id: poolId }, { id: poolId.toUpperCase() }],
                },
              ],
            },
          ],
        },
      },
    },
    expected: {
      upgradeMode: "Manual",
      gatewayPoolIds: { length: 1 },
      subnetIds: [subnetId],
      networkSecurityGroupIds: [nsgId],
      instances: [],
    },
  },
  {
    of: "privateEndpoints",
    type: "Microsoft.Network/privateEndpoints",
    settings: {
      subnet: { id: subnetId },
      customDnsConfigs: [{ fqdn: "App.AzureWebsites.net", ipAddresses: ["10.0.5.4"] }],
      privateLinkServiceConnections: [
        {
          name: "c",
          privateLinkServiceId: idOf("Microsoft.Web/sites", "app"),
          privateLinkServiceConnectionState: { status: "Pending" },
        },
      ],
      networkInterfaces: [{ id: idOf("Microsoft.Network/networkInterfaces", "pe-nic") }],
    },
    expected: {
      subnet: { id: subnetId },
      privateIpAddresses: ["10.0.5.4"],
      dnsConfigs: [{ fqdn: "app.azurewebsites.net", ipAddresses: ["10.0.5.4"] }],
      targetIds: [idOf("Microsoft.Web/sites", "app")],
      connectionState: "Pending",
    },
  },
  {
    of: "loadBalancers",
    type: "Microsoft.Network/loadBalancers",
    settings: {
      frontendIPConfigurations: [
        { name: "inside", privateIPAddress: "10.0.1.9", subnet: { id: subnetId } },
        { name: "outside", publicIPAddress: { id: publicIpId } },
      ],
      loadBalancingRules: [
        { name: "web", frontendPort: 80, backendPort: 8080 },
        { name: "all", frontendPort: 0 },
      ],
    },
    expected: {
      frontends: [
        { name: "inside", privateIpAddress: "10.0.1.9", publicIpAddressId: undefined, subnetId },
        { name: "outside", privateIpAddress: undefined, publicIpAddressId: publicIpId },
      ],
      rulePorts: [80, 0],
    },
  },
  {
    of: "natGateways",
    type: "Microsoft.Network/natGateways",
    settings: {},
    expected: { name: "x" },
  },
  {
    of: "virtualNetworkGateways",
    type: "Microsoft.Network/virtualNetworkGateways",
    settings: { gatewayType: "Vpn", ipConfigurations: [{ name: "c", subnet: { id: subnetId } }] },
    expected: { subnetIds: [subnetId] },
  },
  {
    of: "azureFirewalls",
    type: "Microsoft.Network/azureFirewalls",
    settings: {
      ipConfigurations: [{ name: "c", privateIPAddress: "10.9.0.4" }],
      networkRuleCollections: [
        {
          name: "out",
          priority: 100,
          action: { type: "Deny" },
          rules: [
            {
              name: "r",
              protocols: ["TCP"],
              sourceAddresses: ["10.0.0.0/8"],
              destinationAddresses: ["*"],
              destinationPorts: ["80"],
            },
          ],
        },
      ],
    },
    expected: {
      privateIpAddress: "10.9.0.4",
      firewallPolicyId: undefined,
      networkRules: [
        { name: "r", priority: 100, action: "Deny", protocols: ["tcp"], destinationPorts: ["80"] },
      ],
    },
  },
  {
    of: "azureFirewalls",
    type: "Microsoft.Network/azureFirewalls",
    settings: {
      hubIPAddresses: { privateIPAddress: "10.8.0.4" },
      firewallPolicy: { id: idOf("Microsoft.Network/firewallPolicies", "fp") },
    },
    expected: {
      privateIpAddress: "10.8.0.4",
      firewallPolicyId: idOf("Microsoft.Network/firewallPolicies", "fp"),
    },
  },
  {
    of: "webSites",
    type: "Microsoft.Web/sites",
    settings: {
      state: "Stopped",
      defaultHostName: "App.azurewebsites.net",
      hostNames: ["app.azurewebsites.net", "shop.contoso.example"],
      enabledHostNames: ["app.azurewebsites.net", "app.scm.azurewebsites.net"],
      hostNameSslStates: [
        { name: "api.contoso.example", hostType: "Standard" },
        { name: "app.scm.azurewebsites.net", hostType: "Repository" },
      ],
      httpsOnly: false,
      publicNetworkAccess: "Disabled",
      siteConfig: {
        healthCheckPath: "/up",
        ipSecurityRestrictions: [
          { name: "gateway", action: "Allow", priority: 100, vnetSubnetResourceId: subnetId },
          { name: "office", action: "Allow", priority: 200, ipAddress: "203.0.113.0/24" },
        ],
        ipSecurityRestrictionsDefaultAction: "Deny",
      },
    },
    expected: {
      state: "Stopped",
      defaultHostName: "app.azurewebsites.net",
      hostNames: ["app.azurewebsites.net", "shop.contoso.example", "api.contoso.example"],
      httpsOnly: false,
      publicNetworkAccess: "Disabled",
      healthCheckPath: "/up",
      accessRestrictions: {
        defaultAction: "Deny",
        rules: [
          { name: "gateway", action: "Allow", priority: 100, ipAddress: undefined, subnetId },
          { name: "office", ipAddress: "203.0.113.0/24", subnetId: undefined },
        ],
      },
      authenticationRequired: undefined,
    },
  },
  {
    of: "webSites",
    type: "Microsoft.Web/sites",
    settings: { siteConfig: { ipSecurityRestrictions: null, healthCheckPath: null } },
    expected: { accessRestrictions: undefined, healthCheckPath: undefined, httpsOnly: undefined },
  },
  {
    of: "webSites",
    type: "Microsoft.Web/sites",
    settings: {
      siteConfig: {
        ipSecurityRestrictions: [
          { name: "Allow all", action: "Allow", ipAddress: "Any", priority: 2147483647 },
        ],
      },
    },
    expected: { accessRestrictions: { defaultAction: "Allow" } },
  },
  {
    of: "apiManagementServices",
    type: "Microsoft.ApiManagement/service",
    settings: {
      gatewayUrl: "https://Contoso.azure-api.net",
      hostnameConfigurations: [
        { type: "Proxy", hostName: "api.contoso.example" },
        { type: "Portal", hostName: "portal.contoso.example" },
      ],
      privateIPAddresses: ["10.0.6.4"],
      virtualNetworkType: "Internal",
    },
    expected: {
      hostNames: ["contoso.azure-api.net", "api.contoso.example"],
      privateIpAddresses: ["10.0.6.4"],
      virtualNetworkType: "Internal",
    },
  },
  {
    of: "containerAppsEnvironments",
    type: "Microsoft.App/managedEnvironments",
    settings: {
      defaultDomain: "Happy.westeurope.azurecontainerapps.io",
      staticIp: "10.0.7.4",
      vnetConfiguration: { internal: true },
    },
    expected: {
      defaultDomain: "happy.westeurope.azurecontainerapps.io",
      staticIp: "10.0.7.4",
      internal: true,
    },
  },
];

describe("resources in both notations", () => {
  it.each(rows.map((row) => [`${row.of}: ${Object.keys(row.settings).join(" ") || "bare"}`, row] as const))(
    "%s",
    (_name, { of, type, id = idOf(type, "x"), settings, expected }) => {
      const flat = build(recordOf(id, settings));
      const raw = build(recordOf(id, { properties: nested(settings) }));
      expect(flat.problems).toEqual([]);
      expect(flat.network[of]).toHaveProperty("length", 1);
      expect((flat.network[of] as readonly unknown[])[0]).toMatchObject(expected);
      expect(plain(raw)).toEqual(plain(flat));
    },
  );
});

/** Raw ARM has a `properties` level in every named part. */
function nested(value: unknown): unknown {
  if (Array.isArray(value)) {
    return value.map((item) => {
      if (typeof item !== "object" || item === null || !("name" in item)) return nested(item);
      const { name, ...properties } = item;
      return { name, properties: nested(properties) };
    });
  }
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, nested(inner)]));
}

describe("effective rules and routes", () => {
  const nic = idOf("Microsoft.Network/networkInterfaces", "n");

  it("expand service tags, and know security admin rules", () => {
    const model = build(
      recordOf(nic, { ipConfigurations: [] }),
      recordOf(`${nic}/effectiveNetworkSecurityGroups`, {
        value: [
          {
            networkSecurityGroup: { id: nsgId },
            association: { subnet: { id: subnetId } },
            effectiveSecurityRules: [
              {
                name: "defaultSecurityRules/AllowVnetInBound",
                protocol: "All",
                direction: "Inbound",
                access: "Allow",
                priority: 65000,
                sourceAddressPrefix: "VirtualNetwork",
                expandedSourceAddressPrefix: ["10.0.0.0/16", "10.1.0.0/16"],
                destinationAddressPrefixes: ["0.0.0.0/0"],
                sourcePortRanges: ["0-65535"],
                destinationPortRange: "8080-8080",
              },
            ],
          },
          {
            association: { networkManager: { id: idOf("Microsoft.Network/networkManagers", "m") } },
            effectiveSecurityRules: [
              { name: "admin", protocol: "Tcp", direction: "Inbound", access: "AlwaysAllow", priority: 10 },
            ],
          },
        ],
      }),
    );
    const [groups] = model.network.effectiveSecurityGroups;
    expect(groups?.networkInterface?.target?.id).toBe(nic);
    expect(groups?.groups).toMatchObject([
      {
        association: "subnet",
        associationId: subnetId,
        networkSecurityGroupId: nsgId,
        rules: [
          {
            name: "AllowVnetInBound",
            isDefault: true,
            protocol: "*",
            sourcePrefixes: ["10.0.0.0/16", "10.1.0.0/16"],
            destinationPrefixes: ["0.0.0.0/0"],
            sourcePorts: ["0-65535"],
            destinationPorts: ["8080-8080"],
          },
        ],
      },
      { association: "networkManager", rules: [{ access: "AlwaysAllow", isDefault: false }] },
    ]);
  });

  it("list routes that were overridden as not active", () => {
    const model = build(
      recordOf(`${nic}/effectiveRouteTable`, {
        value: [
          {
            source: "Default",
            state: "Invalid",
            addressPrefix: ["0.0.0.0/0"],
            nextHopType: "Internet",
            nextHopIpAddress: [],
          },
          {
            source: "User",
            state: "Active",
            addressPrefix: ["0.0.0.0/0"],
            nextHopType: "VirtualAppliance",
            nextHopIpAddress: ["10.9.0.4"],
          },
        ],
      }),
    );
    expect(model.network.effectiveRoutes[0]?.routes).toMatchObject([
      { origin: "Default", active: false },
      { origin: "User", active: true, nextHopIpAddresses: ["10.9.0.4"] },
    ]);
  });

  it("service tags", () => {
    const model = build(
      recordOf(
        "tags.json#",
        {
          values: [
            { name: "AppService", properties: { addressPrefixes: ["13.64.0.0/16"] } },
            { properties: {} },
          ],
        },
        { type: "microsoft.network/servicetags" },
      ),
    );
    expect(model.network.serviceTags).toMatchObject([
      { name: "AppService", addressPrefixes: ["13.64.0.0/16"] },
    ]);
  });
});

describe("what cannot be used", () => {
  it("is a problem with its place, and never a guess", () => {
    const model = build(
      recordOf(nsgId, {
        securityRules: [{ name: "r", priority: 100, direction: "Sideways", access: "Deny" }, "text", null],
      }),
      recordOf(idOf("Microsoft.Network/routeTables", "t"), {
        routes: [{ name: "r", addressPrefix: "10.0.0.0/8" }],
      }),
    );
    expect(model.network.networkSecurityGroups[0]?.rules.filter(({ isDefault }) => !isDefault)).toEqual([]);
    expect(model.problems).toEqual([
      { document: "n.json", pointer: "/securityRules/1", expected: "an object", found: '"text"' },
      {
        document: "n.json",
        pointer: "/securityRules/0/direction",
        expected: "Inbound or Outbound",
        found: '"Sideways"',
      },
      {
        document: "t.json",
        pointer: "/routes/0/nextHopType",
        expected: "a next hop type",
        found: "nothing",
      },
    ]);
  });

  it.each([...new Set(rows.map(({ type }) => type))])(
    "%s without any setting is read all the same",
    (type) => {
      for (const body of [{}, { properties: null }, { properties: {} }, { properties: [] }, { name: 7 }]) {
        expect(() => build(recordOf(idOf(type, "x"), body))).not.toThrow();
      }
    },
  );
});
