import { type BaseWish, baseWorld } from "../world/base.ts";
import { changed, type Draft } from "../world/draft.ts";
import { draining } from "./draining.ts";
import { rollouts } from "./rollouts.ts";
import type { Expectation, Scenario } from "./scenario.ts";

const made = (wish: BaseWish, edit: (draft: Draft) => void) => () => changed(baseWorld(wish), edit);

const v2 = { name: "Standard_v2", tier: "Standard_v2" };
const v1 = { name: "Standard_Medium", tier: "Standard" };

/** The gateway's subnet, smaller than in the base worlds; its instances stay where they are. */
const narrow =
  (prefix: string) =>
  (draft: Draft): Draft =>
    draft.subnet("vnet-hub", "snet-gateway", { addressPrefix: prefix });

/** Path rules to the one pool there is. */
function pathRules(draft: Draft, count: number): void {
  const target = {
    backendAddressPool: draft.partLink("backendAddressPools", "pool-app"),
    backendHttpSettings: draft.partLink("backendHttpSettingsCollection", "set-app"),
  };
  draft.part("urlPathMaps", "by-path", {
    defaultBackendAddressPool: target.backendAddressPool,
    defaultBackendHttpSettings: target.backendHttpSettings,
    pathRules: Array.from({ length: count }, (_, index) => ({
      ...draft.partLink("urlPathMaps", `by-path/pathRules/tenant-${index}`),
      ...{ name: `tenant-${index}`, paths: [`/tenant-${index}/*`], ...target },
    })),
  });
  draft.part("requestRoutingRules", "app", {
    ...{ ruleType: "PathBasedRouting", urlPathMap: draft.partLink("urlPathMaps", "by-path") },
    ...{ backendAddressPool: undefined, backendHttpSettings: undefined },
  });
}

const risk = (cause: Expectation["cause"]): Expectation => ({ cause, asRisk: true });

/** What fails nobody today: it is to be told of as a risk. */
const risks: readonly Omit<Scenario, "family" | "fails">[] = [
  {
    variant: "single-instance",
    about: "A v2 gateway is fixed to one instance.",
    world: made({}, (draft) => draft.gateway({ sku: { ...v2, capacity: 1 } })),
    expects: [risk("single-instance")],
  },
  {
    variant: "single-instance-v1",
    about: "A v1 gateway has one instance.",
    world: made({ generation: "v1", protocol: "Http" }, (draft) =>
      draft.gateway({ sku: { ...v1, capacity: 1 } }),
    ),
    expects: [risk("single-instance"), risk("v1-retired")],
  },
  {
    variant: "single-twin-scales",
    about: "The gateway scales by itself from one instance upwards.",
    world: made({}, (draft) =>
      draft.gateway({ sku: v2, autoscaleConfiguration: { minCapacity: 1, maxCapacity: 10 } }),
    ),
    expects: [],
  },
  {
    variant: "v1-retired",
    about: "A gateway of the platform that has no support any more.",
    world: made({ generation: "v1" }, () => {}),
    expects: [risk("v1-retired")],
  },
  {
    variant: "v1-retired-waf-fqdn",
    about: "A gateway with the firewall of the platform that has no support any more.",
    world: made({ generation: "v1", members: "fqdn" }, (draft) =>
      draft.gateway({ sku: { name: "WAF_Large", tier: "WAF", capacity: 2 } }),
    ),
    expects: [risk("v1-retired")],
  },
  {
    variant: "subnet-full-autoscale",
    about: "Eleven addresses are free for twenty instances.",
    world: made({}, (draft) =>
      narrow("10.10.1.0/28")(draft).gateway({
        ...{ sku: v2, autoscaleConfiguration: { minCapacity: 2, maxCapacity: 20 } },
      }),
    ),
    expects: [risk("subnet-full")],
  },
  {
    variant: "subnet-full-fixed-peered",
    about: "Three addresses are free for four instances.",
    world: made({ place: "peered" }, (draft) =>
      narrow("10.10.1.0/29")(draft).gateway({ sku: { ...v2, capacity: 4 } }),
    ),
    expects: [risk("subnet-full")],
  },
  {
    variant: "subnet-twin-fits",
    about: "Eleven addresses are free for eleven instances.",
    world: made({}, (draft) =>
      narrow("10.10.1.0/28")(draft).gateway({
        ...{ sku: v2, autoscaleConfiguration: { minCapacity: 2, maxCapacity: 11 } },
      }),
    ),
    expects: [],
  },
  {
    variant: "limit-exceeded-path-rules",
    about: "A path map has more rules than are allowed.",
    world: made({}, (draft) => pathRules(draft, 101)),
    expects: [risk("limit-exceeded")],
  },
  {
    variant: "limit-exceeded-pools-v1",
    about: "A gateway has more pools than are allowed; one of them is in use.",
    world: made({ generation: "v1" }, (draft) => {
      for (let n = 1; n <= 100; n++) draft.part("backendAddressPools", `pool-${n}`, { backendAddresses: [] });
    }),
    expects: [risk("limit-exceeded")],
  },
  {
    variant: "limit-twin-path-rules",
    about: "A path map has as many rules as are allowed.",
    world: made({}, (draft) => pathRules(draft, 100)),
    expects: [],
  },
];

const scenarios: readonly Omit<Scenario, "family">[] = [
  ...risks.map((one) => ({ ...one, fails: "never" as const })),
  ...rollouts,
  ...draining,
];

export default scenarios.map((one): Scenario => ({ family: "lifecycle", ...one }));
