import { createHash, createPrivateKey, X509Certificate } from "node:crypto";
import { createSecureContext, type SecureContext, type SecureContextOptions } from "node:tls";
import type { Certificate, Listener } from "../../model/gateway.ts";
import { PreparationError } from "./prepared.ts";
import type { CertificateWithKey } from "./self-signed.ts";
import { ticketKeys } from "./ticket-keys.ts";

/** A file that stands for a certificate of the configuration, read. */
export interface LoadedCertificate {
  /** Of an `sslCertificates` entry or of a listener. */
  readonly name: string;
  readonly file: string;
  readonly content: Buffer;
  readonly key: Buffer | undefined;
}

export interface CertificateChoices {
  readonly files: readonly LoadedCertificate[];
  /** Makes one where there is none; undefined = none is made. */
  readonly selfSigned: ((names: readonly [string, ...string[]]) => CertificateWithKey) | undefined;
  /** Of which the keys of session tickets are made. */
  readonly ticketSecret: Buffer;
}

/** A certificate with its key, in whatever form, and the versions, ciphers and roots it is served with. */
export type ServerContext =
  | {
      readonly context: SecureContext;
      readonly from: "configuration" | "file" | "self-signed";
      /** Of certificate and key: equal where, and only where, the same is shown to clients. */
      readonly digest: string;
    }
  | { readonly why: string };

type Identity = Pick<SecureContextOptions, "pfx" | "passphrase" | "cert" | "key">;

/**
 * The context of one listener: a file of the call, the key in the configuration, or one made here. Throws
 * `PreparationError` where a file of the call cannot be used: whoever gave it wants the listener to be served with it.
 */
export function serverContext(
  listener: Listener,
  rest: SecureContextOptions,
  choices: CertificateChoices,
): ServerContext {
  const certificate = listener.sslCertificate?.target;
  const tried = (identity: Identity): Made => contextOf(identity, rest, listener, choices.ticketSecret);
  const file = fileFor(listener, certificate, choices.files);
  if (file !== undefined) {
    const password = certificate?.source.text("password");
    const made = tried(identityIn(file.content, file.key, password));
    if ("why" in made)
      throw new PreparationError(`--certificate ${file.name}: ${file.file} cannot be used: ${made.why}`);
    return { ...made, from: "file" };
  }
  const own =
    certificate === undefined ? { why: noCertificate(listener) } : ofConfiguration(certificate, tried);
  if (!("why" in own)) return { ...own, from: "configuration" };
  if (choices.selfSigned === undefined) return own;
  const { certificate: cert, key } = choices.selfSigned(namesFor(listener));
  const made = tried({ cert, key });
  return "why" in made ? made : { ...made, from: "self-signed" };
}

function fileFor(
  listener: Listener,
  certificate: Certificate | undefined,
  files: readonly LoadedCertificate[],
): LoadedCertificate | undefined {
  const named = (name: string | undefined): LoadedCertificate | undefined =>
    files.find((file) => file.name.toLowerCase() === name?.toLowerCase());
  return named(listener.name) ?? named(certificate?.name);
}

function noCertificate({ sslCertificate }: Listener): string {
  return sslCertificate === undefined
    ? "it has no certificate"
    : `its certificate ${sslCertificate.id.split("/").at(-1)} is not in the configuration`;
}

function ofConfiguration(certificate: Certificate, tried: (identity: Identity) => Made): Made {
  const data = certificate.source.text("data");
  if (data === undefined) {
    const where =
      certificate.keyVaultSecretId === undefined ? "is not exported by Azure" : "is in a Key Vault";
    return { why: `the key of its certificate ${certificate.name} ${where}` };
  }
  const content = data.includes("-----BEGIN") ? Buffer.from(data) : Buffer.from(data, "base64");
  const made = tried(identityIn(content, undefined, certificate.source.text("password")));
  return "why" in made ? { why: `its certificate ${certificate.name} cannot be used: ${made.why}` } : made;
}

function identityIn(content: Buffer, key: Buffer | undefined, password: string | undefined): Identity {
  const passphrase = password === undefined ? {} : { passphrase: password };
  const isPem = content.includes("-----BEGIN");
  if (isPem || key !== undefined) return { cert: content, key: key ?? content, ...passphrase };
  return { pfx: content, ...passphrase };
}

type Made = { readonly context: SecureContext; readonly digest: string } | { readonly why: string };

function contextOf(
  identity: Identity,
  rest: SecureContextOptions,
  { id }: Listener,
  ticketSecret: Buffer,
): Made {
  try {
    const missing = missingIn(identity);
    if (missing !== undefined) return { why: missing };
    // A PFX without password has the empty one.
    const passphrase = identity.pfx === undefined ? {} : { passphrase: identity.passphrase ?? "" };
    const digest = digestOf(identity);
    const tickets = { ticketKeys: ticketKeys(ticketSecret, id, digest, rest) };
    const context = createSecureContext({ ...rest, ...identity, ...passphrase, ...tickets });
    checkKey(identity);
    return { context, digest };
  } catch (error) {
    const reason = reasonOf(error as NodeJS.ErrnoException);
    return { why: reason === wrongPassword && identity.passphrase === undefined ? noPassword : reason };
  }
}

/** What is not in PEM at all: OpenSSL calls that unsupported. */
function missingIn({ cert, key }: Identity): string | undefined {
  if (cert === undefined || key === undefined) return undefined;
  if (!String(cert).includes("-----BEGIN")) return neither;
  if (!String(cert).includes("CERTIFICATE-----")) return "it has no certificate in PEM";
  return String(key).includes("PRIVATE KEY-----")
    ? undefined
    : "it has no private key in PEM; where the key is a file of its own, give both: FILE,KEYFILE";
}

/** OpenSSL compares a key with certificates of its own kind alone, and takes an EC key beside an RSA certificate. */
function checkKey({ cert, key, passphrase }: Identity): void {
  if (cert === undefined || key === undefined) return;
  const privateKey = createPrivateKey({
    key: String(key),
    ...(passphrase === undefined ? {} : { passphrase }),
  });
  if (!new X509Certificate(String(cert)).checkPrivateKey(privateKey)) throw new Error("key values mismatch");
}

function digestOf({ pfx, cert, key }: Identity): string {
  const hash = createHash("sha256");
  for (const part of [pfx, cert, key])
    hash.update(Buffer.isBuffer(part) ? part : String(part ?? "")).update("\0");
  return hash.digest("hex");
}

const wrongPassword = "the password is not its password";
const noPassword =
  "it has a password, and the configuration has none for it; write it without one: `openssl pkcs12 -in FILE -nodes -out FILE.pem`";
const neither = "it is neither PFX nor PEM";

/** OpenSSL's words in those of people; never the content. */
function reasonOf({ code, message }: NodeJS.ErrnoException): string {
  const said = `${code ?? ""} ${message}`;
  if (/mac verify failure|bad decrypt|BAD_DECRYPT|invalid password/i.test(said)) return wrongPassword;
  if (/unsupported/i.test(said)) {
    return "it is encrypted in a way that is no longer supported; write it anew with `openssl pkcs12 -legacy`";
  }
  if (/key values mismatch/i.test(said)) return "the key is not the key of the certificate";
  if (/interrupted or cancelled|bad password read/i.test(said))
    return "its key is encrypted and there is no password";
  if (/no start line/i.test(said)) return "it has no key, or no certificate, in PEM";
  if (/not enough data|wrong tag|asn1|too long|header/i.test(said)) return neither;
  if (/too small|too weak|md too weak/i.test(said))
    return "its key or signature is too weak for this machine";
  return `it cannot be read (${code ?? "unknown reason"})`;
}

/** What clients may call it. `*` stands for a whole label in certificates. */
function namesFor({ hostNames }: Listener): [string, ...string[]] {
  const names = hostNames
    .map((name) => name.toLowerCase().replace(/^\*[^.]*(?=\.)/, "*"))
    .filter((name) => /^(\*\.)?[a-z0-9_.-]{1,250}$/.test(name));
  const [first, ...others] = [...new Set([...names, "localhost", "127.0.0.1"])];
  return [first ?? "localhost", ...others];
}
