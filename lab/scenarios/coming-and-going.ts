import { setTimeout as sleep } from "node:timers/promises";
import type { BusyOptions } from "../hosts/behaviours/busy.ts";
import type { CrowdOptions } from "../hosts/behaviours/crowd.ts";
import type { FlappingOptions } from "../hosts/behaviours/flapping.ts";
import type { ClientRequest } from "../machine/client.ts";
import { httpProgram, names, type ServerPlace } from "../world/base.ts";
import { changed } from "../world/draft.ts";
import type { Program } from "../world/world.ts";
import { answering, type ProgramFault, type Programs, programFault, serving } from "./program-faults.ts";
import type { Expectation, Scenario, Stage } from "./scenario.ts";

const at = (path: string): string => new URL(path, names.url).href;

/** Every so often for long enough that what comes and goes is met. */
const asked = (
  path: string,
  times: number,
  pauseMs: number,
  more: Partial<ClientRequest> = {},
): ClientRequest => ({
  ...{ url: at(path), times, pauseMs },
  ...more,
});

const flapping =
  (options: FlappingOptions): Programs =>
  ({ port }) => ({ kind: "node", behaviour: "flapping", options, port });

const busy =
  (options: BusyOptions): Programs =>
  ({ port }) => [{ kind: "node", behaviour: "busy", options, port }, httpProgram(22)];

/** The last of three servers runs something else than the others. */
const third =
  (other: Programs): Programs =>
  (server: ServerPlace): Program | readonly Program[] =>
    server.name === "app-3" ? other(server) : httpProgram(server.port, server.tls);

/** Until probes have seen that a server is back. */
const settledMs = 2500;

/** One after the other is taken away and comes back, as a rolling deployment does. */
async function rolling({ signal, change, world, wait }: Stage): Promise<void> {
  const programs = new Map(world.hosts.map((host) => [host.name, host.programs]));
  for (let round = 0; !signal.aborted; round++) {
    const name = `app-${1 + (round % 2)}`;
    await change((draft) => draft.host(name, { programs: [] }));
    await wait(600);
    await change((draft) => draft.host(name, { programs: programs.get(name) ?? [] }));
    // The other one goes only when this one is healthy again.
    await wait(settledMs);
  }
  await sleep(settledMs);
}

const whileAway: Expectation = {
  cause: "tcp-refused",
  equals: [
    {
      cause: "http-reset-midway",
      why: "the log calls a refused connection a closed one, and at the moment of asking the service may run",
    },
  ],
};

const whileRestarting: Expectation = {
  cause: "http-reset-midway",
  equals: [{ cause: "tcp-refused", why: "until the service has started again nobody listens" }],
};

const faults: readonly ProgramFault[] = [
  {
    variant: "flapping-single",
    unsteady: "whether the service is away when it is asked is a matter of the moment",
    about: "The only server's service is away for two seconds out of four.",
    wish: { servers: 1 },
    program: flapping({ upMs: 2000, downMs: 2000 }),
    requests: [asked("/", 24, 400)],
    fails: "sometimes",
    cause: whileAway,
  },
  {
    variant: "flapping-both-v1",
    unsteady: "whether the services are away when they are asked is a matter of the moment",
    about: "The services of both servers of a v1 gateway are away at the same time, two seconds out of four.",
    wish: { generation: "v1", members: "nic" },
    program: flapping({ upMs: 2000, downMs: 2000 }),
    requests: [asked("/", 24, 400)],
    fails: "sometimes",
    cause: whileAway,
  },
  {
    variant: "restarted-each-second",
    unsteady: "which requests a restart hits is a matter of the moment",
    about: "The only server is restarted each second, and with it go the requests that it was at.",
    wish: { servers: 1 },
    program: flapping({ upMs: 1000, downMs: 50, answersAfterMs: 500, promptPaths: ["/health"] }),
    requests: [asked("/", 16, 100)],
    fails: "sometimes",
    cause: whileRestarting,
  },
  {
    variant: "restarted-each-second-posts",
    unsteady: "which requests a restart hits is a matter of the moment",
    about: "Both servers are restarted each second; orders that they were at are lost.",
    wish: { members: "fqdn" },
    program: flapping({ upMs: 1000, downMs: 50, answersAfterMs: 500, promptPaths: ["/health"] }),
    requests: [asked("/orders", 16, 100, { method: "POST", body: "{}" })],
    fails: "sometimes",
    cause: whileRestarting,
  },
  {
    variant: "third-answers-500",
    about: "One of three servers answers the application's requests with 500, and its probe well.",
    wish: { servers: 3 },
    program: third(answering({ path: "/cart", status: 500 })),
    requests: [asked("/cart", 18, 0)],
    fails: "sometimes",
    cause: { cause: "backend-5xx" },
  },
  {
    variant: "third-hangs-up-posts",
    about: "One of three servers ends the connection of every order, and answers its probe well.",
    wish: { servers: 3, place: "peered" },
    program: third(answering({ path: "/orders", hangUp: true })),
    requests: [asked("/orders", 12, 300, { method: "POST", body: "{}" })],
    fails: "sometimes",
    cause: { cause: "http-reset-midway" },
  },
  {
    variant: "third-hangs-up-gets",
    about:
      "One of three servers ends the connection of requests, which the gateway then sends to another one.",
    wish: { servers: 3 },
    program: third(answering({ path: "/cart", hangUp: true })),
    requests: [asked("/cart", 9, 0)],
    fails: "never",
    cause: { cause: "http-reset-midway" },
  },
  {
    variant: "slow-every-tenth-v1",
    about: "Every tenth answer of the servers of a v1 gateway takes longer than it waits.",
    wish: { generation: "v1", setting: { requestTimeout: 1 } },
    program: answering({ path: "/", every: 10, delayMs: 2500 }),
    requests: [asked("/", 60, 0)],
    fails: "sometimes",
    cause: { cause: "timeout-v1" },
  },
  {
    variant: "twin-slow-every-tenth",
    about: "Every tenth answer takes long, and the gateway waits longer.",
    program: answering({ path: "/", every: 10, delayMs: 1200 }),
    requests: [asked("/", 30, 0)],
  },
  {
    variant: "twin-keep-alive-short",
    about: "The servers close idle connections after a second and do not announce it; pauses are as long.",
    wish: { servers: 1 },
    program: serving({ keepAliveMs: 1000 }),
    requests: [
      asked("/", 6, 1000),
      asked("/orders", 6, 1000, { method: "POST", body: "{}" }),
      asked("/orders", 6, 500, { method: "POST", body: "{}" }),
    ],
  },
  {
    variant: "twin-rolling",
    about: "A rolling deployment replaces one server after the other while requests come.",
    program: serving({}),
    requests: [asked("/", 24, 300)],
    disturb: rolling,
  },
];

/** Others than the gateway ask the servers all the time. */
function crowded(fault: ProgramFault, servers: readonly string[]): Omit<Scenario, "family"> {
  const made = programFault(fault);
  const host = (address: string, index: number) => ({
    name: `crowd-${index + 1}`,
    at: { subnet: "snet-app", address: `10.10.2.${30 + index}` },
    programs: [
      {
        ...({ kind: "node", behaviour: "crowd", port: 9000 } as const),
        options: { to: { host: address, port: 8080 }, clients: 6 } satisfies CrowdOptions,
      },
    ],
  });
  return {
    ...made,
    world: () =>
      changed(made.world(), (draft) => {
        for (const one of servers.map(host)) draft.addHost(one);
      }),
  };
}

const full: readonly Omit<Scenario, "family">[] = [
  crowded(
    {
      variant: "accept-full",
      unsteady: "whether the queue has room when it is asked is a matter of the moment",
      about:
        "The only server has others to serve too: connections wait in its short queue, or for room in it.",
      wish: { servers: 1 },
      program: busy({ busyMs: 5000, freeMs: 1500, queue: 1 }),
      requests: [asked("/", 14, 300)],
      fails: "sometimes",
      cause: { cause: "backend-accept-full" },
    },
    ["10.10.2.4"],
  ),
  crowded(
    {
      variant: "accept-twin-enough",
      about: "The only server has others to serve too, and time and room for all of them.",
      wish: { servers: 1 },
      program: serving({}),
      requests: [asked("/", 5, 300)],
    },
    ["10.10.2.4"],
  ),
];

export default [...faults.map(programFault), ...full].map(
  (one): Scenario => ({ family: "coming-and-going", ...one }),
);
