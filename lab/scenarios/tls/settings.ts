import type { TestCertificate } from "../../../test/support/certificates.ts";
import { baseWorld, labAuthority, names } from "../../world/base.ts";
import { changed, type Draft } from "../../world/draft.ts";
import {
  install,
  issuing,
  know,
  leaf,
  sending,
  serverAddresses,
  tlsProgram,
  tlsWish,
  trust,
} from "../../world/tls.ts";
import type { Scenario } from "../scenario.ts";
import { past } from "./common.ts";

type Shape = Omit<Scenario, "family">;

const set = (draft: Draft, fields: Readonly<Record<string, unknown>>): Draft =>
  draft.part("backendHttpSettingsCollection", "set-app", fields);

/** A v1 gateway; members by address, as it would check names otherwise. */
const v1World = (sent: TestCertificate, known: Readonly<Record<string, TestCertificate>>) =>
  changed(baseWorld(tlsWish("nginx", sending(sent), "", { generation: "v1" })), (draft) =>
    know(draft, known),
  );

const v1: readonly Shape[] = [
  {
    variant: "v1-renewed-nginx",
    about: "The servers' certificate was renewed; the v1 gateway has the one before.",
    world: () => v1World(leaf(), { "shop-2025": leaf() }),
    expects: [{ cause: "tls-v1-authcert" }],
  },
  {
    variant: "v1-none-apache",
    about: "No certificate of the servers is attached to the setting of a v1 gateway.",
    world: () => baseWorld(tlsWish("apache", sending(leaf()), "", { generation: "v1" })),
    expects: [{ cause: "tls-v1-authcert" }],
  },
  {
    variant: "v1-one-of-two-renewed",
    about: "One of two servers has a new certificate already, which the v1 gateway does not know.",
    world: () => {
      const before = leaf();
      const wish = {
        protocol: "Https",
        generation: "v1",
        program: ({ name, port }: { name: string; port: number }) =>
          tlsProgram("nginx", port, sending(name === "app-1" ? before : leaf())),
      } as const;
      return changed(baseWorld(wish), (draft) => know(draft, { before }));
    },
    expects: [{ cause: "tls-v1-authcert" }],
    fails: "never",
  },
  {
    variant: "v1-expired",
    about: "The servers' certificate expired; the v1 gateway knows it.",
    world: () => {
      const own = leaf(past());
      return v1World(own, { own });
    },
    expects: [
      {
        cause: "tls-expired",
        equals: [
          {
            cause: "tls-v1-authcert",
            why: "the uploaded certificate expired: by the documents the servers present it still, or another one by now",
          },
        ],
      },
    ],
    operator: [
      {
        cause: "tls-expired",
        servers: serverAddresses,
        edit: (draft) => {
          const own = leaf();
          install(tlsWish("nginx", sending(own)))(draft);
          know(draft, { own });
        },
      },
    ],
  },
  {
    variant: "v1-twin-before-and-after",
    about:
      "The v1 gateway knows the servers' certificate, and still the one before; the chain is incomplete.",
    world: () => {
      const own = leaf({ issuer: issuing() });
      return v1World(own, { before: leaf(), own });
    },
    expects: [],
  },
];

const checks: readonly Shape[] = [
  {
    variant: "root-on-http",
    about: "A setting with Http has trusted roots: Azure refuses the document, what runs is not touched.",
    world: () => changed(baseWorld({}), (draft) => trust(draft, { "lab-root": labAuthority() })),
    expects: [{ cause: "tls-root-on-http", asRisk: true }],
    fails: "never",
  },
  {
    variant: "root-on-http-fqdn-default-probe",
    about: "The same of names and without a probe of its own.",
    world: () =>
      changed(baseWorld({ members: "fqdn", probe: false }), (draft) =>
        trust(draft, { "lab-root": labAuthority() }),
      ),
    expects: [{ cause: "tls-root-on-http", asRisk: true }],
    fails: "never",
  },
  {
    variant: "root-on-http-twin-not-attached",
    about: "A root was uploaded and is attached to no setting; the one in use speaks Http.",
    world: () => changed(baseWorld({}), (draft) => trust(draft, { "lab-root": labAuthority() }, [])),
    expects: [],
  },
  {
    variant: "validation-off-expired",
    about: "The setting checks neither chain nor dates, and the servers' certificate expired.",
    world: () =>
      changed(baseWorld(tlsWish("nginx", sending(leaf(past())))), (draft) =>
        set(draft, { validateCertChainAndExpiry: false }),
      ),
    expects: [{ cause: "tls-validation-off-differs", asRisk: true }],
    fails: "never",
  },
  {
    variant: "validation-off-name-fqdn",
    about: "The setting does not check names, and the servers' certificate is for another.",
    world: () => {
      const own = leaf({ commonName: "www.contoso.example", names: ["www.contoso.example"] });
      return changed(baseWorld(tlsWish("haproxy", sending(own), "", { members: "fqdn" })), (draft) =>
        set(draft, { validateSNI: false }),
      );
    },
    expects: [{ cause: "tls-validation-off-differs", asRisk: true }],
    fails: "never",
  },
  {
    variant: "validation-twin-on",
    about: "The setting says by name that it checks everything, and the certificate is good.",
    world: () =>
      changed(baseWorld(tlsWish("apache", sending(leaf()))), (draft) =>
        set(draft, { validateCertChainAndExpiry: true, validateSNI: true }),
      ),
    expects: [],
  },
  {
    variant: "validation-name-off-and-expired",
    about: "The setting does not check names; the servers' certificate expired, which it does check.",
    world: () =>
      changed(baseWorld(tlsWish("nginx", sending(leaf(past())))), (draft) =>
        set(draft, { validateSNI: false }),
      ),
    expects: [{ cause: "tls-expired" }],
    operator: [
      { cause: "tls-expired", servers: serverAddresses, edit: install(tlsWish("nginx", sending(leaf()))) },
    ],
  },
];

const doubles: readonly Shape[] = [
  {
    variant: "double-expired-and-intermediate",
    about: "The certificate of one server expired; the other one leaves out its intermediate.",
    world: () =>
      baseWorld({
        protocol: "Https",
        program: ({ name, port }) =>
          tlsProgram("nginx", port, sending(leaf(name === "app-1" ? past() : { issuer: issuing() }))),
      }),
    expects: [{ cause: "tls-expired" }, { cause: "tls-intermediate-missing" }],
    operator: (["tls-expired", "tls-intermediate-missing"] as const).map((cause, index) => ({
      cause,
      servers: [serverAddresses[index] ?? ""],
      edit: (draft: Draft) => {
        draft.host(`app-${index + 1}`, { programs: [tlsProgram("nginx", 8443, sending(leaf()))] });
      },
    })),
  },
  {
    variant: "double-expired-and-refused",
    about: "The certificate of one server expired; the service of the other is stopped.",
    world: () =>
      changed(baseWorld(tlsWish("nginx", sending(leaf(past())))), (draft) =>
        draft.host("app-2", { programs: [] }),
      ),
    expects: [{ cause: "tls-expired" }, { cause: "tcp-refused" }],
    operator: (["tls-expired", "tcp-refused"] as const).map((cause, index) => ({
      cause,
      servers: [serverAddresses[index] ?? ""],
      edit: (draft: Draft) => {
        draft.host(`app-${index + 1}`, { programs: [tlsProgram("nginx", 8443, sending(leaf()))] });
      },
    })),
  },
  {
    variant: "double-name-and-no-root",
    about: "The probe's host is not in the certificate, whose authority the setting does not trust either.",
    world: () =>
      changed(baseWorld(tlsWish("nginx", sending(leaf(), labAuthority()))), (draft) => {
        trust(draft, {});
        draft.part("probes", "probe-app", { host: "health.contoso.example" });
      }),
    expects: [{ cause: "tls-private-ca-no-root" }, { cause: "tls-name-probe" }],
    operator: [
      {
        cause: "tls-private-ca-no-root",
        servers: serverAddresses,
        edit: (draft) => trust(draft, { "lab-root": labAuthority() }),
      },
    ],
  },
  {
    variant: "double-two-routes",
    about: "On one route the certificate expired; on the other the server speaks TLS 1.1 alone.",
    world: () =>
      changed(baseWorld(tlsWish("nginx", sending(leaf(past())))), (draft) => {
        const orders = "orders.contoso.example";
        const { key, certificate } = sending(leaf({ commonName: orders, names: [orders] }));
        const old = tlsProgram(
          "nginx",
          8443,
          { key, certificate },
          "ssl_protocols TLSv1.1; ssl_ciphers DEFAULT:@SECLEVEL=0;",
        );
        draft.host("app-2", { programs: [old] });
        draft.part("backendAddressPools", "pool-app", { backendAddresses: [{ ipAddress: "10.10.2.4" }] });
        draft.part("backendAddressPools", "pool-orders", { backendAddresses: [{ ipAddress: "10.10.2.5" }] });
        draft.part("probes", "probe-orders", {
          protocol: "Https",
          host: orders,
          path: "/",
          interval: 1,
          timeout: 1,
          unhealthyThreshold: 1,
        });
        draft.part("backendHttpSettingsCollection", "set-orders", {
          ...{ port: 8443, protocol: "Https", requestTimeout: 3, hostName: orders },
          trustedRootCertificates: [draft.partLink("trustedRootCertificates", "lab-root")],
          probe: draft.partLink("probes", "probe-orders"),
        });
        draft.part("httpListeners", "orders", {
          ...{ protocol: "Http", hostName: orders },
          frontendIPConfiguration: draft.partLink("frontendIPConfigurations", "public"),
          frontendPort: draft.partLink("frontendPorts", "port-80"),
        });
        draft.part("requestRoutingRules", "orders", {
          ...{ ruleType: "Basic", priority: 110 },
          httpListener: draft.partLink("httpListeners", "orders"),
          backendAddressPool: draft.partLink("backendAddressPools", "pool-orders"),
          backendHttpSettings: draft.partLink("backendHttpSettingsCollection", "set-orders"),
        });
      }),
    expects: [{ cause: "tls-expired" }, { route: "orders/orders", cause: "tls-version" }],
    requests: [{ url: names.url }, { url: "http://orders.contoso.example/" }],
    operator: [
      {
        cause: "tls-expired",
        servers: ["10.10.2.4"],
        edit: (draft) => draft.host("app-1", { programs: [tlsProgram("nginx", 8443, sending(leaf()))] }),
      },
      {
        cause: "tls-version",
        servers: ["10.10.2.5"],
        edit: (draft) => {
          const orders = "orders.contoso.example";
          const own = leaf({ commonName: orders, names: [orders] });
          draft.host("app-2", { programs: [tlsProgram("nginx", 8443, sending(own))] });
        },
      },
    ],
  },
];

export default [...v1, ...checks, ...doubles];
