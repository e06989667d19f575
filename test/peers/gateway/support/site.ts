import { randomBytes } from "node:crypto";
import { chmodSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Place } from "../../support/places.ts";

/** What the servers of a site have: a text worth compressing, and bytes that are not. */
export interface Site {
  readonly root: string;
  readonly text: Buffer;
  readonly bytes: Buffer;
  readonly slow: Buffer;
}

/** Bytes a second of what stands in `/slow/`: longer under way than the time-out of the settings, which is 1 s. */
export const slowKiB = 64;

export function makeSite(folder: string): Site {
  const root = join(folder, "site");
  for (const part of ["", "slow", "dav"]) mkdirSync(join(root, part));
  // Servers that give root up write there.
  chmodSync(join(root, "dav"), 0o777);
  const text = Buffer.from(Array.from({ length: 30_000 }, (_, line) => `line ${line}\n`).join(""));
  const bytes = randomBytes(3 * 1024 * 1024 + 17);
  const slow = randomBytes(2.5 * slowKiB * 1024);
  writeFileSync(join(root, "text.txt"), text);
  writeFileSync(join(root, "large.bin"), bytes);
  writeFileSync(join(root, "slow/some.bin"), slow);
  writeFileSync(join(root, "healthz"), "ok\n");
  return { root, text, bytes, slow };
}

export function nginxSite({ text }: Place, { root }: Site, more = ""): string {
  return `server {
    listen ${text};
    root ${root};
    client_max_body_size 64m; absolute_redirect off;
    gzip on; gzip_types text/plain; gzip_min_length 1; gzip_proxied any;
    location /slow/ { limit_rate ${slowKiB}k; }
    location /dav/ { dav_methods PUT; }
    location = /moved { return 302 /text.txt?from=moved; }
    location = /nothing { return 204; }
    ${more}
  }`;
}

export function apacheSite({ text }: Place, { root }: Site, folder: string): string {
  return `Listen ${text}
AddType text/plain .txt
DavLockDB ${folder}/site/dav/lock
<Directory ${root}>
  Require all granted
</Directory>
<VirtualHost ${text}>
  ServerName default.contoso.example
  DocumentRoot ${root}
  AddOutputFilterByType DEFLATE text/plain
  RewriteEngine on
  RewriteRule ^/moved$ /text.txt?from=moved [R=302,L]
  RewriteRule ^/nothing$ - [R=204,L]
  <Location /slow/>
    SetOutputFilter RATE_LIMIT
    SetEnv rate-limit ${slowKiB}
  </Location>
  <Location /dav/>
    Dav On
  </Location>
</VirtualHost>`;
}
