import { type ApplicationWish, addApplication, addRule } from "../../world/applications.ts";
import { type BaseWish, baseWorld, names } from "../../world/base.ts";
import { changed } from "../../world/draft.ts";
import type { LabWorld } from "../../world/world.ts";
import type { Scenario } from "../scenario.ts";
import { nginx, nginxOfHosts, node, shop } from "./programs.ts";

const api = "api.contoso.example";

/** A base world with another application beside it, for clients of another name; its probe is changed after all is made. */
function withApi(wish: BaseWish, application: Omit<ApplicationWish, "name" | "address">): LabWorld {
  return changed(baseWorld(wish), (draft) => {
    const target = addApplication(draft, { name: "api", address: "10.10.2.20", ...application });
    addRule(draft, { name: "api", hosts: [api], priority: 200, target });
    draft.more({ publicNames: { [names.host]: [names.publicAddress], [api]: [names.publicAddress] } });
  });
}

const both = [{ url: names.url }, { url: `http://${api}/` }];
const found = (path: string): string => `location ${path} { return 200 "ok"; }`;

/** Two causes: on two routes, or one behind the other. */
export const doubleScenarios: readonly Omit<Scenario, "family">[] = [
  {
    variant: "double-path-and-narrow-match",
    about:
      "One application has not the path that its probe asks for, the other answers 204 where 200 is wanted.",
    world: () =>
      withApi(
        {
          probe: { path: "/healthz" },
          program: nginx(`${found("= /health")} ${found("= /")} location / { return 404; }`),
        },
        {
          probe: { host: api, match: { statusCodes: ["200"] } },
          program: {
            ...{ kind: "node", behaviour: "http", port: 8080 },
            options: { answers: [{ path: "/health", status: 204 }] },
          },
        },
      ),
    requests: both,
    expects: [{ cause: "probe-path" }, { route: "api/api", cause: "probe-narrow-match" }],
  },
  {
    variant: "double-host-and-timeout",
    about: "One probe asks for a host of the past, the other waits for less than the page takes.",
    world: () =>
      withApi(
        {
          probe: { host: "old.contoso.example" },
          program: nginxOfHosts([shop], 'location / { return 200 "ok"; }', "location / { return 404; }"),
        },
        {
          probe: { host: api },
          program: {
            ...{ kind: "node", behaviour: "http", port: 8080 },
            options: { answers: [{ path: "/health", delayMs: 2000 }] },
          },
        },
      ),
    requests: both,
    expects: [{ cause: "probe-host" }, { route: "api/api", cause: "probe-timeout-short" }],
  },
  {
    variant: "double-status-before-body",
    about: "The probe takes 200 alone and wants a text; the application answers 202, and with another text.",
    world: () =>
      baseWorld({
        probe: { match: { statusCodes: ["200"], body: "ready" } },
        program: node({ answers: [{ path: "/health", status: 202, body: "warming up" }] }),
      }),
    expects: [
      {
        cause: "probe-narrow-match",
        equals: [{ cause: "probe-body", why: "the status is looked at first; both have to be repaired" }],
      },
    ],
  },
];
