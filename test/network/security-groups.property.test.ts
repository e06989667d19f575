import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { ApplicationSecurityGroup, SecurityRule, ServiceTag } from "../../src/model/network.ts";
import { idKey } from "../../src/model/resource.ts";
import { Source } from "../../src/model/source.ts";
import { type Address, parseAddress } from "../../src/network/addresses.ts";
import { setOfPrefixes } from "../../src/network/peerings.ts";
import { compileRules, type Decision } from "../../src/network/security-groups.ts";
import { ServiceTags, type TagPlace } from "../../src/network/service-tags.ts";
import {
  applicationGroup,
  defaultRules,
  networkOf,
  route,
  routeTable,
  rule,
  to,
  virtualNetwork,
} from "./builder.ts";
import { firstMatch, type World } from "./security-rules.reference.ts";

/** A world small enough to try every address: the gateway in 10.0.0.0/28, servers in 10.0.1.0/28. */
const home = virtualNetwork("vnet", "10.0.0.0/16", []);
const place: TagPlace = { virtualNetwork: home, loneSubnet: undefined, routeTable: undefined };
const sources = Array.from({ length: 16 }, (_, i) => `10.0.0.${i}`);
const targets = [...Array.from({ length: 16 }, (_, i) => `10.0.1.${i}`), "20.0.0.1", "20.0.0.9", "30.0.0.1"];
const asgs = [applicationGroup("web"), applicationGroup("db")];

/** Servers with an even last number are in `web`, those divisible by three in `db`. */
function groupsOf(address: string): readonly string[] {
  if (!address.startsWith("10.0.1.")) return [];
  const last = Number(address.split(".")[3]);
  return asgs.flatMap(({ id }, i) => (last % (i + 2) === 0 ? [id] : []));
}

const notVnet = Array.from({ length: 256 }, (_, i) => `${i}.0.0.0/8`).filter((text) => text !== "10.0.0.0/8");
const world: World = {
  tags: {
    virtualnetwork: ["10.0.0.0/16", "168.63.129.16/32"],
    internet: notVnet,
    azureloadbalancer: ["168.63.129.16/32"],
    storage: ["20.0.0.0/29"],
  },
  groupsOf,
};
const storage: ServiceTag = {
  name: "Storage",
  source: new Source("tags.json", "", {}),
  addressPrefixes: ["20.0.0.0/29"],
};

const prefixes = (base: string) =>
  fc.oneof(
    fc.constantFrom(
      "*",
      "VirtualNetwork",
      "Internet",
      "AzureLoadBalancer",
      "Storage",
      "Storage",
      "10.0.0.0/8",
    ),
    fc
      .tuple(fc.integer({ min: 0, max: 15 }), fc.integer({ min: 28, max: 32 }))
      .map(([last, length]) => `${base}.${last}/${length}`),
  );
const ports = fc.constantFrom("*", "80", "8080", "8000-9000", "443");

const aRule = fc.record({
  priority: fc.integer({ min: 100, max: 4096 }),
  access: fc.constantFrom("Allow" as const, "Deny" as const),
  direction: fc.constantFrom("Inbound" as const, "Inbound" as const, "Outbound" as const),
  protocol: fc.constantFrom("tcp", "udp", "*"),
  from: fc.array(prefixes("10.0.0"), { minLength: 1, maxLength: 3 }),
  to: fc.array(prefixes("10.0.1"), { minLength: 1, maxLength: 3 }),
  port: fc.array(ports, { minLength: 1, maxLength: 2 }),
  toGroups: fc.option(fc.subarray(asgs, { minLength: 1 }), { nil: undefined, freq: 4 }),
  fromGroups: fc.option(fc.constant([asgs[0] as ApplicationSecurityGroup]), { nil: undefined, freq: 12 }),
});

const ruleLists = fc
  .uniqueArray(aRule, { minLength: 1, maxLength: 10, size: "max", selector: ({ priority }) => priority })
  .map((specs) =>
    specs.map(({ priority, access, toGroups, fromGroups, ...spec }) =>
      rule(`r${priority}`, priority, access, {
        ...spec,
        ...(toGroups && { toGroups }),
        ...(fromGroups && { fromGroups }),
      }),
    ),
  )
  .map((rules): SecurityRule[] => [...rules, ...defaultRules]);

const sourcePrefixes = fc.constantFrom("10.0.0.0/28", "10.0.0.8/29", "10.0.0.5/32");

function decisionFor(
  rules: readonly SecurityRule[],
  source: string,
  target: string,
  tags: ServiceTags,
  at: TagPlace = place,
): Decision {
  const ids = groupsOf(target).map(idKey);
  const query = {
    direction: "Inbound",
    protocol: "tcp",
    port: 8080,
    source: setOfPrefixes([source]),
    place: at,
    destinationGroups: new Set(ids),
    effective: false,
  } as const;
  return compileRules(rules, query, tags).at(parseAddress(target) as Address).result;
}

/** What the definition in path.ts makes of the answers for every single source address. */
function expected(rules: readonly SecurityRule[], source: string, target: string) {
  const set = setOfPrefixes([source]);
  const matches = sources
    .filter((text) => {
      const value = parseAddress(text)?.value ?? 0;
      return set.some(({ first, last }) => first <= value && value <= last);
    })
    .map((from) => firstMatch(rules, "Inbound", "tcp", from, target, 8080, world));
  const names = (access: string) =>
    [...new Set(matches.filter((match) => match?.access === access))]
      .sort((a, b) => (a?.priority ?? 0) - (b?.priority ?? 0))
      .map((match) => match?.name);
  const [denying] = names("Deny");
  return denying === undefined
    ? { verdict: "yes", rule: names("Allow")[0], allowedBy: names("Allow") }
    : { verdict: "no", rule: denying, allowedBy: names("Allow") };
}

const summary = ({ verdict, rule: deciding, allowedBy }: Decision) => ({
  verdict,
  rule: deciding?.name,
  allowedBy: allowedBy.map(({ name }) => name),
});

describe("security groups against the slow reference", () => {
  test("with every tag known, each decision is the reference's, for all of the source together", () => {
    const tags = new ServiceTags(networkOf([home], { serviceTags: [storage] }));
    fc.assert(
      fc.property(ruleLists, sourcePrefixes, (rules, source) => {
        for (const target of targets) {
          expect(summary(decisionFor(rules, source, target, tags))).toEqual(expected(rules, source, target));
        }
      }),
      { numRuns: 300 },
    );
  });

  test("without the published list, an answer is still right or it is unknown", () => {
    const tags = new ServiceTags(networkOf([home]));
    let told = 0;
    let open = 0;
    fc.assert(
      fc.property(ruleLists, sourcePrefixes, (rules, source) => {
        for (const target of targets.slice(14)) {
          const decision = decisionFor(rules, source, target, tags);
          if (decision.verdict === "unknown") {
            open++;
            expect(decision.missing.length).toBeGreaterThan(0);
            continue;
          }
          told++;
          expect(decision.verdict).toBe(expected(rules, source, target).verdict);
        }
      }),
      { numRuns: 200 },
    );
    expect(told).toBeGreaterThan(open);
    expect(open).toBeGreaterThan(0);
  });

  test("where user-defined routes may widen VirtualNetwork, no answer contradicts either reading", () => {
    const widened = routeTable("rt", route("out", "20.0.0.0/8", "VirtualAppliance", "10.0.9.4"));
    const doubtful: TagPlace = { ...place, routeTable: to(widened) };
    const tags = new ServiceTags(networkOf([home], { serviceTags: [storage] }));
    fc.assert(
      fc.property(ruleLists, sourcePrefixes, fc.boolean(), (rules, source, within) => {
        const truth: World = {
          ...world,
          tags: {
            ...world.tags,
            virtualnetwork: ["10.0.0.0/16", ...(within ? ["20.0.0.0/8"] : [])],
            internet: within ? notVnet.filter((text) => text !== "20.0.0.0/8") : notVnet,
          },
        };
        for (const target of targets) {
          const decision = decisionFor(rules, source, target, tags, doubtful);
          if (decision.verdict === "unknown" || decision.allowedBy.length > 1) continue;
          const set = setOfPrefixes([source]);
          const answers = sources
            .filter((text) =>
              set.some(({ first, last }) => {
                const value = parseAddress(text)?.value ?? 0;
                return first <= value && value <= last;
              }),
            )
            .map((from) => firstMatch(rules, "Inbound", "tcp", from, target, 8080, truth)?.access);
          if (decision.verdict === "yes") expect(answers).not.toContain("Deny");
          else expect(answers).toContain("Deny");
        }
      }),
      { numRuns: 200 },
    );
  });
});
