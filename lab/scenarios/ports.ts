import { addApplication, addRule, addSetting, type Target } from "../world/applications.ts";
import {
  type BaseWish,
  baseWorld,
  httpProgram,
  labAuthority,
  labCertificate,
  names,
  tlsFor,
} from "../world/base.ts";
import { changed, type Draft } from "../world/draft.ts";
import type { Scenario } from "./scenario.ts";

const url = (path: string, host: string = names.host): string => `http://${host}${path}`;
const broken = (wish: BaseWish, edit: (draft: Draft) => void) => () => changed(baseWorld(wish), edit);
const app: Target = { pool: "pool-app", setting: "set-app" };

const setting = (draft: Draft, fields: Readonly<Record<string, unknown>>): void => {
  draft.part("backendHttpSettingsCollection", "set-app", fields);
};

type Served = NonNullable<BaseWish["program"]>;

/** The servers speak TLS on this port. */
const overTls =
  (port: number): Served =>
  () =>
    httpProgram(port, tlsFor([names.host]));
/** The servers speak plain HTTP on this port. */
const plain =
  (port: number): Served =>
  () =>
    httpProgram(port);

/** An nginx with TLS on the port, which tells those who speak plain HTTP to it. */
const nginxOverTls =
  (port: number): Served =>
  () => {
    const { certificate, key } = tlsFor([names.host]);
    return {
      kind: "nginx",
      ports: [port],
      files: { "server.pem": certificate, "server.key": key },
      config: `server { listen ${port} ssl; ssl_certificate $DIR/server.pem; ssl_certificate_key $DIR/server.key; return 200 "shop"; }`,
    };
  };

/** A refusal alone does not tell a port that is wrong from a service that is down. */
const maybeDown = [
  { cause: "tcp-refused", why: "nobody has tried another port yet", until: "live" },
] as const;

/** The root of the servers' certificates is uploaded, as another setting needs it. */
const withRoot = (draft: Draft): void => {
  draft.part("trustedRootCertificates", "lab-root", { data: labAuthority().der.toString("base64") });
};

/** A v1 gateway knows this server certificate, for a setting that speaks TLS. */
const withLeaf = (draft: Draft): void => {
  const { der } = labCertificate({ commonName: names.host, names: [names.host] });
  draft.part("authenticationCertificates", "shop", { data: der.toString("base64") });
  setting(draft, { authenticationCertificates: [draft.partLink("authenticationCertificates", "shop")] });
};

const scenarios: readonly Omit<Scenario, "family">[] = [
  {
    variant: "port-wrong",
    about: "The setting sends to 8081; the application listens on 8080.",
    world: broken({}, (draft) => setting(draft, { port: 8081 })),
    expects: [{ cause: "port-wrong", equals: maybeDown }],
  },
  {
    variant: "port-wrong-https-fqdn",
    about: "The setting sends to 443; the application listens on 8443.",
    world: broken({ protocol: "Https", members: "fqdn" }, (draft) => setting(draft, { port: 443 })),
    expects: [{ cause: "port-wrong", equals: maybeDown }],
  },
  {
    variant: "port-wrong-v1-seen-elsewhere",
    about: "Another setting reaches the same servers on their port, 7000.",
    world: broken({ generation: "v1", port: 7000 }, (draft) => {
      addSetting(draft, "admin", { port: 7000 });
      addRule(draft, {
        ...{ name: "admin", hosts: ["admin.contoso.example"] },
        target: { ...app, setting: "set-admin" },
      });
      setting(draft, { port: 7001 });
    }),
    requests: [{ url: url("/", "admin.contoso.example") }, { url: names.url, times: 2 }],
    fails: "sometimes",
    expects: [{ cause: "port-wrong", equals: maybeDown }],
  },
  {
    variant: "port-twin-unused-setting",
    about: "A setting that no rule uses names a port on which nobody listens.",
    world: broken({}, (draft) => addSetting(draft, "next", { port: 9999 })),
    expects: [],
  },
  {
    variant: "port-twin-unusual",
    about: "The application listens on an unusual port, and the setting names it.",
    world: broken({ port: 9999, members: "nic" }, () => {}),
    expects: [],
  },
  {
    variant: "plain-to-tls",
    about: "The setting speaks plain HTTP to port 8443, where the servers speak TLS.",
    world: broken({ port: 8443, program: overTls(8443) }, withRoot),
    expects: [{ cause: "protocol-http-to-tls" }],
  },
  {
    variant: "plain-to-tls-nginx-443-fqdn",
    about: "The setting speaks plain HTTP to port 443 of an nginx, which answers 400 to it.",
    world: broken({ port: 443, program: nginxOverTls(443), members: "fqdn" }, withRoot),
    expects: [{ cause: "protocol-http-to-tls" }],
  },
  {
    variant: "plain-to-tls-v1",
    about: "A v1 gateway speaks plain HTTP to port 443, where the servers speak TLS.",
    world: broken({ port: 443, program: overTls(443), generation: "v1" }, () => {}),
    expects: [{ cause: "protocol-http-to-tls" }],
  },
  {
    variant: "plain-twin-443",
    about: "The servers speak plain HTTP on port 8443.",
    world: broken({ port: 8443, program: plain(8443) }, () => {}),
    expects: [],
  },
  {
    variant: "tls-to-plain",
    about: "The setting speaks TLS to port 8080, where the servers speak plain HTTP.",
    world: broken({ protocol: "Https", port: 8080, program: plain(8080) }, () => {}),
    expects: [{ cause: "protocol-tls-to-http" }],
  },
  {
    variant: "tls-to-plain-80-fqdn",
    about: "The setting speaks TLS to port 80, where an nginx speaks plain HTTP.",
    world: broken(
      {
        ...{ protocol: "Https", port: 80, members: "fqdn" },
        program: () => ({ kind: "nginx", ports: [80], config: 'server { listen 80; return 200 "shop"; }' }),
      },
      () => {},
    ),
    expects: [{ cause: "protocol-tls-to-http" }],
  },
  {
    variant: "tls-to-plain-v1",
    about: "A v1 gateway speaks TLS to port 8000, where the servers speak plain HTTP.",
    world: broken(
      { generation: "v1", protocol: "Https", port: 8000, program: plain(8000), servers: 1 },
      withLeaf,
    ),
    expects: [{ cause: "protocol-tls-to-http" }],
  },
  {
    variant: "tls-twin-8080",
    about: "The servers speak TLS on port 8080.",
    world: broken({ protocol: "Https", port: 8080 }, () => {}),
    expects: [],
  },
  {
    variant: "probe-protocol-https",
    about: "The probe speaks TLS to servers that speak plain HTTP, as the setting does.",
    world: broken({ probe: { protocol: "Https" } }, () => {}),
    expects: [{ cause: "probe-protocol-differs" }],
  },
  {
    variant: "probe-protocol-http-nic",
    about: "The probe speaks plain HTTP to servers that speak TLS, as the setting does.",
    world: broken({ protocol: "Https", probe: { protocol: "Http" }, members: "nic" }, () => {}),
    expects: [{ cause: "probe-protocol-differs" }],
  },
  {
    variant: "probe-protocol-twin-other-port",
    about: "The probe has the setting's protocol and a port of its own, where the servers answer as well.",
    world: broken(
      { probe: { port: 9090 }, program: ({ port }) => [httpProgram(port), httpProgram(9090)] },
      () => {},
    ),
    expects: [],
  },
  {
    variant: "double-port-and-empty-pool",
    about: "One route has the wrong port, another a pool without members.",
    world: broken({}, (draft) => {
      setting(draft, { port: 8081 });
      const api = addApplication(draft, { name: "api", address: "10.10.2.20" });
      draft.part("backendAddressPools", "pool-api", { backendAddresses: [] });
      addRule(draft, { name: "api", hosts: ["api.contoso.example"], priority: 110, target: api });
    }),
    requests: [{ url: url("/", "api.contoso.example") }, { url: names.url }],
    expects: [
      { cause: "port-wrong", equals: maybeDown },
      { route: "api/api", cause: "pool-empty" },
    ],
  },
  {
    variant: "double-plain-and-tls",
    about: "One route speaks TLS to a plain port, another plain HTTP to a TLS port.",
    world: broken({ protocol: "Https", port: 8080, program: plain(8080) }, (draft) => {
      const api = addApplication(draft, {
        ...{ name: "api", address: "10.10.2.20", port: 8443 },
        program: httpProgram(8443, tlsFor([names.host, "api.contoso.example"])),
      });
      addRule(draft, { name: "api", hosts: ["api.contoso.example"], priority: 110, target: api });
    }),
    requests: [{ url: url("/", "api.contoso.example") }, { url: names.url }],
    expects: [{ cause: "protocol-tls-to-http" }, { route: "api/api", cause: "protocol-http-to-tls" }],
  },
];

export default scenarios.map((one): Scenario => ({ family: "ports", ...one }));
