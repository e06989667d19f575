import { baseWorld } from "../world/base.ts";
import { changed } from "../world/draft.ts";
import {
  answering,
  asked,
  behindHaproxy,
  behindNginx,
  type ProgramFault,
  programFault,
} from "./program-faults.ts";
import type { Scenario } from "./scenario.ts";

/** Probes ask for something quick. */
const slow = (path: string, delayMs: number) => answering({ path, delayMs });

const limits: readonly ProgramFault[] = [
  {
    variant: "v2-one-path",
    about: "One page takes 2.2 s, the setting waits 1 s, and the pool has one server.",
    wish: { servers: 1, setting: { requestTimeout: 1 } },
    program: slow("/report", 2200),
    requests: asked("/report"),
    cause: { cause: "timeout-v2" },
  },
  {
    variant: "v2-both-servers",
    about: "A page takes 1.6 s on either of two servers over TLS; the gateway asks both before it gives up.",
    wish: { protocol: "Https", members: "fqdn", setting: { requestTimeout: 1 } },
    program: slow("/report", 1600),
    requests: asked("/report"),
    cause: { cause: "timeout-v2" },
  },
  {
    variant: "v2-every-tenth",
    about: "Every tenth request takes 2.2 s, whatever it asks for, and the setting waits 1 s.",
    wish: { servers: 1, setting: { requestTimeout: 1 } },
    program: answering({ under: "/shop", every: 10, delayMs: 2200 }),
    requests: asked("/shop", { times: 62 }),
    fails: "sometimes",
    cause: { cause: "timeout-v2" },
  },
  {
    variant: "v1-one-path",
    about: "One page takes 2.2 s on a v1 gateway, whose setting waits 1 s.",
    wish: { generation: "v1", members: "nic", setting: { requestTimeout: 1 } },
    program: slow("/report", 2200),
    requests: asked("/report"),
    cause: { cause: "timeout-v1" },
  },
  {
    variant: "v1-everything",
    about: "Everything but the health page takes 1.6 s on a v1 gateway, whose setting waits 1 s.",
    wish: { generation: "v1", place: "peered", servers: 1, setting: { requestTimeout: 1 } },
    program: answering({ path: "/health" }, { delayMs: 1600 }),
    requests: asked("/"),
    cause: { cause: "timeout-v1" },
  },
  {
    variant: "twin-v2-in-time",
    about: "A page takes 1.2 s, and the setting waits 3 s.",
    program: slow("/report", 1200),
    requests: asked("/report"),
  },
  {
    variant: "twin-v1-in-time",
    about: "A page takes 1.2 s on a v1 gateway, and the setting waits 3 s.",
    wish: { generation: "v1" },
    program: slow("/report", 1200),
    requests: asked("/report"),
  },
];

const inner: readonly ProgramFault[] = [
  {
    variant: "inner-nginx",
    about: "nginx on the servers waits 1 s for a program that takes 2 s; the gateway waits 3 s.",
    program: behindNginx("proxy_read_timeout 1s;", slow("/report", 2000)),
    sound: behindNginx("proxy_read_timeout 10s;", slow("/report", 2000)),
    requests: asked("/report"),
    cause: { cause: "timeout-inner" },
  },
  {
    variant: "inner-haproxy",
    about: "haproxy on the server waits 1.2 s for a program that takes 2 s; the gateway waits 3 s.",
    wish: { servers: 1, members: "fqdn" },
    program: behindHaproxy("timeout server 1200", slow("/report", 2000)),
    sound: behindHaproxy("timeout server 10s", slow("/report", 2000)),
    requests: asked("/report"),
    cause: { cause: "timeout-inner" },
  },
  {
    variant: "twin-inner-longer",
    about: "nginx on the servers waits 10 s for a program that takes 1.5 s.",
    program: behindNginx("proxy_read_timeout 10s;", slow("/report", 1500)),
    requests: asked("/report"),
  },
];

/** Twenty of a log make a limit of clients out of people who close pages. */
const impatient = [
  ...asked("/report", { times: 24, together: true, patienceS: 1 }),
  // The log has a row once the gateway has noticed.
  ...asked("/", { times: 3, pauseMs: 700 }),
];

const clients: readonly Omit<Scenario, "family">[] = [
  {
    variant: "client-shorter",
    about: "Clients wait 1 s for a page that takes 2.6 s; the gateway would wait 3 s.",
    world: () => baseWorld({ program: slow("/report", 2600) }),
    requests: impatient,
    expects: [{ cause: "client-shorter", asRisk: true }],
    fails: "sometimes",
    noPeers: "it is the clients that give up",
  },
  {
    variant: "client-shorter-v1",
    about: "Clients wait 1 s for a page of a v1 gateway that takes 2.6 s; the gateway would wait 3 s.",
    world: () => baseWorld({ generation: "v1", members: "fqdn", program: slow("/report", 2600) }),
    requests: impatient,
    expects: [
      { cause: "client-shorter", asRisk: true },
      { cause: "v1-retired", asRisk: true },
    ],
    fails: "sometimes",
    noPeers: "it is the clients that give up",
  },
];

/** An appliance that loses the first packets of every connection, as one does that is out of room for new ones. */
const lossy = (requestTimeout: number, place: "same" | "peered") => () =>
  changed(
    baseWorld({
      ...{ appliance: true, place, setting: { requestTimeout } },
      probe: { interval: 5, timeout: 5 },
    }),
    (draft) => draft.host("appliance", { firewall: { forward: [{ action: "lose-two", ports: [8080] }] } }),
  );

const ways: readonly Omit<Scenario, "family">[] = (["same", "peered"] as const).map((place) => ({
  variant: `network-${place}`,
  about: "An appliance on the way loses the first two packets of every connection; the setting waits 1 s.",
  world: lossy(1, place),
  requests: asked("/"),
  expects: [{ cause: "timeout-network" }],
  operator: [
    {
      cause: "timeout-network",
      servers: place === "same" ? ["10.10.2.4", "10.10.2.5"] : ["10.20.1.4", "10.20.1.5"],
      edit: (draft) => draft.host("appliance", { firewall: {} }),
    },
  ],
}));

const scenarios: readonly Omit<Scenario, "family">[] = [
  ...[...limits, ...inner].map(programFault),
  ...clients,
  ...ways,
  {
    variant: "twin-network-in-time",
    about:
      "An appliance on the way loses the first two packets of every connection, and the setting waits 5 s.",
    world: lossy(5, "same"),
    expects: [],
  },
];

export default scenarios.map((one): Scenario => ({ family: "timeout", ...one }));
