import { makeCertificate, type TestCertificate } from "../../test/support/certificates.ts";
import { addApplication, linksTo } from "../world/applications.ts";
import {
  type BaseWish,
  baseWorld,
  httpProgram,
  labAuthority,
  labCertificate,
  names,
  tlsFor,
  validNow,
} from "../world/base.ts";
import { changed, type Draft } from "../world/draft.ts";
import { networkId } from "../world/resource.ts";
import type { LabWorld, Program } from "../world/world.ts";
import type { Scenario } from "./scenario.ts";

const broken = (wish: BaseWish, edit: (draft: Draft) => void) => () => changed(baseWorld(wish), edit);

const members = (draft: Draft, ...addresses: readonly string[]): void => {
  draft.part("backendAddressPools", "pool-app", {
    backendAddresses: addresses.map((ipAddress) => ({ ipAddress })),
  });
};

/** A server that greets in another protocol than HTTP. */
const greeter = (port: number, greeting: string): Program => ({
  ...{ kind: "node", behaviour: "raw", port },
  options: { greeting, answers: [] },
});

const ssh = "SSH-2.0-OpenSSH_9.6\r\n";
const smtp = "220 mail.contoso.example ESMTP\r\n";

/** Writes the port of the web server into the setting, as the fix says. */
const portTo = (port: number) => (draft: Draft) => {
  draft.part("backendHttpSettingsCollection", "set-app", { port });
};

/** A second address on the interface of a machine, on which its system does not answer. */
function secondAddress(draft: Draft, host: string, address: string): void {
  const configuration = (name: string, at: string, primary: boolean) => ({
    id: networkId("networkInterfaces", `nic-${host}`, "ipConfigurations", name),
    ...{ name, primary, privateIPAddress: at, privateIPAllocationMethod: "Static" },
    subnet: { id: networkId("virtualNetworks", names.hub, "subnets", "snet-app") },
  });
  draft.resource("networkInterfaces", `nic-${host}`, {
    ipConfigurations: [
      configuration("ipconfig1", "10.10.2.4", true),
      configuration("ipconfig2", address, false),
    ],
  });
}

/** A frontend of an internal load balancer. */
function balancer(draft: Draft, address: string): void {
  draft.resource("loadBalancers", "lbi-app", {
    sku: { name: "Standard" },
    frontendIPConfigurations: [
      {
        id: networkId("loadBalancers", "lbi-app", "frontendIPConfigurations", "front"),
        name: "front",
        privateIPAddress: address,
        subnet: { id: networkId("virtualNetworks", names.hub, "subnets", "snet-app") },
      },
    ],
    ...{ backendAddressPools: [], loadBalancingRules: [], probes: [] },
  });
}

interface Rooted {
  readonly root: TestCertificate;
  readonly leaf: TestCertificate;
}

/** The servers send this leaf, and the setting trusts that root. */
function rooted(make: () => Rooted, wish: BaseWish = {}): () => LabWorld {
  return () => {
    const { root, leaf } = make();
    const program: BaseWish["program"] = ({ port }) =>
      httpProgram(port, { certificate: leaf.pem, key: leaf.keyPem });
    return changed(baseWorld({ ...wish, protocol: "Https", program }), (draft) =>
      draft.part("trustedRootCertificates", "lab-root", { data: root.der.toString("base64") }),
    );
  };
}

/** New certificates below a proper authority, and its root uploaded. */
const rightRoot = [
  {
    cause: "tls-root-not-ca" as const,
    servers: [],
    edit: (draft: Draft) => {
      const tls = tlsFor([names.host]);
      for (const name of ["app-1", "app-2"]) {
        if (draft.world.hosts.some((host) => host.name === name)) {
          draft.host(name, { programs: [httpProgram(8443, tls)] });
        }
      }
      draft.part("trustedRootCertificates", "lab-root", { data: labAuthority().der.toString("base64") });
    },
  },
];

const scenarios: readonly Omit<Scenario, "family">[] = [
  {
    variant: "stale-address",
    about: "One of two machines was made again with another address; the pool keeps the old one.",
    world: broken({}, (draft) => members(draft, "10.10.2.4", "10.10.2.44")),
    expects: [{ cause: "pool-stale-address" }],
    fails: "never",
  },
  {
    variant: "stale-address-all-v1",
    about: "The only machine of an application was made again with another address.",
    world: broken({ generation: "v1" }, (draft) => {
      const orders = addApplication(draft, { name: "orders", address: "10.10.2.20" });
      draft.part("backendAddressPools", orders.pool, { backendAddresses: [{ ipAddress: "10.10.2.21" }] });
      draft.part("requestRoutingRules", "app", linksTo(draft, orders));
    }),
    expects: [{ cause: "pool-stale-address" }],
  },
  {
    variant: "stale-address-peered-https",
    about: "Nothing in a peered network has the pool's address, nor has any load balancer of the export.",
    world: broken({ place: "peered", protocol: "Https", servers: 1 }, (draft) => {
      members(draft, "10.20.1.77");
      balancer(draft, "10.10.2.77");
    }),
    expects: [{ cause: "pool-stale-address" }],
    operator: [
      {
        cause: "pool-stale-address",
        servers: ["10.20.1.77"],
        edit: (draft) => members(draft, "10.20.1.4"),
      },
    ],
  },
  {
    variant: "stale-address-or-balancer",
    about: "No machine has the pool's address, and the load balancers were not exported.",
    world: broken({}, (draft) => {
      members(draft, "10.10.2.44");
      balancer(draft, "10.10.2.77");
    }),
    expects: [{ cause: "pool-stale-address" }],
    withhold: { kinds: ["loadBalancers"], asks: /network lb/ },
  },
  {
    variant: "stale-twin-balancer",
    about:
      "One of the pool's addresses belongs to no machine but to a load balancer, behind which a server answers.",
    world: broken({}, (draft) => {
      members(draft, "10.10.2.4", "10.10.2.44");
      balancer(draft, "10.10.2.44");
      draft.addHost({
        name: "behind-balancer",
        at: {
          subnet: "snet-app",
          address: "10.10.2.44",
        },
        programs: [httpProgram(8080)],
      });
    }),
    expects: [],
  },
  {
    variant: "wrong-address-gateway-subnet",
    about: "The pool lists an address of the gateway's own subnet.",
    world: broken({}, (draft) => members(draft, "10.10.1.40")),
    expects: [{ cause: "pool-wrong-address" }],
    operator: [
      { cause: "pool-wrong-address", servers: ["10.10.1.40"], edit: (draft) => members(draft, "10.10.2.4") },
    ],
  },
  {
    variant: "wrong-address-router-v1",
    about: "The pool lists the first address of the servers' subnet, which is the network's own.",
    world: broken({ generation: "v1" }, (draft) => members(draft, "10.10.2.1")),
    expects: [{ cause: "pool-wrong-address" }],
    operator: [
      { cause: "pool-wrong-address", servers: ["10.10.2.1"], edit: (draft) => members(draft, "10.10.2.4") },
    ],
  },
  {
    variant: "wrong-address-second-of-interface",
    about: "The pool lists the second address of an interface; the service listens on the first one only.",
    world: broken(
      { servers: 1, program: ({ address }) => ({ kind: "node", behaviour: "http", port: 8080, address }) },
      (draft) => {
        secondAddress(draft, "app-1", "10.10.2.14");
        members(draft, "10.10.2.14");
      },
    ),
    expects: [{ cause: "pool-wrong-address" }],
  },
  {
    variant: "wrong-twin-second-served",
    about: "The pool lists the second address of an interface, on which the service listens.",
    world: broken({ servers: 1 }, (draft) => {
      secondAddress(draft, "app-1", "10.10.2.14");
      members(draft, "10.10.2.14");
    }),
    expects: [],
  },
  {
    variant: "root-not-ca",
    about:
      "The root that was uploaded signed the servers' certificates, and was made without the flag of authorities.",
    world: rooted(() => {
      const root = makeCertificate({ commonName: "Fabrikam Servers", ...validNow() });
      return { root, leaf: labCertificate({ commonName: names.host, names: [names.host], issuer: root }) };
    }),
    expects: [{ cause: "tls-root-not-ca" }],
    operator: rightRoot,
  },
  {
    variant: "root-not-ca-leaf-fqdn",
    about: "The servers' own certificate was uploaded as root, instead of that of its issuer.",
    world: rooted(
      () => {
        const leaf = labCertificate({ commonName: names.host, names: [names.host] });
        return { root: leaf, leaf };
      },
      { members: "fqdn", servers: 1 },
    ),
    expects: [{ cause: "tls-root-not-ca" }],
    operator: rightRoot,
  },
  {
    variant: "root-twin-spare",
    about: "Beside the right root, one without the flag of authorities is attached.",
    world: broken({ protocol: "Https" }, (draft) => {
      const spare = labCertificate({ commonName: "Fabrikam Servers" });
      draft.part("trustedRootCertificates", "spare", { data: spare.der.toString("base64") });
      draft.part("backendHttpSettingsCollection", "set-app", {
        trustedRootCertificates: ["lab-root", "spare"].map((name) =>
          draft.partLink("trustedRootCertificates", name),
        ),
      });
    }),
    expects: [],
  },
  {
    variant: "speaks-ssh",
    about: "The setting's port is that of the remote shell.",
    world: broken({ port: 22, program: ({ port }) => [greeter(port, ssh), httpProgram(9000)] }, () => {}),
    expects: [{ cause: "backend-not-http" }],
    operator: [{ cause: "backend-not-http", servers: ["10.10.2.4", "10.10.2.5"], edit: portTo(9000) }],
  },
  {
    variant: "speaks-smtp-https-fqdn",
    about: "The gateway speaks TLS to a mail server, and the web server has a port of its own.",
    world: broken(
      {
        ...{ protocol: "Https", port: 587, members: "fqdn" },
        program: ({ port, tls }) => [greeter(port, smtp), httpProgram(9443, tls)],
      },
      () => {},
    ),
    expects: [{ cause: "backend-not-http" }],
    operator: [
      {
        cause: "backend-not-http",
        servers: ["app-1.internal.contoso.example", "app-2.internal.contoso.example"],
        edit: portTo(9443),
      },
    ],
  },
  {
    variant: "speaks-ssh-v1",
    about: "One of two servers speaks another protocol on the port at which the other one serves.",
    world: broken({ generation: "v1", port: 2222 }, (draft) =>
      draft.host("app-2", { programs: [greeter(2222, ssh)] }),
    ),
    fails: "never",
    expects: [{ cause: "backend-not-http" }],
    operator: [
      {
        cause: "backend-not-http",
        servers: ["10.10.2.5"],
        edit: (draft) => draft.host("app-2", { programs: [httpProgram(2222)] }),
      },
    ],
  },
  {
    variant: "double-stale-and-not-http",
    about: "One of the pool's addresses nobody has any more; on the other one a remote shell answers.",
    world: broken({ port: 2222 }, (draft) => {
      members(draft, "10.10.2.4", "10.10.2.44");
      draft.host("app-1", { programs: [greeter(2222, ssh)] });
    }),
    expects: [{ cause: "pool-stale-address" }, { cause: "backend-not-http" }],
    operator: [
      {
        cause: "backend-not-http",
        servers: ["10.10.2.4"],
        edit: (draft) => draft.host("app-1", { programs: [httpProgram(2222)] }),
      },
    ],
  },
  {
    variant: "speaks-twin-http-on-5432",
    about: "The servers speak HTTP on the usual port of a database.",
    world: broken({ port: 5432 }, () => {}),
    expects: [],
  },
  {
    variant: "twin-long-listener-host",
    about: "The listener has a host name of more than fifty letters, and all is well.",
    world: broken({ probe: { host: names.host } }, (draft) =>
      draft.part("httpListeners", "web", {
        hostName: "orders-and-returns-of-the-northern-branch.shop.contoso.example",
      }),
    ),
    requests: [{ url: "http://orders-and-returns-of-the-northern-branch.shop.contoso.example/", times: 2 }],
    expects: [],
  },
];

export default scenarios.map((one): Scenario => ({ family: "late", ...one }));
