import { type BaseWish, baseWorld, names, serverSubnet } from "../world/base.ts";
import { changed, type Draft } from "../world/draft.ts";
import { networkId } from "../world/resource.ts";
import type { Scenario } from "./scenario.ts";

const deny = { priority: 90, access: "Deny" } as const;

/** A broken world is a healthy one and one edit. */
const broken = (wish: BaseWish, edit: (draft: Draft) => void) => () => changed(baseWorld(wish), edit);

/** A security group on the interface of every server, which lets the gateway in on these ports. */
function onInterfaces(draft: Draft, ports: string): void {
  draft.group("nsg-machine").rule("nsg-machine", {
    ...{ name: "allow-gateway", priority: 100, direction: "Inbound", access: "Allow" },
    ...{ from: names.gatewaySubnet, ports },
  });
  draft.rule("nsg-machine", {
    name: "deny-rest",
    priority: 4000,
    direction: "Inbound",
    access: "Deny",
    protocol: "*",
  });
  for (const server of ["app-1", "app-2"]) {
    draft.resource("networkInterfaces", `nic-${server}`, {
      networkSecurityGroup: { id: networkId("networkSecurityGroups", "nsg-machine") },
    });
  }
}

/** Only what is allowed by name comes in. */
function closed(draft: Draft, place: BaseWish["place"] = "same"): void {
  draft.rule(serverSubnet(place).group, {
    ...{ name: "deny-rest", priority: 4000, direction: "Inbound", access: "Deny", protocol: "*" },
  });
}

const scenarios: readonly Omit<Scenario, "family">[] = [
  {
    variant: "gw-out-deny-subnet",
    about: "A rule of the gateway's subnet denies the servers' subnet outbound.",
    world: broken({}, (draft) =>
      draft.rule("nsg-gateway", {
        ...deny,
        name: "deny-app",
        direction: "Outbound",
        protocol: "*",
        to: names.appSubnet,
      }),
    ),
    expects: [{ cause: "nsg-gw-out" }],
  },
  {
    variant: "gw-out-deny-port-v1-fqdn",
    about: "A rule of the gateway's subnet denies the servers' port towards the whole network.",
    world: broken({ generation: "v1", members: "fqdn" }, (draft) =>
      draft.rule("nsg-gateway", {
        ...{ ...deny, name: "deny-8080", direction: "Outbound" },
        ...{ to: "VirtualNetwork", ports: "8000-8999" },
      }),
    ),
    expects: [{ cause: "nsg-gw-out" }],
  },
  {
    variant: "gw-out-deny-peered-https",
    about: "The servers are in a peered network, which the gateway's subnet may not send to.",
    world: broken({ place: "peered", protocol: "Https" }, (draft) =>
      draft.rule("nsg-gateway", {
        ...deny,
        name: "deny-spoke",
        direction: "Outbound",
        to: "10.20.0.0/16",
        ports: "*",
      }),
    ),
    expects: [{ cause: "nsg-gw-out" }],
  },
  {
    variant: "gw-out-twin-other-port",
    about: "The gateway's subnet denies another port of the servers' subnet outbound.",
    world: broken({}, (draft) =>
      draft.rule("nsg-gateway", {
        ...deny,
        name: "deny-9090",
        direction: "Outbound",
        to: names.appSubnet,
        ports: "9090",
      }),
    ),
    expects: [],
  },
  {
    variant: "gw-out-twin-allowed-before",
    about: "A rule with a better priority allows what the denying one names.",
    world: broken({}, (draft) =>
      draft
        .rule("nsg-gateway", {
          ...deny,
          name: "deny-app",
          direction: "Outbound",
          protocol: "*",
          to: names.appSubnet,
        })
        .rule("nsg-gateway", {
          ...{ name: "allow-app", priority: 80, direction: "Outbound", access: "Allow" },
          ...{ to: names.appSubnet, ports: "8080" },
        }),
    ),
    expects: [],
  },
  {
    variant: "subnet-in-deny-gateway",
    about: "A rule of the servers' subnet denies the gateway's subnet.",
    world: broken({}, (draft) =>
      draft.rule("nsg-app", {
        ...deny,
        name: "deny-edge",
        direction: "Inbound",
        protocol: "*",
        from: names.gatewaySubnet,
      }),
    ),
    expects: [{ cause: "nsg-backend-subnet-in" }],
  },
  {
    variant: "subnet-in-allow-other-port",
    about: "The servers' subnet denies everything but a port that is not the one of the setting.",
    world: broken({ members: "nic" }, (draft) => {
      closed(draft);
      draft.rule("nsg-app", {
        ...{ name: "allow-gateway", priority: 100, direction: "Inbound", access: "Allow" },
        ...{ from: names.gatewaySubnet, ports: ["80", "443"] },
      });
    }),
    expects: [{ cause: "nsg-backend-subnet-in" }],
  },
  {
    variant: "subnet-in-deny-peered-v1",
    about:
      "The servers' subnet in a peered network denies the tag VirtualNetwork, of which peered networks are part.",
    world: broken({ place: "peered", generation: "v1" }, (draft) =>
      draft.withoutRule("nsg-web", "allow-gateway").rule("nsg-web", {
        ...deny,
        name: "deny-network",
        direction: "Inbound",
        from: "VirtualNetwork",
        ports: "8080",
      }),
    ),
    expects: [{ cause: "nsg-backend-subnet-in" }],
  },
  {
    variant: "subnet-in-twin-source-elsewhere",
    about: "The servers' subnet denies another subnet than the gateway's.",
    world: broken({}, (draft) =>
      draft.rule("nsg-app", {
        ...deny,
        name: "deny-nva",
        direction: "Inbound",
        protocol: "*",
        from: "10.10.9.0/24",
      }),
    ),
    expects: [],
  },
  {
    variant: "subnet-in-twin-closed-but-allowed",
    about: "The servers' subnet denies everything but the gateway's subnet on the right port.",
    world: broken({ protocol: "Https" }, (draft) => closed(draft)),
    expects: [],
  },
  {
    variant: "nic-in-other-port",
    about: "The subnet lets the gateway in; the group on the interfaces lets it in on another port only.",
    world: broken({}, (draft) => onInterfaces(draft, "443")),
    expects: [{ cause: "nsg-backend-nic-in" }],
  },
  {
    variant: "nic-in-deny-https-fqdn",
    about: "The group on the interfaces denies the servers' port before it lets the gateway in.",
    world: broken({ protocol: "Https", members: "fqdn" }, (draft) => {
      onInterfaces(draft, "8443");
      draft.rule("nsg-machine", { ...deny, name: "deny-tls", direction: "Inbound", ports: "8443" });
    }),
    expects: [{ cause: "nsg-backend-nic-in" }],
  },
  {
    variant: "nic-in-twin",
    about: "The group on the interfaces lets the gateway in on the right port, and nobody else.",
    world: broken({}, (draft) => onInterfaces(draft, "8080")),
    expects: [],
  },
  {
    variant: "nic-in-one-of-two",
    about: "One of two servers has a group on its interface that keeps the gateway out.",
    world: broken({}, (draft) => {
      onInterfaces(draft, "443");
      draft.resource("networkInterfaces", "nic-app-2", { networkSecurityGroup: undefined });
    }),
    expects: [{ cause: "nsg-backend-nic-in" }],
    fails: "never",
  },
  {
    variant: "instance-ips-after-scaling",
    about:
      "The servers' subnet lets two instance addresses in; the instance that serves has another one by now.",
    world: broken({}, (draft) => {
      closed(draft);
      draft.rule("nsg-app", {
        ...{ name: "allow-gateway", priority: 100, direction: "Inbound", access: "Allow" },
        ...{ from: ["10.10.1.8", "10.10.1.9"], ports: "8080" },
      });
    }),
    expects: [{ cause: "nsg-instance-ips" }],
  },
  {
    variant: "instance-ips-v1-single",
    about: "The servers' subnet lets one address of the gateway's subnet in, which no instance has.",
    world: broken({ generation: "v1" }, (draft) => {
      closed(draft);
      draft.rule("nsg-app", {
        ...{ name: "allow-gateway", priority: 100, direction: "Inbound", access: "Allow" },
        ...{ from: "10.10.1.7/32", ports: "*" },
      });
    }),
    expects: [{ cause: "nsg-instance-ips" }],
  },
  {
    variant: "undecided-groups-withheld",
    about: "The servers' subnet denies the gateway, and no security group was exported.",
    world: broken({}, (draft) =>
      draft.rule("nsg-app", {
        ...deny,
        name: "deny-edge",
        direction: "Inbound",
        protocol: "*",
        from: names.gatewaySubnet,
      }),
    ),
    expects: [{ cause: "nsg-backend-subnet-in" }],
    withhold: { kinds: ["networkSecurityGroups"], asks: /network nsg|security group/i },
  },
];

export default scenarios.map((one): Scenario => ({ family: "nsg", ...one }));
