import {
  alert,
  certificate,
  clientCertificateOptional,
  cut,
  established,
  healthy,
  https,
  httpsFor,
  status,
  v1,
} from "./support/findings.ts";
import { secure, startNginx } from "./support/nginx.ts";
import { appName, pki, shopName } from "./support/pki.ts";
import type { Place } from "./support/places.ts";
import { describeScenes, type Scene } from "./support/scene.ts";

const { root, intermediate, leaf } = pki;

const scenes: readonly Scene[] = [
  {
    name: "handshakes without a name are rejected",
    serves: (place, { pem }) => rejecting(place, pem(leaf, intermediate)),
    asks: httpsFor("127.0.0.1"),
    finds: alert("unrecognized_name", { sniSent: null }),
  },
  {
    name: "handshakes with a name it does not have are rejected",
    serves: (place, { pem }) => rejecting(place, pem(leaf, intermediate)),
    asks: httpsFor(shopName),
    finds: alert("unrecognized_name"),
  },
  {
    name: "handshakes with the right name are not",
    serves: (place, { pem }) => rejecting(place, pem(leaf, intermediate)),
    asks: https,
    finds: healthy,
  },
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
    asks: https,
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
    asks: https,
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
    finds: alert("unrecognized_name", { sniSent: null }),
  },
  {
    name: "a client certificate is required: nginx says so with a 400",
    serves: (place, { pem }) => secure(place, pem(leaf, intermediate), clientCertificate(pem(root), "on")),
    asks: https,
    finds: {
      ...status(400),
      tls: { ...established, clientCertificateRequested: true, lateAlert: null },
    },
  },
  {
    name: "a client certificate is asked for and not required",
    serves: (place, { pem }) =>
      secure(place, pem(leaf, intermediate), clientCertificate(pem(root), "optional")),
    asks: https,
    finds: clientCertificateOptional,
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
    asks: https,
    finds: { ...healthy, tls: { alpn: null }, http: { version: "HTTP/1.1" } },
  },
  {
    name: "a good handshake, and then closed without a word",
    serves: (place, { pem }) => secure(place, pem(leaf, intermediate), "return 444;"),
    asks: https,
    finds: { ...cut, tls: { ...established, lateAlert: null } },
  },
  {
    name: "behind TLS, a page of its own: 403",
    serves: (place, { pem }) =>
      secure(place, pem(leaf, intermediate), "deny all; location / { root /nowhere; }"),
    asks: https,
    finds: status(403),
  },
];

const rejecting = (place: Place, pem: string): string =>
  `server { listen ${place.text} ssl default_server; ssl_reject_handshake on; }
   ${secure(place, pem, `server_name ${appName}; return 200 "ready";`)}`;

const clientCertificate = (root: string, verify: "on" | "optional"): string =>
  `ssl_verify_client ${verify}; ssl_client_certificate ${root}; return 200 "ready";`;

describeScenes("nginx: handshakes, client certificates, protocols", startNginx, scenes);
