import type { Asking } from "./support/ask.ts";
import { certificate, established, healthy, https, httpsFor, subjects } from "./support/findings.ts";
import { secure, startNginx } from "./support/nginx.ts";
import { appName, pki, shopName } from "./support/pki.ts";
import type { Place } from "./support/places.ts";
import { describeScenes, type Scene } from "./support/scene.ts";

const noRoot: Asking = { protocol: "Https", probe: { protocol: "Https" } };
const { root, otherRoot, intermediate, expiredIntermediate, leaf } = pki;

const chains: readonly Scene[] = [
  {
    name: "a full chain, and the root that was uploaded",
    serves: (place, { pem }) => secure(place, pem(leaf, intermediate, root)),
    asks: https,
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
    asks: https,
    finds: { ...healthy, tls: { chain: subjects(appName, "Contoso Issuing") } },
  },
  {
    name: "the order after the leaf does not matter",
    serves: (place, { pem }) => secure(place, pem(leaf, root, intermediate)),
    asks: https,
    finds: { ...healthy, tls: { chain: subjects(appName, "Contoso Root", "Contoso Issuing") } },
  },
  {
    name: "the intermediate is missing",
    serves: (place, { pem }) => secure(place, pem(leaf)),
    asks: https,
    finds: certificate("no-intermediate", /does not send the certificate that issued CN=app/),
  },
  {
    name: "the intermediate is missing and the root was sent",
    serves: (place, { pem }) => secure(place, pem(leaf, root)),
    asks: https,
    finds: certificate("no-intermediate", /does not send the certificate that issued CN=app/),
  },
  {
    name: "the leaf is not first",
    serves: (place, { pem }) => secure(place, pem(pki.issuerWithLeafKey, leaf, intermediate, root)),
    asks: https,
    finds: certificate("leaf-order", /CN=app\.contoso\.example is sent, but not first/),
  },
  {
    name: "no leaf at all",
    serves: (place, { pem }) => secure(place, pem(pki.issuerWithLeafKey, root)),
    asks: https,
    finds: certificate("no-leaf", /sends no certificate of its own/),
  },
  {
    name: "a private CA and no root uploaded",
    serves: (place, { pem }) => secure(place, pem(leaf, intermediate, root)),
    asks: noRoot,
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
      ...noRoot,
      setting: { trustedRootCertificates: [{ id: `/gone/trustedRootCertificates/contoso` }] },
    },
    finds: { outcome: "undecided", kind: "certificate", messages: [], says: /not among the documents/ },
  },
  {
    name: "an expired leaf",
    serves: (place, { pem }) => secure(place, pem(pki.expiredLeaf, intermediate)),
    asks: https,
    finds: certificate("expired", /CN=app\.contoso\.example has expired/),
  },
  {
    name: "an expired intermediate",
    serves: (place, { pem }) => secure(place, pem(pki.leafByExpired, expiredIntermediate)),
    asks: https,
    finds: certificate("expired", /CN=Contoso Old Issuing has expired/),
  },
  {
    name: "a leaf that is not valid yet",
    serves: (place, { pem }) => secure(place, pem(pki.futureLeaf, intermediate)),
    asks: https,
    finds: certificate("expired", /CN=app\.contoso\.example is not valid yet/),
  },
  {
    name: "an expired leaf that the setting lets pass",
    serves: (place, { pem }) => secure(place, pem(pki.expiredLeaf, intermediate)),
    asks: { ...https, setting: { validateCertChainAndExpiry: false } },
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
    asks: https,
    finds: certificate("cn-v2", /CN=shop\.contoso\.example is not for app\.contoso\.example/),
  },
  {
    name: "for another name, which the setting lets pass",
    serves: (place, { pem }) => secure(place, pem(pki.shopLeaf, intermediate)),
    asks: { ...https, setting: { validateSNI: false } },
    finds: healthy,
  },
  {
    name: "a wildcard for one label",
    serves: (place, { pem }) => secure(place, pem(pki.wildcardLeaf, intermediate)),
    asks: https,
    finds: healthy,
  },
  {
    name: "a wildcard does not reach two labels down",
    serves: (place, { pem }) => secure(place, pem(pki.wildcardLeaf, intermediate)),
    asks: httpsFor("a.app.contoso.example"),
    finds: certificate("cn-v2", /is not for a\.app\.contoso\.example/),
  },
  {
    name: "certificates by name: the one for the name asked for",
    serves: (place, { pem }) => byName(place, pem(pki.selfSigned), pem(pki.shopLeaf, intermediate)),
    asks: httpsFor(shopName),
    finds: { ...healthy, tls: { sniSent: shopName, chain: subjects(shopName, "Contoso Issuing") } },
  },
  {
    name: "certificates by name: a name it does not have gets the default one",
    serves: (place, { pem }) => byName(place, pem(leaf, intermediate), pem(pki.shopLeaf, intermediate)),
    asks: httpsFor("web.contoso.example"),
    finds: certificate("cn-v2", /CN=app\.contoso\.example is not for web\.contoso\.example/),
  },
  {
    name: "certificates by name: no name sent, so the default one, whose name is not compared",
    serves: (place, { pem }) => byName(place, pem(leaf, intermediate), pem(pki.shopLeaf, intermediate)),
    asks: httpsFor("127.0.0.1"),
    finds: { ...healthy, tls: { sniSent: null, chain: subjects(appName, "Contoso Issuing") } },
  },
];

const byName = (place: Place, otherwise: string, shop: string): string =>
  `${secure(place, otherwise, 'return 200 "default";', "default_server")}
   ${secure(place, shop, `server_name ${shopName}; return 200 "shop";`)}`;

describeScenes("nginx: chains", startNginx, chains);
describeScenes("nginx: names", startNginx, names);
