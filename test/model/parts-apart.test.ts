import { describe, expect, it } from "vitest";
import { build, idOf, listedOf, recordOf } from "./support.ts";

const vnet = idOf("Microsoft.Network/virtualNetworks", "v");
const nsg = idOf("Microsoft.Network/networkSecurityGroups", "n");
const table = idOf("Microsoft.Network/routeTables", "t");
const zone = idOf("Microsoft.Network/privateDnsZones", "Corp.Example");
const site = idOf("Microsoft.Web/sites", "app");
const gateway = idOf("Microsoft.Network/applicationGateways", "g");
const rule = { priority: 100, direction: "Inbound", access: "Deny" };

describe("parts written apart from their parent", () => {
  it("subnets and peerings join their network, and complete its own copies", () => {
    const model = build(
      recordOf(`${vnet}/subnets/late`, { addressPrefix: "10.0.2.0/24" }),
      recordOf(vnet, {
        addressSpace: { addressPrefixes: ["10.0.0.0/16"] },
        subnets: [{ name: "Early", addressPrefix: "10.0.1.0/24", networkSecurityGroup: { id: nsg } }],
      }),
      recordOf(`${vnet.toUpperCase()}/SUBNETS/EARLY`, { name: "early", routeTable: { id: table } }),
      recordOf(`${vnet}/virtualNetworkPeerings/p`, { properties: { peeringState: "Connected" } }),
    );
    const [network] = model.network.virtualNetworks;
    expect(model.network.subnets).toHaveLength(2);
    expect(network?.subnets.map(({ name }) => name)).toEqual(["early", "late"]);
    expect(network?.subnets[0]).toMatchObject({
      addressPrefixes: ["10.0.1.0/24"],
      networkSecurityGroup: { id: nsg },
      routeTable: { id: table },
    });
    expect(network?.subnets.every((subnet) => subnet.virtualNetwork === network)).toBe(true);
    expect(network?.peerings).toMatchObject([{ name: "p", peeringState: "Connected" }]);
    expect(model.problems).toEqual([]);
  });

  it("every value points at the document it was read from", () => {
    const model = build(
      recordOf(nsg, { securityRules: [{ name: "a", ...rule }] }),
      recordOf(`${nsg}/securityRules/b`, rule),
    );
    expect(
      model.network.networkSecurityGroups[0]?.rules.slice(0, 2).map(({ source }) => source),
    ).toMatchObject([
      { document: "n.json", pointer: "/securityRules/0" },
      { document: "n-b.json", pointer: "" },
    ]);
  });

  it("a subnet alone stands for itself", () => {
    const model = build(recordOf(`${vnet}/subnets/s`, { addressPrefix: "10.0.1.0/24" }));
    expect(model.network.subnets).toMatchObject([{ name: "s", virtualNetwork: undefined }]);
    expect(model.network.virtualNetworks).toEqual([]);
    expect(model.problems).toEqual([]);
  });

  it("a whole list of rules or routes makes the group or table known, one of them does not", () => {
    const listed = build(
      listedOf(`${nsg}/securityRules/a`, rule),
      listedOf(`${nsg}/securityRules/b`, { ...rule, priority: 101 }),
      listedOf(`${table}/routes/r`, { addressPrefix: "0.0.0.0/0", nextHopType: "None" }),
    );
    expect(listed.network.networkSecurityGroups[0]).toMatchObject({
      id: nsg,
      name: "n",
      rules: { length: 8 },
    });
    expect(listed.network.routeTables[0]).toMatchObject({ id: table, routes: [{ name: "r" }] });
    const single = build(recordOf(`${nsg}/securityRules/a`, rule));
    expect(single.network.networkSecurityGroups).toEqual([]);
    expect(single.problems).toMatchObject([{ document: "n-a.json", expected: expect.stringContaining(nsg) }]);
  });

  it("settings and probes of a gateway join it", () => {
    const model = build(
      recordOf(gateway, {
        sku: { tier: "Standard_v2" },
        backendHttpSettingsCollection: [{ name: "s", port: 80, probe: { id: `${gateway}/probes/p` } }],
      }),
      recordOf(`${gateway}/probes/p`, { properties: { path: "/up" } }),
      recordOf(`${gateway}/urlPathMaps/m`, { pathRules: [{ name: "r", paths: ["/a"] }] }),
      recordOf(`${gateway}/urlPathMaps/m/pathRules/r2`, { paths: ["/b"] }),
    );
    expect(model.gateways[0]?.settings[0]?.probe?.target?.path).toBe("/up");
    expect(model.gateways[0]?.urlPathMaps[0]?.pathRules.map(({ paths }) => paths)).toEqual([["/a"], ["/b"]]);
  });

  it("a scale set is known by its instances alone", () => {
    const set = idOf("Microsoft.Compute/virtualMachineScaleSets", "s");
    const model = build(
      listedOf(`${set}/virtualMachines/0`, { instanceId: "0", properties: { latestModelApplied: false } }),
      listedOf(`${set}/virtualMachines/3`, {
        instanceId: "3",
        latestModelApplied: true,
        instanceView: { statuses: [{ code: "PowerState/running" }] },
      }),
    );
    expect(model.network.scaleSets).toMatchObject([
      {
        id: set,
        upgradeMode: undefined,
        instances: [
          { instanceId: "0", latestModelApplied: false, powerState: "unknown" },
          { instanceId: "3", latestModelApplied: true, powerState: "running" },
        ],
      },
    ]);
  });
});

describe("private DNS zones", () => {
  const a = (name: string, ...addresses: string[]) =>
    [`${zone}/A/${name}`, { ttl: 60, aRecords: addresses.map((ipv4Address) => ({ ipv4Address })) }] as const;
  const soa = [`${zone}/SOA/@`, { soaRecord: {} }] as const;
  const link = [
    `${zone}/virtualNetworkLinks/l`,
    { virtualNetwork: { id: vnet }, virtualNetworkLinkState: "Completed", resolutionPolicy: "Default" },
  ] as const;

  it("exist when only their parts were exported", () => {
    const model = build(
      listedOf(...a("API", "10.0.0.4", "10.0.0.5")),
      listedOf(`${zone}/CNAME/www`, { properties: { cnameRecord: { cname: "API.Corp.Example." } } }),
      listedOf(`${zone}/AAAA/api`, { aaaaRecords: [{ ipv6Address: "fd00::4" }] }),
      recordOf(...link),
    );
    expect(model.network.privateDnsZones).toMatchObject([
      {
        id: zone,
        zoneName: "corp.example",
        links: [{ virtualNetworkId: vnet, linkState: "Completed", resolutionPolicy: "Default" }],
        linksExported: false,
        recordsExported: true,
        records: [
          { name: "api", type: "A", values: ["10.0.0.4", "10.0.0.5"], ttlS: 60 },
          { name: "api", type: "AAAA", values: ["fd00::4"] },
          { name: "www", type: "CNAME", values: ["api.corp.example"] },
        ],
      },
    ]);
  });

  it.each([
    ["the zone alone", [recordOf(zone, {})], false, false],
    [
      "the zone that counts one link and one record set, which is its own",
      [recordOf(zone, { numberOfVirtualNetworkLinks: 1, numberOfRecordSets: 1 })],
      false,
      true,
    ],
    [
      "the zone that counts nothing",
      [recordOf(zone, { numberOfVirtualNetworkLinks: 0, numberOfRecordSets: 1 })],
      true,
      true,
    ],
    [
      "all that the zone counts",
      [
        recordOf(zone, { numberOfVirtualNetworkLinks: 1, numberOfRecordSets: 2 }),
        recordOf(...link),
        recordOf(...a("x", "10.0.0.4")),
      ],
      true,
      true,
    ],
    [
      "less than the zone counts",
      [recordOf(zone, { numberOfRecordSets: 3 }), listedOf(...a("x", "10.0.0.4"))],
      false,
      false,
    ],
    ["the list of all record sets", [listedOf(...a("x", "10.0.0.4")), listedOf(...soa)], false, true],
    [
      "the list of address records, without aliases",
      [listedOf(...a("x", "10.0.0.4")), listedOf(...a("y", "10.0.0.5"))],
      false,
      false,
    ],
    ["one record set", [recordOf(...a("x", "10.0.0.4"))], false, false],
    ["the list of links", [listedOf(...link)], true, false],
  ] as const)("know whether they are whole: %s", (_name, records, linksExported, recordsExported) => {
    expect(build(...records).network.privateDnsZones).toMatchObject([{ linksExported, recordsExported }]);
  });
});

describe("the configuration of a site", () => {
  const restrictions = {
    ipSecurityRestrictions: [{ name: "r", action: "Deny", priority: 100, ipAddress: "10.0.0.0/8" }],
  };

  it.each([
    [
      "az webapp config show",
      `${site}/config/web`,
      restrictions,
      { accessRestrictions: { defaultAction: "Deny", rules: [{ name: "r" }] } },
    ],
    [
      "az webapp auth show, first version",
      `${site}/config/authsettings`,
      { enabled: true, unauthenticatedClientAction: "RedirectToLoginPage" },
      { authenticationRequired: true },
    ],
    [
      "first version, anonymous allowed",
      `${site}/config/authsettings`,
      { enabled: true, unauthenticatedClientAction: "AllowAnonymous" },
      { authenticationRequired: false },
    ],
    [
      "first version, off",
      `${site}/config/authsettings`,
      { enabled: false, unauthenticatedClientAction: null },
      { authenticationRequired: false },
    ],
    [
      "second version",
      `${site}/config/authsettingsV2`,
      {
        platform: { enabled: true },
        globalValidation: { requireAuthentication: true, unauthenticatedClientAction: "Return401" },
      },
      { authenticationRequired: true },
    ],
    [
      "second version, anonymous allowed",
      `${site}/config/authsettingsV2`,
      { platform: { enabled: true }, globalValidation: { requireAuthentication: false } },
      { authenticationRequired: false },
    ],
    [
      "second version, off",
      `${site}/config/authsettingsV2`,
      { platform: { enabled: false }, globalValidation: { requireAuthentication: true } },
      { authenticationRequired: false },
    ],
    [
      "other settings",
      `${site}/config/appsettings`,
      { properties: { A: "1" } },
      { authenticationRequired: undefined, accessRestrictions: undefined },
    ],
  ])("%s", (_name, id, settings, expected) => {
    const model = build(
      recordOf(site, {
        defaultHostName: "app.azurewebsites.net",
        siteConfig: { ipSecurityRestrictions: null },
      }),
      recordOf(id, settings),
    );
    expect(model.network.webSites).toMatchObject([{ name: "app", ...expected }]);
  });

  it("of a slot belongs to the slot", () => {
    const model = build(
      recordOf(site, { defaultHostName: "app.azurewebsites.net" }),
      recordOf(`${site}/slots/green`, { defaultHostName: "app-green.azurewebsites.net" }),
      recordOf(`${site}/slots/green/config/web`, restrictions),
    );
    expect(model.network.webSites.map(({ accessRestrictions }) => accessRestrictions?.rules.length)).toEqual([
      undefined,
      1,
    ]);
  });
});

describe("attachments told by the other side", () => {
  it("fill what the subnet leaves out, and not what it denies", () => {
    const subnet = (name: string) => `${vnet}/subnets/${name}`;
    const model = build(
      recordOf(vnet, {
        subnets: [
          { name: "open", id: subnet("open") },
          { name: "none", id: subnet("none"), networkSecurityGroup: null, routeTable: null },
        ],
      }),
      recordOf(nsg, { securityRules: [], subnets: [{ id: subnet("open") }, { id: subnet("none") }] }),
      recordOf(table, { routes: [], subnets: [{ id: subnet("OPEN") }, { id: subnet("none") }] }),
    );
    const [open, none] = model.network.subnets;
    expect([open?.networkSecurityGroup?.target?.name, open?.routeTable?.target?.name]).toEqual(["n", "t"]);
    expect([none?.networkSecurityGroup, none?.routeTable]).toEqual([undefined, undefined]);
  });
});
