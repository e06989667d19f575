import { generateKeyPairSync, type KeyObject, randomBytes, sign } from "node:crypto";
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
} from "./der.ts";

/** A certificate and its key, as PEM. */
export interface CertificateWithKey {
  readonly certificate: string;
  readonly key: string;
}

/** Browsers take no certificate for longer. */
const validDays = 397;
const dayMs = 86_400_000;

const ecdsaWithSha256 = sequence(objectId("1.2.840.10045.4.3.2"));

/**
 * A certificate for these names, signed by itself, with a new key on P-256: for listeners whose own key is not at hand.
 * `names` are DNS names, `*` as a whole first label allowed, and IPv4 addresses; the first is the subject's.
 */
export function selfSignedCertificate(
  names: readonly [string, ...string[]],
  nowMs: number,
): CertificateWithKey {
  const { privateKey, publicKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
  // The subject holds at most 64 characters (RFC 5280 appendix A, ub-common-name); names count in the SAN.
  const subject = sequence(set(sequence(objectId("2.5.4.3"), utf8(names[0].slice(0, 64)))));
  const body = sequence(
    explicit(0, integer(Buffer.from([2]))),
    integer(Buffer.concat([Buffer.from([1]), randomBytes(15)])),
    ecdsaWithSha256,
    subject,
    sequence(time(nowMs - dayMs), time(nowMs + validDays * dayMs)),
    subject,
    publicKey.export({ type: "spki", format: "der" }),
    explicit(3, sequence(...extensions(names))),
  );
  const encoded = sequence(body, ecdsaWithSha256, bits(sign("sha256", body, privateKey)));
  return { certificate: pem("CERTIFICATE", encoded), key: keyPem(privateKey) };
}

function extensions(names: readonly string[]): Buffer[] {
  const of = (id: string, value: Buffer, ...critical: readonly Buffer[]): Buffer =>
    sequence(objectId(id), ...critical, octets(value));
  return [
    of("2.5.29.19", sequence(), truth()),
    // digitalSignature
    of("2.5.29.15", bits(Buffer.from([0x80]), 7), truth()),
    // serverAuth
    of("2.5.29.37", sequence(objectId("1.3.6.1.5.5.7.3.1"))),
    of("2.5.29.17", sequence(...names.map(generalName))),
  ];
}

function generalName(name: string): Buffer {
  if (isIPv4(name)) return implicit(7, Buffer.from(name.split(".").map(Number)));
  return implicit(2, Buffer.from(name, "latin1"));
}

function keyPem(key: KeyObject): string {
  return key.export({ type: "pkcs8", format: "pem" }).toString();
}

function pem(label: string, encoded: Buffer): string {
  const lines = encoded.toString("base64").match(/.{1,64}/g) ?? [];
  return [`-----BEGIN ${label}-----`, ...lines, `-----END ${label}-----`, ""].join("\n");
}
