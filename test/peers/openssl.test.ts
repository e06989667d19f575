import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, it, onTestFailed } from "vitest";
import type { TestCertificate } from "../support/certificates.ts";
import { type Asking, expectProbe, type Finding } from "./support/ask.ts";
import {
  alert,
  certificate,
  clientCertificateOptional,
  clientCertificateWanted,
  cut,
  established,
  healthy,
  https,
  httpsFor,
  subjects,
  unanswered,
  v1,
} from "./support/findings.ts";
import { startOpenssl } from "./support/openssl.ts";
import { appName, pki, shopName } from "./support/pki.ts";
import { freePlace } from "./support/places.ts";
import { type Help, helpIn, peerFolder } from "./support/scene.ts";

const { leaf, intermediate, root } = pki;

interface ServerCase {
  readonly name: string;
  /** After the leaf and its key, which every server has. */
  readonly args: (help: Help) => readonly string[];
  readonly asks?: Asking;
  readonly finds: Finding;
}

const page = "-www";

/** The certificates after the leaf, in this order. */
function after({ folder }: Help, ...chain: TestCertificate[]): readonly string[] {
  const path = join(folder, "after.pem");
  writeFileSync(path, chain.map(({ pem }) => pem).join(""));
  return ["-cert_chain", path];
}

const cases: readonly ServerCase[] = [
  {
    name: "a page over TLS 1.3 and HTTP/1.0",
    args: (help) => ["-tls1_3", page, ...after(help, intermediate)],
    finds: {
      ...healthy,
      tls: { outcome: "established", version: "TLSv1.3", chain: subjects(appName, "Contoso Issuing") },
      http: { outcome: "answered", version: "HTTP/1.0", status: 200, endedBy: "server", bodyComplete: true },
    },
  },
  {
    name: "a chain with the root before the intermediate",
    args: (help) => [page, ...after(help, root, intermediate)],
    finds: { ...healthy, tls: { chain: subjects(appName, "Contoso Root", "Contoso Issuing") } },
  },
  {
    name: "a chain with a certificate that does not belong to it",
    args: (help) => [page, ...after(help, pki.otherRoot, intermediate, root)],
    finds: {
      ...healthy,
      tls: { chain: subjects(appName, "Fabrikam Root", "Contoso Issuing", "Contoso Root") },
    },
  },
  {
    name: "a chain of nothing but strangers",
    args: (help) => [page, ...after(help, pki.otherRoot)],
    finds: certificate("no-intermediate", /that issued CN=/, { chain: subjects(appName, "Fabrikam Root") }),
  },
  {
    name: "TLS 1.3 alone, and v1",
    args: () => ["-tls1_3", page],
    asks: v1,
    finds: alert("protocol_version"),
  },
  {
    name: "TLS 1.2, and v1",
    args: () => ["-tls1_2", page],
    asks: v1,
    finds: { ...healthy, tls: { version: "TLSv1.2", sniSent: appName } },
  },
  {
    name: "TLS 1.1 alone, and v2",
    args: () => ["-tls1_1", "-cipher", "DEFAULT@SECLEVEL=0", page],
    finds: alert("protocol_version"),
  },
  {
    name: "a cipher without encryption alone, TLS 1.2",
    args: () => ["-tls1_2", "-cipher", "ECDHE-ECDSA-NULL-SHA@SECLEVEL=0", page],
    finds: alert("handshake_failure"),
  },
  {
    name: "a cipher that few programs offer, TLS 1.3",
    args: () => ["-tls1_3", "-ciphersuites", "TLS_AES_128_CCM_8_SHA256", page],
    finds: alert("handshake_failure"),
  },
  {
    name: "no group in common, TLS 1.3",
    args: () => ["-tls1_3", "-groups", "ffdhe8192", page],
    finds: alert("handshake_failure"),
  },
  {
    name: "no certificate at all",
    args: () => ["-nocert", page],
    finds: alert("handshake_failure"),
  },
  {
    name: "a client certificate required, TLS 1.2",
    args: (help) => ["-tls1_2", "-Verify", "1", "-verify_return_error", page, ...after(help, intermediate)],
    finds: clientCertificateWanted.tls12,
  },
  {
    name: "a client certificate required, TLS 1.3",
    args: (help) => ["-tls1_3", "-Verify", "1", "-verify_return_error", page, ...after(help, intermediate)],
    finds: clientCertificateWanted.tls13,
  },
  {
    name: "a client certificate asked for and not required",
    args: (help) => ["-verify", "1", page, ...after(help, intermediate)],
    finds: clientCertificateOptional,
  },
  {
    name: "another name than it knows, for which it ends the handshake",
    args: (help) => [...second(help), "-servername_fatal", page],
    asks: httpsFor("web.contoso.example"),
    finds: alert("unrecognized_name"),
  },
  {
    name: "another name than it knows, of which it only warns",
    args: (help) => [...second(help), "-tls1_2", page, ...after(help, intermediate)],
    finds: { ...healthy, tls: { outcome: "established", alert: null, warnings: ["unrecognized_name"] } },
  },
  {
    name: "the name of its second certificate",
    args: (help) => [...second(help), page],
    asks: httpsFor(shopName),
    finds: certificate("no-intermediate", /that issued CN=/, {
      sniSent: shopName,
      chain: subjects(shopName),
    }),
  },
  {
    name: "HTTP/2 offered, which a probe does not ask for",
    args: (help) => ["-alpn", "h2,http/1.1", page, ...after(help, intermediate)],
    finds: { ...healthy, tls: { alpn: null }, http: { status: 200 } },
  },
  {
    name: "TLS and then silence",
    args: (help) => ["-quiet", ...after(help, intermediate)],
    asks: { ...https, probe: { protocol: "Https", timeout: 1 } },
    finds: { ...unanswered, tls: established },
  },
  {
    name: "plain HTTP to a TLS port: closed without a word",
    args: () => [page],
    asks: {},
    finds: { ...cut, tls: null },
  },
];

/** A second certificate, for another name. */
const second = ({ pem }: Help): readonly string[] => {
  const path = pem(pki.shopLeaf);
  return ["-servername", shopName, "-cert2", path, "-key2", path];
};

describe("openssl s_server", () => {
  it.each(cases)("$name", async ({ args, asks, finds }) => {
    using folder = peerFolder();
    const help = helpIn(folder.path);
    const path = help.pem(leaf);
    const words = args(help);
    const own = words.includes("-nocert") ? [] : ["-cert", path, "-key", path];
    const place = await freePlace();
    await using server = await startOpenssl([...own, ...words], folder.path, place);
    onTestFailed(() => console.error(`What the server wrote:\n${server.log()}`));
    await expectProbe(place, asks ?? https, finds);
  });
});
