import { addMachine, type BaseWish, baseWorld, httpProgram, names } from "../world/base.ts";
import { changed, type Draft } from "../world/draft.ts";
import { asked } from "./program-faults.ts";
import type { Scenario, Stage } from "./scenario.ts";

const old = ["app-1", "app-2"];
const fresh = [
  ["app-3", "10.10.2.6"],
  ["app-4", "10.10.2.7"],
] as const;

/** Beside the servers there are already those that are to take their place. */
const world = (wish: BaseWish) => () =>
  changed(baseWorld(wish), (draft) => {
    for (const [name, address] of fresh) {
      const programs = [httpProgram(8080)];
      addMachine(draft, { name, address, network: names.hub, subnet: "snet-app", programs });
    }
  });

const stopOld = (draft: Draft): void => {
  for (const name of old) draft.host(name, { programs: [] });
};

const replaceInPool = (draft: Draft): void => {
  const backendAddresses = fresh.map(([, ipAddress]) => ({ ipAddress }));
  draft.part("backendAddressPools", "pool-app", { backendAddresses });
};

/** Two steps of a deployment, while requests come. */
const inTurn =
  (first: (draft: Draft) => void, second: (draft: Draft) => void) =>
  async ({ change, wait }: Stage): Promise<void> => {
    await wait(2000);
    await change(first);
    await wait(2500);
    await change(second);
  };

const requests = asked("/", { times: 30, pauseMs: 250 });

/** A log of minutes: that bursts fall on changes by no chance needs one of hours, and the activity log beside it. */
const gap = {
  requests,
  fails: "sometimes",
  disturb: inTurn(stopOld, replaceInPool),
  expects: [{ cause: "rollout-gap" }],
  withhold: { kinds: [], asks: /activity log/ },
  noPeers: "what happens to their pool while they serve is not asked of them",
} as const;

const scenarios: readonly Omit<Scenario, "family">[] = [
  {
    ...gap,
    variant: "gap",
    about: "A deployment stops the old servers, and puts the new ones into the pool seconds later.",
    world: world({}),
  },
  {
    ...gap,
    variant: "gap-v1",
    about: "The same on a v1 gateway.",
    world: world({ generation: "v1" }),
  },
  {
    variant: "twin-overlap",
    about: "A deployment puts the new servers into the pool, and stops the old ones seconds later.",
    world: world({}),
    requests,
    disturb: inTurn(replaceInPool, stopOld),
    expects: [],
  },
];

export default scenarios.map((one): Scenario => ({ family: "deployment", ...one }));
