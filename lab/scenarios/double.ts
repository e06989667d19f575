import { type ApplicationWish, addApplication, addRule, routeByPath } from "../world/applications.ts";
import {
  addRecord,
  type BaseWish,
  baseWorld,
  httpProgram,
  labCertificate,
  linkZone,
  names,
  type ServerPlace,
} from "../world/base.ts";
import { changed, type Draft } from "../world/draft.ts";
import { networkId } from "../world/resource.ts";
import type { Program, ServerTls } from "../world/world.ts";
import type { Scenario } from "./scenario.ts";

const broken = (wish: BaseWish, edit: (draft: Draft) => void) => () => changed(baseWorld(wish), edit);

const both = ["app-1", "app-2"];
const apps = ["10.10.2.4", "10.10.2.5"];
const apiAddress = "10.10.2.20";
const apiUrl = "http://api.contoso.example/";
const bothRoutes = [{ url: apiUrl }, { url: names.url }];

/** A second application on a route of its own, `api/api`. */
function api(draft: Draft, wish: Partial<ApplicationWish> = {}): void {
  const target = addApplication(draft, { name: "api", address: apiAddress, ...wish });
  addRule(draft, { name: "api", hosts: ["api.contoso.example"], priority: 110, target });
}

const hostsAre = (draft: Draft, hosts: readonly string[], fields: Parameters<Draft["host"]>[1]): void => {
  for (const name of hosts) draft.host(name, fields);
};

/** The servers' subnet denies the gateway its servers `app-1` and `app-2`. */
const denyApps = (draft: Draft): Draft =>
  draft.rule("nsg-app", {
    ...{ name: "deny-edge", priority: 90, direction: "Inbound", access: "Deny" },
    ...{ from: names.gatewaySubnet, to: ["10.10.2.4/31"] },
  });

/** Servers that have nothing on some paths. */
const without =
  (...paths: readonly string[]) =>
  ({ port, tls }: ServerPlace): Program =>
    httpProgram(port, tls, { answers: paths.map((path) => ({ path, status: 404 })) });

function expired(host: string): ServerTls {
  const dayMs = 86_400_000;
  const leaf = labCertificate({
    ...{ commonName: host, names: [host] },
    ...{ notBeforeMs: Date.now() - 90 * dayMs, notAfterMs: Date.now() - dayMs },
  });
  return { certificate: leaf.pem, key: leaf.keyPem };
}

/** The programs of the healthy world, as somebody who mends the server has them run. */
const restored =
  (wish: BaseWish, hosts: readonly string[] = both) =>
  (draft: Draft): void => {
    for (const { name, programs } of baseWorld(wish).hosts) {
      if (hosts.includes(name)) draft.host(name, { programs });
    }
  };

const scenarios: readonly Omit<Scenario, "family">[] = [
  {
    variant: "routes-group-and-refused",
    about: "A security group keeps the gateway from one application; the service of the other is stopped.",
    world: broken({}, (draft) => {
      api(denyApps(draft));
      draft.host("api-1", { programs: [] });
    }),
    requests: bothRoutes,
    expects: [{ cause: "nsg-backend-subnet-in" }, { route: "api/api", cause: "tcp-refused" }],
    operator: [
      {
        ...{ cause: "tcp-refused", servers: [apiAddress] },
        edit: (draft) => draft.host("api-1", { programs: [httpProgram(8080)] }),
      },
    ],
  },
  {
    variant: "routes-path-and-expired",
    about: "One application has nothing where it is probed; the certificate of the other has expired.",
    world: broken({ program: without("/health") }, (draft) =>
      api(draft, { protocol: "Https", program: httpProgram(8443, expired(names.host)) }),
    ),
    requests: bothRoutes,
    expects: [{ cause: "probe-path" }, { route: "api/api", cause: "tls-expired" }],
    operator: [
      {
        ...{ cause: "tls-expired", servers: [apiAddress] },
        edit: (draft) =>
          draft.host("api-1", {
            programs: baseWorld({ protocol: "Https", servers: 1 }).hosts[0]?.programs ?? [],
          }),
      },
    ],
  },
  {
    variant: "routes-blackhole-and-slow",
    about: "A route leads to nowhere; on the other, every answer takes longer than the gateway waits.",
    world: broken({}, (draft) => {
      draft
        .route("rt-gateway", { name: "retired", prefix: "10.10.2.4/31", hop: "None" })
        .subnet(names.hub, "snet-gateway", { routeTable: { id: networkId("routeTables", "rt-gateway") } });
      const answers = [{ path: "/", delayMs: 2000 }];
      api(draft, { program: httpProgram(8080, undefined, { answers }), setting: { requestTimeout: 1 } });
    }),
    requests: [{ url: apiUrl, times: 6 }, { url: names.url }],
    expects: [{ cause: "route-gw-blackhole" }, { route: "api/api", cause: "timeout-v2" }],
  },
  {
    variant: "paths-v1-down-and-auth",
    about:
      "Of two paths of a v1 gateway one leads to machines that are off, the other to one that wants a login.",
    world: broken({ generation: "v1" }, (draft) => {
      for (const name of both) draft.machine(`vm-${name}`, { powerState: "VM deallocated" });
      const answers = [
        { path: "/health", status: 401, headers: { "www-authenticate": 'Basic realm="api"' } },
      ];
      const target = addApplication(draft, {
        ...{ name: "api", address: apiAddress, program: httpProgram(8080, undefined, { answers }) },
      });
      routeByPath(draft, "app", {
        otherwise: { pool: "pool-app", setting: "set-app" },
        rules: [{ name: "api", paths: ["/api/*"], target }],
      });
    }),
    requests: [{ url: `${names.url}api/1` }, { url: names.url }],
    expects: [
      { route: "web/app/default", cause: "backend-down" },
      { route: "web/app/api", cause: "probe-auth" },
    ],
  },
  {
    variant: "behind-group-path",
    about: "A security group keeps the gateway out, and where it would probe, the servers have nothing.",
    world: broken({ program: without("/health") }, (draft) => denyApps(draft)),
    expects: [{ cause: "nsg-backend-subnet-in" }],
    behind: [{ cause: "probe-path" }],
  },
  {
    variant: "behind-expired-path",
    about: "The servers' certificates have expired, and where they are probed they have nothing.",
    world: broken(
      {
        protocol: "Https",
        program: ({ port }) =>
          httpProgram(port, expired(names.host), { answers: [{ path: "/health", status: 404 }] }),
      },
      () => {},
    ),
    expects: [{ cause: "tls-expired" }],
    behind: [{ cause: "probe-path" }],
    operator: [
      {
        ...{ cause: "tls-expired", servers: apps },
        edit: restored({ protocol: "Https", program: without("/health") }),
      },
    ],
  },
  {
    variant: "behind-zone-route",
    about:
      "The zone of the servers' names is not linked to the gateway's network, and a route leads to nowhere.",
    world: broken({ members: "fqdn" }, (draft) =>
      draft
        .without("privateDnsZones", names.zone, "virtualNetworkLinks", `link-${names.hub}`)
        .route("rt-gateway", { name: "retired", prefix: names.appSubnet, hop: "None" })
        .subnet(names.hub, "snet-gateway", { routeTable: { id: networkId("routeTables", "rt-gateway") } }),
    ),
    expects: [{ cause: "dns-zone-not-linked" }],
    behind: [{ cause: "route-gw-blackhole" }],
  },
  {
    variant: "behind-down-firewall",
    about: "The machines are off, and their own firewall would drop the service's port.",
    world: broken({}, (draft) => {
      for (const name of both) draft.machine(`vm-${name}`, { powerState: "VM deallocated" });
      hostsAre(draft, both, {
        programs: [httpProgram(8080), httpProgram(22)],
        firewall: { input: [{ action: "drop", ports: [8080] }] },
      });
    }),
    expects: [{ cause: "backend-down" }],
    behind: [{ cause: "host-firewall" }],
    operator: [
      {
        ...{ cause: "host-firewall", servers: apps },
        edit: (draft) => hostsAre(draft, both, { firewall: {} }),
      },
    ],
  },
  {
    variant: "behind-peering-refused",
    about: "The peering to the servers' network is disconnected, and their service is stopped.",
    world: broken({ place: "peered" }, (draft) => {
      draft
        .peering(names.hub, "hub-to-spoke", { peeringState: "Disconnected" })
        .withoutPeering(names.spoke, "spoke-to-hub");
      hostsAre(draft, both, { programs: [] });
    }),
    expects: [{ cause: "peering-broken" }],
    behind: [{ cause: "tcp-refused" }],
    operator: [
      {
        ...{ cause: "tcp-refused", servers: ["10.20.1.4", "10.20.1.5"] },
        edit: restored({ place: "peered" }),
      },
    ],
  },
  {
    variant: "servers-group-and-refused",
    about:
      "One of two servers has a security group that keeps the gateway out; the service of the other is stopped.",
    world: broken({}, (draft) => {
      draft.group("nsg-machine").rule("nsg-machine", {
        ...{ name: "deny-edge", priority: 100, direction: "Inbound", access: "Deny" },
        ...{ from: names.gatewaySubnet, ports: "8080" },
      });
      draft.resource("networkInterfaces", "nic-app-1", {
        networkSecurityGroup: { id: networkId("networkSecurityGroups", "nsg-machine") },
      });
      draft.host("app-2", { programs: [] });
    }),
    expects: [{ cause: "nsg-backend-nic-in" }, { cause: "tcp-refused" }],
    operator: [{ cause: "tcp-refused", servers: apps, edit: restored({}, ["app-2"]) }],
  },
  {
    variant: "twin-two-harmless",
    about: "A rule denies the gateway another port, and the probe's path answers without content.",
    world: broken(
      {
        program: ({ port, tls }) => httpProgram(port, tls, { answers: [{ path: "/health", status: 204 }] }),
      },
      (draft) =>
        draft.rule("nsg-app", {
          ...{ name: "deny-edge", priority: 90, direction: "Inbound", access: "Deny" },
          ...{ from: names.gatewaySubnet, to: ["10.10.2.4/31"], ports: "8443" },
        }),
    ),
    expects: [],
  },
  {
    variant: "twin-faults-out-of-use",
    about: "A stopped service with an expired certificate is in a pool that no rule leads to any more.",
    world: broken({}, (draft) => {
      addApplication(draft, { name: "api", address: apiAddress, protocol: "Https" });
      draft.host("api-1", { programs: [httpProgram(9443, expired(names.host))] });
    }),
    expects: [],
  },
  {
    variant: "twin-route-and-zone",
    about: "A route leads to nowhere for another subnet, and a zone of another name is linked to no network.",
    world: broken({ members: "fqdn" }, (draft) => {
      draft
        .route("rt-gateway", { name: "retired", prefix: "10.10.3.0/24", hop: "None" })
        .subnet(names.hub, "snet-gateway", { routeTable: { id: networkId("routeTables", "rt-gateway") } })
        .resource("privateDnsZones", "old.contoso.example", { numberOfRecordSets: 1 });
      linkZone(draft, "old.contoso.example", names.spoke);
      addRecord(draft, "old.contoso.example", "app-1", "10.10.3.4");
    }),
    expects: [],
  },
];

export default scenarios.map((one): Scenario => ({ family: "double", ...one }));
