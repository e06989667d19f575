import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { type Peer, startPeer } from "./peer.ts";
import type { Place } from "./places.ts";

const modules = [
  "mpm_event",
  "alias",
  "authn_core",
  "authz_core",
  "dav",
  "dav_fs",
  "deflate",
  "dir",
  "env",
  "filter",
  "headers",
  "mime",
  "proxy",
  "proxy_http",
  "ratelimit",
  "reqtimeout",
  "rewrite",
  "socache_shmcb",
  "ssl",
] as const;

/** Apache httpd in one process; the parts are virtual hosts, and may say `Listen` for themselves. */
export function startApache(parts: readonly string[], folder: string, readyAt: Place): Promise<Peer> {
  writeFileSync(join(folder, "ready.txt"), "ready\n");
  const logFile = join(folder, "apache.log");
  const config = `
ServerName localhost
ServerRoot ${folder}
PidFile ${folder}/apache.pid
DefaultRuntimeDir ${folder}
ErrorLog ${logFile}
LogLevel info
User www-data
Group www-data
${modules.map((name) => `LoadModule ${name}_module /usr/lib/apache2/modules/mod_${name}.so`).join("\n")}
TypesConfig /dev/null
SSLProtocol -all +TLSv1.2 +TLSv1.3
SSLSessionCache none
<Directory ${folder}>
  Require all granted
</Directory>
DocumentRoot ${folder}
${parts.join("\n")}
`;
  const path = join(folder, "apache.conf");
  writeFileSync(path, config);
  return startPeer({ program: "apache2", args: ["-X", "-f", path], folder, readyAt, logFile });
}

/** What every host is and serves, unless its lines say otherwise. A host without name would be looked up in DNS. */
const host = "ServerName default.contoso.example\nFallbackResource /ready.txt";

/** Virtual hosts at one place, each with its lines; the first is the default one. */
export function hosts({ text }: Place, ...each: readonly string[]): string {
  const blocks = each.map((lines) => `<VirtualHost ${text}>\n${host}\n${lines}\n</VirtualHost>`);
  return [`Listen ${text}`, ...blocks].join("\n");
}

/** The lines of a host with TLS; `pem` holds chain and key. */
export const ssl = (pem: string): string =>
  `SSLEngine on\nSSLCertificateFile ${pem}\nSSLCertificateKeyFile ${pem}`;
