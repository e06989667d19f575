import { describe, expect, it } from "vitest";
import { type FixCommands, fixCommands } from "../../src/diagnosis/fixes/commands.ts";
import type { Change } from "../../src/model/change.ts";
import type { ResourceRecord } from "../../src/model/resource.ts";
import { Source } from "../../src/model/source.ts";

const group = "/subscriptions/s1/resourceGroups/rg-shop/providers";
const gatewayId = `${group}/Microsoft.Network/applicationGateways/gw`;
const poolId = `${gatewayId}/backendAddressPools/orders`;
const nsgId = `${group}/Microsoft.Network/networkSecurityGroups/nsg-orders`;
const nicConfigId = `${group}/Microsoft.Network/networkInterfaces/nic1/ipConfigurations/ip1`;
const vmId = `${group}/Microsoft.Compute/virtualMachines/vm1`;
const linkId = `${group}/Microsoft.Network/privateDnsZones/contoso.internal/virtualNetworkLinks/hub`;
const subnetId = `${group}/Microsoft.Network/virtualNetworks/v/subnets/s`;

const records: ResourceRecord[] = [
  {
    id: gatewayId,
    type: "microsoft.network/applicationgateways",
    source: new Source("gw.json", "", {
      id: gatewayId,
      properties: {
        backendAddressPools: [
          {
            name: "Orders",
            properties: { backendAddresses: [{ ipAddress: "10.0.1.4" }, { ipAddress: "10.0.1.5" }] },
          },
        ],
      },
    }),
  },
];

interface Row {
  readonly name: string;
  readonly changes: readonly Change[];
  readonly az: FixCommands["az"];
  readonly powershell: FixCommands["powershell"];
  /** Lines the Bicep fragments must hold; `[]` = no fragment. */
  readonly bicep: readonly string[];
}

const fetchGateway = "$gateway = Get-AzApplicationGateway -ResourceGroupName rg-shop -Name gw";
const saveGateway = "Set-AzApplicationGateway -ApplicationGateway $gateway";

const rows: readonly Row[] = [
  {
    name: "two settings of one backend setting become one command",
    changes: [
      {
        action: "set",
        resourceId: `${gatewayId}/backendHttpSettingsCollection/web`,
        path: "requestTimeout",
        value: 60,
      },
      {
        action: "set",
        resourceId: `${gatewayId}/backendHttpSettingsCollection/web`,
        path: "probe/id",
        value: `${gatewayId}/probes/live`,
      },
      {
        action: "set",
        resourceId: `${gatewayId}/backendHttpSettingsCollection/web`,
        path: "connectionDraining/enabled",
        value: true,
      },
    ],
    az: [
      "az network application-gateway http-settings update --resource-group rg-shop --gateway-name gw --name web --timeout 60 --probe live --set connectionDraining.enabled=true",
    ],
    powershell: [
      fetchGateway,
      "$part = $gateway.BackendHttpSettingsCollection | Where-Object Name -eq 'web'",
      "$part.RequestTimeout = 60",
      `$part.Probe = @{ Id = '${gatewayId}/probes/live' }`,
      "$part.ConnectionDraining.Enabled = $true",
      saveGateway,
    ],
    bicep: [
      "resource gw 'Microsoft.Network/applicationGateways@2024-05-01' = {",
      "        name: 'web'",
      "          requestTimeout: 60",
      "            enabled: true",
    ],
  },
  {
    name: "a setting is unset",
    changes: [
      { action: "set", resourceId: `${gatewayId}/probes/p`, path: "host", value: null },
      {
        action: "set",
        resourceId: `${gatewayId}/probes/p`,
        path: "match/statusCodes",
        value: ["200-399", "401"],
      },
    ],
    az: [
      "az network application-gateway probe update --resource-group rg-shop --gateway-name gw --name p --match-status-codes 200-399 401 --remove host",
    ],
    powershell: [
      fetchGateway,
      "$part = $gateway.Probes | Where-Object Name -eq 'p'",
      "$part.Host = [NullString]::Value",
      "if (-not $part.Match) { $part.Match = New-AzApplicationGatewayProbeHealthResponseMatch }",
      "$part.Match.StatusCodes = @('200-399', '401')",
      saveGateway,
    ],
    bicep: ["          host: null", "              '200-399'"],
  },
  {
    name: "a path rule is reached through its map",
    changes: [
      {
        action: "set",
        resourceId: `${gatewayId}/urlPathMaps/m/pathRules/r`,
        path: "backendAddressPool/id",
        value: poolId,
      },
    ],
    az: [
      `az network application-gateway url-path-map update --resource-group rg-shop --gateway-name gw --name m --set 'pathRules[name=r].backendAddressPool.id=${poolId}'`,
    ],
    powershell: [
      fetchGateway,
      "$part = $gateway.UrlPathMaps | Where-Object Name -eq 'm'",
      "$inner = $part.PathRules | Where-Object Name -eq 'r'",
      `$inner.BackendAddressPool = @{ Id = '${poolId}' }`,
      saveGateway,
    ],
    bicep: ["              name: 'r'"],
  },
  {
    name: "a security rule is added",
    changes: [
      {
        action: "add",
        resourceId: nsgId,
        list: "securityRules",
        value: {
          name: "allow-gw",
          priority: 150,
          direction: "Inbound",
          access: "Allow",
          protocol: "Tcp",
          sourceAddressPrefixes: ["10.0.0.0/24", "10.0.9.0/24"],
          sourcePortRange: "*",
          destinationAddressPrefix: "*",
          destinationPortRange: "8080",
        },
      },
    ],
    az: [
      "az network nsg rule create --resource-group rg-shop --nsg-name nsg-orders --name allow-gw --priority 150 --direction Inbound --access Allow --protocol Tcp --source-address-prefixes 10.0.0.0/24 10.0.9.0/24 --source-port-ranges '*' --destination-address-prefixes '*' --destination-port-ranges 8080",
    ],
    powershell: [
      "$nsg = Get-AzNetworkSecurityGroup -ResourceGroupName rg-shop -Name nsg-orders",
      "Add-AzNetworkSecurityRuleConfig -Name allow-gw -Priority 150 -Direction Inbound -Access Allow -Protocol Tcp -SourceAddressPrefix 10.0.0.0/24, 10.0.9.0/24 -SourcePortRange '*' -DestinationAddressPrefix '*' -DestinationPortRange 8080 -NetworkSecurityGroup $nsg | Out-Null",
      "Set-AzNetworkSecurityGroup -NetworkSecurityGroup $nsg",
    ],
    bicep: [
      "resource allowGw 'Microsoft.Network/networkSecurityGroups/securityRules@2024-05-01' = {",
      "  name: 'nsg-orders/allow-gw'",
      "      '10.0.0.0/24'",
    ],
  },
  {
    name: "a pool address is added and another taken out",
    changes: [
      { action: "add", resourceId: poolId, list: "backendAddresses", value: { fqdn: "app.contoso.com" } },
      { action: "remove", resourceId: poolId, list: "backendAddresses", value: { ipAddress: "10.0.1.4" } },
    ],
    az: [
      "az network application-gateway address-pool update --resource-group rg-shop --gateway-name gw --name orders --add backendAddresses fqdn=app.contoso.com",
      "az network application-gateway address-pool update --resource-group rg-shop --gateway-name gw --name orders --servers 10.0.1.5 app.contoso.com",
    ],
    powershell: [
      fetchGateway,
      "$part = $gateway.BackendAddressPools | Where-Object Name -eq 'orders'",
      "$part.BackendAddresses.Add([Microsoft.Azure.Commands.Network.Models.PSApplicationGatewayBackendAddress]@{ Fqdn = 'app.contoso.com' })",
      "$part.BackendAddresses.Remove(($part.BackendAddresses | Where-Object { $_.IpAddress -eq '10.0.1.4' })) | Out-Null",
      saveGateway,
    ],
    bicep: [
      '// in Microsoft.Network/applicationGateways gw, take out of backendAddresses: {"ipAddress":"10.0.1.4"}',
      "              fqdn: 'app.contoso.com'",
    ],
  },
  {
    name: "a network interface joins a pool",
    changes: [
      {
        action: "add",
        resourceId: nicConfigId,
        list: "applicationGatewayBackendAddressPools",
        value: { id: poolId },
      },
    ],
    az: [
      `az network nic ip-config address-pool add --resource-group rg-shop --nic-name nic1 --ip-config-name ip1 --gateway-name gw --address-pool orders`,
    ],
    powershell: [
      "$nic = Get-AzNetworkInterface -ResourceGroupName rg-shop -Name nic1",
      "$part = $nic.IpConfigurations | Where-Object Name -eq 'ip1'",
      `$part.ApplicationGatewayBackendAddressPools.Add([Microsoft.Azure.Commands.Network.Models.PSApplicationGatewayBackendAddressPool]@{ Id = '${poolId}' })`,
      "Set-AzNetworkInterface -NetworkInterface $nic",
    ],
    bicep: ["resource nic1 'Microsoft.Network/networkInterfaces@2024-05-01' = {"],
  },
  {
    name: "a rule is deleted",
    changes: [{ action: "remove", resourceId: nsgId, list: "securityRules", value: { name: "deny-all" } }],
    az: ["az network nsg rule delete --resource-group rg-shop --nsg-name nsg-orders --name deny-all"],
    powershell: [
      "$nsg = Get-AzNetworkSecurityGroup -ResourceGroupName rg-shop -Name nsg-orders",
      "Remove-AzNetworkSecurityRuleConfig -Name 'deny-all' -NetworkSecurityGroup $nsg | Out-Null",
      "Set-AzNetworkSecurityGroup -NetworkSecurityGroup $nsg",
    ],
    bicep: [
      '// in Microsoft.Network/networkSecurityGroups nsg-orders, take out of securityRules: {"name":"deny-all"}',
    ],
  },
  {
    name: "a zone link is created",
    changes: [
      {
        action: "create",
        resourceId: linkId,
        body: {
          location: "global",
          properties: { registrationEnabled: false, virtualNetwork: { id: "/subscriptions/s1/v" } },
        },
      },
    ],
    az: [
      "az network private-dns link vnet create --resource-group rg-shop --zone-name contoso.internal --name hub --registration-enabled false --virtual-network /subscriptions/s1/v",
    ],
    powershell: [
      "New-AzPrivateDnsVirtualNetworkLink -ResourceGroupName rg-shop -ZoneName contoso.internal -Name hub -VirtualNetworkId /subscriptions/s1/v",
    ],
    bicep: [
      "resource hub 'Microsoft.Network/privateDnsZones/virtualNetworkLinks@2020-06-01' = {",
      "  location: 'global'",
      "    registrationEnabled: false",
    ],
  },
  {
    name: "a subnet gets a route table, or loses it",
    changes: [
      { action: "set", resourceId: subnetId, path: "routeTable", value: { id: "/subscriptions/s1/rt" } },
      { action: "set", resourceId: `${subnetId}2`, path: "routeTable", value: null },
    ],
    az: [
      "az network vnet subnet update --resource-group rg-shop --vnet-name v --name s --route-table /subscriptions/s1/rt",
      "az network vnet subnet update --resource-group rg-shop --vnet-name v --name s2 --remove routeTable",
    ],
    powershell: [
      "$vnet = Get-AzVirtualNetwork -ResourceGroupName rg-shop -Name v",
      "$part = $vnet.Subnets | Where-Object Name -eq 's'",
      "$part.RouteTable = @{ Id = '/subscriptions/s1/rt' }",
      "$part = $vnet.Subnets | Where-Object Name -eq 's2'",
      "$part.RouteTable = $null",
      "Set-AzVirtualNetwork -VirtualNetwork $vnet",
    ],
    bicep: ["  name: 'v/s'", "  name: 'v/s2'"],
  },
  {
    name: "a machine is started and a gateway restarted: no template says that",
    changes: [
      { action: "operate", resourceId: vmId, operation: "start", becomes: [] },
      { action: "operate", resourceId: gatewayId, operation: "stop-start", becomes: [] },
    ],
    az: [
      "az vm start --resource-group rg-shop --name vm1",
      "az network application-gateway stop --resource-group rg-shop --name gw",
      "az network application-gateway start --resource-group rg-shop --name gw",
    ],
    powershell: [
      `Start-AzVM -Id ${vmId}`,
      fetchGateway,
      "Stop-AzApplicationGateway -ApplicationGateway $gateway",
      "Start-AzApplicationGateway -ApplicationGateway $gateway",
    ],
    bicep: [],
  },
  {
    name: "a scale set brings its instances up to date",
    changes: [
      {
        action: "operate",
        resourceId: `${group}/Microsoft.Compute/virtualMachineScaleSets/ss`,
        operation: "update-instances",
        becomes: [],
      },
    ],
    az: ["az vmss update-instances --resource-group rg-shop --name ss --instance-ids '*'"],
    powershell: ["Update-AzVmssInstance -ResourceGroupName rg-shop -VMScaleSetName ss -InstanceId '*'"],
    bicep: [],
  },
  {
    name: "an App Service lets the gateway subnet in",
    changes: [
      {
        action: "add",
        resourceId: `${group}/Microsoft.Web/sites/shop`,
        list: "siteConfig/ipSecurityRestrictions",
        value: { name: "gw", action: "Allow", priority: 100, vnetSubnetResourceId: subnetId },
      },
    ],
    az: [
      `az webapp config access-restriction add --resource-group rg-shop --name shop --rule-name gw --action Allow --priority 100 --subnet ${subnetId}`,
    ],
    powershell: [
      `Add-AzWebAppAccessRestrictionRule -ResourceGroupName rg-shop -WebAppName shop -Name gw -Priority 100 -Action Allow -SubnetId ${subnetId}`,
    ],
    bicep: [
      "// merge into your template of the resource; deployed alone, it would drop whatever is not shown",
      "resource shop 'Microsoft.Web/sites@2023-12-01' = {",
      "          action: 'Allow'",
    ],
  },
  {
    name: "a rule names a prefix instead of single addresses",
    changes: [
      {
        action: "set",
        resourceId: `${nsgId}/securityRules/gw`,
        path: "sourceAddressPrefix",
        value: "10.0.0.0/24",
      },
      { action: "set", resourceId: `${nsgId}/securityRules/gw`, path: "sourceAddressPrefixes", value: [] },
    ],
    az: [
      "az network nsg rule update --resource-group rg-shop --nsg-name nsg-orders --name gw --source-address-prefixes 10.0.0.0/24",
    ],
    powershell: [
      "$nsg = Get-AzNetworkSecurityGroup -ResourceGroupName rg-shop -Name nsg-orders",
      "$part = $nsg.SecurityRules | Where-Object Name -eq 'gw'",
      "$part.SourceAddressPrefix = [string[]]@('10.0.0.0/24')",
      "Set-AzNetworkSecurityGroup -NetworkSecurityGroup $nsg",
    ],
    bicep: ["    sourceAddressPrefix: '10.0.0.0/24'", "    sourceAddressPrefixes: []"],
  },
  {
    name: "a probe is added without what only Azure fills in",
    changes: [
      {
        action: "add",
        resourceId: gatewayId,
        list: "probes",
        value: {
          name: "live",
          id: `${gatewayId}/probes/live`,
          provisioningState: "Succeeded",
          protocol: "Https",
          host: "app.contoso.com",
          path: "/live",
          match: { statusCodes: ["200-399", "401"] },
        },
      },
    ],
    az: [
      "az network application-gateway probe create --resource-group rg-shop --gateway-name gw --name live --protocol Https --host app.contoso.com --path /live --match-status-codes 200-399 401",
    ],
    powershell: [
      fetchGateway,
      "$gateway.Probes.Add([Microsoft.Azure.Commands.Network.Models.PSApplicationGatewayProbe]@{ Name = 'live'; Protocol = 'Https'; Host = 'app.contoso.com'; Path = '/live'; Match = @{ StatusCodes = @('200-399', '401') } })",
      saveGateway,
    ],
    bicep: ["        name: 'live'", "          path: '/live'"],
  },
  {
    name: "a record's time to live",
    changes: [
      {
        action: "set",
        resourceId: `${group}/Microsoft.Network/privateDnsZones/corp/A/orders`,
        path: "ttl",
        value: 60,
      },
    ],
    az: [
      "az network private-dns record-set a update --resource-group rg-shop --zone-name corp --name orders --set ttl=60",
    ],
    powershell: [
      `$resource = Get-AzResource -ResourceId ${group}/Microsoft.Network/privateDnsZones/corp/A/orders -ExpandProperties`,
      "$resource.Properties.Ttl = 60",
      "$resource | Set-AzResource -Force",
    ],
    bicep: ["  name: 'corp/orders'", "    ttl: 60"],
  },
  {
    name: "a rule collection is added to a firewall",
    changes: [
      {
        action: "add",
        resourceId: `${group}/Microsoft.Network/azureFirewalls/afw`,
        list: "networkRuleCollections",
        value: { name: "gw", priority: 500, action: { type: "Allow" }, rules: [] },
      },
    ],
    az: [
      `az resource update --ids ${group}/Microsoft.Network/azureFirewalls/afw --add properties.networkRuleCollections '{"name":"gw","properties":{"priority":500,"action":{"type":"Allow"},"rules":[]}}'`,
    ],
    powershell: [
      `$resource = Get-AzResource -ResourceId ${group}/Microsoft.Network/azureFirewalls/afw -ExpandProperties`,
      "$resource.Properties.NetworkRuleCollections += @{ Name = 'gw'; Properties = @{ Priority = 500; Action = @{ Type = 'Allow' }; Rules = @() } }",
      "$resource | Set-AzResource -Force",
    ],
    bicep: ["          action: {", "            type: 'Allow'"],
  },
  {
    name: "a rule names several prefixes instead of one",
    changes: [
      { action: "set", resourceId: `${nsgId}/securityRules/gw`, path: "sourceAddressPrefix", value: null },
      {
        action: "set",
        resourceId: `${nsgId}/securityRules/gw`,
        path: "sourceAddressPrefixes",
        value: ["10.0.0.0/24", "10.0.9.0/24"],
      },
    ],
    az: [
      "az network nsg rule update --resource-group rg-shop --nsg-name nsg-orders --name gw --source-address-prefixes 10.0.0.0/24 10.0.9.0/24",
    ],
    powershell: [
      "$nsg = Get-AzNetworkSecurityGroup -ResourceGroupName rg-shop -Name nsg-orders",
      "$part = $nsg.SecurityRules | Where-Object Name -eq 'gw'",
      "$part.SourceAddressPrefix = [string[]]@('10.0.0.0/24', '10.0.9.0/24')",
      "Set-AzNetworkSecurityGroup -NetworkSecurityGroup $nsg",
    ],
    bicep: ["    sourceAddressPrefix: null"],
  },
  {
    name: "a zone link is deleted without a question in the midst of pasted commands",
    changes: [
      {
        action: "remove",
        resourceId: `${group}/Microsoft.Network/privateDnsZones/contoso.internal`,
        list: "virtualNetworkLinks",
        value: { name: "hub" },
      },
    ],
    az: [
      "az network private-dns link vnet delete --resource-group rg-shop --zone-name contoso.internal --name hub --yes",
    ],
    powershell: [`Remove-AzResource -ResourceId ${linkId} -Force`],
    bicep: [
      '// in Microsoft.Network/privateDnsZones contoso.internal, take out of virtualNetworkLinks: {"name":"hub"}',
      "// a part with a template entry of its own must be deleted by command as well",
    ],
  },
  {
    name: "a network interface joins a pool of another resource group",
    changes: [
      {
        action: "add",
        resourceId: nicConfigId.replace("rg-shop", "rg-vm"),
        list: "applicationGatewayBackendAddressPools",
        value: { id: poolId },
      },
    ],
    az: [
      `az network nic ip-config address-pool add --resource-group rg-vm --nic-name nic1 --ip-config-name ip1 --address-pool ${poolId}`,
    ],
    powershell: [
      "$nic = Get-AzNetworkInterface -ResourceGroupName rg-vm -Name nic1",
      "$part = $nic.IpConfigurations | Where-Object Name -eq 'ip1'",
      `$part.ApplicationGatewayBackendAddressPools.Add([Microsoft.Azure.Commands.Network.Models.PSApplicationGatewayBackendAddressPool]@{ Id = '${poolId}' })`,
      "Set-AzNetworkInterface -NetworkInterface $nic",
    ],
    bicep: ["resource nic1 'Microsoft.Network/networkInterfaces@2024-05-01' = {"],
  },
  {
    name: "an App Service lets in a subnet of another subscription",
    changes: [
      {
        action: "add",
        resourceId: `${group}/Microsoft.Web/sites/shop`,
        list: "siteConfig/ipSecurityRestrictions",
        value: { name: "gw", priority: 100, vnetSubnetResourceId: subnetId.replace("/s1/", "/s2/") },
      },
    ],
    az: [
      `az webapp config access-restriction add --resource-group rg-shop --name shop --rule-name gw --action Allow --priority 100 --subnet ${subnetId.replace("/s1/", "/s2/")} --ignore-missing-endpoint true`,
    ],
    powershell: [
      `Add-AzWebAppAccessRestrictionRule -ResourceGroupName rg-shop -WebAppName shop -Name gw -Priority 100 -Action Allow -SubnetId ${subnetId.replace("/s1/", "/s2/")} -IgnoreMissingServiceEndpoint`,
    ],
    bicep: ["          priority: 100"],
  },
  {
    name: "a peering is made again, and another may be used: nothing else of the network is written",
    changes: [
      {
        action: "remove",
        resourceId: `${group}/Microsoft.Network/virtualNetworks/v`,
        list: "virtualNetworkPeerings",
        value: { name: "hub" },
      },
      {
        action: "add",
        resourceId: `${group}/Microsoft.Network/virtualNetworks/v`,
        list: "virtualNetworkPeerings",
        value: {
          name: "hub",
          remoteVirtualNetwork: { id: "/subscriptions/s1/hub" },
          allowVirtualNetworkAccess: true,
          allowForwardedTraffic: true,
        },
      },
      {
        action: "set",
        resourceId: `${group}/Microsoft.Network/virtualNetworks/v/virtualNetworkPeerings/spoke`,
        path: "allowVirtualNetworkAccess",
        value: true,
      },
    ],
    az: [
      "az network vnet peering delete --resource-group rg-shop --vnet-name v --name hub",
      "az network vnet peering create --resource-group rg-shop --vnet-name v --name hub --remote-vnet /subscriptions/s1/hub --allow-vnet-access true --allow-forwarded-traffic true",
      "az network vnet peering update --resource-group rg-shop --vnet-name v --name spoke --set allowVirtualNetworkAccess=true",
    ],
    powershell: [
      "Remove-AzVirtualNetworkPeering -ResourceGroupName rg-shop -VirtualNetworkName v -Name hub -Force",
      "$vnet = Get-AzVirtualNetwork -ResourceGroupName rg-shop -Name v",
      "Add-AzVirtualNetworkPeering -Name hub -VirtualNetwork $vnet -RemoteVirtualNetworkId /subscriptions/s1/hub -AllowForwardedTraffic",
      "$peering = Get-AzVirtualNetworkPeering -ResourceGroupName rg-shop -VirtualNetworkName v -Name spoke",
      "$peering.AllowVirtualNetworkAccess = $true",
      "Set-AzVirtualNetworkPeering -VirtualNetworkPeering $peering",
    ],
    bicep: [
      "// new, and whole as it is; where a template lists the parts of the outer resource, add it there too",
      "  name: 'v/hub'",
      "  name: 'v/spoke'",
    ],
  },
  {
    name: "an address record is created",
    changes: [
      {
        action: "create",
        resourceId: `${group}/Microsoft.Network/privateDnsZones/corp/A/*`,
        body: { properties: { ttl: 300, aRecords: [{ ipv4Address: "10.0.2.6" }] } },
      },
    ],
    az: [
      "az network private-dns record-set a add-record --resource-group rg-shop --zone-name corp --record-set-name '*' --ipv4-address 10.0.2.6",
    ],
    powershell: [
      "New-AzPrivateDnsRecordSet -ResourceGroupName rg-shop -ZoneName corp -Name '*' -RecordType A -Ttl 300 -PrivateDnsRecord (New-AzPrivateDnsRecordConfig -Ipv4Address 10.0.2.6)",
    ],
    bicep: ["  name: 'corp/*'"],
  },
  {
    name: "a type nobody listed",
    changes: [
      {
        action: "set",
        resourceId: `${group}/Microsoft.Cdn/profiles/x`,
        path: "a/b",
        value: "10",
      },
    ],
    az: [`az resource update --ids ${group}/Microsoft.Cdn/profiles/x --set 'properties.a.b="10"'`],
    powershell: [
      `$resource = Get-AzResource -ResourceId ${group}/Microsoft.Cdn/profiles/x -ExpandProperties`,
      "$resource.Properties.A.B = '10'",
      "$resource | Set-AzResource -Force",
    ],
    bicep: ["resource x 'Microsoft.Cdn/profiles@<api version>' = {", "      b: '10'"],
  },
];

describe("a fix as commands", () => {
  it.each(rows)("$name", ({ changes, az, powershell, bicep }) => {
    const commands = fixCommands(changes, { gatewayId, records });
    expect(commands.az).toEqual(az);
    expect(commands.powershell).toEqual(powershell);
    const lines = commands.bicep.join("\n").split("\n");
    if (bicep.length === 0) expect(commands.bicep).toEqual([]);
    for (const line of bicep) expect(lines).toContain(line);
  });

  it("names the subscription when it is not the gateway's", () => {
    const resourceId = nsgId.replace("/s1/", "/s2/");
    const changes: Change[] = [{ action: "remove", resourceId, list: "securityRules", value: { name: "x" } }];
    expect(fixCommands(changes, { gatewayId, records }).az[0]).toMatch(/ --name x --subscription s2$/);
  });

  it("never lets a name leave its quotes", () => {
    const evil = "x'; rm -rf / #$(id)`id`\u0000\n\u2028; \u2019 Remove-Item";
    const changes: Change[] = [
      {
        action: "set",
        resourceId: `${gatewayId}/probes/${evil.replaceAll("/", "")}`,
        path: "host",
        value: evil,
      },
      { action: "remove", resourceId: nsgId, list: "securityRules", value: { name: evil } },
      { action: "add", resourceId: poolId, list: "backendAddresses", value: { fqdn: evil } },
    ];
    const commands = fixCommands(changes, { gatewayId, records: [] });
    for (const command of commands.az) expect(unquotedShell(command)).not.toMatch(/[;$`#\n]/);
    for (const command of commands.powershell) {
      expect(unquotedPowerShell(command)).not.toMatch(/[;`#\n\u2028]|rm |Remove-Item(?!Prop)/);
    }
    for (const line of commands.bicep.join("\n").split("\n")) {
      expect(line).toMatch(/^(\/\/ |resource |[ ]*[A-Za-z]+: |[ ]*'.*'$|[ ]*[{}\]]$|})/);
    }
  });
});

/** What a POSIX shell would see outside single quotes. */
function unquotedShell(command: string): string {
  return command.replace(/'[^']*'|\\'/g, "");
}

function unquotedPowerShell(command: string): string {
  return command.replace(/'(?:[^'\u2018\u2019\u201a\u201b]|['\u2018\u2019\u201a\u201b]{2})*'/g, "");
}
