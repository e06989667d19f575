import { type BaseWish, baseWorld } from "../../world/base.ts";
import { changed } from "../../world/draft.ts";
import {
  authority,
  install,
  know,
  leaf,
  sending,
  serverAddresses,
  type TlsServer,
  tlsProgram,
  tlsWish,
  withFiles,
} from "../../world/tls.ts";
import type { Scenario } from "../scenario.ts";

type Shape = Omit<Scenario, "family">;

const servers = [
  ...serverAddresses,
  ...["10.20.1.4", "10.20.1.5"],
  ...["app-1.internal.contoso.example", "app-2.internal.contoso.example"],
];
const rsaLeaf = () => leaf({ rsaBits: 2048 });

interface Handshake extends Pick<Shape, "variant" | "about"> {
  readonly server: TlsServer;
  /** What its configuration says of TLS. */
  readonly more: string;
  /** Undefined: nothing is wrong. */
  readonly cause?: "tls-version" | "tls-cipher" | "tls-client-cert-required";
  readonly rsa?: true;
  readonly wish?: BaseWish;
}

/** Servers that want something of a handshake; on the repaired ones everything is as usual. */
function handshake({ server, more, cause, rsa, wish, ...words }: Handshake): Shape {
  const program = (port: number) => {
    const made = tlsProgram(server, port, sending(rsa ? rsaLeaf() : leaf()), more);
    return made.kind === "node" ? made : withFiles(made, { "clients.pem": authority("Contoso Clients").pem });
  };
  return {
    ...words,
    world: () => baseWorld({ protocol: "Https", program: ({ port }) => program(port), ...wish }),
    expects: cause === undefined ? [] : [{ cause }],
    ...(cause === undefined
      ? {}
      : { operator: [{ cause, servers, edit: install(tlsWish("nginx", sending(leaf()))) }] }),
  };
}

const shapes: readonly Handshake[] = [
  {
    variant: "version-1.1-nginx",
    about: "nginx speaks TLS 1.1 and no other version.",
    server: "nginx",
    more: "ssl_protocols TLSv1.1; ssl_ciphers DEFAULT:@SECLEVEL=0;",
    cause: "tls-version",
  },
  {
    variant: "version-1.0-haproxy-fqdn",
    about: "haproxy speaks TLS 1.0 and no other version.",
    server: "haproxy",
    more: "ssl-min-ver TLSv1.0 ssl-max-ver TLSv1.0 ciphers DEFAULT:@SECLEVEL=0",
    cause: "tls-version",
    rsa: true,
    wish: { members: "fqdn" },
  },
  {
    variant: "version-1.1-apache-peered",
    about: "Apache speaks TLS 1.0 and 1.1 alone, in a peered network.",
    server: "apache",
    more: "SSLProtocol -all +TLSv1 +TLSv1.1\nSSLCipherSuite DEFAULT:@SECLEVEL=0",
    cause: "tls-version",
    wish: { place: "peered" },
  },
  {
    variant: "version-twin-1.2",
    about: "nginx speaks TLS 1.2 and no other version.",
    server: "nginx",
    more: "ssl_protocols TLSv1.2;",
  },
  {
    variant: "version-twin-1.3",
    about: "haproxy speaks TLS 1.3 and no other version.",
    server: "haproxy",
    more: "ssl-min-ver TLSv1.3",
  },
  {
    variant: "cipher-dhe-openssl",
    about: "openssl takes TLS 1.2 with finite-field Diffie-Hellman alone.",
    server: "openssl",
    more: "-tls1_2 -cipher DHE-RSA-AES128-GCM-SHA256:DHE-RSA-AES256-GCM-SHA384",
    cause: "tls-cipher",
    rsa: true,
  },
  {
    variant: "cipher-chacha-nginx-fqdn",
    about: "nginx takes TLS 1.2 with ChaCha20 alone.",
    server: "nginx",
    more: "ssl_protocols TLSv1.2; ssl_ciphers ECDHE-ECDSA-CHACHA20-POLY1305;",
    cause: "tls-cipher",
    wish: { members: "fqdn" },
  },
  {
    variant: "cipher-curve-haproxy",
    about: "haproxy takes a curve alone that the gateway does not offer.",
    server: "haproxy",
    more: "ssl-max-ver TLSv1.2 curves X448",
    cause: "tls-cipher",
  },
  {
    variant: "cipher-twin-one-fits",
    about: "The server takes finite-field Diffie-Hellman and one suite with ECDHE.",
    server: "openssl",
    more: "-tls1_2 -cipher DHE-RSA-AES128-GCM-SHA256:ECDHE-RSA-AES128-GCM-SHA256",
    rsa: true,
  },
  {
    variant: "client-certificate-nginx",
    about: "nginx answers 400 to whoever has no client certificate.",
    server: "nginx",
    more: "ssl_client_certificate $DIR/clients.pem; ssl_verify_client on;",
    cause: "tls-client-cert-required",
  },
  {
    variant: "client-certificate-apache-fqdn",
    about: "Apache requires a client certificate in the handshake.",
    server: "apache",
    more: "SSLCACertificateFile $DIR/clients.pem\nSSLVerifyClient require",
    cause: "tls-client-cert-required",
    wish: { members: "fqdn" },
  },
  {
    variant: "client-certificate-haproxy-1.2",
    about: "haproxy requires a client certificate, with TLS 1.2.",
    server: "haproxy",
    more: "ca-file $DIR/clients.pem verify required ssl-max-ver TLSv1.2",
    cause: "tls-client-cert-required",
  },
  {
    variant: "client-certificate-openssl",
    about: "openssl requires a client certificate.",
    server: "openssl",
    more: "-Verify 2 -verify_return_error -CAfile $DIR/clients.pem",
    cause: "tls-client-cert-required",
  },
  {
    variant: "client-certificate-twin-optional-nginx",
    about: "nginx asks for a client certificate, and does without.",
    server: "nginx",
    more: "ssl_client_certificate $DIR/clients.pem; ssl_verify_client optional;",
  },
  {
    variant: "client-certificate-twin-optional-haproxy",
    about: "haproxy asks for a client certificate, and does without.",
    server: "haproxy",
    more: "ca-file $DIR/clients.pem verify optional",
  },
];

const v1: Shape = {
  variant: "version-1.3-only-v1",
  about: "nginx speaks TLS 1.3 alone, behind a v1 gateway.",
  world: () => {
    const own = leaf();
    const wish = tlsWish("nginx", sending(own), "ssl_protocols TLSv1.3;", { generation: "v1" });
    return changed(baseWorld(wish), (draft) => know(draft, { server: own }));
  },
  expects: [{ cause: "tls-version" }],
  operator: [
    {
      cause: "tls-version",
      servers,
      edit: (draft) => {
        const own = leaf();
        install(tlsWish("nginx", sending(own)))(draft);
        know(draft, { server: own });
      },
    },
  ],
};

export default [...shapes.map(handshake), v1];
