import { afterAll, beforeAll, describe } from "vitest";
import { closedPort, type Listener, listen } from "../support/listener.ts";
import { hosts, ssl, startApache } from "./support/apache.ts";
import {
  alert,
  certificate,
  clientCertificateOptional,
  clientCertificateWanted,
  healthy,
  https,
  httpsFor,
  notTls,
  status,
  subjects,
  unanswered,
  v1,
} from "./support/findings.ts";
import { appName, pki, shopName } from "./support/pki.ts";
import { describeScenes, type Help, type Scene } from "./support/scene.ts";

const { leaf, intermediate, root } = pki;
const behind = { silent: 0, nobody: 0 };

const plainScenes: readonly Scene[] = [
  {
    name: "200 with the text the probe looks for",
    serves: (place) => hosts(place, ""),
    asks: { probe: { match: { statusCodes: ["200"], body: "ready" } } },
    finds: { ...healthy, http: { version: "HTTP/1.1", status: 200, bodyBytes: 6, extraBytes: 0 } },
  },
  {
    name: "200 in time for mod_reqtimeout",
    serves: (place) => hosts(place, "RequestReadTimeout header=1 body=1"),
    finds: { ...healthy, http: { status: 200 } },
  },
  {
    name: "403 for all",
    serves: (place) => hosts(place, "<Location />\nRequire all denied\n</Location>"),
    finds: status(403),
  },
  {
    name: "403 by the default host, whose name the probe sends",
    serves: (place) => hosts(place, "<Location />\nRequire all denied\n</Location>", `ServerName ${appName}`),
    asks: { probe: { host: "127.0.0.1" } },
    finds: status(403),
  },
  {
    name: "200 by the host the probe names",
    serves: (place) => hosts(place, "<Location />\nRequire all denied\n</Location>", `ServerName ${appName}`),
    finds: { ...healthy, http: { status: 200 } },
  },
  {
    name: "410 for a path that is gone",
    serves: (place) => hosts(place, "Redirect gone /health"),
    finds: status(410),
  },
  {
    name: "503 of its own: nobody listens behind it",
    serves: (place) => hosts(place, `ProxyPass / http://127.0.0.1:${behind.nobody}/`),
    finds: status(503),
  },
  {
    // Not 504: a status line that does not come in time is an error of reading to mod_proxy_http.
    name: "502 of its own: the server behind it is silent",
    serves: (place) => hosts(place, `ProxyPass / http://127.0.0.1:${behind.silent}/ timeout=1`),
    finds: status(502, { reason: "Proxy Error" }),
  },
  {
    name: "slower than the probe waits",
    serves: (place) => hosts(place, `ProxyPass / http://127.0.0.1:${behind.silent}/ timeout=3`),
    asks: { probe: { timeout: 1 } },
    finds: unanswered,
  },
  {
    name: "TLS to a plain port: what comes back is HTTP",
    serves: (place) => hosts(place, ""),
    asks: https,
    finds: notTls,
  },
];

const clients = ({ pem }: Help, verify: string): string =>
  `SSLVerifyClient ${verify}\nSSLCACertificateFile ${pem(root)}`;

const byName = ({ pem }: Help, more = ""): readonly string[] => [
  `ServerName ${appName}\n${ssl(pem(leaf, intermediate))}\n${more}`,
  `ServerName ${shopName}\n${ssl(pem(pki.shopLeaf, intermediate))}`,
];

const tlsScenes: readonly Scene[] = [
  {
    name: "200",
    serves: (place, { pem }) => hosts(place, ssl(pem(leaf, intermediate, root))),
    asks: https,
    finds: { ...healthy, tls: { outcome: "established", version: "TLSv1.3" }, http: { status: 200 } },
  },
  {
    name: "the certificate of the host that is named",
    serves: (place, help) => hosts(place, ...byName(help)),
    asks: httpsFor(shopName),
    finds: { ...healthy, tls: { sniSent: shopName, chain: subjects(shopName, "Contoso Issuing") } },
  },
  {
    name: "a name that no host has: the certificate of the default one",
    serves: (place, help) => hosts(place, ...byName(help)),
    asks: httpsFor("web.contoso.example"),
    finds: certificate("cn-v2", /CN=app\.contoso\.example is not for web\.contoso\.example/),
  },
  {
    name: "no name, and strict SNI: 403",
    serves: (place, help) => hosts(place, ...byName(help, "SSLStrictSNIVHostCheck on")),
    asks: httpsFor("127.0.0.1"),
    finds: { ...status(403), tls: { outcome: "established", sniSent: null } },
  },
  {
    name: "no name, and SNI that is not strict: the default host",
    serves: (place, help) => hosts(place, ...byName(help)),
    asks: httpsFor("127.0.0.1"),
    finds: { ...healthy, tls: { sniSent: null } },
  },
  {
    name: "421: another Host than the name of the handshake, and rules of its own for TLS",
    serves: (place, help) => {
      const [first = "", other = ""] = byName(help);
      return hosts(place, first, `${other}\nSSLCipherSuite ECDHE-ECDSA-AES256-GCM-SHA384`);
    },
    asks: { ...v1, probe: { protocol: "Https", host: shopName } },
    finds: { ...status(421), tls: { outcome: "established", sniSent: appName } },
  },
  {
    name: "a client certificate required, TLS 1.2: refused in the handshake",
    serves: (place, help) =>
      hosts(place, `${ssl(help.pem(leaf, intermediate))}\n${clients(help, "require")}`),
    asks: v1,
    finds: clientCertificateWanted.tls12,
  },
  {
    name: "a client certificate required, TLS 1.3: refused after the handshake",
    serves: (place, help) =>
      hosts(place, `${ssl(help.pem(leaf, intermediate))}\n${clients(help, "require")}`),
    asks: https,
    finds: clientCertificateWanted.tls13,
  },
  {
    name: "a client certificate asked for and not required",
    serves: (place, help) =>
      hosts(place, `${ssl(help.pem(leaf, intermediate))}\n${clients(help, "optional")}`),
    asks: https,
    finds: clientCertificateOptional,
  },
  {
    name: "a client certificate required for one path alone, which TLS 1.3 cannot do: 403",
    serves: (place, help) =>
      hosts(
        place,
        `${ssl(help.pem(leaf, intermediate))}\nSSLCACertificateFile ${help.pem(root)}
         <Location /health>\nSSLVerifyClient require\n</Location>`,
      ),
    asks: https,
    finds: { ...status(403), tls: { clientCertificateRequested: false } },
  },
  {
    name: "plain HTTP to a TLS port: Apache says so with a 400",
    serves: (place, { pem }) => hosts(place, ssl(pem(leaf, intermediate))),
    finds: { ...status(400), tls: null },
  },
  {
    name: "the intermediate is missing",
    serves: (place, { pem }) => hosts(place, ssl(pem(leaf))),
    asks: https,
    finds: certificate("no-intermediate", /does not send the certificate that issued CN=app/),
  },
  {
    name: "TLS 1.3 alone, and v1",
    serves: (place, { pem }) => hosts(place, `${ssl(pem(leaf))}\nSSLProtocol -all +TLSv1.3`),
    asks: v1,
    finds: alert("protocol_version"),
  },
];

describe("Apache httpd", () => {
  let silent: Listener;
  beforeAll(async () => {
    silent = await listen();
    behind.silent = silent.port;
    behind.nobody = await closedPort();
  });
  afterAll(() => silent[Symbol.asyncDispose]());

  describeScenes("over plain HTTP", startApache, plainScenes);
  describeScenes("over TLS", startApache, tlsScenes);
});
