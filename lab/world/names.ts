/** Names and addresses of the base worlds. */
export const names = {
  host: "shop.contoso.example",
  url: "http://shop.contoso.example/",
  route: "web/app",
  zone: "internal.contoso.example",
  hub: "vnet-hub",
  spoke: "vnet-spoke",
  gatewaySubnet: "10.10.1.0/24",
  gatewayAddress: "10.10.1.4",
  appSubnet: "10.10.2.0/24",
  spokeSubnet: "10.20.1.0/24",
  premisesPrefix: "10.30.0.0/16",
  appliance: "10.10.9.4",
  publicAddress: "203.0.113.10",
} as const;
