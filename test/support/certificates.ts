import {
  createHash,
  createPublicKey,
  generateKeyPairSync,
  type KeyObject,
  randomBytes,
  sign,
} from "node:crypto";
import { isIPv4 } from "node:net";
import {
  bits,
  explicit,
  implicit,
  integer,
  objectId,
  octets,
  sequence,
  set,
  time,
  truth,
  utf8,
} from "../../src/gateway/config/der.ts";

/** A certificate made for a test, with its key. */
export interface TestCertificate {
  readonly der: Buffer;
  readonly pem: string;
  readonly key: KeyObject;
  readonly keyPem: string;
  readonly commonName: string | undefined;
}

export interface CertificateWish {
  /** Undefined = an empty subject. */
  readonly commonName?: string;
  /** DNS names and IPv4 addresses for the SAN; empty = no such extension. */
  readonly names?: readonly string[];
  /** False writes the flag as false; undefined leaves the extension out. */
  readonly ca?: boolean;
  readonly notBeforeMs?: number;
  readonly notAfterMs?: number;
  /** Undefined = signed by itself. */
  readonly issuer?: TestCertificate;
  /** The key of another certificate instead of a new one: a renewal, or a cross-signing. */
  readonly keyOf?: TestCertificate;
  /** An RSA key of so many bits instead of one on P-256; its certificates are signed by issuers on P-256. */
  readonly rsaBits?: number;
  /** X.509 version 1: no extensions at all. */
  readonly version1?: boolean;
  /** May sign what it says itself beside certificates: an authority that is a server too. */
  readonly signsItself?: boolean;
  /** Object identifiers of the extended key usage; undefined = no such extension. */
  readonly uses?: readonly string[];
  /** Bytes of padding, to make a certificate large. */
  readonly padding?: number;
}

/** The moment the tests live in. */
export const testNowMs = Date.UTC(2026, 5, 1);
export const dayMs = 86_400_000;

const ecdsaWithSha256 = sequence(objectId("1.2.840.10045.4.3.2"));

export function makeCertificate(wish: CertificateWish): TestCertificate {
  const key = wish.keyOf?.key ?? newKey(wish.rsaBits);
  const publicKey = publicKeyOf(key);
  const body = sequence(
    ...(wish.version1 === true ? [] : [explicit(0, integer(Buffer.from([2])))]),
    integer(Buffer.concat([Buffer.from([1]), randomBytes(8)])),
    ecdsaWithSha256,
    nameOf(wish.issuer === undefined ? wish.commonName : wish.issuer.commonName),
    sequence(
      time(wish.notBeforeMs ?? testNowMs - 30 * dayMs),
      time(wish.notAfterMs ?? testNowMs + 3650 * dayMs),
    ),
    nameOf(wish.commonName),
    publicKey,
    ...(wish.version1 === true ? [] : extensionsOf(wish, publicKey)),
  );
  const signature = sign("sha256", body, wish.issuer?.key ?? key);
  const encoded = sequence(body, ecdsaWithSha256, bits(signature));
  return {
    der: encoded,
    pem: toPem(encoded),
    key,
    keyPem: key.export({ type: "pkcs8", format: "pem" }).toString(),
    commonName: wish.commonName,
  };
}

export function toPem(encoded: Buffer): string {
  const lines = encoded.toString("base64").match(/.{1,64}/g) ?? [];
  return ["-----BEGIN CERTIFICATE-----", ...lines, "-----END CERTIFICATE-----", ""].join("\n");
}

function newKey(rsaBits: number | undefined): KeyObject {
  if (rsaBits !== undefined) return generateKeyPairSync("rsa", { modulusLength: rsaBits }).privateKey;
  return generateKeyPairSync("ec", { namedCurve: "P-256" }).privateKey;
}

function publicKeyOf(key: KeyObject): Buffer {
  if (key.asymmetricKeyType === "rsa") return createPublicKey(key).export({ type: "spki", format: "der" });
  const jwk = key.export({ format: "jwk" });
  const point = Buffer.concat([
    Buffer.from([4]),
    Buffer.from(jwk.x ?? "", "base64url"),
    Buffer.from(jwk.y ?? "", "base64url"),
  ]);
  return sequence(sequence(objectId("1.2.840.10045.2.1"), objectId("1.2.840.10045.3.1.7")), bits(point));
}

function nameOf(commonName: string | undefined): Buffer {
  if (commonName === undefined) return sequence();
  return sequence(set(sequence(objectId("2.5.4.3"), utf8(commonName))));
}

function extensionsOf(wish: CertificateWish, publicKey: Buffer): Buffer[] {
  const extensions: Buffer[] = [];
  const add = (id: string, critical: boolean, value: Buffer): void => {
    extensions.push(sequence(objectId(id), ...(critical ? [truth()] : []), octets(value)));
  };
  if (wish.ca !== undefined) add("2.5.29.19", true, sequence(...(wish.ca ? [truth()] : [])));
  // keyCertSign and cRLSign, and digitalSignature
  if (wish.ca === true)
    add("2.5.29.15", true, bits(Buffer.from([wish.signsItself === true ? 0x86 : 0x06]), 1));
  add("2.5.29.14", false, octets(createHash("sha1").update(publicKey).digest()));
  const names = wish.names ?? [];
  if (names.length > 0) add("2.5.29.17", false, sequence(...names.map(generalName)));
  if (wish.uses !== undefined) add("2.5.29.37", false, sequence(...wish.uses.map(objectId)));
  if (wish.padding !== undefined) add("1.3.6.1.4.1.55555.1", false, octets(Buffer.alloc(wish.padding)));
  return [explicit(3, sequence(...extensions))];
}

function generalName(name: string): Buffer {
  if (isIPv4(name)) return implicit(7, Buffer.from(name.split(".").map(Number)));
  return implicit(2, Buffer.from(name, "latin1"));
}
