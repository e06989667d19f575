import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { listening, printed, start } from "../measure/processes.ts";
import { backName, frontName } from "../measure/workshop.ts";
import { nginxMain, nginxTemporary } from "../servers/nginx-servers.ts";
import { nextTurn } from "./reloading.ts";
import type { Scene, SceneRoute, Site, Subject } from "./subject.ts";

export const nginx: Subject = {
  name: "nginx",
  note: "JSON log, buffered",
  tableOnly: false,
  filesPerConnection: 1,
  version: () => /nginx\/(\S+)/.exec(printed("nginx", "-v") ?? "")?.[1],
  covers: () => true,
  async start(scene, site) {
    mkdirSync(site.folder, { recursive: true });
    const file = join(site.folder, "nginx.conf");
    writeFileSync(file, nginxConfiguration(scene, site));
    const args = ["-c", file, "-p", site.folder];
    const process = start({ program: "nginx", args, cpus: site.cpus });
    await listening(process, "127.0.0.1", site.port);
    return {
      process,
      reload: async (next) => {
        writeFileSync(file, nginxConfiguration(next, site));
        process.signal("SIGHUP");
        await nextTurn();
      },
    };
  },
};

const logFormat = `log_format record escape=json '{"time":"$time_iso8601","client":"$remote_addr","method":"$request_method",'
    '"uri":"$request_uri","host":"$host","status":$status,"sent":$bytes_sent,"received":$request_length,'
    '"seconds":$request_time,"server":"$upstream_addr","serverStatus":"$upstream_status",'
    '"serverSeconds":"$upstream_response_time","agent":"$http_user_agent","id":"$request_id"}';`;

function nginxConfiguration(scene: Scene, site: Site): string {
  const { front, rootFile } = site.shop;
  const hosts = [...new Set(scene.routes.map(({ host }) => host))];
  return `${nginxMain(site.folder, scene.workers)}
# generation ${scene.generation}
http {
  ${nginxTemporary(site.folder)}
  ${logFormat}
  access_log ${site.folder}/access.log record buffer=64k flush=1s;
  keepalive_requests 1000000000;
  keepalive_timeout 1h;
  server_names_hash_bucket_size 128;
  client_max_body_size 0;
  proxy_http_version 1.1;
  proxy_set_header Connection "";
  proxy_set_header Host $http_host;
  proxy_set_header X-Forwarded-For $remote_addr:$remote_port;
  proxy_set_header X-Forwarded-Proto $scheme;
  proxy_set_header X-Forwarded-Port $server_port;
  proxy_request_buffering off;
  proxy_max_temp_file_size 0;
  ${scene.watchful ? "proxy_connect_timeout 1s; proxy_read_timeout 1s;" : ""}
  ssl_certificate ${front.certificateFile};
  ssl_certificate_key ${front.keyFile};
  proxy_ssl_trusted_certificate ${rootFile};
  proxy_ssl_verify on;
  proxy_ssl_name ${backName};
  proxy_ssl_server_name on;
${scene.routes.map((route, index) => upstream(route, index)).join("\n")}
${hosts.map((host) => server(scene, site, host)).join("\n")}
}
`;
}

function upstream({ servers }: SceneRoute, index: number): string {
  const each = servers.map(({ address, port }) => `server ${address}:${port};`);
  return `  upstream route-${index} { ${each.join(" ")} keepalive 256; keepalive_requests 1000000000; }`;
}

function server(scene: Scene, { port }: Site, host: string | undefined): string {
  const protocol = scene.backTls ? "https" : "http";
  const locations = scene.routes.flatMap((route, index) =>
    route.host === host ? [`    location ${route.path} { proxy_pass ${protocol}://route-${index}; }`] : [],
  );
  const flags = `${scene.frontTls ? " ssl" : ""} backlog=4096`;
  const first = scene.routes[0]?.host === host;
  return `  server {
    listen 127.0.0.1:${port}${first ? `${flags}${scene.workers > 1 ? " reuseport" : ""}` : scene.frontTls ? " ssl" : ""};
    server_name ${host ?? frontName};
${locations.join("\n")}
  }`;
}
