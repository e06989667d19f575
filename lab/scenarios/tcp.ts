import { type BaseWish, baseWorld, httpProgram } from "../world/base.ts";
import { changed, type Draft } from "../world/draft.ts";
import { computeId } from "../world/resource.ts";
import type { Host, LabWorld } from "../world/world.ts";
import type { Scenario } from "./scenario.ts";

const addresses = ["10.10.2.4", "10.10.2.5"];
const both = ["app-1", "app-2"];

/** A healthy world in which something was done to some servers. */
function broken(wish: BaseWish, edit: (draft: Draft) => void): () => LabWorld {
  return () => changed(baseWorld(wish), edit);
}

/** The programs are started again as they are in the healthy world. */
function restored(wish: BaseWish) {
  return (draft: Draft): void => {
    for (const { name, programs } of baseWorld(wish).hosts) draft.host(name, { programs });
  };
}

const stop = (draft: Draft, hosts: readonly string[]): void => {
  for (const name of hosts) draft.host(name, { programs: [] });
};

const serviceAddress = "198.51.100.77";

/** A public service instead of the servers. */
function classicService(draft: Draft, host: Partial<Host>, fqdn = "contoso-shop.cloudapp.net"): void {
  draft
    .addHost({ name: "service", at: { internet: serviceAddress }, programs: [], ...host })
    .more({ publicNames: { ...draft.world.publicNames, [fqdn]: [serviceAddress] } })
    .part("backendAddressPools", "pool-app", { backendAddresses: [{ fqdn }] });
}

const scenarios: readonly Omit<Scenario, "family">[] = [
  {
    variant: "refused-service-stopped",
    about: "The servers run, their service does not.",
    world: broken({}, (draft) => stop(draft, both)),
    expects: [{ cause: "tcp-refused" }],
    operator: [{ cause: "tcp-refused", servers: addresses, edit: restored({}) }],
  },
  {
    variant: "refused-v1-nic",
    about: "The service of the only server of a v1 gateway is stopped.",
    world: broken({ generation: "v1", servers: 1, members: "nic" }, (draft) => stop(draft, ["app-1"])),
    expects: [{ cause: "tcp-refused" }],
    operator: [
      {
        cause: "tcp-refused",
        servers: addresses,
        edit: restored({ generation: "v1", servers: 1, members: "nic" }),
      },
    ],
  },
  {
    variant: "refused-one-of-two",
    about: "The service of one of two servers is stopped; the other takes all requests.",
    world: broken({}, (draft) => stop(draft, ["app-2"])),
    expects: [{ cause: "tcp-refused" }],
    fails: "never",
    operator: [{ cause: "tcp-refused", servers: addresses, edit: restored({}) }],
  },
  {
    variant: "down-deallocated",
    about: "The virtual machines are deallocated.",
    world: broken({}, (draft) => {
      for (const name of both) draft.machine(`vm-${name}`, { powerState: "VM deallocated" });
    }),
    expects: [{ cause: "backend-down" }],
  },
  {
    variant: "down-one-hangs",
    about: "One of two machines hangs: its state is running, and nothing answers.",
    world: broken({}, (draft) => draft.host("app-2", { silent: true })),
    expects: [
      {
        cause: "backend-down",
        equals: [
          { cause: "host-firewall", why: "a machine that hangs and one that drops are alike from outside" },
        ],
      },
    ],
    fails: "never",
    operator: [
      { cause: "backend-down", servers: addresses, edit: (draft) => draft.host("app-2", { silent: false }) },
      { cause: "host-firewall", servers: addresses, edit: (draft) => draft.host("app-2", { silent: false }) },
    ],
  },
  {
    variant: "firewall-drops",
    about: "The firewall of the servers' own system drops the service's port, and lets others through.",
    world: broken({}, (draft) => {
      for (const name of both) {
        draft.host(name, {
          programs: [httpProgram(8080), httpProgram(22)],
          firewall: { input: [{ action: "drop", ports: [8080] }] },
        });
      }
    }),
    expects: [{ cause: "host-firewall" }],
    operator: [
      {
        cause: "host-firewall",
        servers: addresses,
        edit: (draft) => {
          for (const name of both) draft.host(name, { firewall: {} });
        },
      },
    ],
  },
  {
    variant: "firewall-drops-gateway-peered",
    about:
      "The firewall of the servers' own system drops what comes from the gateway's subnet, in a peered network.",
    world: broken({ place: "peered" }, (draft) => {
      for (const name of both) {
        draft.host(name, { firewall: { input: [{ action: "drop", from: ["10.10.1.0/24"] }] } });
      }
    }),
    expects: [
      {
        cause: "host-firewall",
        equals: [
          { cause: "backend-down", why: "a machine that hangs and one that drops are alike from outside" },
        ],
      },
    ],
    operator: (["host-firewall", "backend-down"] as const).map((cause) => ({
      cause,
      servers: ["10.20.1.4", "10.20.1.5"],
      edit: (draft: Draft) => {
        for (const name of both) draft.host(name, { firewall: {} });
      },
    })),
  },
  {
    variant: "loopback-bind",
    about: "The service listens on the loopback address of its machine only.",
    world: broken({}, (draft) => {
      for (const name of both) {
        draft.host(name, {
          programs: [
            { kind: "node", behaviour: "http", port: 8080, address: "127.0.0.1" },
            { kind: "node", behaviour: "http", port: 22 },
          ],
        });
      }
    }),
    expects: [
      {
        cause: "tcp-loopback-bind",
        equals: [{ cause: "tcp-refused", why: "where a service listens cannot be seen from outside" }],
      },
    ],
    operator: (["tcp-loopback-bind", "tcp-refused"] as const).map((cause) => ({
      cause,
      servers: addresses,
      edit: restored({}),
    })),
  },
  {
    variant: "classic-endpoint-closed",
    about: "The pool names a classic cloud service, of which no endpoint is open any more.",
    world: broken({}, (draft) => classicService(draft, { silent: true })),
    expects: [{ cause: "classic-endpoint" }],
  },
  {
    variant: "classic-endpoint-refused-v1",
    about: "The pool of a v1 gateway names a classic cloud service, behind whose address nobody listens.",
    world: broken({ generation: "v1" }, (draft) => classicService(draft, {})),
    expects: [{ cause: "classic-endpoint" }],
  },
  {
    variant: "classic-twin-service-of-today",
    about: "The pool names a machine of today by its public name.",
    world: broken({}, (draft) =>
      classicService(draft, { programs: [httpProgram(8080)] }, "contoso.westeurope.cloudapp.azure.com"),
    ),
    expects: [],
  },
  {
    variant: "twin-firewall-for-others",
    about: "The firewall of the servers' own system drops everybody but the gateway's subnet.",
    world: broken({}, (draft) => {
      for (const name of both) {
        draft.host(name, {
          firewall: {
            input: [{ action: "accept", from: ["10.10.1.0/24"], ports: [8080] }, { action: "drop" }],
          },
        });
      }
    }),
    expects: [],
  },
  {
    variant: "twin-machine-outside-pool-is-off",
    about: "A machine beside the servers is deallocated; no pool has it.",
    world: () =>
      changed(baseWorld({ servers: 2 }), (draft) =>
        draft.add({
          id: computeId("virtualMachines", "vm-old"),
          name: "vm-old",
          type: "Microsoft.Compute/virtualMachines",
          powerState: "VM deallocated",
          networkProfile: { networkInterfaces: [] },
        }),
      ),
    expects: [],
  },
];

export default scenarios.map((one): Scenario => ({ family: "tcp", ...one }));
