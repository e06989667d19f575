import { writeFileSync } from "node:fs";
import { join } from "node:path";
import {
  alert,
  certificate,
  clientCertificateWanted,
  cut,
  healthy,
  https,
  httpsFor,
  tlsCut,
} from "./support/findings.ts";
import { frontend, ready, rejected, startHaproxy } from "./support/haproxy.ts";
import { appName, pki, shopName } from "./support/pki.ts";
import type { Place } from "./support/places.ts";
import { rsaCertificate } from "./support/rsa.ts";
import { describeScenes, type Help, type Scene } from "./support/scene.ts";

const { leaf, intermediate } = pki;
const rsa = rsaCertificate(appName);
const tls12 = "ssl ssl-max-ver TLSv1.2";
const forRsa = "ciphers ECDHE-RSA-AES128-GCM-SHA256";
const forEcdsa = "ciphers ECDHE-ECDSA-AES128-GCM-SHA256";

const overTls = (place: Place, { pem }: Help, options = ""): string =>
  frontend(place, ready, `ssl crt ${pem(leaf, intermediate)} ${options}`);

/** Certificates by a list, with strict SNI: a name that is not in it gets none. */
function strict(place: Place, { folder, pem }: Help): string {
  const list = join(folder, `list-${place.port}`);
  writeFileSync(list, `${pem(leaf, intermediate)}\n${pem(pki.shopLeaf, intermediate)} ${shopName}\n`);
  return frontend(place, ready, `ssl crt-list ${list} strict-sni`);
}

const scenes: readonly Scene[] = [
  {
    name: "200",
    serves: overTls,
    asks: https,
    finds: { ...healthy, tls: { outcome: "established", version: "TLSv1.3" }, http: { status: 200 } },
  },
  {
    name: "strict SNI, and a name of the list",
    serves: strict,
    asks: httpsFor(shopName),
    finds: { ...healthy, tls: { sniSent: shopName } },
  },
  {
    name: "strict SNI, and a name that is not in the list",
    serves: strict,
    asks: httpsFor("web.contoso.example"),
    finds: alert("unrecognized_name", { sniSent: "web.contoso.example" }),
  },
  {
    name: "strict SNI, and no name",
    serves: strict,
    asks: httpsFor("127.0.0.1"),
    finds: alert("unrecognized_name", { sniSent: null }),
  },
  {
    name: "ciphers for another kind of certificate: none in common",
    serves: (place, help) => overTls(place, help, `ssl-max-ver TLSv1.2 ${forRsa}`),
    asks: https,
    finds: alert("handshake_failure"),
  },
  {
    name: "finite-field key exchange alone, with a certificate that has an elliptic key: none in common",
    serves: (place, help) => overTls(place, help, "ssl-max-ver TLSv1.2 ciphers DHE-RSA-AES256-GCM-SHA384"),
    asks: https,
    finds: alert("handshake_failure"),
  },
  {
    name: "ciphers for this kind of certificate",
    serves: (place, help) => overTls(place, help, `ssl-max-ver TLSv1.2 ${forEcdsa}`),
    asks: https,
    finds: { ...healthy, tls: { cipher: "TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256" } },
  },
  {
    name: "ciphers for an RSA key, and a certificate that has one",
    serves: (place, { pem }) => frontend(place, ready, `${tls12} ${forRsa} crt ${pem(rsa)}`),
    asks: { ...https, roots: [rsa] },
    finds: { ...healthy, tls: { cipher: "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256" } },
  },
  {
    name: "ciphers for an elliptic key, and a certificate with an RSA key: none in common",
    serves: (place, { pem }) => frontend(place, ready, `${tls12} ${forEcdsa} crt ${pem(rsa)}`),
    asks: { ...https, roots: [rsa] },
    finds: alert("handshake_failure"),
  },
  {
    name: "a client certificate required, TLS 1.2: refused in the handshake",
    serves: (place, help) =>
      overTls(place, help, `ssl-max-ver TLSv1.2 verify required ca-file ${help.pem(pki.root)}`),
    asks: https,
    finds: clientCertificateWanted.tls12,
  },
  {
    name: "a client certificate required, TLS 1.3: refused after the handshake",
    serves: (place, help) => overTls(place, help, `verify required ca-file ${help.pem(pki.root)}`),
    asks: https,
    finds: clientCertificateWanted.tls13,
  },
  {
    name: "TLS on a port that expects the PROXY protocol first",
    serves: (place, help) => overTls(place, help, "accept-proxy"),
    asks: https,
    finds: tlsCut,
  },
  {
    name: "connections are rejected after they were accepted",
    serves: (place, { pem }) =>
      frontend(place, `tcp-request connection reject\n${ready}`, `ssl crt ${pem(leaf, intermediate)}`),
    asks: https,
    finds: rejected("tls-cut"),
    times: 25,
  },
  {
    name: "plain HTTP to a TLS port: closed without a word",
    serves: overTls,
    finds: { ...cut, tls: null },
  },
  {
    name: "the name of the certificate is not the name asked for",
    serves: overTls,
    asks: httpsFor(shopName),
    finds: certificate("cn-v2", new RegExp(`CN=${appName} is not for ${shopName}`)),
  },
];

describeScenes("haproxy: over TLS", startHaproxy, scenes);
