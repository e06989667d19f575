import {
  addApplication,
  addRule,
  addSetting,
  linksTo,
  routeByPath,
  type Target,
} from "../world/applications.ts";
import { addMachine, type BaseWish, baseWorld, httpProgram, names } from "../world/base.ts";
import { changed, type Draft } from "../world/draft.ts";
import type { Program } from "../world/world.ts";
import type { Scenario } from "./scenario.ts";

const url = (path: string, host: string = names.host): string => `http://${host}${path}`;
const broken = (wish: BaseWish, edit: (draft: Draft) => void) => () => changed(baseWorld(wish), edit);
const app: Target = { pool: "pool-app", setting: "set-app" };

const empty = (draft: Draft, pool: string): void => {
  draft.part("backendAddressPools", pool, { backendAddresses: [] });
};

/** An nginx that closes on what no server block or location of its own is for, as is a custom. */
const closesOnOthers = (known: string): Program => ({
  kind: "nginx",
  ports: [8080],
  config: `server { listen 8080 default_server; ${known.startsWith("/") ? `location = /health { return 200; } location ${known} { return 200 "site"; } location / { return 444; }` : "location = /health { return 200; } location / { return 444; }"} }
${known.startsWith("/") ? "" : `server { listen 8080; server_name ${known}; return 200 "site"; }`}`,
});

/** A second application, on the site's own machine. */
const site = (draft: Draft, program: Program): Target =>
  addApplication(draft, { name: "site", address: "10.10.2.20", program });

/** Answers 503 to everything but its own paths and its health page. */
const unavailable = (own: string): Program =>
  httpProgram(8080, undefined, {
    answers: [{ path: "/health" }, { under: own }],
    otherwise: { status: 503 },
  });

/** Machines that no name of the gateway's parts hints at. */
const workers = (draft: Draft): void => {
  addMachine(draft, {
    ...{ name: "worker-1", address: "10.10.2.30", network: names.hub, subnet: "snet-app" },
    programs: [httpProgram(8080)],
  });
};

/** That a path was meant for another rule shows only beside paths that the default serves. */
const maybeTheSite = (cause: "http-reset-midway" | "backend-5xx") => [
  {
    cause,
    why: "a log without rules, or one request, does not tell for which rule it was meant",
    until: "live",
  } as const,
];

const scenarios: readonly Omit<Scenario, "family">[] = [
  {
    variant: "stopped",
    about: "The gateway was stopped.",
    world: broken({}, (draft) => draft.gateway({ operationalState: "Stopped" })),
    expects: [{ cause: "gateway-stopped" }],
  },
  {
    variant: "stopped-v1-and-refused",
    about: "The gateway was stopped, and the only server's service is not running either.",
    world: broken({ generation: "v1", servers: 1 }, (draft) =>
      draft.gateway({ operationalState: "Stopped" }).host("app-1", { programs: [] }),
    ),
    expects: [{ cause: "gateway-stopped" }, { cause: "tcp-refused" }],
    operator: [
      {
        cause: "tcp-refused",
        servers: ["10.10.2.4"],
        edit: (draft) => draft.host("app-1", { programs: [httpProgram(8080)] }),
      },
    ],
  },
  {
    variant: "failed-update",
    about: "The last update of the gateway failed; it serves what it served before.",
    world: broken({}, (draft) => draft.gateway({ provisioningState: "Failed" })),
    expects: [{ cause: "gateway-failed", asRisk: true }],
    fails: "never",
    noPeers: "nothing fails",
  },
  {
    variant: "updating-v1",
    about: "The gateway is being updated, and serves meanwhile.",
    world: broken({ generation: "v1" }, (draft) => draft.gateway({ provisioningState: "Updating" })),
    expects: [{ cause: "gateway-updating", asRisk: true }],
    fails: "never",
    noPeers: "nothing fails",
  },
  {
    variant: "pool-empty",
    about: "The pool has no members; the machines that were meant are named like it.",
    world: broken({}, (draft) => empty(draft, "pool-app")),
    expects: [{ cause: "pool-empty" }],
  },
  {
    variant: "pool-empty-v1",
    about: "The pool has no members, and no machine is named like it.",
    world: broken({ generation: "v1", servers: 0 }, (draft) => {
      empty(draft, "pool-app");
      workers(draft);
    }),
    expects: [{ cause: "pool-empty" }],
    operator: [
      {
        cause: "pool-empty",
        servers: [],
        edit: (draft) =>
          draft.part("backendAddressPools", "pool-app", { backendAddresses: [{ ipAddress: "10.10.2.30" }] }),
      },
    ],
  },
  {
    variant: "pool-empty-one-path",
    about: "The pool of one path rule has no members; other paths work.",
    world: broken({}, (draft) => {
      const api = addApplication(draft, { name: "api", address: "10.10.2.20" });
      empty(draft, "pool-api");
      routeByPath(draft, "app", {
        otherwise: app,
        rules: [{ name: "api", paths: ["/api/*"], target: api }],
      });
    }),
    requests: [{ url: url("/") }, { url: url("/api/orders"), times: 2 }],
    fails: "sometimes",
    expects: [{ route: "web/app/api", cause: "pool-empty" }],
  },
  {
    variant: "pool-empty-twin-joined",
    about: "The pool lists no addresses: its servers are joined by their interfaces.",
    world: broken({ members: "nic" }, (draft) => empty(draft, "pool-app")),
    expects: [],
  },
  {
    variant: "pool-empty-twin-unused",
    about: "A pool without members is named by no rule.",
    world: broken({}, (draft) => empty(draft, "pool-next")),
    expects: [],
  },
  {
    variant: "default-empty",
    about: "The only path rule takes /shop; the default of the map is an empty pool.",
    world: broken({}, (draft) => {
      empty(draft, "pool-rest");
      routeByPath(draft, "app", {
        otherwise: { pool: "pool-rest", setting: "set-app" },
        rules: [{ name: "shop", paths: ["/shop/*"], target: app }],
      });
    }),
    requests: [{ url: url("/"), times: 2 }, { url: url("/shop/1") }],
    fails: "sometimes",
    expects: [{ route: "web/app/default", cause: "pathmap-default-empty" }],
  },
  {
    variant: "default-empty-v1-two-rules",
    about: "Two path rules lead to two applications; the default pool of a third has no members.",
    world: broken({ generation: "v1", members: "fqdn" }, (draft) => {
      const api = addApplication(draft, { name: "api", address: "10.10.2.20" });
      const portal = addApplication(draft, { name: "portal", address: "10.10.2.21" });
      empty(draft, "pool-portal");
      routeByPath(draft, "app", {
        otherwise: portal,
        rules: [
          { name: "shop", paths: ["/shop/*"], target: app },
          { name: "api", paths: ["/api/*"], target: api },
        ],
      });
    }),
    requests: [{ url: url("/start"), times: 2 }, { url: url("/shop/1") }, { url: url("/api/1") }],
    fails: "sometimes",
    expects: [{ route: "web/app/default", cause: "pathmap-default-empty" }],
  },
  {
    variant: "default-missing",
    about: "The path map has no default at all.",
    world: broken({}, (draft) =>
      routeByPath(draft, "app", { rules: [{ name: "shop", paths: ["/shop/*"], target: app }] }),
    ),
    requests: [{ url: url("/"), times: 2 }, { url: url("/shop/1") }],
    fails: "sometimes",
    expects: [{ route: "web/app/default", cause: "pathmap-default-empty" }],
  },
  {
    variant: "default-empty-twin-rule-for-all",
    about: "The default of the map is an empty pool, and a path rule takes every path before it.",
    world: broken({}, (draft) => {
      empty(draft, "pool-rest");
      routeByPath(draft, "app", {
        otherwise: { pool: "pool-rest", setting: "set-app" },
        rules: [{ name: "all", paths: ["/*"], target: app }],
      });
    }),
    requests: [{ url: url("/") }, { url: url("/shop/1") }],
    expects: [],
  },
  {
    variant: "path-exact-slash",
    about:
      "/cart has no pattern for what is below it, which goes to a site that closes on paths it does not know.",
    world: broken({}, (draft) =>
      routeByPath(draft, "app", {
        otherwise: site(draft, closesOnOthers("/pages")),
        rules: [{ name: "cart", paths: ["/cart"], target: app }],
      }),
    ),
    requests: [{ url: url("/cart") }, { url: url("/pages/1") }, { url: url("/cart/"), times: 6 }],
    fails: "sometimes",
    expects: [
      {
        ...{ route: "web/app/default", cause: "path-exact-trailing" },
        equals: maybeTheSite("http-reset-midway"),
      },
    ],
  },
  {
    variant: "path-without-slash-v1",
    about: "/api/* does not take /api, which goes to a site that answers 503.",
    world: broken({ generation: "v1" }, (draft) =>
      routeByPath(draft, "app", {
        otherwise: site(draft, unavailable("/pages")),
        rules: [{ name: "api", paths: ["/api/*"], target: app }],
      }),
    ),
    requests: [{ url: url("/api/1") }, { url: url("/pages/1") }, { url: url("/api"), times: 6 }],
    fails: "sometimes",
    expects: [
      {
        ...{ route: "web/app/default", cause: "path-exact-trailing" },
        equals: maybeTheSite("backend-5xx"),
      },
    ],
  },
  {
    variant: "path-wide-first",
    about: "A wide pattern stands before the narrow one that was meant.",
    world: broken({}, (draft) => {
      const wide = site(draft, closesOnOthers("/shop/pages"));
      routeByPath(draft, "app", {
        otherwise: wide,
        rules: [
          { name: "shop", paths: ["/shop/*"], target: wide },
          { name: "orders", paths: ["/shop/orders/*"], target: app },
        ],
      });
    }),
    requests: [{ url: url("/shop/pages/1") }, { url: url("/shop/orders/1"), times: 6 }],
    fails: "sometimes",
    expects: [{ route: "web/app/shop", cause: "path-exact-trailing" }],
  },
  {
    variant: "path-twin-served-by-default",
    about: "/cart has no pattern for what is below it; the default serves that as well.",
    world: broken({}, (draft) =>
      routeByPath(draft, "app", {
        otherwise: site(draft, httpProgram(8080)),
        rules: [{ name: "cart", paths: ["/cart"], target: app }],
      }),
    ),
    requests: [{ url: url("/cart") }, { url: url("/cart/"), times: 6 }],
    expects: [],
  },
  {
    variant: "listener-shadowed",
    about: "A listener for every host comes first; its site closes on hosts that it does not know.",
    world: broken({}, (draft) => {
      const target = site(draft, closesOnOthers("www.fabrikam.example"));
      addRule(draft, { name: "all", priority: 50, target });
    }),
    requests: [{ url: url("/", "www.fabrikam.example") }, { url: names.url, times: 6 }],
    fails: "sometimes",
    expects: [{ route: "all/all", cause: "listener-shadowed" }],
  },
  {
    variant: "listener-shadowed-wildcard",
    about: "A wildcard listener comes before the one for the host.",
    world: broken({ members: "nic" }, (draft) => {
      const target = site(draft, closesOnOthers("www.contoso.example"));
      addRule(draft, { name: "any", hosts: ["*.contoso.example"], priority: 20, target });
    }),
    requests: [{ url: url("/", "www.contoso.example") }, { url: names.url, times: 6 }],
    fails: "sometimes",
    expects: [{ route: "any/any", cause: "listener-shadowed" }],
  },
  {
    variant: "listener-shadowed-v1",
    about: "On v1 the rule for every host stands first in the list.",
    world: broken({ generation: "v1" }, (draft) => {
      const target = site(draft, closesOnOthers("www.fabrikam.example"));
      draft.withoutPart("requestRoutingRules", "app");
      addRule(draft, { name: "all", target });
      addRule(draft, { name: "app", listener: "web", hosts: [names.host], target: app });
    }),
    requests: [{ url: url("/", "www.fabrikam.example") }, { url: names.url, times: 6 }],
    fails: "sometimes",
    expects: [
      {
        ...{ route: "all/all", cause: "listener-shadowed" },
        equals: maybeTheSite("http-reset-midway"),
      },
    ],
    operator: [
      {
        cause: "listener-shadowed",
        servers: [],
        edit: (draft) => {
          draft.withoutPart("requestRoutingRules", "all");
          addRule(draft, { name: "all", target: { pool: "pool-site", setting: "set-site" } });
        },
      },
    ],
  },
  {
    variant: "listener-twin-specific-first",
    about: "A listener for every host comes behind the one for the host.",
    world: broken({}, (draft) => {
      const target = site(draft, closesOnOthers("www.fabrikam.example"));
      addRule(draft, { name: "all", priority: 200, target });
    }),
    requests: [{ url: url("/", "www.fabrikam.example") }, { url: names.url, times: 6 }],
    expects: [],
  },
  {
    variant: "wrong-target",
    about: "The rule of the shop has the setting of the interface for programs.",
    world: broken({}, (draft) => {
      const api = addApplication(draft, { name: "api", address: "10.10.2.20", port: 9090 });
      addRule(draft, { name: "api", hosts: ["api.contoso.example"], priority: 110, target: api });
      addRule(draft, { name: "old", hosts: ["old.contoso.example"], priority: 120, target: app });
      draft.part("requestRoutingRules", "app", linksTo(draft, { ...app, setting: "set-api" }));
    }),
    requests: [{ url: url("/", "api.contoso.example") }, { url: names.url, times: 2 }],
    fails: "sometimes",
    expects: [{ cause: "rule-wrong-target" }],
  },
  {
    variant: "wrong-target-path-https",
    about: "A path rule joins servers of plain HTTP with the setting of servers that speak TLS.",
    world: broken({}, (draft) => {
      const pay = addApplication(draft, { name: "pay", address: "10.10.2.20", protocol: "Https" });
      routeByPath(draft, "app", {
        otherwise: app,
        rules: [
          { name: "pay", paths: ["/pay/*"], target: pay },
          { name: "cart", paths: ["/cart/*"], target: { ...app, setting: "set-pay" } },
        ],
      });
    }),
    requests: [{ url: names.url }, { url: url("/pay/1") }, { url: url("/cart/1"), times: 2 }],
    fails: "sometimes",
    expects: [{ route: "web/app/cart", cause: "rule-wrong-target" }],
  },
  {
    variant: "wrong-target-twin-both-served",
    about: "The shop's servers serve on the port of both settings, and rules use both.",
    world: broken({ program: ({ port }) => [httpProgram(port), httpProgram(9090)] }, (draft) => {
      const api = addApplication(draft, { name: "api", address: "10.10.2.20", port: 9090 });
      addRule(draft, { name: "api", hosts: ["api.contoso.example"], priority: 110, target: api });
      draft.part("requestRoutingRules", "app", linksTo(draft, { ...app, setting: "set-api" }));
    }),
    requests: [{ url: url("/", "api.contoso.example") }, { url: names.url, times: 2 }],
    expects: [],
  },
  {
    variant: "reference-missing",
    about: "The rule names a pool that differs by a letter from the one there is.",
    world: broken({}, (draft) =>
      draft.part("requestRoutingRules", "app", linksTo(draft, { ...app, pool: "pool-ap" })),
    ),
    expects: [{ cause: "reference-missing" }],
  },
  {
    variant: "reference-missing-path-setting-v1",
    about: "A path rule names a backend setting that was taken out.",
    world: broken({ generation: "v1" }, (draft) =>
      routeByPath(draft, "app", {
        otherwise: app,
        rules: [{ name: "api", paths: ["/api/*"], target: { ...app, setting: "set-orders" } }],
      }),
    ),
    requests: [{ url: names.url }, { url: url("/api/1"), times: 2 }],
    fails: "sometimes",
    expects: [{ route: "web/app/api", cause: "reference-missing" }],
    operator: [
      {
        cause: "reference-missing",
        servers: [],
        edit: (draft) => addSetting(draft, "orders", { port: 8080 }),
      },
    ],
  },
  {
    variant: "reference-twin-letters",
    about: "The rule names its pool in capital letters.",
    world: broken({}, (draft) =>
      draft.part("requestRoutingRules", "app", linksTo(draft, { ...app, pool: "POOL-APP" })),
    ),
    expects: [],
  },
];

export default scenarios.map((one): Scenario => ({ family: "wiring", ...one }));
