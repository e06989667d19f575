import { describe, expect, it } from "vitest";
import { build, idOf, recordOf } from "./support.ts";

const gateway = idOf("Microsoft.Network/applicationGateways", "g");
const pool = `${gateway}/backendAddressPools/p`;
const nic = idOf("Microsoft.Network/networkInterfaces", "n");

function nicRecord(id: string, address: string, poolIds: readonly string[]) {
  return recordOf(id, {
    ipConfigurations: [
      {
        name: "c",
        id: `${id}/ipConfigurations/c`,
        privateIPAddress: address,
        applicationGatewayBackendAddressPools: poolIds.map((poolId) => ({ id: poolId })),
      },
    ],
  });
}

function members(model: ReturnType<typeof build>) {
  return model.gateways[0]?.pools[0]?.members.map(({ kind, address }) => [kind, address]);
}

describe("pool members", () => {
  it("come from addresses, from the pool's list and from the interfaces, without repeats", () => {
    const model = build(
      recordOf(gateway, {
        backendAddressPools: [
          {
            name: "p",
            id: pool,
            backendAddresses: [
              { ipAddress: "10.0.0.4" },
              { fqdn: "App.example" },
              { fqdn: "10.0.0.5" },
              { fqdn: "app.EXAMPLE", ipAddress: null },
              { fqdn: "", ipAddress: "" },
              { ipAddress: "fd00::4" },
            ],
            backendIPConfigurations: [
              { id: `${nic}/ipConfigurations/c` },
              { id: `${nic}-missing/ipConfigurations/c` },
              { id: `${nic}-MISSING/ipConfigurations/C` },
            ],
          },
        ],
      }),
      nicRecord(nic, "10.0.0.8", [pool]),
      nicRecord(`${nic}2`, "10.0.0.9", [pool.toUpperCase()]),
      nicRecord(`${nic}3`, "10.0.0.4", [pool]),
    );
    expect(members(model)).toEqual([
      ["address", "10.0.0.4"],
      ["fqdn", "App.example"],
      ["address", "10.0.0.5"],
      ["address", "fd00::4"],
      ["ipConfiguration", "10.0.0.8"],
      ["ipConfiguration", undefined],
      ["ipConfiguration", "10.0.0.9"],
    ]);
  });

  it("join by the names of gateway and pool where ids were renamed", () => {
    const renamed = pool.replace(/subscriptions\/[^/]+/, "subscriptions/other");
    const elsewhere = renamed.replace("applicationGateways/g/", "applicationGateways/other/");
    const model = build(
      recordOf(gateway, { backendAddressPools: [{ name: "P", id: pool }] }),
      nicRecord(nic, "10.0.0.8", [renamed]),
      nicRecord(`${nic}2`, "10.0.0.9", [elsewhere]),
    );
    expect(members(model)).toEqual([["ipConfiguration", "10.0.0.8"]]);
  });

  it("an interface of a scale-set instance joins, too", () => {
    const id = idOf(
      "Microsoft.Compute/virtualMachineScaleSets",
      "s",
      "virtualMachines",
      "0",
      "networkInterfaces",
      "n",
    );
    const model = build(
      recordOf(gateway, {
        backendAddressPools: [
          { name: "p", id: pool, backendIPConfigurations: [{ id: `${id}/ipConfigurations/c` }] },
        ],
      }),
      nicRecord(id, "10.0.0.8", [pool]),
    );
    expect(members(model)).toEqual([["ipConfiguration", "10.0.0.8"]]);
    expect(model.gateways[0]?.pools[0]?.members[0]?.ipConfiguration?.target?.networkInterface.name).toBe("n");
  });

  it("members of security groups come from the interfaces", () => {
    const asg = idOf("Microsoft.Network/applicationSecurityGroups", "web");
    const model = build(
      recordOf(nic, {
        ipConfigurations: [
          { name: "c", privateIPAddress: "10.0.0.8", applicationSecurityGroups: [{ id: asg }] },
        ],
      }),
      recordOf(asg, {}),
    );
    expect(
      model.network.applicationSecurityGroups[0]?.members.map(({ privateIpAddress }) => privateIpAddress),
    ).toEqual(["10.0.0.8"]);
  });

  it("the address of a private endpoint comes from its interface when that was exported", () => {
    const model = build(
      recordOf(idOf("Microsoft.Network/privateEndpoints", "e"), { networkInterfaces: [{ id: nic }] }),
      nicRecord(nic, "10.0.0.8", []),
    );
    expect(model.network.privateEndpoints[0]?.privateIpAddresses).toEqual(["10.0.0.8"]);
  });
});

describe("building", () => {
  it("does not touch the records: the same again gives the same", () => {
    const records = [recordOf(gateway, { backendAddressPools: "wrong" }), nicRecord(nic, "10.0.0.8", [pool])];
    const first = build(...records);
    expect(first.problems).toHaveLength(1);
    expect(build(...records).problems).toEqual(first.problems);
    expect(records.every(({ source }) => source.problems.length === 0)).toBe(true);
  });

  it("takes an explicit false and null for what they say", () => {
    const model = build(
      recordOf(gateway, {
        sku: null,
        properties: {
          sku: { name: "WAF_v2", tier: "WAF_v2" },
          enableHttp2: false,
          globalConfiguration: { enableRequestBuffering: false },
          backendHttpSettingsCollection: [
            {
              name: "s",
              properties: {
                validateSNI: false,
                validateCertChainAndExpiry: null,
                pickHostNameFromBackendAddress: false,
                hostName: null,
                requestTimeout: 0,
              },
            },
          ],
        },
      }),
    );
    expect(model.gateways[0]).toMatchObject({
      generation: "v2",
      enableHttp2: false,
      requestBuffering: false,
      responseBuffering: true,
    });
    expect(model.gateways[0]?.settings[0]).toMatchObject({
      validateSni: false,
      validateCertChainAndExpiry: true,
      hostName: undefined,
      requestTimeoutS: 0,
    });
  });

  it("members grow, time grows with them", () => {
    const gatewayOf = (count: number) =>
      recordOf(gateway, {
        backendAddressPools: [
          {
            name: "p",
            backendAddresses: Array.from({ length: count }, (_, i) => ({
              ipAddress: `10.${i >> 16}.${(i >> 8) & 255}.${i & 255}`,
            })),
          },
        ],
      });
    expect(build(gatewayOf(120_000)).gateways[0]?.pools[0]?.members).toHaveLength(120_000);
  });
});
