import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { type Peer, startPeer } from "./peer.ts";
import type { Place } from "./places.ts";

const temporary = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"];

/** nginx in one process; the parts stand in its `http` block. */
export function startNginx(parts: readonly string[], folder: string, readyAt: Place): Promise<Peer> {
  const config = `
daemon off;
master_process off;
pid ${folder}/nginx.pid;
error_log stderr info;
events {}
http {
  access_log off;
  default_type text/plain;
  ssl_protocols TLSv1.2 TLSv1.3;
  ${temporary.map((name) => `${name}_temp_path ${folder}/${name};`).join("\n  ")}
  limit_conn_zone $server_addr$server_port zone=one:1m;
  ${parts.join("\n")}
}
`;
  const path = join(folder, "nginx.conf");
  writeFileSync(path, config);
  const args = ["-e", "stderr", "-p", folder, "-c", path];
  return startPeer({ program: "nginx", args, folder, readyAt });
}

/** A server over plain HTTP. */
export function plain({ text }: Place, body: string): string {
  return `server { listen ${text}; server_name _; ${body} }`;
}

/** A server over TLS; `pem` holds chain and key. */
export function secure({ text }: Place, pem: string, body = 'return 200 "ready";', listen = ""): string {
  return `server {
    listen ${text} ssl ${listen};
    ssl_certificate ${pem};
    ssl_certificate_key ${pem};
    ${body}
  }`;
}
