import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { applyChanges, type Change, ChangeError, type Json } from "../../src/model/change.ts";
import type { ResourceRecord } from "../../src/model/resource.ts";
import { build, idOf, listedOf, plain, recordOf } from "./support.ts";

const gateway = idOf("Microsoft.Network/applicationGateways", "g");
const nsg = idOf("Microsoft.Network/networkSecurityGroups", "n");
const vnet = idOf("Microsoft.Network/virtualNetworks", "v");
const vm = idOf("Microsoft.Compute/virtualMachines", "m");
const table = idOf("Microsoft.Network/routeTables", "t");

const settings: readonly (readonly [id: string, settings: object])[] = [
  [
    gateway,
    {
      sku: { name: "Standard_v2", tier: "Standard_v2" },
      operationalState: "Stopped",
      backendAddressPools: [
        { name: "p", backendAddresses: [{ ipAddress: "10.0.0.4" }, { fqdn: "a.example" }] },
      ],
      probes: [{ name: "pr", protocol: "Http", path: "/", timeout: 30, match: { statusCodes: ["200"] } }],
      backendHttpSettingsCollection: [
        { name: "s", port: 80, protocol: "Http", probe: { id: `${gateway}/probes/pr` } },
      ],
      httpListeners: [{ name: "l", hostName: null }],
    },
  ],
  [
    nsg,
    {
      securityRules: [
        {
          name: "a",
          priority: 100,
          direction: "Inbound",
          access: "Deny",
          protocol: "Tcp",
          destinationPortRange: "80",
        },
        { name: "b", priority: 110, direction: "Inbound", access: "Allow", protocol: "*" },
        // Nothing sets a field of this one, so that it may be removed at any point.
        { name: "c", priority: 120, direction: "Inbound", access: "Allow", protocol: "*" },
      ],
    },
  ],
  [
    vnet,
    {
      addressSpace: { addressPrefixes: ["10.0.0.0/16"] },
      subnets: [{ name: "s", addressPrefix: "10.0.0.0/24", networkSecurityGroup: { id: nsg } }],
    },
  ],
  [vm, { powerState: "VM deallocated" }],
  [
    table,
    {
      routes: [{ name: "r", addressPrefix: "0.0.0.0/0", nextHopType: "None" }],
      disableBgpRoutePropagation: false,
    },
  ],
];

const flat = (): ResourceRecord[] => settings.map(([id, body]) => recordOf(id, body));
const raw = (): ResourceRecord[] => settings.map(([id, body]) => recordOf(id, { properties: nested(body) }));

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

const scalars: fc.Arbitrary<Json> = fc.constantFrom(
  null,
  true,
  false,
  1,
  443,
  "",
  "/up",
  "Allow",
  "10.0.0.0/24",
);
const targets: fc.Arbitrary<readonly [string, string]> = fc.constantFrom(
  [gateway, "operationalState"],
  [gateway, "enableHttp2"],
  [gateway, "sku/tier"],
  [`${gateway}/probes/pr`, "path"],
  [`${gateway}/probes/PR`, "match/statusCodes"],
  [`${gateway}/probes/pr`, "match/body"],
  [`${gateway}/httpListeners/l`, "hostName"],
  [`${gateway}/backendHttpSettingsCollection/s`, "probe"],
  [`${gateway}/backendHttpSettingsCollection/s`, "connectionDraining/enabled"],
  [`${nsg}/securityRules/a`, "access"],
  [`${nsg.toUpperCase()}/securityRules/b`, "priority"],
  [`${vnet}/subnets/s`, "networkSecurityGroup"],
  [`${vnet}/subnets/s`, "routeTable"],
  [`${vnet}`, "dhcpOptions/dnsServers"],
  [table, "disableBgpRoutePropagation"],
);

const changes: fc.Arbitrary<Change> = fc.oneof(
  fc
    .tuple(targets, scalars)
    .map(([[resourceId, path], value]): Change => ({ action: "set", resourceId, path, value })),
  fc.constantFrom<Change>(
    {
      action: "add",
      resourceId: nsg,
      list: "securityRules",
      value: { name: "new", priority: 99, direction: "Inbound", access: "Allow" },
    },
    {
      action: "add",
      resourceId: `${gateway}/backendAddressPools/p`,
      list: "backendAddresses",
      value: { ipAddress: "10.0.0.9" },
    },
    {
      action: "add",
      resourceId: `${gateway}/backendHttpSettingsCollection/s`,
      list: "trustedRootCertificates",
      value: { id: "x" },
    },
    { action: "remove", resourceId: nsg, list: "securityRules", value: { name: "C" } },
    { action: "remove", resourceId: nsg, list: "securityRules", value: { name: "not there" } },
    {
      action: "remove",
      resourceId: `${gateway}/backendAddressPools/p`,
      list: "backendAddresses",
      value: { fqdn: "A.example" },
    },
    { action: "remove", resourceId: table, list: "routes", value: { name: "r" } },
    {
      action: "create",
      resourceId: `${vnet}2`,
      body: { addressSpace: { addressPrefixes: ["10.1.0.0/16"] } },
    },
    {
      action: "operate",
      resourceId: vm,
      operation: "start",
      becomes: [{ path: "powerState", value: "VM running" }],
    },
    {
      action: "operate",
      resourceId: gateway,
      operation: "start",
      becomes: [{ path: "operationalState", value: "Running" }],
    },
  ),
);

describe("changes", () => {
  it("give the same model in both notations", () => {
    fc.assert(
      fc.property(fc.array(changes, { minLength: 1, maxLength: 5 }), (list) => {
        const inFlat = build(...applyChanges(flat(), list));
        const inRaw = build(...applyChanges(raw(), list));
        expect(plain(inRaw.network)).toEqual(plain(inFlat.network));
        expect(plain(inRaw.gateways)).toEqual(plain(inFlat.gateways));
      }),
    );
  });

  it("leave the given records as they are, and untouched ones the same objects", () => {
    fc.assert(
      fc.property(fc.boolean(), fc.array(changes, { minLength: 1, maxLength: 4 }), (isRaw, list) => {
        const records = isRaw ? raw() : flat();
        const before = JSON.stringify(records.map(({ source }) => source.value));
        const after = applyChanges(records, list);
        expect(JSON.stringify(records.map(({ source }) => source.value))).toBe(before);
        const touched = list.map(({ resourceId }) => resourceId.toLowerCase());
        for (const record of records) {
          if (touched.some((id) => id.startsWith(record.id.toLowerCase()))) continue;
          expect(after).toContain(record);
        }
      }),
    );
  });

  it("share everything beside the way to the changed part", () => {
    const [before] = flat();
    const [after] = applyChanges(flat().fill(before as ResourceRecord, 0, 1), [
      { action: "set", resourceId: `${gateway}/probes/pr`, path: "path", value: "/x" },
    ]);
    const [old, now] = [before, after].map((record) => record?.source.value as Record<string, unknown>);
    expect(now?.backendAddressPools).toBe(old?.backendAddressPools);
    expect(now?.probes).not.toBe(old?.probes);
  });

  it("of what is not among the documents are refused", () => {
    const list: Change[] = [
      { action: "set", resourceId: `${gateway}/probes/other`, path: "path", value: "/" },
      { action: "set", resourceId: `${nsg}x`, path: "a", value: 1 },
      { action: "add", resourceId: `${nsg}x`, list: "securityRules", value: { name: "r" } },
      { action: "remove", resourceId: `${nsg}x`, list: "securityRules", value: { name: "r" } },
      { action: "operate", resourceId: `${vm}x`, operation: "start", becomes: [] },
    ];
    for (const change of list) expect(() => applyChanges(flat(), [change])).toThrow(ChangeError);
  });
});

describe("changes to what stands in several documents", () => {
  const rule = { priority: 100, direction: "Inbound", access: "Deny" };
  const rulesOf = (records: readonly ResourceRecord[]) =>
    build(...records)
      .network.networkSecurityGroups[0]?.rules.filter(({ isDefault }) => !isDefault)
      .map(({ name, access }) => `${name} ${access}`);

  it("reach a part in its parent and in its own export", () => {
    const records = [
      recordOf(nsg, { securityRules: [{ name: "a", ...rule }] }),
      recordOf(`${nsg}/securityRules/a`, rule),
    ];
    const id = `${nsg}/securityRules/a`;
    expect(
      rulesOf(applyChanges(records, [{ action: "set", resourceId: id, path: "access", value: "Allow" }])),
    ).toEqual(["a Allow"]);
    expect(
      rulesOf(
        applyChanges(records, [
          { action: "remove", resourceId: nsg, list: "securityRules", value: { name: "a" } },
        ]),
      ),
    ).toEqual([]);
  });

  it("reach both exports of one resource", () => {
    const records = [
      recordOf(nsg, { location: "westeurope", securityRules: [{ name: "a", ...rule }] }),
      recordOf(nsg.toUpperCase(), {
        securityRules: [{ name: "a", ...rule }],
        tags: { note: "the fuller export of the two" },
      }),
    ];
    for (const order of [records, records.toReversed()]) {
      const added = applyChanges(order, [
        { action: "add", resourceId: nsg, list: "securityRules", value: { name: "b", ...rule } },
      ]);
      expect(rulesOf(added)).toEqual(["a Deny", "b Deny"]);
      const removed = applyChanges(order, [
        { action: "remove", resourceId: nsg, list: "securityRules", value: { name: "a" } },
      ]);
      expect(rulesOf(removed)).toEqual([]);
    }
  });

  it("add to and remove from a group that is known by its rules alone", () => {
    const records = [listedOf(`${nsg}/securityRules/a`, rule)];
    const added = applyChanges(records, [
      { action: "add", resourceId: nsg, list: "securityRules", value: { name: "b", ...rule } },
    ]);
    expect(rulesOf(added)).toEqual(["a Deny", "b Deny"]);
    const removed = applyChanges(added, [
      { action: "remove", resourceId: nsg, list: "securityRules", value: { name: "a" } },
    ]);
    expect(rulesOf(removed)).toEqual(["b Deny"]);
  });

  it("creating what exists replaces it", () => {
    const records = [recordOf(nsg, { securityRules: [{ name: "a", ...rule }] })];
    const created = applyChanges(records, [
      { action: "create", resourceId: nsg, body: { securityRules: [{ name: "b", ...rule }] } },
    ]);
    expect(rulesOf(created)).toEqual(["b Deny"]);
  });
});
