import fc from "fast-check";
import type { CauseId } from "../../src/diagnosis/cause-ids.ts";
import type { Change } from "../../src/model/change.ts";

/** Ways to break the healthy example: each makes one cause true and nothing else, in as many shapes as it can. */
export interface Breaker {
  readonly cause: CauseId;
  readonly changes: fc.Arbitrary<readonly Change[]>;
}

const group = "/subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/rg-contoso-shop/providers";
const network = (kind: string, name: string): string => `${group}/Microsoft.Network/${kind}/${name}`;
const gateway = network("applicationGateways", "agw-contoso-shop");
const part = (collection: string, name: string): string => `${gateway}/${collection}/${name}`;
const set = (resourceId: string, path: string, value: fc.JsonValue): Change => ({
  action: "set",
  resourceId,
  path,
  value: value as never,
});
const always = (...changes: Change[]): fc.Arbitrary<readonly Change[]> => fc.constant(changes);

/** A deny of the gateway subnet (10.10.1.0/24) in as wide a form as chance likes, before an allow that stood first. */
const denyInbound = fc
  .record({
    source: fc.constantFrom("10.10.1.0/24", "10.10.0.0/16", "10.0.0.0/8", "VirtualNetwork", "*"),
    ports: fc.constantFrom(["*"], ["8080"], ["1-65535"], ["22", "8000-8999"]),
    protocol: fc.constantFrom("*", "Tcp", "TCP"),
    priority: fc.integer({ min: 100, max: 1999 }),
    allowAt: fc.integer({ min: 2000, max: 4096 }),
  })
  .map(({ source, ports, protocol, priority, allowAt }) => [
    set(`${network("networkSecurityGroups", "nsg-web")}/securityRules/allow-gateway`, "priority", allowAt),
    {
      action: "add" as const,
      resourceId: network("networkSecurityGroups", "nsg-web"),
      list: "securityRules",
      value: {
        name: "deny-broken",
        priority: priority === 200 ? 201 : priority,
        direction: "Inbound",
        access: "Deny",
        protocol,
        sourceAddressPrefix: source,
        sourcePortRange: "*",
        destinationAddressPrefix: "*",
        ...(ports.length === 1
          ? { destinationPortRange: ports[0] as string }
          : { destinationPortRanges: ports }),
      },
    },
  ]);

const denyOutbound = fc
  .record({
    destination: fc.constantFrom("10.20.0.0/16", "10.20.1.0/24", "10.20.1.4/30", "10.0.0.0/8"),
    priority: fc.integer({ min: 100, max: 4096 }),
  })
  .map(({ destination, priority }): readonly Change[] => [
    {
      action: "add",
      resourceId: network("networkSecurityGroups", "nsg-gateway"),
      list: "securityRules",
      value: {
        name: "deny-broken",
        priority,
        direction: "Outbound",
        access: "Deny",
        protocol: "*",
        sourceAddressPrefix: "*",
        sourcePortRange: "*",
        destinationAddressPrefix: destination,
        destinationPortRange: "*",
      },
    },
  ]);

const nicGroup = network("networkSecurityGroups", "nsg-broken");
const denyAtInterface = fc
  .subarray(["nic-web-1", "nic-web-2"], { minLength: 1 })
  .map((interfaces): readonly Change[] => [
    {
      action: "create",
      resourceId: nicGroup,
      body: {
        type: "Microsoft.Network/networkSecurityGroups",
        location: "westeurope",
        securityRules: [
          {
            name: "deny-all",
            priority: 500,
            direction: "Inbound",
            access: "Deny",
            protocol: "*",
            sourceAddressPrefix: "*",
            sourcePortRange: "*",
            destinationAddressPrefix: "*",
            destinationPortRange: "*",
          },
        ],
      },
    },
    ...interfaces.map((name) =>
      set(network("networkInterfaces", name), "networkSecurityGroup", { id: nicGroup }),
    ),
  ]);

const machinesDown = fc
  .tuple(
    fc.subarray(["vm-web-1", "vm-web-2", "vm-catalog-1", "vm-reports-1", "vm-api-1"], { minLength: 1 }),
    fc.constantFrom("VM deallocated", "VM stopped"),
  )
  .map(([machines, state]) =>
    machines.map((name) => set(`${group}/Microsoft.Compute/virtualMachines/${name}`, "powerState", state)),
  );

const gatewaySide = `${network("virtualNetworks", "vnet-edge")}/virtualNetworkPeerings/edge-to-apps`;
const side = fc.constantFrom(
  gatewaySide,
  `${network("virtualNetworks", "vnet-apps")}/virtualNetworkPeerings/apps-to-edge`,
);

export const breakers: readonly Breaker[] = [
  { cause: "gateway-stopped", changes: always(set(gateway, "operationalState", "Stopped")) },
  {
    cause: "probe-default-host",
    changes: always(
      set(part("backendHttpSettingsCollection", "set-account"), "pickHostNameFromBackendAddress", false),
    ),
  },
  { cause: "nsg-backend-subnet-in", changes: denyInbound },
  { cause: "nsg-gw-out", changes: denyOutbound },
  { cause: "nsg-backend-nic-in", changes: denyAtInterface },
  {
    cause: "route-gw-default-nva",
    changes: fc
      .constantFrom("VirtualAppliance", "VirtualNetworkGateway")
      .map((nextHopType) => [
        set(`${network("routeTables", "rt-gateway")}/routes/to-internet`, "nextHopType", nextHopType),
        ...(nextHopType === "VirtualAppliance"
          ? [
              set(
                `${network("routeTables", "rt-gateway")}/routes/to-internet`,
                "nextHopIpAddress",
                "10.10.250.4",
              ),
            ]
          : []),
      ]),
  },
  {
    cause: "route-gw-blackhole",
    changes: fc.constantFrom("10.20.1.0/24", "10.20.0.0/16", "10.20.1.4/32").map((addressPrefix) => [
      {
        action: "add" as const,
        resourceId: network("routeTables", "rt-gateway"),
        list: "routes",
        value: { name: "broken", addressPrefix, nextHopType: "None" },
      },
    ]),
  },
  {
    cause: "peering-broken",
    changes: fc.oneof(
      fc
        .tuple(side, fc.constantFrom("Disconnected", "Initiated"))
        .map(([id, state]) => [set(id, "peeringState", state)]),
      // Off on the servers' side it changes nothing here: their groups allow the gateway by its addresses.
      always(set(gatewaySide, "allowVirtualNetworkAccess", false)),
    ),
  },
  {
    cause: "dns-zone-not-linked",
    changes: always(
      set(
        `${network("privateDnsZones", "internal.contoso.example")}/virtualNetworkLinks/edge`,
        "virtualNetwork",
        { id: network("virtualNetworks", "vnet-apps") },
      ),
    ),
  },
  { cause: "backend-down", changes: machinesDown },
];
