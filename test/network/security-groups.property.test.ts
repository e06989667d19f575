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

const world: World = {
  tags: {
    virtualnetwork: ["10.0.0.0/16", "168.63.129.16/32"],
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
const ports = fc.constantFrom("*", "8080", "8000-9000", "80", "443");

/** Most rules concern the traffic in question, so that lists of them contend. */
const mostly = <T>(usual: readonly T[], other: T) =>
  fc.oneof({ weight: 6, arbitrary: fc.constantFrom(...usual) }, { weight: 1, arbitrary: fc.constant(other) });

const sometimes = <T>(arbitrary: fc.Arbitrary<T>) =>
  fc.oneof({ weight: 6, arbitrary: fc.constant(undefined) }, { weight: 1, arbitrary });

const aRule = fc.record({
  priority: fc.integer({ min: 100, max: 4096 }),
  access: fc.constantFrom("Allow" as const, "Deny" as const),
  direction: mostly<"Inbound" | "Outbound">(["Inbound"], "Outbound"),
  protocol: mostly(["tcp", "*"], "udp"),
  from: fc.array(prefixes("10.0.0"), { minLength: 1, maxLength: 3 }),
  to: fc.array(prefixes("10.0.1"), { minLength: 1, maxLength: 3 }),
  port: fc.array(ports, { minLength: 1, maxLength: 2 }),
  toGroups: sometimes(fc.subarray(asgs, { minLength: 1 })),
  fromGroups: sometimes(fc.constant([asgs[0] as ApplicationSecurityGroup])),
});

/** Without bias: fast-check likes the ends of ranges, where every rule covers everything. */
const ruleLists = fc
  .noBias(fc.uniqueArray(aRule, { minLength: 4, maxLength: 12, selector: ({ priority }) => priority }))
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

const sourcePrefixes = fc.constantFrom("10.0.0.0/28", "10.0.0.5/32", "10.0.0.8/29");

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
    const seen = { yes: 0, no: 0, partial: 0, byDefault: 0 };
    fc.assert(
      fc.property(ruleLists, sourcePrefixes, (rules, source) => {
        for (const target of targets) {
          const found = summary(decisionFor(rules, source, target, tags));
          expect(found).toEqual(expected(rules, source, target));
          if (found.rule?.startsWith("r") !== true) seen.byDefault++;
          else if (found.verdict === "yes") seen.yes++;
          else if (found.allowedBy.length > 0) seen.partial++;
          else seen.no++;
        }
      }),
      { numRuns: 300 },
    );
    // The lists did contend: every kind of outcome came up often.
    for (const count of Object.values(seen)) expect(count).toBeGreaterThan(100);
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
