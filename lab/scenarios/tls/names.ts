import { addRecord, baseWorld, linkZone, names } from "../../world/base.ts";
import { changed, type Draft } from "../../world/draft.ts";
import {
  authority,
  know,
  leaf,
  sending,
  serverAddresses,
  tlsProgram,
  tlsWish,
  withFiles,
} from "../../world/tls.ts";
import type { Scenario } from "../scenario.ts";

const set = (draft: Draft, fields: Readonly<Record<string, unknown>>): Draft =>
  draft.part("backendHttpSettingsCollection", "set-app", fields);
const probe = (draft: Draft, fields: Readonly<Record<string, unknown>>): Draft =>
  draft.part("probes", "probe-app", fields);

/** The certificate of a server that is asked for no name, or for one that it does not know. */
const otherwise = () => {
  const root = authority("Fabrikam Appliance Root");
  const name = "appliance.fabrikam.example";
  return sending(leaf({ commonName: name, names: [name], issuer: root }), root);
};

/** nginx with a site for the clients' host, and a default one with a certificate of the maker. */
const twoSites = (port: number) => {
  const { certificate, key } = otherwise();
  const program = withFiles(tlsProgram("nginx", port, sending(leaf()), `server_name ${names.host};`), {
    "default.pem": certificate,
    "default.key": key,
  });
  if (program.kind !== "nginx") throw new Error("not nginx");
  const site = program.config.replace(" default_server", "");
  const first = `server { listen ${port} ssl default_server; ssl_certificate $DIR/default.pem; ssl_certificate_key $DIR/default.key; location / { return 421 "unknown"; } }`;
  return { ...program, config: `${first}\n${site}` };
};

const picksAddress = (draft: Draft): void => {
  set(draft, { hostName: undefined, pickHostNameFromBackendAddress: true });
  probe(draft, { host: undefined, pickHostNameFromBackendHttpSettings: true });
};

/** A v1 gateway that knows the certificate of its servers; they are listed by name where `fqdn` is given. */
const v1World = (certificate: ReturnType<typeof leaf>, members: "ip" | "fqdn") =>
  changed(baseWorld({ ...tlsWish("node", sending(certificate)), generation: "v1", members }), (draft) => {
    set(draft, { hostName: undefined });
    know(draft, { server: certificate });
  });

/** The pool lists the servers by the clients' host, which private DNS knows. */
const listByHost = (draft: Draft): void => {
  draft.part("backendAddressPools", "pool-app", { backendAddresses: [{ fqdn: names.host }] });
  draft.resource("privateDnsZones", "contoso.example", {});
  linkZone(draft, "contoso.example", names.hub);
  addRecord(draft, "contoso.example", "shop", ...serverAddresses);
};

const nameProbe: readonly Omit<Scenario, "family">[] = [
  {
    variant: "name-probe-host",
    about: "The probe's host is in no certificate of the servers, the setting's is.",
    world: () =>
      changed(baseWorld({ protocol: "Https" }), (draft) => probe(draft, { host: "health.contoso.example" })),
    expects: [{ cause: "tls-name-probe" }],
  },
  {
    variant: "name-setting-host-nginx",
    about: "Probe and traffic take a host from the setting that nginx has no certificate for.",
    world: () =>
      changed(baseWorld(tlsWish("nginx", sending(leaf()))), (draft) => {
        set(draft, { hostName: "store.contoso.example" });
        probe(draft, { host: undefined, pickHostNameFromBackendHttpSettings: true });
      }),
    expects: [{ cause: "tls-name-probe" }],
  },
  {
    variant: "name-fqdn-picked-apache",
    about: "The host is picked from the members' names, which Apache's certificate does not carry.",
    world: () =>
      changed(baseWorld(tlsWish("apache", sending(leaf()), "", { members: "fqdn" })), picksAddress),
    expects: [{ cause: "tls-name-probe" }],
  },
  {
    variant: "name-common-name-alone-haproxy",
    about: "The certificate has the host as common name, and other names as alternatives, which alone count.",
    world: () => baseWorld(tlsWish("haproxy", sending(leaf({ names: ["www.contoso.example"] })))),
    expects: [{ cause: "tls-name-probe" }],
  },
  {
    variant: "name-wildcard-two-labels",
    about: "A wildcard certificate, and a name two labels below it.",
    world: () => {
      const tls = sending(leaf({ commonName: "*.contoso.example", names: ["*.contoso.example"] }));
      return changed(baseWorld(tlsWish("node", tls)), (draft) =>
        probe(draft, { host: "eu.shop.contoso.example" }),
      );
    },
    expects: [{ cause: "tls-name-probe" }],
  },
  {
    variant: "name-v1-fqdn",
    about:
      "A v1 gateway asks for the members' names, and the servers have a certificate for the clients' host.",
    world: () => v1World(leaf(), "fqdn"),
    expects: [{ cause: "tls-name-probe" }],
    operator: [
      {
        cause: "tls-name-probe",
        servers: ["app-1.internal.contoso.example", "app-2.internal.contoso.example"],
        edit: listByHost,
      },
    ],
  },
  {
    variant: "name-twin-wildcard",
    about: "A wildcard certificate, and a name one label below it.",
    world: () =>
      baseWorld(
        tlsWish("nginx", sending(leaf({ commonName: "*.contoso.example", names: ["*.contoso.example"] }))),
      ),
    expects: [],
  },
  {
    variant: "name-twin-common-name",
    about: "A certificate without alternative names, whose common name is the host.",
    world: () => baseWorld(tlsWish("apache", sending(leaf({ names: [] })))),
    expects: [],
  },
  {
    variant: "name-twin-v1-fqdn",
    about: "A v1 gateway asks for the members' names, and the certificate carries them among others.",
    world: () => {
      const hosts = [names.host, "app-1.internal.contoso.example", "app-2.internal.contoso.example"];
      return v1World(leaf({ names: hosts }), "fqdn");
    },
    expects: [],
  },
];

const www = "www.contoso.example";
const internal = "app-1.internal.contoso.example";

/** Live traffic asks for the client's host, the probe for another. */
const clientsHost = (draft: Draft, probed: string): void => {
  set(draft, { hostName: undefined });
  probe(draft, { host: probed });
};

const liveName: readonly Omit<Scenario, "family">[] = [
  {
    variant: "live-name-internal",
    about: "The certificate is for an internal name that the probe asks for; clients ask for another.",
    world: () => {
      const tls = sending(leaf({ commonName: internal, names: [internal] }));
      return changed(baseWorld(tlsWish("node", tls)), (draft) => clientsHost(draft, internal));
    },
    expects: [{ cause: "tls-live-name-mismatch" }],
  },
  {
    variant: "live-name-one-of-two-hosts-nginx",
    about: "Of two hosts of the listener the servers' certificate has one, which is the probe's.",
    world: () =>
      changed(
        baseWorld(
          tlsWish("nginx", sending(leaf({ commonName: www, names: [www] })), "", { members: "fqdn" }),
        ),
        (draft) => {
          draft.part("httpListeners", "web", { hostName: undefined, hostNames: [names.host, www] });
          clientsHost(draft, www);
        },
      ),
    expects: [{ cause: "tls-live-name-mismatch" }],
    fails: "sometimes",
    requests: [{ url: `http://${www}/` }, { url: names.url, times: 2 }],
  },
  {
    variant: "live-name-strict-haproxy",
    about: "haproxy ends handshakes for names it has no certificate for, the clients' host among them.",
    world: () => {
      const tls = sending(leaf({ commonName: internal, names: [internal] }));
      return changed(baseWorld(tlsWish("haproxy", tls, "strict-sni")), (draft) =>
        clientsHost(draft, internal),
      );
    },
    expects: [{ cause: "tls-live-name-mismatch" }],
  },
  {
    variant: "live-name-twin-sni-name",
    about:
      "The setting has a TLS name of its own, which the certificate carries; clients ask for another host.",
    world: () => {
      const tls = sending(leaf({ commonName: internal, names: [internal] }));
      return changed(baseWorld(tlsWish("haproxy", tls, "strict-sni")), (draft) => {
        clientsHost(draft, internal);
        set(draft, { sniName: internal });
      });
    },
    expects: [],
  },
  {
    variant: "live-name-twin-both",
    about: "The certificate carries the probe's name and the clients'.",
    world: () =>
      changed(baseWorld(tlsWish("nginx", sending(leaf({ names: [names.host, internal] })))), (draft) =>
        clientsHost(draft, internal),
      ),
    expects: [],
  },
];

const noName: readonly Omit<Scenario, "family">[] = [
  {
    variant: "no-sni-picked-nginx",
    about: "The host is picked from members that are addresses, and nginx has several sites.",
    world: () =>
      changed(baseWorld({ protocol: "Https", program: ({ port }) => twoSites(port) }), picksAddress),
    expects: [{ cause: "tls-ip-no-sni" }],
  },
  {
    variant: "no-sni-probe-host-haproxy",
    about: "The probe's host is an address; haproxy ends handshakes without a name.",
    world: () =>
      changed(baseWorld(tlsWish("haproxy", sending(leaf()), "strict-sni")), (draft) =>
        probe(draft, { host: "10.10.2.4" }),
      ),
    expects: [{ cause: "tls-ip-no-sni" }],
  },
  {
    variant: "no-sni-v1",
    about:
      "A v1 gateway sends no name to members that are addresses; the server has another default certificate.",
    world: () => {
      const own = leaf({ names: [names.host, internal, "app-2.internal.contoso.example"] });
      const pair = sending(own);
      const byName = Object.fromEntries(
        [names.host, internal, "app-2.internal.contoso.example"].map((name) => [
          name,
          { certificate: pair.certificate, key: pair.key },
        ]),
      );
      return changed(v1World(own, "ip"), (draft) => {
        for (const host of ["app-1", "app-2"]) {
          draft.host(host, { programs: [tlsProgram("node", 8443, { ...otherwise(), byName })] });
        }
      });
    },
    expects: [{ cause: "tls-ip-no-sni" }],
    operator: [{ cause: "tls-ip-no-sni", servers: serverAddresses, edit: listByHost }],
  },
  {
    variant: "no-sni-twin-default",
    about: "The probe's host is an address, and the server has one certificate for everybody.",
    world: () =>
      changed(baseWorld(tlsWish("nginx", sending(leaf()))), (draft) => probe(draft, { host: "10.10.2.4" })),
    expects: [],
  },
];

export default [...nameProbe, ...liveName, ...noName];
