import { describe, expect, test } from "vitest";
import { networksOf, portsOf } from "../../lab/network/facts.ts";
import { answersIn, platformConfig } from "../../lab/network/names.ts";
import { shapeOf } from "../../lab/network/plan.ts";
import { complement, merged, rangesOf, setText } from "../../lab/network/ranges.ts";
import { networkRouter } from "../../lab/network/router.ts";
import { effectiveRoutes, type Hop } from "../../lab/network/routing.ts";
import { groupRules } from "../../lab/network/security.ts";
import { baseWorld, names } from "../../lab/world/base.ts";
import { changed, type Draft } from "../../lab/world/draft.ts";
import { networkId } from "../../lab/world/resource.ts";
import type { LabWorld } from "../../lab/world/world.ts";

describe("address ranges", () => {
  test("overlapping and touching ones become one", () => {
    expect(setText(rangesOf(["10.0.1.0/24", "10.0.0.0/24", "10.0.0.7"]))).toBe("{ 10.0.0.0-10.0.1.255 }");
  });

  test("the complement of the complement is the same", () => {
    const some = rangesOf(["10.0.0.0/8", "192.168.0.0/16", "255.255.255.255"]);
    expect(complement(complement(some))).toEqual(merged(some));
  });

  test("every address needs no match", () => {
    expect(setText(rangesOf(["0.0.0.0/0"]))).toBeUndefined();
  });
});

describe("rules of a security group", () => {
  const rulesOf = (edit: (draft: Draft) => void, direction: "Inbound" | "Outbound") => {
    const world = changed(baseWorld(), (draft) => edit(draft.group("nsg-tried")));
    const group = world.resources.find(({ name }) => name === "nsg-tried");
    if (group === undefined) throw new Error("there is no group");
    const virtualNetwork = ["10.10.0.0/16", "10.20.0.0/16"];
    return groupRules(group, direction, { resources: world.resources, virtualNetwork });
  };

  test("are asked by priority, and only in their direction", () => {
    const rules = rulesOf((draft) => {
      draft
        .rule("nsg-tried", { name: "b", priority: 200, direction: "Inbound", access: "Deny", ports: "80" })
        .rule("nsg-tried", {
          name: "a",
          priority: 100,
          direction: "Inbound",
          access: "Allow",
          ports: "80-90",
        })
        .rule("nsg-tried", { name: "c", priority: 50, direction: "Outbound", access: "Deny" });
    }, "Inbound");
    expect(rules.slice(0, 2)).toEqual([
      'meta l4proto tcp tcp dport { 80-90 } return comment "a"',
      'meta l4proto tcp tcp dport { 80 } drop comment "b"',
    ]);
    expect(rules.at(-1)).toBe("drop");
  });

  test("tags stand for what they mean where the group is", () => {
    const [rule] = rulesOf(
      (draft) =>
        draft.rule("nsg-tried", {
          ...{ name: "a", priority: 100, direction: "Inbound", access: "Deny", protocol: "*" },
          ...{ from: "VirtualNetwork", to: ["10.10.2.4", "10.10.2.5"] },
        }),
      "Inbound",
    );
    expect(rule).toBe(
      'ip saddr { 10.10.0.0-10.10.255.255, 10.20.0.0-10.20.255.255 } ip daddr { 10.10.2.4-10.10.2.5 } drop comment "a"',
    );
  });
});

describe("effective routes", () => {
  const hopOf = (
    world: LabWorld,
    network: string,
    subnet: string,
    prefix: string,
  ): Hop["kind"] | undefined => {
    const networks = networksOf(world.resources);
    const of = networks.find(({ name }) => name === network);
    const at = of?.subnets.find(({ name }) => name === subnet);
    if (of === undefined || at === undefined) throw new Error("there is no such subnet");
    const around = {
      networks,
      ports: portsOf(world),
      resources: world.resources,
      onPremises: world.onPremises,
    };
    return effectiveRoutes(at, of, around).find((route) => route.prefix === prefix)?.hop.kind;
  };
  const table = (draft: Draft) =>
    draft.subnet(names.hub, "snet-gateway", { routeTable: { id: networkId("routeTables", "rt-tried") } });

  const cases: readonly {
    readonly name: string;
    readonly wish?: Parameters<typeof baseWorld>[0];
    readonly edit?: (draft: Draft) => void;
    readonly prefix: string;
    readonly hop: Hop["kind"] | undefined;
  }[] = [
    { name: "the own network is local", prefix: "10.10.0.0/16", hop: "local" },
    { name: "a peered network is reached by its peering", prefix: "10.20.0.0/16", hop: "peer" },
    {
      name: "a peering that is not connected brings no route",
      edit: (draft) => draft.peering(names.hub, "hub-to-spoke", { peeringState: "Disconnected" }),
      prefix: "10.20.0.0/16",
      hop: undefined,
    },
    {
      name: "what BGP announces",
      wish: { place: "on-premises" },
      prefix: names.premisesPrefix,
      hop: "on-premises",
    },
    {
      name: "a table that takes nothing of BGP",
      wish: { place: "on-premises" },
      edit: (draft) =>
        table(draft.resource("routeTables", "rt-tried", { disableBgpRoutePropagation: true, routes: [] })),
      prefix: names.premisesPrefix,
      hop: undefined,
    },
    {
      name: "a user's route to nowhere",
      edit: (draft) => table(draft.route("rt-tried", { name: "away", prefix: names.appSubnet, hop: "None" })),
      prefix: names.appSubnet,
      hop: "none",
    },
    {
      name: "a user's route comes before the system's of the same prefix",
      edit: (draft) =>
        table(
          draft.route("rt-tried", { name: "all", prefix: "0.0.0.0/0", hop: { appliance: names.appliance } }),
        ),
      prefix: "0.0.0.0/0",
      hop: "appliance",
    },
    { name: "private addresses of nobody", prefix: "192.168.0.0/16", hop: "none" },
  ];

  test.each(cases)("$name", ({ wish, edit = () => {}, prefix, hop }) => {
    expect(hopOf(changed(baseWorld(wish), edit), names.hub, "snet-gateway", prefix)).toBe(hop);
  });
});

describe("a router", () => {
  const rulesetOf = (world: LabWorld, network: string): string => {
    const shape = shapeOf(world);
    const of = shape.networks.find(({ name }) => name === network);
    if (of === undefined) throw new Error("there is no such network");
    return networkRouter(world, shape, of).nft;
  };

  test("does not count a peer as of the network when its own side does not allow it", () => {
    const tagged = (allowVirtualNetworkAccess: boolean): string => {
      const world = changed(baseWorld({ place: "peered" }), (draft) =>
        draft.peering(names.spoke, "spoke-to-hub", { allowVirtualNetworkAccess }),
      );
      return /ip saddr \{([^}]*)\} .*"AllowVnet"/.exec(rulesetOf(world, names.spoke))?.[1] ?? "";
    };
    expect(tagged(true)).toContain("10.10.0.0");
    expect(tagged(false)).not.toContain("10.10.0.0");
    expect(tagged(false)).toContain("10.20.0.0");
  });

  test("passes nothing to an interface without forwarding that is not its own", () => {
    const world = baseWorld({ appliance: true });
    const port = shapeOf(world).plugged.find(({ host }) => host === "appliance");
    const other = shapeOf(world).plugged.find(({ host }) => host === "app-1");
    expect(rulesetOf(world, names.hub)).not.toContain(`oifname "${port?.device}" ip daddr !=`);
    expect(rulesetOf(world, names.hub)).toContain(
      `oifname "${other?.device}" ip daddr != { 10.10.2.4 } drop`,
    );
  });
});

describe("names in a network", () => {
  const of = (edit: (draft: Draft) => void): string => {
    const world = changed(
      baseWorld(),
      (draft) => draft.more({ publicNames: { [`app-9.${names.zone}`]: ["203.0.113.77"] } }),
      edit,
    );
    return platformConfig(answersIn(world, networkId("virtualNetworks", names.hub).toLowerCase()));
  };

  test("a linked zone answers, and hides the public names below it", () => {
    const config = of(() => {});
    expect(config).toContain(`host-record=app-1.${names.zone},10.10.2.4`);
    expect(config).not.toContain("203.0.113.77");
  });

  test("a zone without link is as if it were not there", () => {
    const config = of((draft) =>
      draft.without("privateDnsZones", names.zone, "virtualNetworkLinks", `link-${names.hub}`),
    );
    expect(config).not.toContain("10.10.2.4");
    expect(config).toContain("203.0.113.77");
  });
});
