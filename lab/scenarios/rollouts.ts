import { type BaseWish, baseWorld, httpProgram, names } from "../world/base.ts";
import { changed, type Draft } from "../world/draft.ts";
import type { LabWorld } from "../world/world.ts";
import type { OperatorAction, Scenario, Stage } from "./scenario.ts";

const blue = ["app-1", "app-2"];
const green = ["app-3", "app-4"];
const addresses = ["10.10.2.4", "10.10.2.5", "10.10.2.6", "10.10.2.7"];

/** What a server runs, and how long it goes on after a deployment has begun to take it away. */
const server = (graceMs: number, port = 8080) => httpProgram(port, undefined, { graceMs });

interface Rollout {
  readonly wish?: BaseWish;
  readonly graceMs: number;
}

/** Two servers of four are in the pool; the others run already. */
function deployed({ wish = {}, graceMs }: Rollout): LabWorld {
  const world = baseWorld({ ...wish, servers: 4, program: () => server(graceMs) });
  return changed(world, (draft) => inPool(draft, blue));
}

function inPool(draft: Draft, hosts: readonly string[]): void {
  draft.part("backendAddressPools", "pool-app", {
    backendAddresses: hosts.map((name) => ({ ipAddress: addresses[Number(name.at(-1)) - 1] })),
  });
}

function graceOf({ hosts }: LabWorld): number {
  const [program] = hosts.find(({ name }) => name === "app-1")?.programs ?? [];
  const options = program?.kind === "node" ? (program.options as { graceMs?: number }) : {};
  return options.graceMs ?? 0;
}

/** So long until the new pool is written, in which the servers of the old one are gone already. */
const writtenAfterMs = 4_000;

/** Takes the old servers away at once, or after their grace; the gateway gets its new pool in between. */
async function rollout(
  { world, change, wait }: Stage,
  from: readonly string[],
  to: readonly string[],
): Promise<void> {
  const graceMs = graceOf(world);
  const programs = new Map(world.hosts.map((host) => [host.name, host.programs]));
  const stop = (): Promise<void> =>
    change((draft) => {
      for (const name of from) draft.host(name, { programs: [] });
    });
  if (graceMs === 0) await stop();
  await wait(writtenAfterMs);
  await change((draft) => inPool(draft, to));
  await wait(graceMs);
  if (graceMs > 0) await stop();
  // They are there again for the next rollout, outside the pool.
  await change((draft) => {
    for (const name of from) draft.host(name, { programs: programs.get(name) ?? [] });
  });
}

async function twoRollouts(stage: Stage): Promise<void> {
  await stage.wait(1500);
  await stage.passes(40);
  await rollout(stage, blue, green);
  await stage.wait(2000);
  await stage.passes(40);
  await rollout(stage, green, blue);
  await stage.wait(2000);
  await stage.passes(40);
}

/** Old servers answer on after they were taken out. */
const overlaps: OperatorAction = {
  cause: "rollout-gap",
  servers: addresses,
  edit: (draft) => {
    for (const name of [...blue, ...green]) draft.host(name, { programs: [server(2500)] });
  },
};

const requests = [{ url: names.url, times: 64, pauseMs: 250 }];
const noPeers = "another proxy is not given the new pool";

const gap = {
  disturb: twoRollouts,
  fails: "sometimes",
  expects: [{ cause: "rollout-gap" }],
  operator: [overlaps],
  requests,
  noPeers,
} as const;

/** Deployments that replace the servers of a pool under load. */
export const rollouts: readonly Omit<Scenario, "family">[] = [
  {
    ...gap,
    variant: "rollout-gap",
    about: "Two deployments take the old servers away before the gateway has its new pool.",
    world: () => deployed({ graceMs: 0 }),
  },
  {
    ...gap,
    variant: "rollout-gap-v1",
    about: "Two deployments behind a v1 gateway take the old servers away before it has its new pool.",
    world: () => deployed({ wish: { generation: "v1" }, graceMs: 0 }),
  },
  {
    ...gap,
    variant: "rollout-undecided",
    about: "Two deployments take the old servers away early, and the activity log was not exported.",
    world: () => deployed({ graceMs: 0 }),
    withhold: { kinds: ["activity-log.json"], asks: /activity[- ]log/i },
  },
  {
    variant: "rollout-twin-overlap",
    about: "Two deployments let the old servers answer until the gateway has its new pool.",
    world: () => deployed({ graceMs: 2500 }),
    disturb: twoRollouts,
    requests,
    expects: [],
  },
];
