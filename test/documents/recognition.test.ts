import { describe, expect, it } from "vitest";
import { buildModel } from "../../src/model/build.ts";
import { flattened, group, idOf, nsg, read, readOne } from "./support.ts";

describe("what is left out, and why", () => {
  it.each([
    [
      "ARM template",
      {
        $schema: "https://schema.management.azure.com/schemas/2019-04-01/deploymentTemplate.json#",
        resources: [nsg],
      },
      /expressions only Azure can resolve.*az network application-gateway show/,
    ],
    [
      "ARM template parameters",
      { $schema: "https://x/deploymentParameters.json#", parameters: {} },
      /one half of a template/,
    ],
    [
      "Terraform plan",
      { format_version: "1.1", terraform_version: "1.3", planned_values: {} },
      /Terraform plan/,
    ],
    ["Terraform state", { version: 4, terraform_version: "1.3", resources: [] }, /Terraform state/],
    [
      "HTTP recording",
      { version: 1, interactions: [{ request: {}, response: {} }] },
      /save the body of the answer/,
    ],
    ["Causeway report", { format: "causeway/diagnosis/v1", findings: [] }, /output of Causeway itself/],
    [
      "Azure error answer",
      { error: { code: "AuthorizationFailed", message: "secret words" } },
      /AuthorizationFailed/,
    ],
    ["Kubernetes manifest", { apiVersion: "v1", kind: "Service", metadata: {} }, /Kubernetes/],
    ["schema or API description", { swagger: "2.0", paths: {} }, /API description/],
    [
      "microsoft.storage/storageaccounts",
      { id: idOf("Microsoft.Storage/storageAccounts", "s"), properties: { a: 1 } },
      /plays no part/,
    ],
    [
      "network security group",
      { id: nsg.id, name: "nsg1", type: nsg.type, location: "x", properties: null },
      /only named, without its settings/,
    ],
    ["JSON document", { hello: "world" }, /unknown form \(its fields: hello\)/],
    ["JSON document", { hello: { name: "world" } }, /unknown form/],
    ["empty list", [], /empty list/],
    ["JSON value", "[1]", /bare JSON value/],
    [
      "Bicep",
      "param location string = 'westeurope'\nresource v 'Microsoft.Network/virtualNetworks@2023-01-01' = {}\n",
      /Bicep/,
    ],
    ["Terraform", 'resource "azurerm_application_gateway" "g" {\n}\n', /Terraform code/],
    ["Terraform variables", 'location = "westeurope"\n', /Terraform variables/],
    ["HTTP recording", "interactions:\n- request:\n    body: null\n", /recording/],
    ["Kubernetes manifest", "apiVersion: v1\nkind: Service\n", /Kubernetes/],
    ["YAML", "name: x\nvalue: 1\n", /YAML/],
    ["PowerShell list", "Name              : gw\nResourceGroupName : rg\n", /ConvertTo-Json/],
    ["table", "Name    Group\n------  -------\ngw      rg\n", /-o json/],
    ["XML or HTML", "<html><body>sign in</body></html>", /HTML/],
    ["certificate or key", "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n", /key file/],
    ["text", "Hello, this is a note.", /plain text/],
    ["binary data", Buffer.from([1, 0, 0, 0, 2, 0, 0, 0]), /binary/],
    ["empty", "", /empty/],
    ["empty", " \n\t\n", /empty/],
  ])("%s", async (kind, content, note) => {
    const set = await readOne(content);
    expect(set.failures).toEqual([]);
    expect(set.records).toEqual([]);
    expect(set.documents).toMatchObject([{ kind, used: false }]);
    expect(set.documents[0]?.note).toMatch(note);
    expect(set.documents[0]?.note).not.toContain("secret words");
  });

  it("a list of what a resource group holds does not say how it is set", async () => {
    const entry = {
      changedTime: "x",
      id: nsg.id,
      identity: null,
      kind: null,
      location: "we",
      name: "nsg1",
      properties: null,
      sku: null,
      tags: {},
      type: nsg.type,
    };
    const set = await readOne([entry, { ...entry, id: `${nsg.id}2` }]);
    expect(set.records).toEqual([]);
    expect([...set.listedTypes]).toEqual([]);
    expect(set.documents[0]?.note).toMatch(/^ignored: 2 × a network security group that is only named/);
  });
});

describe("lists", () => {
  const vnet = {
    id: idOf("Microsoft.Network/virtualNetworks", "v"),
    properties: { addressSpace: { addressPrefixes: ["10.0.0.0/16"] } },
  };

  it("of everything in a resource group", async () => {
    const storage = { id: idOf("Microsoft.Storage/storageAccounts", "s"), properties: { a: 1 } };
    const set = await readOne([nsg, vnet, storage]);
    expect([...set.listedTypes].sort()).toEqual([
      "microsoft.network/networksecuritygroups",
      "microsoft.network/virtualnetworks",
    ]);
    expect(set.documents).toMatchObject([{ kind: "several resources", used: true }]);
    expect(set.documents[0]?.note).toBe(
      "read: 1 network security group, 1 virtual network; ignored: 1 × microsoft.storage/storageaccounts plays no part in what Causeway decides",
    );
  });

  it("that are not of one kind of resource say nothing when empty", async () => {
    expect([...(await readOne({ value: [] })).listedTypes]).toEqual([]);
  });

  it("pointers lead to the element", async () => {
    const set = await readOne({ value: [vnet, nsg] });
    const model = buildModel(set);
    expect(model.network.networkSecurityGroups[0]?.rules[0]?.source).toMatchObject({
      document: "one.json",
      pointer: "/value/1/properties/securityRules/0",
    });
  });
});

describe("resources without id", () => {
  it("get the id by which others refer to them", async () => {
    const vnet = {
      id: idOf("Microsoft.Network/virtualNetworks", "v"),
      subnets: [{ name: "s", addressPrefix: "10.0.0.0/24", networkSecurityGroup: { id: nsg.id } }],
      addressSpace: { addressPrefixes: ["10.0.0.0/16"] },
    };
    const set = await read({ "nsg.json": { name: "nsg1", securityRules: [] }, "vnet.json": vnet });
    const model = buildModel(set);
    expect(model.network.networkSecurityGroups[0]?.id).toBe(nsg.id);
    expect(model.network.subnets[0]?.networkSecurityGroup?.target?.name).toBe("nsg1");
  });

  it("get the id their parts begin with", async () => {
    const id = idOf("Microsoft.Network/applicationGateways", "g");
    const set = await readOne({ properties: { httpListeners: [{ id: `${id}/httpListeners/l` }] }, tags: {} });
    expect(set.records).toMatchObject([{ id, type: "microsoft.network/applicationgateways" }]);
  });

  it("get the id of the example's parameters", async () => {
    const set = await readOne({
      parameters: { subscriptionId: "s", resourceGroupName: "r", networkInterfaceName: "n" },
      responses: {
        "200": {
          body: {
            value: [
              { state: "Active", source: "Default", addressPrefix: ["0.0.0.0/0"], nextHopType: "Internet" },
            ],
          },
        },
      },
    });
    const model = buildModel(set);
    expect(model.network.effectiveRoutes[0]?.networkInterface?.id).toBe(
      "/subscriptions/s/resourceGroups/r/providers/Microsoft.Network/networkInterfaces/n",
    );
  });

  it("stay apart from each other", async () => {
    const model = buildModel(await readOne([{ securityRules: [] }, { securityRules: [] }]));
    expect(model.network.networkSecurityGroups).toHaveLength(2);
  });

  it.each([
    ["application gateway", { httpListeners: [], requestRoutingRules: [] }],
    ["virtual network", { name: "v", addressSpace: { addressPrefixes: [] } }],
    ["route table", { name: "t", routes: [{ name: "r", addressPrefix: "0.0.0.0/0", nextHopType: "None" }] }],
    ["network interface", { name: "n", ipConfigurations: [{ name: "c", privateIPAddress: "10.0.0.4" }] }],
    ["public IP address", { name: "p", publicIPAllocationMethod: "Static" }],
    ["virtual machine", { name: "m", hardwareProfile: { vmSize: "x" }, powerState: "VM running" }],
    ["scale set", { name: "s", upgradePolicy: { mode: "Manual" }, virtualMachineProfile: {} }],
    ["private DNS zone", { name: "z.example", numberOfRecordSets: 1 }],
    ["private endpoint", { name: "e", privateLinkServiceConnections: [] }],
    ["load balancer", { name: "l", frontendIPConfigurations: [], loadBalancingRules: [] }],
    ["Azure Firewall", { name: "f", threatIntelMode: "Alert" }],
    ["virtual network gateway", { name: "g", gatewayType: "Vpn", ipConfigurations: [] }],
    ["App Service site", { name: "w", enabledHostNames: ["w.azurewebsites.net"] }],
    ["API Management service", { name: "a", gatewayUrl: "https://a.azure-api.net" }],
    [
      "Container Apps environment",
      { name: "c", defaultDomain: "x.westeurope.azurecontainerapps.io", staticIp: "10.0.0.9" },
    ],
  ])("are recognised by their shape: %s", async (kind, content) => {
    for (const notation of [content, { properties: content }]) {
      const set = await readOne(notation);
      expect(set.documents).toMatchObject([{ kind, used: true }]);
      expect(buildModel(set).problems).toEqual([]);
    }
  });
});

describe("the same resource in two documents", () => {
  it("is read once when the exports are the same", async () => {
    const set = await read({ "a.json": nsg, "b.json": { ...nsg } });
    expect(set.records).toHaveLength(1);
    expect(set.documents[1]?.note).toBe(
      "read: 1 network security group; the same network security group stands in a.json, too, and was read once",
    );
  });

  it("is completed by the other export, also with the id in another case", async () => {
    const id = idOf("Microsoft.Compute/virtualMachines", "m");
    const set = await read({
      "list.json": [
        {
          id,
          name: "m",
          hardwareProfile: { vmSize: "s" },
          instanceView: null,
          networkProfile: {
            networkInterfaces: [{ id: `${group}/providers/Microsoft.Network/networkInterfaces/n` }],
          },
        },
      ],
      "show.json": { id: id.toUpperCase(), name: "m", powerState: "VM deallocated" },
    });
    const machines = buildModel(set).network.virtualMachines;
    expect(machines).toHaveLength(1);
    expect(machines[0]).toMatchObject({ powerState: "deallocated", networkInterfaces: { length: 1 } });
    expect(set.documents[1]?.note).toMatch(/list\.json is the same resource: the fuller export counts/);
  });
});

describe("settings that do not say of what", () => {
  const site = (name: string) => ({
    id: idOf("Microsoft.Web/sites", name),
    type: "Microsoft.Web/sites",
    defaultHostName: `${name}.azurewebsites.net`,
  });
  const restrictions = {
    ipSecurityRestrictions: [{ name: "r", action: "Deny", priority: 1, ip_address: "Any" }],
    ipSecurityRestrictionsDefaultAction: "Deny",
    scmIpSecurityRestrictions: [],
    scmIpSecurityRestrictionsUseMain: false,
  };

  it("are those of the only site", async () => {
    const set = await read({ "restrictions.json": restrictions, "site.json": site("a") });
    expect(set.documents[0]).toMatchObject({ kind: "App Service configuration", used: true });
    expect(buildModel(set).network.webSites[0]?.accessRestrictions?.defaultAction).toBe("Deny");
  });

  it("are left out when there are several sites, or none", async () => {
    for (const sites of [[], [site("a"), site("b")]]) {
      const set = await read({ "restrictions.json": restrictions, "sites.json": sites });
      expect(set.documents[0]).toMatchObject({ used: false });
      expect(set.documents[0]?.note).toContain("settings of a site that do not say of which");
      expect(buildModel(set).network.webSites.every((one) => one.accessRestrictions === undefined)).toBe(
        true,
      );
    }
  });

  it("`az webapp config show` gives them the id of the site", async () => {
    const id = site("a").id;
    const set = await read({
      "site.json": site("a"),
      "config.json": { id, name: "a", type: "Microsoft.Web/sites", numberOfWorkers: 1, ...restrictions },
    });
    expect(buildModel(set).network.webSites).toMatchObject([
      { defaultHostName: "a.azurewebsites.net", accessRestrictions: { defaultAction: "Deny" } },
    ]);
  });
});

describe("effective rules and routes", () => {
  const nic = idOf("Microsoft.Network/networkInterfaces", "n");
  const route = { source: "Default", state: "Active", addressPrefix: ["0.0.0.0/0"], nextHopType: "Internet" };
  const rules = {
    association: { networkInterface: { id: nic } },
    effectiveSecurityRules: [{ name: "r", priority: 100, direction: "Inbound", access: "Allow" }],
  };

  it.each([
    ["routes of the Azure CLI", { value: [route] }, undefined],
    ["routes alone", [route], undefined],
    ["routes with the interface beside them", { id: nic, value: [route] }, nic],
    ["routes with a reference to the interface", { networkInterface: { id: nic }, value: [route] }, nic],
    ["rules that name the interface", { value: [rules] }, nic],
    ["rules of the subnet alone", { value: [{ ...rules, association: {} }] }, undefined],
  ])("%s", async (_name, content, owner) => {
    const model = buildModel(await readOne(content));
    const [found] = [...model.network.effectiveRoutes, ...model.network.effectiveSecurityGroups];
    expect(found).toBeDefined();
    expect(found?.networkInterface?.id).toBe(owner);
    expect(model.network.networkInterfaces).toEqual([]);
  });
});

describe("PowerShell", () => {
  it("takes a part that was cut off from its text", async () => {
    const set = await readOne({
      Id: nsg.id,
      Name: "nsg1",
      SecurityRules: ["Microsoft.Azure.Commands.Network.Models.PSSecurityRule"],
      SecurityRulesText: JSON.stringify([
        {
          Name: "r",
          Priority: 100,
          Direction: "Inbound",
          Access: "Allow",
          Protocol: "*",
          SourcePortRange: ["*"],
          DestinationPortRange: ["80", "443"],
          SourceAddressPrefix: ["*"],
          DestinationAddressPrefix: ["*"],
        },
      ]),
    });
    expect(buildModel(set).network.networkSecurityGroups[0]?.rules[0]).toMatchObject({
      name: "r",
      destinationPorts: ["80", "443"],
    });
  });
});

describe("secrets", () => {
  it("never reach a note or a message", async () => {
    const id = idOf("Microsoft.Network/applicationGateways", "g");
    const set = await read({
      "g.json": {
        id,
        name: "g",
        httpListeners: [],
        sslCertificates: [{ name: "c", data: "SECRET", password: "SECRET" }],
        secretText: "[SECRET",
      },
      "h.json": { clientSecret: "SECRET", nested: { key: "SECRET" } },
      "i.json": flattened({ ...nsg, type: "SECRET SECRET/SECRET.x/y" }),
    });
    const model = buildModel(set);
    expect(JSON.stringify([set.documents, set.failures, model.problems])).not.toContain("SECRET");
  });
});
