/** How the Azure CLI addresses one resource type. Facts of the CLI's reference, as data. */
export interface AzNoun {
  /** The command group, e.g. `network nsg rule`. */
  readonly noun: string;
  /** Options for the names of the resources around it, outermost first. */
  readonly parents: readonly string[];
  /** Default `--name`. */
  readonly nameOption?: string;
  /** False for groups that have no `update`. */
  readonly updates?: false;
  /** True for groups whose `delete` asks first: a question in the midst of pasted commands swallows the next. */
  readonly confirmsDelete?: true;
  /** Settings that have an option of their own, by lower-case path; others are given by `--set`. */
  readonly options?: Readonly<Record<string, string>>;
  /** Settings that `create` takes, by lower-case path. Undefined = not made by this group. */
  readonly creates?: Readonly<Record<string, string>>;
  /** Lower-case settings that follow from the others when it is made: `create` has no option for them. */
  readonly follows?: readonly string[];
}

const ruleOptions = {
  priority: "--priority",
  direction: "--direction",
  access: "--access",
  protocol: "--protocol",
  description: "--description",
  sourceaddressprefix: "--source-address-prefixes",
  sourceaddressprefixes: "--source-address-prefixes",
  sourceportrange: "--source-port-ranges",
  sourceportranges: "--source-port-ranges",
  sourceapplicationsecuritygroups: "--source-asgs",
  destinationaddressprefix: "--destination-address-prefixes",
  destinationaddressprefixes: "--destination-address-prefixes",
  destinationportrange: "--destination-port-ranges",
  destinationportranges: "--destination-port-ranges",
  destinationapplicationsecuritygroups: "--destination-asgs",
};

const routeOptions = {
  addressprefix: "--address-prefix",
  nexthoptype: "--next-hop-type",
  nexthopipaddress: "--next-hop-ip-address",
};

const peeringOptions = {
  remotevirtualnetwork: "--remote-vnet",
  allowvirtualnetworkaccess: "--allow-vnet-access",
  allowforwardedtraffic: "--allow-forwarded-traffic",
  allowgatewaytransit: "--allow-gateway-transit",
  useremotegateways: "--use-remote-gateways",
};

const probeOptions = {
  protocol: "--protocol",
  host: "--host",
  path: "--path",
  port: "--port",
  interval: "--interval",
  timeout: "--timeout",
  unhealthythreshold: "--threshold",
  minservers: "--min-servers",
  pickhostnamefrombackendhttpsettings: "--host-name-from-http-settings",
  "match/statuscodes": "--match-status-codes",
};

const settingOptions = {
  port: "--port",
  protocol: "--protocol",
  requesttimeout: "--timeout",
  hostname: "--host-name",
  pickhostnamefrombackendaddress: "--host-name-from-backend-pool",
  probe: "--probe",
  trustedrootcertificates: "--root-certs",
};

const inGateway = ["--gateway-name"];

/** Sorted by type. */
export const azNouns: Readonly<Record<string, AzNoun>> = {
  "microsoft.apimanagement/service": { noun: "apim", parents: [] },
  "microsoft.compute/virtualmachines": { noun: "vm", parents: [] },
  "microsoft.compute/virtualmachinescalesets": { noun: "vmss", parents: [] },
  "microsoft.network/applicationgateways": {
    noun: "network application-gateway",
    parents: [],
    options: {
      "sku/capacity": "--capacity",
      "autoscaleconfiguration/mincapacity": "--min-capacity",
      "autoscaleconfiguration/maxcapacity": "--max-capacity",
    },
  },
  "microsoft.network/applicationgateways/authenticationcertificates": {
    noun: "network application-gateway auth-cert",
    parents: inGateway,
  },
  "microsoft.network/applicationgateways/backendaddresspools": {
    noun: "network application-gateway address-pool",
    parents: inGateway,
    creates: { backendaddresses: "--servers" },
  },
  "microsoft.network/applicationgateways/backendhttpsettingscollection": {
    noun: "network application-gateway http-settings",
    parents: inGateway,
    options: settingOptions,
    creates: settingOptions,
  },
  "microsoft.network/applicationgateways/backendsettingscollection": {
    noun: "network application-gateway settings",
    parents: inGateway,
  },
  "microsoft.network/applicationgateways/frontendipconfigurations": {
    noun: "network application-gateway frontend-ip",
    parents: inGateway,
  },
  "microsoft.network/applicationgateways/frontendports": {
    noun: "network application-gateway frontend-port",
    parents: inGateway,
    options: { port: "--port" },
    creates: { port: "--port" },
  },
  "microsoft.network/applicationgateways/httplisteners": {
    noun: "network application-gateway http-listener",
    parents: inGateway,
  },
  "microsoft.network/applicationgateways/listeners": {
    noun: "network application-gateway listener",
    parents: inGateway,
  },
  "microsoft.network/applicationgateways/probes": {
    noun: "network application-gateway probe",
    parents: inGateway,
    options: probeOptions,
    creates: probeOptions,
  },
  "microsoft.network/applicationgateways/redirectconfigurations": {
    noun: "network application-gateway redirect-config",
    parents: inGateway,
  },
  "microsoft.network/applicationgateways/requestroutingrules": {
    noun: "network application-gateway rule",
    parents: inGateway,
    options: {
      priority: "--priority",
      backendaddresspool: "--address-pool",
      backendhttpsettings: "--http-settings",
      httplistener: "--http-listener",
      urlpathmap: "--url-path-map",
    },
  },
  "microsoft.network/applicationgateways/routingrules": {
    noun: "network application-gateway routing-rule",
    parents: inGateway,
  },
  "microsoft.network/applicationgateways/sslcertificates": {
    noun: "network application-gateway ssl-cert",
    parents: inGateway,
  },
  "microsoft.network/applicationgateways/trustedrootcertificates": {
    noun: "network application-gateway root-cert",
    parents: inGateway,
  },
  "microsoft.network/applicationgateways/urlpathmaps": {
    noun: "network application-gateway url-path-map",
    parents: inGateway,
    options: {
      defaultbackendaddresspool: "--default-address-pool",
      defaultbackendhttpsettings: "--default-http-settings",
    },
  },
  "microsoft.network/applicationgateways/urlpathmaps/pathrules": {
    noun: "network application-gateway url-path-map rule",
    parents: ["--gateway-name", "--path-map-name"],
    updates: false,
    creates: {
      paths: "--paths",
      backendaddresspool: "--address-pool",
      backendhttpsettings: "--http-settings",
    },
  },
  "microsoft.network/loadbalancers": { noun: "network lb", parents: [] },
  "microsoft.network/natgateways": {
    noun: "network nat gateway",
    parents: [],
    creates: { location: "--location", publicipaddresses: "--public-ip-addresses" },
    follows: ["sku"],
  },
  "microsoft.network/networkinterfaces": {
    noun: "network nic",
    parents: [],
    options: {
      enableipforwarding: "--ip-forwarding",
      networksecuritygroup: "--network-security-group",
    },
  },
  "microsoft.network/networkinterfaces/ipconfigurations": {
    noun: "network nic ip-config",
    parents: ["--nic-name"],
  },
  "microsoft.network/networksecuritygroups": { noun: "network nsg", parents: [] },
  "microsoft.network/networksecuritygroups/securityrules": {
    noun: "network nsg rule",
    parents: ["--nsg-name"],
    options: ruleOptions,
    creates: ruleOptions,
  },
  "microsoft.network/privatednszones": {
    noun: "network private-dns zone",
    parents: [],
    confirmsDelete: true,
    creates: {},
  },
  "microsoft.network/privatednszones/a": {
    noun: "network private-dns record-set a",
    parents: ["--zone-name"],
    confirmsDelete: true,
  },
  "microsoft.network/privatednszones/virtualnetworklinks": {
    noun: "network private-dns link vnet",
    parents: ["--zone-name"],
    confirmsDelete: true,
    creates: { virtualnetwork: "--virtual-network", registrationenabled: "--registration-enabled" },
  },
  "microsoft.network/publicipaddresses": {
    noun: "network public-ip",
    parents: [],
    options: { idletimeoutinminutes: "--idle-timeout" },
    creates: {
      location: "--location",
      "sku/name": "--sku",
      publicipallocationmethod: "--allocation-method",
    },
  },
  "microsoft.network/routetables": {
    noun: "network route-table",
    parents: [],
    options: { disablebgproutepropagation: "--disable-bgp-route-propagation" },
    creates: { location: "--location", disablebgproutepropagation: "--disable-bgp-route-propagation" },
  },
  "microsoft.network/routetables/routes": {
    noun: "network route-table route",
    parents: ["--route-table-name"],
    options: routeOptions,
    creates: routeOptions,
  },
  "microsoft.network/virtualnetworks": {
    noun: "network vnet",
    parents: [],
    options: { "dhcpoptions/dnsservers": "--dns-servers" },
  },
  "microsoft.network/virtualnetworks/subnets": {
    noun: "network vnet subnet",
    parents: ["--vnet-name"],
    options: {
      addressprefix: "--address-prefixes",
      addressprefixes: "--address-prefixes",
      natgateway: "--nat-gateway",
      networksecuritygroup: "--network-security-group",
      routetable: "--route-table",
    },
  },
  "microsoft.network/virtualnetworks/virtualnetworkpeerings": {
    noun: "network vnet peering",
    parents: ["--vnet-name"],
    creates: peeringOptions,
    follows: ["peeringstate", "remoteaddressspace"],
  },
};
