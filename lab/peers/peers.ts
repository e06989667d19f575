import type { PeerScene } from "./scene.ts";

/** Another proxy in the gateway's place, with comparable settings and its logs where they tell most. */
export interface Peer {
  readonly name: "nginx" | "haproxy" | "caddy";
  readonly port: number;
  /** Files by name; `$DIR` = the folder they are in. */
  readonly files: (scene: PeerScene, port: number) => Readonly<Record<string, string>>;
  /** `$DIR` = the folder. */
  readonly command: readonly string[];
  /** Files with what it says, beside its own output. */
  readonly logs: readonly string[];
}

const publicRoots = "/etc/ssl/certs/ca-certificates.crt";

const nginx: Peer = {
  name: "nginx",
  port: 18081,
  command: ["nginx", "-c", "$DIR/nginx.conf", "-p", "$DIR", "-e", "stderr"],
  logs: ["access.log"],
  files: (scene, port) => ({ "nginx.conf": nginxConfig(scene, port), "roots.pem": scene.tls?.roots ?? "" }),
};

function nginxConfig(scene: PeerScene, port: number): string {
  const { servers, tls, hostOverride, timeoutS, dnsServer } = scene;
  const scheme = tls === undefined ? "http" : "https";
  const named = servers.some(({ isName }) => isName);
  const [first] = servers;
  // Names are asked for at each request, as the gateway does; with a name in a variable there is one server only.
  const target = named ? `$name:${scene.port}` : "servers";
  return `daemon off; master_process off; worker_processes 1; user root; error_log stderr info; pid $DIR/nginx.pid;
events { worker_connections 256; }
http {
  log_format told '$status $upstream_status $upstream_connect_time|$upstream_header_time';
  access_log $DIR/access.log told;
${["client_body", "proxy", "fastcgi", "uwsgi", "scgi"].map((name) => `  ${name}_temp_path $DIR/${name};`).join("\n")}
  resolver ${dnsServer} ipv6=off valid=1s; resolver_timeout 2s;
${named ? "" : `  upstream servers { ${servers.map(({ host }) => `server ${host}:${scene.port};`).join(" ")} }`}
  server {
    listen 127.0.0.1:${port};
    location / {
      ${named ? `set $name "${first?.host}";` : ""}
      proxy_pass ${scheme}://${target};
      proxy_http_version 1.1;
      proxy_set_header Host ${hostOverride ?? "$host"};
      proxy_connect_timeout 2s; proxy_read_timeout ${timeoutS}s; proxy_send_timeout ${timeoutS}s;
${
  tls === undefined
    ? ""
    : `      proxy_ssl_server_name on; proxy_ssl_name ${tls.name ?? "$host"}; proxy_ssl_verify on; proxy_ssl_verify_depth 4;
      proxy_ssl_trusted_certificate ${tls.roots === undefined ? publicRoots : "$DIR/roots.pem"};`
}
    }
  }
}
`;
}

const haproxy: Peer = {
  name: "haproxy",
  port: 18082,
  command: ["haproxy", "-db", "-f", "$DIR/haproxy.cfg"],
  logs: [],
  files: (scene, port) => ({
    "haproxy.cfg": haproxyConfig(scene, port),
    "roots.pem": scene.tls?.roots ?? "",
  }),
};

function haproxyConfig(scene: PeerScene, port: number): string {
  const { servers, tls, hostOverride, timeoutS, dnsServer, probe } = scene;
  const secure =
    tls === undefined
      ? ""
      : ` ssl verify required ca-file ${tls.roots === undefined ? publicRoots : "$DIR/roots.pem"} sni str(${tls.name}) verifyhost ${tls.name} check-sni ${tls.name}`;
  const check =
    probe === undefined
      ? ""
      : ` check inter ${probe.intervalS}s fall 1 rise 1${tls === undefined ? "" : " check-ssl"}`;
  const lines = servers.map(
    ({ host, isName }, index) =>
      `  server s${index} ${host}:${scene.port}${isName ? " resolvers dns init-addr last,libc,none resolve-prefer ipv4" : ""}${secure}${check}`,
  );
  return `global
  maxconn 500
  log stdout format raw local0 debug
resolvers dns
  nameserver one ${dnsServer}:53
  resolve_retries 1
  timeout resolve 1s
  timeout retry 1s
  hold valid 1s
defaults
  mode http
  log global
  option httplog
  option log-health-checks
  timeout connect 2s
  timeout client 20s
  timeout server ${timeoutS}s
  timeout check ${probe?.timeoutS ?? 2}s
  retries 1
frontend web
  bind 127.0.0.1:${port}
  default_backend servers
backend servers
${hostOverride === undefined ? "" : `  http-request set-header Host ${hostOverride}`}
${
  probe === undefined
    ? ""
    : `  option httpchk
  http-check send meth GET uri ${probe.path} ver HTTP/1.1 hdr Host ${probe.host}
  http-check expect status ${probe.statuses}`
}
${lines.join("\n")}
`;
}

const caddy: Peer = {
  name: "caddy",
  port: 18083,
  command: ["caddy", "run", "--config", "$DIR/caddy.json"],
  logs: [],
  files: (scene, port) => ({
    "caddy.json": caddyConfig(scene, port),
    "roots.pem": scene.tls?.roots ?? "",
  }),
};

function caddyConfig(scene: PeerScene, port: number): string {
  const { servers, tls, hostOverride, timeoutS, probe } = scene;
  const proxy = {
    handler: "reverse_proxy",
    upstreams: servers.map(({ host }) => ({ dial: `${host}:${scene.port}` })),
    transport: {
      protocol: "http",
      dial_timeout: "2s",
      response_header_timeout: `${timeoutS}s`,
      ...(tls === undefined
        ? {}
        : {
            tls: {
              server_name: tls.name,
              ...(tls.roots === undefined ? {} : { root_ca_pem_files: ["$DIR/roots.pem"] }),
            },
          }),
    },
    ...(hostOverride === undefined ? {} : { headers: { request: { set: { Host: [hostOverride] } } } }),
    ...(probe === undefined
      ? {}
      : {
          health_checks: {
            active: {
              uri: probe.path,
              headers: { Host: [probe.host] },
              interval: `${probe.intervalS}s`,
              timeout: `${probe.timeoutS}s`,
              ...(probe.statuses === "200-399" ? {} : { expect_status: Number(probe.statuses.slice(0, 3)) }),
            },
          },
        }),
  };
  const server = {
    listen: [`127.0.0.1:${port}`],
    automatic_https: { disable: true },
    logs: {},
    routes: [{ handle: [proxy] }],
  };
  return JSON.stringify({ admin: { disabled: true }, apps: { http: { servers: { web: server } } } }, null, 1);
}

export const peers: readonly Peer[] = [nginx, haproxy, caddy];
