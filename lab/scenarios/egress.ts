import { addMachine, type BaseWish, baseWorld, httpProgram, names } from "../world/base.ts";
import { changed, type Draft } from "../world/draft.ts";
import { addImages, addImagesZone } from "../world/endpoint.ts";
import { networkId } from "../world/resource.ts";
import type { Scenario } from "./scenario.ts";

/** A broken world is a healthy one and one edit. */
const broken = (wish: BaseWish, edit: (draft: Draft) => void) => () => changed(baseWorld(wish), edit);

const inside = [{ url: names.url, from: "jump", times: 2 }] as const;

/** A private frontend, which clients inside use, and one of them; without the public one the gateway is isolated. */
function privateFrontend(draft: Draft, isolated: boolean): void {
  draft.part("frontendIPConfigurations", "private", {
    privateIPAddress: "10.10.1.10",
    privateIPAllocationMethod: "Static",
    subnet: { id: networkId("virtualNetworks", names.hub, "subnets", "snet-gateway") },
  });
  draft.part("httpListeners", "web", {
    frontendIPConfiguration: draft.partLink("frontendIPConfigurations", "private"),
  });
  if (isolated)
    draft.withoutPart("frontendIPConfigurations", "public").without("publicIPAddresses", "pip-agw");
  addMachine(draft, {
    ...{ name: "jump", address: "10.10.9.20", network: names.hub, subnet: "snet-nva", programs: [] },
  });
}

/** The pool's only member is at a public address. */
function publicServer(draft: Draft, port = 8080): void {
  const address = "198.51.100.60";
  draft
    .addHost({ name: "origin", at: { internet: address }, programs: [httpProgram(port)] })
    .part("backendAddressPools", "pool-app", { backendAddresses: [{ ipAddress: address }] });
}

function defaultRoute(draft: Draft, hop: "None" | "Internet" | { readonly appliance: string }): void {
  draft
    .route("rt-gateway", { name: "default", prefix: "0.0.0.0/0", hop })
    .subnet(names.hub, "snet-gateway", { routeTable: { id: networkId("routeTables", "rt-gateway") } });
}

/** Without the subnet for one there is no virtual network gateway, and no way out by the routes it teaches. */
function withoutGatewaySubnet(draft: Draft): void {
  const subnets = draft.world.resources.find(({ name }) => name === names.hub)?.subnets;
  const kept = Array.isArray(subnets) ? subnets.filter(({ name }) => name !== "GatewaySubnet") : [];
  draft.resource("virtualNetworks", names.hub, { subnets: kept });
}

const denyIn = { priority: 90, direction: "Inbound", access: "Deny", protocol: "*" } as const;

const scenarios: readonly Omit<Scenario, "family">[] = [
  {
    variant: "infra-ports-denied",
    about: "The gateway's subnet denies the ports by which Azure manages it; requests go on.",
    world: broken({}, (draft) =>
      draft.rule("nsg-gateway", {
        ...denyIn,
        name: "deny-high",
        from: "GatewayManager",
        ports: "65200-65535",
      }),
    ),
    expects: [{ cause: "nsg-infra-ports", asRisk: true }],
    fails: "never",
  },
  {
    variant: "infra-ports-denied-v1",
    about: "A v1 gateway's subnet denies the tag GatewayManager altogether.",
    world: broken({ generation: "v1" }, (draft) =>
      draft.rule("nsg-gateway", { ...denyIn, name: "deny-manager", from: "GatewayManager" }),
    ),
    expects: [{ cause: "nsg-infra-ports", asRisk: true }],
    fails: "never",
  },
  {
    variant: "infra-ports-twin-others-denied",
    about: "The gateway's subnet denies other ports to the tag GatewayManager.",
    world: broken({}, (draft) =>
      draft.rule("nsg-gateway", { ...denyIn, name: "deny-low", from: "GatewayManager", ports: "1-1024" }),
    ),
    expects: [],
  },
  {
    variant: "balancer-denied",
    about: "The gateway's subnet denies Azure's load balancer.",
    world: broken({}, (draft) =>
      draft.rule("nsg-gateway", { ...denyIn, name: "deny-probes", from: "AzureLoadBalancer" }),
    ),
    expects: [{ cause: "nsg-lb-denied", asRisk: true }],
    fails: "never",
  },
  {
    variant: "balancer-denied-by-everything-v1",
    about: "A rule denies everything that is not allowed before, and nothing allows the load balancer.",
    world: broken({ generation: "v1" }, (draft) =>
      draft
        .withoutRule("nsg-gateway", "allow-balancer")
        .rule("nsg-gateway", {
          ...{ name: "allow-manager-v1", priority: 115, direction: "Inbound", access: "Allow" },
          ...{ from: "GatewayManager", ports: "65503-65534" },
        })
        .rule("nsg-gateway", { ...denyIn, name: "deny-rest", priority: 4000 }),
    ),
    expects: [{ cause: "nsg-lb-denied", asRisk: true }],
    fails: "never",
  },
  {
    variant: "default-route-appliance-drops",
    about: "The default route leads to an appliance that lets nothing out, and the server is a public one.",
    world: broken({}, (draft) => {
      privateFrontend(draft, false);
      publicServer(draft);
      addMachine(draft, {
        ...{ name: "appliance", address: names.appliance, network: names.hub, subnet: "snet-nva" },
        programs: [],
        nic: { enableIPForwarding: true },
        host: { forwards: true, firewall: { forward: [{ action: "drop" }] } },
      });
      defaultRoute(draft, { appliance: names.appliance });
    }),
    requests: inside,
    expects: [{ cause: "route-gw-default-nva" }],
  },
  {
    variant: "default-route-none",
    about: "The default route leads to None, and the server is a public one.",
    world: broken({}, (draft) => {
      privateFrontend(draft, false);
      publicServer(draft);
      defaultRoute(draft, "None");
    }),
    requests: inside,
    expects: [
      {
        cause: "route-gw-default-nva",
        equals: [{ cause: "route-gw-blackhole", why: "one route that both descriptions fit" }],
      },
    ],
  },
  {
    variant: "default-route-twin-internet",
    about: "The default route of one's own leads to the Internet.",
    world: broken({}, (draft) => {
      publicServer(draft);
      defaultRoute(draft, "Internet");
    }),
    expects: [],
  },
  {
    variant: "isolated-public-server",
    about: "A gateway without a public frontend, without a NAT gateway, and a public server.",
    world: broken({}, (draft) => {
      privateFrontend(draft, true);
      publicServer(draft);
      withoutGatewaySubnet(draft);
    }),
    requests: inside,
    expects: [{ cause: "private-gw-no-egress" }],
  },
  {
    variant: "isolated-public-server-own-route",
    about: "The same, with a route table that leads to the Internet, which gives no address to leave with.",
    world: broken({ members: "fqdn" }, (draft) => {
      privateFrontend(draft, true);
      publicServer(draft);
      withoutGatewaySubnet(draft);
      defaultRoute(draft, "Internet");
    }),
    requests: inside,
    expects: [{ cause: "private-gw-no-egress" }],
  },
  {
    variant: "isolated-twin-nat",
    about: "A gateway without a public frontend, whose subnet has a NAT gateway.",
    world: broken({}, (draft) => {
      privateFrontend(draft, true);
      publicServer(draft);
      withoutGatewaySubnet(draft);
      draft
        .resource("natGateways", "nat-hub", { sku: { name: "Standard" } })
        .subnet(names.hub, "snet-gateway", { natGateway: { id: networkId("natGateways", "nat-hub") } });
    }),
    requests: inside,
    expects: [],
  },
  {
    variant: "isolated-endpoint-of-another-region",
    about: "A gateway without a public frontend, and a private endpoint over a peering to another region.",
    world: broken({ servers: 1, port: 80 }, (draft) => {
      privateFrontend(draft, true);
      addImages(draft);
      addImagesZone(draft, names.hub);
      draft.resource("virtualNetworks", names.spoke, { location: "northeurope" });
    }),
    requests: inside,
    expects: [{ cause: "pe-global-peering-isolated" }],
  },
  {
    variant: "isolated-endpoint-of-another-region-by-address",
    about: "The same, and the pool names the endpoint by its address.",
    world: broken({ servers: 1, port: 80 }, (draft) => {
      privateFrontend(draft, true);
      addImages(draft);
      draft
        .part("backendAddressPools", "pool-app", { backendAddresses: [{ ipAddress: "10.20.9.4" }] })
        .resource("virtualNetworks", names.spoke, { location: "northeurope" });
    }),
    requests: inside,
    expects: [{ cause: "pe-global-peering-isolated" }],
  },
  {
    variant: "isolated-endpoint-twin-same-region",
    about:
      "A gateway without a public frontend, and a private endpoint in a peered network of its own region.",
    world: broken({ servers: 1, port: 80 }, (draft) => {
      privateFrontend(draft, true);
      addImages(draft);
      addImagesZone(draft, names.hub);
    }),
    requests: inside,
    expects: [],
  },
];

export default scenarios.map((one): Scenario => ({ family: "egress", ...one }));
