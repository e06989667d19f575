import type { HttpOptions } from "../../hosts/behaviours/http.ts";
import { type BaseWish, httpProgram, names, type ServerPlace } from "../../world/base.ts";
import type { Program } from "../../world/world.ts";

export type ProgramOf = NonNullable<BaseWish["program"]>;

/** A Node server with these answers. */
export function node(options: HttpOptions): ProgramOf {
  return ({ port, tls }) => httpProgram(port, tls, options);
}

/** An nginx with these locations for every host name; over TLS where the world has it. */
export function nginx(locations: string, files: Readonly<Record<string, string>> = {}): ProgramOf {
  return (place) => nginxWith(place, `server { ${listen(place)} ${locations} }`, files);
}

/** An nginx that serves these locations under some host names only, and answers every other with `others`. */
export function nginxOfHosts(hosts: readonly string[], locations: string, others: string): ProgramOf {
  return (place) =>
    nginxWith(
      place,
      [
        `server { ${listen(place, " default_server")} server_name _; ${others} }`,
        `server { ${listen(place)} server_name ${hosts.join(" ")}; ${locations} }`,
      ].join("\n"),
    );
}

function listen({ port, tls }: ServerPlace, more = ""): string {
  return tls === undefined
    ? `listen ${port}${more};`
    : `listen ${port} ssl${more}; ssl_certificate $DIR/cert.pem; ssl_certificate_key $DIR/key.pem;`;
}

function nginxWith(
  { port, tls }: ServerPlace,
  config: string,
  files: Readonly<Record<string, string>> = {},
): Program {
  const pair = tls === undefined ? {} : { "cert.pem": tls.certificate, "key.pem": tls.key };
  return { kind: "nginx", config, files: { ...pair, ...files }, ports: [port] };
}

/** An Apache httpd: this inside its virtual hosts, the first of which takes every name that no other has. */
export function apache(...virtualHosts: readonly string[]): ProgramOf {
  return ({ port, tls }) => {
    const secure =
      tls === undefined
        ? ""
        : "SSLEngine on\nSSLCertificateFile $DIR/cert.pem\nSSLCertificateKeyFile $DIR/key.pem\n";
    const hosts = virtualHosts.map((inside) => `<VirtualHost *:${port}>\n${secure}${inside}\n</VirtualHost>`);
    return {
      kind: "apache",
      config: [
        `Listen ${port}\nDocumentRoot $DIR\n<Directory "$DIR">\nRequire all granted\n</Directory>`,
        ...hosts,
      ].join("\n"),
      files: {
        "page.html": "ok",
        ...(tls === undefined ? {} : { "cert.pem": tls.certificate, "key.pem": tls.key }),
      },
      ports: [port],
    };
  };
}

/** Of `apache`: everything is answered well under this name. */
export const apachePage = (host: string): string =>
  `ServerName ${host}\nRewriteEngine on\nRewriteRule .* $DIR/page.html`;

/** Of `apache`: everything is answered with this status. */
export const apacheStatus = (host: string, status: number): string =>
  `ServerName ${host}\nRewriteEngine on\nRewriteRule .* - [R=${status}]`;

export const shop = names.host;
