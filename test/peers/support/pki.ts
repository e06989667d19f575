import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { dayMs, makeCertificate, type TestCertificate } from "../../support/certificates.ts";

export const appName = "app.contoso.example";
export const shopName = "shop.contoso.example";

const nowMs = Date.now();
const valid = { notBeforeMs: nowMs - dayMs, notAfterMs: nowMs + 90 * dayMs };
const past = { notBeforeMs: nowMs - 90 * dayMs, notAfterMs: nowMs - dayMs };
const future = { notBeforeMs: nowMs + dayMs, notAfterMs: nowMs + 90 * dayMs };

const root = makeCertificate({ commonName: "Contoso Root", ca: true, ...valid });
const otherRoot = makeCertificate({ commonName: "Fabrikam Root", ca: true, ...valid });
const intermediate = makeCertificate({ commonName: "Contoso Issuing", ca: true, issuer: root, ...valid });
const expiredIntermediate = makeCertificate({
  commonName: "Contoso Old Issuing",
  ca: true,
  issuer: root,
  ...past,
});

const leafOf = (issuer: TestCertificate, name: string, dates = valid) =>
  makeCertificate({ commonName: name, names: [name], issuer, ...dates });

const leaf = leafOf(intermediate, appName);

/** Certificates made for this run, valid at this moment unless their name says otherwise. */
export const pki = {
  root,
  otherRoot,
  intermediate,
  expiredIntermediate,
  leaf,
  shopLeaf: leafOf(intermediate, shopName),
  wildcardLeaf: leafOf(intermediate, "*.contoso.example"),
  leafByExpired: leafOf(expiredIntermediate, appName),
  expiredLeaf: leafOf(intermediate, appName, past),
  futureLeaf: leafOf(intermediate, appName, future),
  renewedLeaf: leafOf(intermediate, appName),
  selfSigned: makeCertificate({ commonName: appName, names: [appName], ...valid }),
  selfSignedCa: makeCertificate({ commonName: appName, names: [appName], ca: true, ...valid }),
  /** An issuer that shares the leaf's key: no server takes another certificate's key for its first certificate. */
  issuerWithLeafKey: makeCertificate({
    commonName: "Contoso Twin",
    ca: true,
    issuer: root,
    keyOf: leaf,
    ...valid,
  }),
} as const;

/** Writes `<name>.pem`: the certificates in this order and the key of the first. Returns the path. */
export function writeChain(folder: string, name: string, chain: readonly TestCertificate[]): string {
  const [first] = chain;
  if (first === undefined) throw new Error("a chain of nothing");
  const path = join(folder, `${name}.pem`);
  writeFileSync(path, [...chain.map(({ pem }) => pem), first.keyPem].join(""), { mode: 0o600 });
  return path;
}
