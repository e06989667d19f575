import { baseWorld, httpProgram } from "../../world/base.ts";
import type { Draft } from "../../world/draft.ts";
import type { Scenario } from "../scenario.ts";
import { nginx, node, shop } from "./programs.ts";

const many = (path: string) => [{ url: `http://${shop}${path}`, times: 8 }];
const broken = "location = /health { return 200 'ok'; } location / { return 500; }";

/** The application works again. */
function repaired(draft: Draft): void {
  for (const name of ["app-1", "app-2"]) draft.host(name, { programs: [httpProgram(8080)] });
}

/** The probe is fine, or is overruled, and requests fail. */
export const serviceScenarios: readonly Omit<Scenario, "family">[] = [
  {
    variant: "shallow-nginx",
    about: "A static health page is served by nginx, the application behind it fails.",
    world: () => baseWorld({ program: nginx(broken) }),
    requests: many("/orders"),
    expects: [{ cause: "backend-5xx" }, { cause: "probe-shallow", asRisk: true }],
    operator: [{ cause: "backend-5xx", servers: ["10.10.2.4", "10.10.2.5"], edit: repaired }],
  },
  {
    variant: "shallow-v1-https-fqdn",
    about: "The same on v1 with Node servers, which say 503.",
    world: () =>
      baseWorld({
        ...{ generation: "v1", members: "fqdn" },
        program: node({ answers: [{ path: "/health" }], otherwise: { status: 503 } }),
      }),
    requests: many("/orders"),
    expects: [{ cause: "backend-5xx" }, { cause: "probe-shallow", asRisk: true }],
    operator: [
      {
        cause: "backend-5xx",
        servers: ["app-1.internal.contoso.example", "app-2.internal.contoso.example"],
        edit: repaired,
      },
    ],
  },
  {
    variant: "shallow-twin-client-errors",
    about: "The health page is static, and the application answers 404 for what it does not have.",
    world: () =>
      baseWorld({ program: nginx("location = /health { return 200 'ok'; } location / { return 404; }") }),
    requests: many("/nothing").map((one) => ({ ...one, wants: [404] })),
    expects: [],
  },
  {
    variant: "minservers-failing-server",
    about: "One of two servers fails everything it is asked for; minServers 2 keeps it in service.",
    world: () =>
      baseWorld({
        probe: { minServers: 2 },
        program: (place) => node(place.name === "app-2" ? { otherwise: { status: 500 } } : {})(place),
      }),
    requests: many("/"),
    fails: "sometimes",
    expects: [
      {
        cause: "probe-maskedby-minservers",
        equals: [{ cause: "backend-5xx", why: "the server's own fault is the other half of it" }],
      },
    ],
  },
  {
    variant: "minservers-hanging-server-v1",
    about: "One of two servers of a v1 gateway takes requests and never answers; minServers 2 keeps it.",
    world: () =>
      baseWorld({
        ...{ generation: "v1", members: "fqdn" },
        probe: { minServers: 2 },
        setting: { requestTimeout: 1 },
        program: (place) => node(place.name === "app-2" ? { otherwise: { delayMs: 60_000 } } : {})(place),
      }),
    requests: many("/").map((one) => ({ ...one, times: 4 })),
    fails: "sometimes",
    expects: [
      {
        cause: "probe-maskedby-minservers",
        equals: [{ cause: "timeout-v1", why: "the server's own fault is the other half of it" }],
      },
    ],
  },
  {
    variant: "minservers-twin-all-well",
    about: "minServers 2, and both servers are well.",
    world: () => baseWorld({ probe: { minServers: 2 } }),
    expects: [],
  },
];
