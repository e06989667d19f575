import type { Answer } from "../../hosts/behaviours/http.ts";
import {
  addRecord,
  type BaseWish,
  baseWorld,
  httpProgram,
  linkZone,
  names,
  tlsFor,
} from "../../world/base.ts";
import { changed } from "../../world/draft.ts";
import type { LabWorld } from "../../world/world.ts";
import type { Scenario } from "../scenario.ts";
import { apache, nginx, node, shop } from "./programs.ts";

const orders = [{ url: `http://${shop}/api/orders`, times: 2 }];
const nowhere = "location / { return 404; }";
const found = (path: string): string => `location ${path} { return 200 "ok"; }`;

const apim = "contoso-orders.azure-api.net";
const status = "/status-0123456789abcdef";
const apimAnswers: readonly Answer[] = [
  { path: status, host: apim },
  { under: "/orders", host: apim },
];

/** API Management inside the network: its health, one operation, and 404 for all else; only under its own name. */
function apimWorld(member: object, wish: BaseWish): LabWorld {
  const world = baseWorld({ servers: 0, protocol: "Https", ...wish, setting: { hostName: apim } });
  return changed(world, (draft) => {
    draft
      .part("backendAddressPools", "pool-app", { backendAddresses: [member] })
      .add({
        id: "/subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/rg-lab/providers/Microsoft.ApiManagement/service/contoso-orders",
        name: "contoso-orders",
        type: "Microsoft.ApiManagement/service",
        gatewayUrl: `https://${apim}`,
        hostnameConfigurations: [{ type: "Proxy", hostName: apim }],
        privateIPAddresses: ["10.10.2.4"],
        virtualNetworkType: "Internal",
      })
      .resource("privateDnsZones", "azure-api.net", {})
      .addHost({
        name: "apim",
        at: { subnet: "snet-app", address: "10.10.2.4" },
        programs: [httpProgram(8443, tlsFor([apim]), { answers: apimAnswers, otherwise: { status: 404 } })],
      });
    linkZone(draft, "azure-api.net", names.hub);
    addRecord(draft, "azure-api.net", "contoso-orders", "10.10.2.4");
  });
}

/** The path that the probe asks for, and how. */
export const pathScenarios: readonly Omit<Scenario, "family">[] = [
  {
    variant: "default-root-api",
    about: "No probe; the application has its API and its health, and nothing at the root.",
    world: () =>
      baseWorld({
        probe: false,
        program: node({ answers: [{ under: "/api" }, { path: "/health" }], otherwise: { status: 404 } }),
      }),
    requests: orders,
    expects: [{ cause: "probe-default-root" }],
  },
  {
    variant: "default-root-v1-no-index",
    about: "No probe on v1; nginx has no index page and forbids to list the folder.",
    world: () =>
      baseWorld({
        ...{ generation: "v1", members: "nic", probe: false },
        program: nginx(`root $DIR; ${found("/api")} ${found("= /healthz")}`),
      }),
    requests: orders,
    expects: [{ cause: "probe-default-root" }],
  },
  {
    variant: "default-root-https-nothing-known",
    about: "No probe; the application answers below its own prefix only, which no document tells.",
    world: () =>
      baseWorld({
        ...{ protocol: "Https", probe: false, servers: 1 },
        program: node({ answers: [{ under: "/api/v2" }], otherwise: { status: 404 } }),
      }),
    requests: [{ url: `http://${shop}/api/v2/orders`, times: 2 }],
    expects: [{ cause: "probe-default-root" }],
  },
  {
    variant: "default-root-twin-redirect",
    about: "No probe; the root redirects to the application.",
    world: () =>
      baseWorld({
        probe: false,
        program: nginx(`location = / { return 301 /app/; } ${found("/app")} ${nowhere}`),
      }),
    requests: [{ url: `http://${shop}/app/`, times: 2 }],
    expects: [],
  },
  {
    variant: "path-misspelt-nginx",
    about: "The probe asks for /healthz, nginx has /health.",
    world: () =>
      baseWorld({
        probe: { path: "/healthz" },
        program: nginx(`${found("= /health")} ${found("= /")} ${nowhere}`),
      }),
    expects: [{ cause: "probe-path" }],
  },
  {
    variant: "path-moved-v1-apache-https",
    about: "The health page of a v1 gateway's servers moved with a release.",
    world: () =>
      baseWorld({
        ...{ generation: "v1", members: "fqdn" },
        probe: { path: "/old/health" },
        program: apache(
          `ServerName ${shop}\nRewriteEngine on\nRewriteRule ^/old/ - [R=404,L]\nRewriteRule .* $DIR/page.html`,
        ),
      }),
    expects: [{ cause: "probe-path" }],
  },
  {
    variant: "path-one-of-two-https",
    about: "One of two servers has an older release without the health page.",
    world: () =>
      baseWorld({
        protocol: "Https",
        program: (place) =>
          node({ answers: place.name === "app-2" ? [{ path: "/health", status: 404 }] : [] })(place),
      }),
    expects: [{ cause: "probe-path" }],
    fails: "never",
  },
  {
    variant: "path-twin-odd",
    about: "A path with a parameter, escapes and a query, which the application has.",
    world: () =>
      baseWorld({
        probe: { path: "/check;full=1/%7Eall?verbose=1&x=%20y" },
        program: nginx(`${found("/check")} ${found("= /")} ${nowhere}`),
      }),
    expects: [],
  },
  {
    variant: "method-405-nginx",
    about: "A SOAP address that takes POST only is probed with GET.",
    world: () =>
      baseWorld({
        probe: { path: "/soap" },
        program: nginx(
          `location = /soap { if ($request_method != POST) { return 405; } return 200 "ok"; } ${nowhere}`,
        ),
      }),
    requests: [{ url: `http://${shop}/soap`, method: "POST", body: "<a/>", times: 2 }],
    expects: [{ cause: "probe-method" }],
    operator: [
      {
        cause: "probe-method",
        servers: ["10.10.2.4", "10.10.2.5"],
        // A page for the probe is made, and asked for.
        edit: (draft) => {
          for (const name of ["app-1", "app-2"]) draft.host(name, { programs: [httpProgram(8080)] });
          draft.part("probes", "probe-app", { path: "/health" });
        },
      },
    ],
  },
  {
    variant: "method-501-v1",
    about: "The RPC address of a v1 gateway's server does not know GET; its health is elsewhere.",
    world: () =>
      baseWorld({
        ...{ generation: "v1", servers: 1, members: "fqdn" },
        probe: { path: "/rpc" },
        program: node({ answers: [{ path: "/rpc", method: "GET", status: 501 }] }),
      }),
    requests: [{ url: `http://${shop}/rpc`, method: "POST", body: "{}", times: 2 }],
    expects: [{ cause: "probe-method" }],
  },
  {
    variant: "method-twin-head",
    about: "The health page takes GET and refuses HEAD.",
    world: () =>
      baseWorld({ program: node({ answers: [{ path: "/health", method: "HEAD", status: 405 }] }) }),
    expects: [],
  },
  {
    variant: "apim-default-probe",
    about: "API Management by its name, probed by default.",
    world: () => apimWorld({ fqdn: apim }, { probe: false }),
    requests: [{ url: `http://${shop}/orders/1`, times: 2 }],
    expects: [{ cause: "probe-apim" }],
  },
  {
    variant: "apim-own-path-by-address",
    about: "API Management by its private address, probed for a path that is no operation.",
    world: () => apimWorld({ ipAddress: "10.10.2.4" }, { probe: { host: apim, path: "/health" } }),
    requests: [{ url: `http://${shop}/orders/1`, times: 2 }],
    expects: [{ cause: "probe-apim" }],
  },
  {
    variant: "apim-twin-status-path",
    about: "API Management probed where it answers for its own health.",
    world: () => apimWorld({ fqdn: apim }, { probe: { host: apim, path: status } }),
    requests: [{ url: `http://${shop}/orders/1`, times: 2 }],
    expects: [],
  },
];
