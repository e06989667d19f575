/** How Az PowerShell fetches and saves one resource type as an object. Facts of its reference, as data. */
export interface PowerShellOwner {
  /** `Get-Az…`, by `-ResourceGroupName` and `-Name`. */
  readonly get: string;
  readonly set: string;
  /** The parameter of `set` (and of the commands below) that takes the object. */
  readonly parameter: string;
  readonly variable: string;
  /** Commands that add an element to a collection or take one out, by lower-case collection. */
  readonly parts: Readonly<Record<string, PowerShellPart>>;
}

export interface PowerShellPart {
  readonly add: string;
  readonly remove: string;
  /** Parameter by lower-case setting. Other settings are not known to the command. */
  readonly parameters: Readonly<Record<string, string>>;
}

/** Sorted by type. */
export const powerShellOwners: Readonly<Record<string, PowerShellOwner>> = {
  "microsoft.network/applicationgateways": {
    get: "Get-AzApplicationGateway",
    set: "Set-AzApplicationGateway",
    parameter: "ApplicationGateway",
    variable: "$gateway",
    parts: {},
  },
  "microsoft.network/networkinterfaces": {
    get: "Get-AzNetworkInterface",
    set: "Set-AzNetworkInterface",
    parameter: "NetworkInterface",
    variable: "$nic",
    parts: {},
  },
  "microsoft.network/networksecuritygroups": {
    get: "Get-AzNetworkSecurityGroup",
    set: "Set-AzNetworkSecurityGroup",
    parameter: "NetworkSecurityGroup",
    variable: "$nsg",
    parts: {
      securityrules: {
        add: "Add-AzNetworkSecurityRuleConfig",
        remove: "Remove-AzNetworkSecurityRuleConfig",
        parameters: {
          name: "Name",
          description: "Description",
          priority: "Priority",
          direction: "Direction",
          access: "Access",
          protocol: "Protocol",
          sourceaddressprefix: "SourceAddressPrefix",
          sourceaddressprefixes: "SourceAddressPrefix",
          sourceportrange: "SourcePortRange",
          sourceportranges: "SourcePortRange",
          destinationaddressprefix: "DestinationAddressPrefix",
          destinationaddressprefixes: "DestinationAddressPrefix",
          destinationportrange: "DestinationPortRange",
          destinationportranges: "DestinationPortRange",
        },
      },
    },
  },
  "microsoft.network/publicipaddresses": {
    get: "Get-AzPublicIpAddress",
    set: "Set-AzPublicIpAddress",
    parameter: "PublicIpAddress",
    variable: "$address",
    parts: {},
  },
  "microsoft.network/routetables": {
    get: "Get-AzRouteTable",
    set: "Set-AzRouteTable",
    parameter: "RouteTable",
    variable: "$table",
    parts: {
      routes: {
        add: "Add-AzRouteConfig",
        remove: "Remove-AzRouteConfig",
        parameters: {
          name: "Name",
          addressprefix: "AddressPrefix",
          nexthoptype: "NextHopType",
          nexthopipaddress: "NextHopIpAddress",
        },
      },
    },
  },
  "microsoft.network/virtualnetworks": {
    get: "Get-AzVirtualNetwork",
    set: "Set-AzVirtualNetwork",
    parameter: "VirtualNetwork",
    variable: "$vnet",
    parts: {},
  },
};

/** Settings that Az PowerShell's objects call otherwise than Azure does, by lower-case name. */
export const powerShellNames: Readonly<Record<string, string>> = {
  sourceaddressprefixes: "SourceAddressPrefix",
  sourceportranges: "SourcePortRange",
  destinationaddressprefixes: "DestinationAddressPrefix",
  destinationportranges: "DestinationPortRange",
  addressprefixes: "AddressPrefix",
};

/** Texts that may be unset, in lower case. */
export const powerShellTexts: ReadonlySet<string> = new Set(["host", "hostname", "nexthopipaddress", "path"]);

/** Elements of these lists are objects of a class of their own. */
export const powerShellClasses: Readonly<Record<string, string>> = {
  applicationgatewaybackendaddresspools: "PSApplicationGatewayBackendAddressPool",
  authenticationcertificates: "PSResourceId",
  backendaddresses: "PSApplicationGatewayBackendAddress",
  pathrules: "PSApplicationGatewayPathRule",
  probes: "PSApplicationGatewayProbe",
  trustedrootcertificates: "PSResourceId",
};

/** Nested objects that may be unset, and what makes an empty one. */
export const powerShellMakers: Readonly<Record<string, string>> = {
  match: "New-AzApplicationGatewayProbeHealthResponseMatch",
};
