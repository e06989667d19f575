import { constants, createHash } from "node:crypto";
import { getCiphers, type SecureContextOptions } from "node:tls";
import { readCertificate } from "../../health/certificates/certificate.ts";
import { encodedCertificates } from "../../health/certificates/encoded.ts";
import type { Gateway, Generation, Listener, SslProfile } from "../../model/gateway.ts";
import type { Reference } from "../../model/resource.ts";
import { type BoundListener, hostMatches } from "../../routing/listener-match.ts";
import type { ClientCertificates, DoorTls, NotServed, TlsIdentity } from "./prepared.ts";
import { type CertificateChoices, serverContext } from "./server-certificate.ts";
import { type ReadPolicy, tlsPolicyOf } from "./tls-policy.ts";

/** Names of all ciphers this machine has, lower case. */
const knownCiphers = getCiphers();

/** Another handshake on a connection costs its client nothing, and might show another certificate. */
const neverAgain = constants.SSL_OP_NO_RENEGOTIATION;

/** A resumed session would not show again by whom the client's certificate was issued. */
const neverResumed = constants.SSL_OP_NO_TICKET;

export interface PreparedIdentities {
  readonly identities: readonly TlsIdentity[];
  readonly notServed: readonly NotServed[];
}

/** The TLS of each of these listeners; those without a certificate that can be served are told and left out. */
export function identitiesOf(
  gateway: Gateway,
  bound: readonly BoundListener[],
  choices: CertificateChoices,
): PreparedIdentities {
  const notServed: NotServed[] = [];
  const identities = bound.flatMap(({ listener }) => identityOf(gateway, listener, choices, notServed) ?? []);
  return { identities, notServed };
}

function identityOf(
  gateway: Gateway,
  listener: Listener,
  choices: CertificateChoices,
  notServed: NotServed[],
): TlsIdentity | undefined {
  const profile = listener.sslProfile?.target;
  const read = tlsPolicyOf(gateway, profile?.source.object("sslPolicy"), knownCiphers);
  const clients = clientCertificatesOf(listener, notServed);
  if (clients === "unreadable") return undefined;
  const { policy } = read;
  const rest: SecureContextOptions = {
    minVersion: policy.minVersion,
    maxVersion: policy.maxVersion,
    ciphers: policy.ciphers,
    honorCipherOrder: true,
    ...(clients === undefined ? {} : { ca: clients.authorities.map(pemOf) }),
    secureOptions: clients === undefined ? neverAgain : neverAgain | neverResumed,
  };
  const made = serverContext(listener, rest, choices);
  if ("why" in made) {
    notServed.push(withoutCertificate(listener, made.why));
    return undefined;
  }
  if (read.unknown.length > 0) notServed.push(policyDiffers(listener, read));
  const alpn = alpnOf(gateway, listener);
  return {
    listener,
    context: made.context,
    policy,
    alpn,
    clients,
    certificate: made.from,
    digest: made.digest,
  };
}

function alpnOf({ enableHttp2 }: Gateway, { protocol }: Listener): TlsIdentity["alpn"] {
  if (protocol === "Tls") return [];
  return enableHttp2 ? ["h2", "http/1.1"] : ["http/1.1"];
}

function withoutCertificate(listener: Listener, why: string): NotServed {
  const name = listener.sslCertificate?.target?.name ?? listener.name;
  return {
    what: "certificate",
    weight: "hole",
    says: `the listener ${listener.name} is not served: ${why}`,
    instead: `give its certificate and key, --certificate ${name}=FILE[,KEYFILE], or have one made: --self-signed`,
    at: listener.source,
  };
}

function policyDiffers(listener: Listener, { policy, unknown }: ReadPolicy): NotServed {
  return {
    what: "tls-policy",
    weight: "less",
    says: `the listener ${listener.name} is served with ${policy.minVersion} to ${policy.maxVersion}; of its TLS policy this machine does not know ${unknown.slice(0, 3).join(", ")}`,
    instead: undefined,
    at: listener.source,
  };
}

/** Mutual TLS. A profile that is not at hand, or whose CA certificates cannot be read, must not let everybody in. */
function clientCertificatesOf(
  listener: Listener,
  notServed: NotServed[],
): ClientCertificates | "unreadable" | undefined {
  const profile = listener.sslProfile?.target;
  if (listener.sslProfile !== undefined && profile === undefined) {
    notServed.push(withoutProfile(listener, listener.sslProfile));
    return "unreadable";
  }
  if (profile === undefined || profile.trustedClientCertificates.length === 0) return undefined;
  const authorities = profile.trustedClientCertificates.flatMap(({ target }) =>
    encodedCertificates(target?.data ?? "").flatMap((one) => readCertificate(one)?.x509.raw ?? []),
  );
  if (authorities.length === 0) {
    notServed.push({
      what: "client-certificates",
      weight: "hole",
      says: `the listener ${listener.name} is not served: none of the CA certificates for its clients in the profile ${profile.name} can be read`,
      instead: "put the CA certificates into trustedClientCertificates",
      at: profile.source,
    });
    return "unreadable";
  }
  const clientAuth = profile.source.object("clientAuthConfiguration");
  if (/^ocsp$/i.test(clientAuth?.text("verifyClientRevocation") ?? "")) {
    notServed.push({
      what: "certificate-revocation",
      weight: "less",
      says: `the listener ${listener.name} does not ask by OCSP whether client certificates were revoked`,
      instead: undefined,
      at: profile.source.at("clientAuthConfiguration"),
    });
  }
  const verifyIssuerName = profile.verifyClientCertIssuerDn;
  return { authorities, verifyIssuerName, demand: demandOf(authorities, verifyIssuerName) };
}

function withoutProfile({ name }: Listener, { id, source }: Reference<SslProfile>): NotServed {
  return {
    what: "client-certificates",
    weight: "hole",
    says: `the listener ${name} is not served: its SSL profile ${id.split("/").at(-1)}, which may ask clients for certificates, is not among the documents`,
    instead: "export the whole gateway with its sslProfiles, or take the profile from the listener",
    at: source,
  };
}

function demandOf(authorities: readonly Buffer[], verifyIssuerName: boolean): string {
  const prints = new Set(authorities.map((one) => createHash("sha256").update(one).digest("hex")));
  return [String(verifyIssuerName), ...[...prints].sort()].join(" ");
}

function pemOf(der: Buffer): string {
  const lines = der.toString("base64").match(/.{1,64}/g) ?? [];
  return ["-----BEGIN CERTIFICATE-----", ...lines, "-----END CERTIFICATE-----", ""].join("\n");
}

/** Which identity a client gets by the name it says (request-handling.md §8.1). `identities` in the order of the rules. */
export function doorTls(
  generation: Generation,
  identities: readonly [TlsIdentity, ...TlsIdentity[]],
): DoorTls {
  const named = identities.filter(({ listener }) => listener.hostNames.length > 0);
  const basic = identities.find(({ listener }) => listener.hostNames.length === 0);
  const withoutName = identities.find(({ listener }) => !listener.requireServerNameIndication);
  const otherwise = basic ?? (generation === "v1" ? (withoutName ?? "reset") : identities[0]);
  return {
    identities,
    choose: (serverName) => {
      if (serverName === undefined || serverName === "") return otherwise;
      const found = named.find(({ listener }) =>
        listener.hostNames.some((name) => hostMatches(name, serverName)),
      );
      return found ?? otherwise;
    },
  };
}
