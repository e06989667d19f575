import { makeCertificate, type TestCertificate } from "../../test/support/certificates.ts";
import { type BaseWish, baseWorld, labAuthority, labCertificate, names, validNow } from "./base.ts";
import type { Draft } from "./draft.ts";
import type { Program, ServerTls } from "./world.ts";

/** Programs that end TLS. */
export type TlsServer = "node" | "nginx" | "apache" | "haproxy" | "openssl";

type CertificateWish = Parameters<typeof makeCertificate>[0];

/** What a server sends: its own certificate, with its key, and those that follow. */
export function sending(own: TestCertificate, ...others: readonly TestCertificate[]): ServerTls {
  return { certificate: [own, ...others].map(({ pem }) => pem).join(""), key: own.keyPem };
}

/** A certificate valid now that is signed by itself. */
export function selfSigned(wish: CertificateWish): TestCertificate {
  return makeCertificate({ ...validNow(), ...wish });
}

const authorities = new Map<string, TestCertificate>();

/** An authority beside the lab's own, signed by itself unless an issuer is given. Made once for each name. */
export function authority(commonName: string, issuer?: TestCertificate): TestCertificate {
  const made =
    authorities.get(commonName) ??
    selfSigned({ commonName, ca: true, signsItself: true, ...(issuer === undefined ? {} : { issuer }) });
  authorities.set(commonName, made);
  return made;
}

/** The lab's authority issues through this one. */
export function issuing(): TestCertificate {
  return authority("Contoso Lab Issuing", labAuthority());
}

/** A certificate for the clients' host by the lab's authority, unless something else is wished. */
export function leaf(wish: CertificateWish = {}): TestCertificate {
  return labCertificate({ commonName: names.host, names: [names.host], ...wish });
}

/** A server of that kind which answers everything with 200. `more`: lines of its configuration where TLS is spoken of. */
export function tlsProgram(kind: TlsServer, port: number, tls: ServerTls, more = ""): Program {
  const files = { "chain.pem": tls.certificate, "key.pem": tls.key };
  const ports = [port];
  switch (kind) {
    case "node":
      return { kind, behaviour: "http", port, tls };
    case "nginx":
      return {
        ...{ kind, files, ports },
        config: `server { listen ${port} ssl default_server; ssl_certificate $DIR/chain.pem; ssl_certificate_key $DIR/key.pem; ${more} location / { return 200 "ok"; } }`,
      };
    case "apache":
      return {
        ...{ kind, ports, files: { ...files, "page.html": "ok" } },
        config: [
          `Listen ${port}`,
          "DocumentRoot $DIR",
          "RewriteEngine on",
          "RewriteRule .* $DIR/page.html",
          "SSLEngine on",
          "SSLCertificateFile $DIR/chain.pem",
          "SSLCertificateKeyFile $DIR/key.pem",
          more,
          '<Directory "$DIR">',
          "Require all granted",
          "</Directory>",
        ].join("\n"),
      };
    case "haproxy":
      return {
        ...{ kind, ports, files: { "pair.pem": `${tls.certificate}${tls.key}` } },
        config: `frontend app\n  bind *:${port} ssl crt $DIR/pair.pem ${more}\n  http-request return status 200 content-type text/plain string ok`,
      };
    case "openssl":
      return {
        ...{ kind, files, ports },
        config: `-accept ${port}\n-www -quiet\n-cert $DIR/chain.pem -cert_chain $DIR/chain.pem -key $DIR/key.pem\n${more}`,
      };
  }
}

/** A program that has files of its own beside the pair. */
export function withFiles(program: Program, files: Readonly<Record<string, string>>): Program {
  if (program.kind === "node" || program.kind === "dns") throw new Error(`${program.kind} has no files`);
  return { ...program, files: { ...program.files, ...files } };
}

/** A v2 world over TLS whose servers all are of this kind and send this. */
export function tlsWish(kind: TlsServer, tls: ServerTls, more = "", wish: BaseWish = {}): BaseWish {
  return { protocol: "Https", program: ({ port }) => tlsProgram(kind, port, tls, more), ...wish };
}

/** The setting trusts these roots: uploaded by these names, and attached unless told otherwise. */
export function trust(
  draft: Draft,
  uploaded: Readonly<Record<string, TestCertificate>>,
  attached: readonly string[] = Object.keys(uploaded),
): void {
  draft.gateway({ trustedRootCertificates: [] });
  for (const [name, { der }] of Object.entries(uploaded)) {
    draft.part("trustedRootCertificates", name, { data: der.toString("base64") });
  }
  draft.part("backendHttpSettingsCollection", "set-app", {
    trustedRootCertificates: attached.map((name) => draft.partLink("trustedRootCertificates", name)),
  });
}

/** A v1 gateway knows these certificates of servers, all attached. */
export function know(draft: Draft, certificates: Readonly<Record<string, TestCertificate>>): void {
  draft.gateway({ authenticationCertificates: [] });
  for (const [name, { der }] of Object.entries(certificates)) {
    draft.part("authenticationCertificates", name, { data: der.toString("base64") });
  }
  draft.part("backendHttpSettingsCollection", "set-app", {
    authenticationCertificates: Object.keys(certificates).map((name) =>
      draft.partLink("authenticationCertificates", name),
    ),
  });
}

/** The programs of a world's servers as they would be with this wish. */
export function install(wish: BaseWish) {
  return (draft: Draft): void => {
    for (const { name, programs } of baseWorld(wish).hosts) draft.host(name, { programs });
  };
}

export const serverAddresses = ["10.10.2.4", "10.10.2.5"] as const;
