import { type Asking, type Finding, healthy, status } from "./support/ask.ts";
import { secure, startNginx } from "./support/nginx.ts";
import { appName, pki, shopName } from "./support/pki.ts";
import { describeScenes, type Scene } from "./support/scene.ts";

const https: Asking = { protocol: "Https", probe: { protocol: "Https" } };
const trusting: Asking = { ...https, roots: [pki.root] };
const withHost = (host: string): Asking => ({ ...trusting, probe: { protocol: "Https", host } });
/** v1 speaks TLS 1.2, and sends the name of the pool member. */
const v1: Asking = {
  ...https,
  generation: "v1",
  target: appName,
  authenticationCertificates: [pki.leaf],
};

const established = { outcome: "established", alert: null, fault: null };

function certificate(message: string, says: RegExp): Finding {
  return { outcome: "unhealthy", kind: "certificate", messages: [message], says, tls: established };
}

function alert(name: string): Finding {
  return {
    outcome: "unhealthy",
    kind: "tls-alert",
    messages: ["verify", "tcp-new"],
    says: new RegExp(`refuses the TLS handshake with ${name}`),
    tls: { outcome: "alert", alert: name, clientCertificateRequested: false },
    http: null,
  };
}

const subjects = (...names: string[]) => names.map((name) => ({ subject: `CN=${name}` }));

const { root, otherRoot, intermediate, expiredIntermediate, leaf } = pki;

const chains: readonly Scene[] = [
  {
    name: "a full chain, and the root that was uploaded",
    serves: (place, { pem }) => secure(place, pem(leaf, intermediate, root)),
    asks: trusting,
    finds: {
      ...healthy,
      tls: {
        ...established,
        version: "TLSv1.3",
        sniSent: appName,
        chain: subjects(appName, "Contoso Issuing", "Contoso Root"),
        clientCertificateRequested: false,
        lateAlert: null,
      },
      http: { status: 200 },
    },
  },
  {
    name: "the root need not be sent",
    serves: (place, { pem }) => secure(place, pem(leaf, intermediate)),
    asks: trusting,
    finds: { ...healthy, tls: { chain: subjects(appName, "Contoso Issuing") } },
  },
  {
    name: "the order after the leaf does not matter",
    serves: (place, { pem }) => secure(place, pem(leaf, root, intermediate)),
    asks: trusting,
    finds: { ...healthy, tls: { chain: subjects(appName, "Contoso Root", "Contoso Issuing") } },
  },
  {
    name: "the intermediate is missing",
    serves: (place, { pem }) => secure(place, pem(leaf)),
    asks: trusting,
    finds: certificate("no-intermediate", /does not send the certificate that issued CN=app/),
  },
  {
    name: "the intermediate is missing and the root was sent",
    serves: (place, { pem }) => secure(place, pem(leaf, root)),
    asks: trusting,
    finds: certificate("no-intermediate", /does not send the certificate that issued CN=app/),
  },
  {
    name: "the leaf is not first",
    serves: (place, { pem }) => secure(place, pem(pki.issuerWithLeafKey, leaf, intermediate, root)),
    asks: trusting,
    finds: certificate("leaf-order", /CN=app\.contoso\.example is sent, but not first/),
  },
  {
    name: "no leaf at all",
    serves: (place, { pem }) => secure(place, pem(pki.issuerWithLeafKey, root)),
    asks: trusting,
    finds: certificate("no-leaf", /sends no certificate of its own/),
  },
  {
    name: "a private CA and no root uploaded",
    serves: (place, { pem }) => secure(place, pem(leaf, intermediate, root)),
    asks: https,
    finds: certificate("unknown-ca-int", /ends at CN=Contoso Root, which is not well known/),
  },
  {
    name: "another root uploaded, and the server sends its own",
    serves: (place, { pem }) => secure(place, pem(leaf, intermediate, root)),
    asks: { ...https, roots: [otherRoot] },
    finds: certificate("root-mismatch", /ends at CN=Contoso Root, which is not what the root certificates/),
  },
  {
    name: "another root uploaded, and the server does not send its own",
    serves: (place, { pem }) => secure(place, pem(leaf, intermediate)),
    asks: { ...https, roots: [otherRoot] },
    finds: certificate("root-mismatch-int", /ends at CN=Contoso Issuing/),
  },
  {
    name: "the right root beside another",
    serves: (place, { pem }) => secure(place, pem(leaf, intermediate)),
    asks: { ...https, roots: [otherRoot, root] },
    finds: healthy,
  },
  {
    name: "a root that is named and not among the documents: it may fit",
    serves: (place, { pem }) => secure(place, pem(leaf, intermediate, root)),
    asks: {
      ...https,
      setting: { trustedRootCertificates: [{ id: `/gone/trustedRootCertificates/contoso` }] },
    },
    finds: { outcome: "undecided", kind: "certificate", messages: [], says: /not among the documents/ },
  },
  {
    name: "an expired leaf",
    serves: (place, { pem }) => secure(place, pem(pki.expiredLeaf, intermediate)),
    asks: trusting,
    finds: certificate("expired", /CN=app\.contoso\.example has expired/),
  },
  {
    name: "an expired intermediate",
    serves: (place, { pem }) => secure(place, pem(pki.leafByExpired, expiredIntermediate)),
    asks: trusting,
    finds: certificate("expired", /CN=Contoso Old Issuing has expired/),
  },
  {
    name: "a leaf that is not valid yet",
    serves: (place, { pem }) => secure(place, pem(pki.futureLeaf, intermediate)),
    asks: trusting,
    finds: certificate("expired", /CN=app\.contoso\.example is not valid yet/),
  },
  {
    name: "an expired leaf that the setting lets pass",
    serves: (place, { pem }) => secure(place, pem(pki.expiredLeaf, intermediate)),
    asks: { ...trusting, setting: { validateCertChainAndExpiry: false } },
    finds: healthy,
  },
  {
    name: "signed by itself and no CA, even if uploaded",
    serves: (place, { pem }) => secure(place, pem(pki.selfSigned)),
    asks: { ...https, roots: [pki.selfSigned] },
    finds: certificate("no-intermediate", /is signed by itself and is no CA certificate/),
  },
  {
    name: "signed by itself, a CA, and uploaded",
    serves: (place, { pem }) => secure(place, pem(pki.selfSignedCa)),
    asks: { ...https, roots: [pki.selfSignedCa] },
    finds: healthy,
  },
];

const names: readonly Scene[] = [
  {
    name: "for another name",
    serves: (place, { pem }) => secure(place, pem(pki.shopLeaf, intermediate)),
    asks: trusting,
    finds: certificate("cn-v2", /CN=shop\.contoso\.example is not for app\.contoso\.example/),
  },
  {
    name: "for another name, which the setting lets pass",
    serves: (place, { pem }) => secure(place, pem(pki.shopLeaf, intermediate)),
    asks: { ...trusting, setting: { validateSNI: false } },
    finds: healthy,
  },
  {
    name: "a wildcard for one label",
    serves: (place, { pem }) => secure(place, pem(pki.wildcardLeaf, intermediate)),
    asks: trusting,
    finds: healthy,
  },
  {
    name: "a wildcard does not reach two labels down",
    serves: (place, { pem }) => secure(place, pem(pki.wildcardLeaf, intermediate)),
    asks: withHost("a.app.contoso.example"),
    finds: certificate("cn-v2", /is not for a\.app\.contoso\.example/),
  },
  {
    name: "certificates by name: the one for the name asked for",
    serves: (place, { pem }) => byName(place, pem(pki.selfSigned), pem(pki.shopLeaf, intermediate)),
    asks: withHost(shopName),
    finds: { ...healthy, tls: { sniSent: shopName, chain: subjects(shopName, "Contoso Issuing") } },
  },
  {
    name: "certificates by name: a name it does not have gets the default one",
    serves: (place, { pem }) => byName(place, pem(leaf, intermediate), pem(pki.shopLeaf, intermediate)),
    asks: withHost("web.contoso.example"),
    finds: certificate("cn-v2", /CN=app\.contoso\.example is not for web\.contoso\.example/),
  },
  {
    name: "certificates by name: no name sent, so the default one, whose name is not compared",
    serves: (place, { pem }) => byName(place, pem(leaf, intermediate), pem(pki.shopLeaf, intermediate)),
    asks: withHost("127.0.0.1"),
    finds: { ...healthy, tls: { sniSent: null, chain: subjects(appName, "Contoso Issuing") } },
  },
  {
    name: "handshakes without a name are rejected",
    serves: (place, { pem }) => rejecting(place, pem(leaf, intermediate)),
    asks: withHost("127.0.0.1"),
    finds: { ...alert("unrecognized_name"), tls: { outcome: "alert", sniSent: null } },
  },
  {
    name: "handshakes with a name it does not have are rejected",
    serves: (place, { pem }) => rejecting(place, pem(leaf, intermediate)),
    asks: withHost(shopName),
    finds: alert("unrecognized_name"),
  },
  {
    name: "handshakes with the right name are not",
    serves: (place, { pem }) => rejecting(place, pem(leaf, intermediate)),
    asks: trusting,
    finds: healthy,
  },
];

const versionsAndClients: readonly Scene[] = [
  {
    name: "TLS 1.3 alone, and v1, which has none",
    serves: (place, { pem }) => secure(place, pem(leaf), 'ssl_protocols TLSv1.3; return 200 "ready";'),
    asks: v1,
    finds: alert("protocol_version"),
  },
  {
    name: "TLS 1.2 alone, and v2",
    serves: (place, { pem }) =>
      secure(place, pem(leaf, intermediate), 'ssl_protocols TLSv1.2; return 200 "ready";'),
    asks: trusting,
    finds: { ...healthy, tls: { version: "TLSv1.2" } },
  },
  {
    name: "TLS 1.1 alone, and v2, which begins at 1.2",
    serves: (place, { pem }) =>
      secure(
        place,
        pem(leaf, intermediate),
        'ssl_protocols TLSv1.1; ssl_ciphers DEFAULT@SECLEVEL=0; return 200 "ready";',
      ),
    asks: trusting,
    finds: alert("protocol_version"),
  },
  {
    name: "v1 knows the leaf that was uploaded, whatever its chain",
    serves: (place, { pem }) => secure(place, pem(leaf)),
    asks: v1,
    finds: { ...healthy, tls: { version: "TLSv1.2", sniSent: appName } },
  },
  {
    name: "v1 does not know the renewed leaf",
    serves: (place, { pem }) => secure(place, pem(pki.renewedLeaf, intermediate)),
    asks: v1,
    finds: certificate("v1-cert", /is none of the authentication certificates/),
  },
  {
    name: "v1 sends no name to a member that is an address",
    serves: (place, { pem }) => rejecting(place, pem(leaf)),
    asks: { protocol: "Https", probe: { protocol: "Https" }, generation: "v1" },
    finds: { ...alert("unrecognized_name"), tls: { outcome: "alert", sniSent: null } },
  },
  {
    name: "a client certificate is required: nginx says so with a 400",
    serves: (place, { pem }) => secure(place, pem(leaf, intermediate), clientCertificate(pem(root), "on")),
    asks: trusting,
    finds: {
      ...status(400),
      tls: { ...established, clientCertificateRequested: true, lateAlert: null },
    },
  },
  {
    name: "a client certificate is asked for and not required",
    serves: (place, { pem }) =>
      secure(place, pem(leaf, intermediate), clientCertificate(pem(root), "optional")),
    asks: trusting,
    finds: { ...healthy, tls: { clientCertificateRequested: true } },
  },
  {
    name: "421: another Host than the name of the handshake, at a server that checks client certificates",
    serves: (place, { pem }) => `${secure(place, pem(leaf), `server_name ${appName}; return 200 "ready";`)}
      ${secure(place, pem(pki.shopLeaf), `server_name ${shopName}; ${clientCertificate(pem(root), "on")}`)}`,
    asks: { ...v1, probe: { protocol: "Https", host: shopName } },
    finds: { ...status(421), tls: { ...established, sniSent: appName } },
  },
  {
    name: "plain HTTP to a TLS port: nginx says so with a 400",
    serves: (place, { pem }) => secure(place, pem(leaf, intermediate)),
    finds: { ...status(400), tls: null },
  },
  {
    name: "HTTP/2 offered over TLS, and HTTP/1.1 spoken",
    serves: (place, { pem }) => secure(place, pem(leaf, intermediate), 'return 200 "ready";', "http2"),
    asks: trusting,
    finds: { ...healthy, tls: { alpn: null }, http: { version: "HTTP/1.1" } },
  },
  {
    name: "a good handshake, and then closed without a word",
    serves: (place, { pem }) => secure(place, pem(leaf, intermediate), "return 444;"),
    asks: trusting,
    finds: {
      outcome: "unhealthy",
      kind: "http-cut",
      messages: [],
      tls: { ...established, lateAlert: null },
      http: { outcome: "closed-before-first-byte", endedBy: "server" },
    },
  },
  {
    name: "behind TLS, a page of its own: 403",
    serves: (place, { pem }) =>
      secure(place, pem(leaf, intermediate), "deny all; location / { root /nowhere; }"),
    asks: trusting,
    finds: status(403),
  },
];

type Where = Parameters<typeof secure>[0];

const byName = (place: Where, otherwise: string, shop: string): string =>
  `${secure(place, otherwise, 'return 200 "default";', "default_server")}
   ${secure(place, shop, `server_name ${shopName}; return 200 "shop";`)}`;

const rejecting = (place: Where, pem: string): string =>
  `server { listen ${place.text} ssl default_server; ssl_reject_handshake on; }
   ${secure(place, pem, `server_name ${appName}; return 200 "ready";`)}`;

const clientCertificate = (root: string, verify: "on" | "optional"): string =>
  `ssl_verify_client ${verify}; ssl_client_certificate ${root}; return 200 "ready";`;

describeScenes("nginx: chains", startNginx, chains);
describeScenes("nginx: names", startNginx, names);
describeScenes("nginx: versions, client certificates, protocols", startNginx, versionsAndClients);
