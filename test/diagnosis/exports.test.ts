import { describe, expect, test } from "vitest";
import { accessLogExport, exportCommand, healthExport } from "../../src/diagnosis/exports.ts";

const id = (rest: string): string => `/subscriptions/s/resourceGroups/rg/providers/Microsoft.Network/${rest}`;
const zone = id("privateDnsZones/z.example");

describe("commands that export what is missing", () => {
  test.each([
    ["Microsoft.Network/networkSecurityGroups", undefined, "az network nsg list > nsgs.json"],
    [
      "microsoft.network/networksecuritygroups",
      id("networkSecurityGroups/n 1"),
      `az network nsg show --ids '${id("networkSecurityGroups/n 1")}' > n-1.json`,
    ],
    [
      "microsoft.network/privatednszones/virtualnetworklinks",
      zone,
      "az network private-dns link vnet list --resource-group rg --zone-name z.example > zone-links.json",
    ],
    [
      "microsoft.network/privatednszones/a",
      zone,
      "az network private-dns record-set list --resource-group rg --zone-name z.example > zone-records.json",
    ],
    [
      "microsoft.network/servicetags",
      undefined,
      "az network list-service-tags --location <region> > service-tags.json",
    ],
    [
      "microsoft.network/virtualnetworkgateways",
      id("virtualNetworkGateways/g"),
      "az network vnet-gateway show --resource-group rg --name g > vnet-gateway.json",
    ],
    [
      "microsoft.compute/virtualmachinescalesets",
      "/subscriptions/s/resourceGroups/rg/providers/Microsoft.Compute/virtualMachineScaleSets/ss",
      "az vmss show --subscription s --resource-group rg --name ss > ss.json",
    ],
    [
      "microsoft.network/privatednszones",
      zone,
      "az network private-dns zone show --subscription s --resource-group rg --name z.example > z.example.json",
    ],
    [
      "microsoft.sql/servers",
      undefined,
      "az resource list --resource-type microsoft.sql/servers > servers.json",
    ],
  ])("%s", (type, resourceId, command) => {
    expect(exportCommand(type, resourceId)).toBe(command);
  });

  test("a hostile name stays one word", () => {
    const hostile = id("applicationGateways/x; rm -rf '$HOME'\n&");
    expect(healthExport(hostile)).toContain(`--name 'x; rm -rf '\\''$HOME'\\''&'`);
    expect(accessLogExport(id('applicationGateways/x" or 1=1 //'))).toContain('x\\" or 1=1 //');
  });
});
