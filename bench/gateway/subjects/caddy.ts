import { mkdirSync, writeFileSync } from "node:fs";
import { request } from "node:http";
import { join } from "node:path";
import { listening, printed, start } from "../measure/processes.ts";
import { backName, freePort } from "../measure/workshop.ts";
import type { Scene, SceneRoute, Site, Subject } from "./subject.ts";

export const caddy: Subject = {
  name: "Caddy",
  note: "JSON log",
  tableOnly: false,
  filesPerConnection: 1,
  version: () => /\d[\d.]+/.exec(printed("caddy", "version") ?? "")?.[0],
  covers: () => true,
  async start(scene, site) {
    mkdirSync(site.folder, { recursive: true });
    const adminPort = await freePort();
    const file = join(site.folder, "caddy.json");
    writeFileSync(file, JSON.stringify(caddyConfiguration(scene, site, adminPort)));
    const process = start({
      program: "caddy",
      args: ["run", "--config", file],
      cpus: site.cpus,
      outputFile: join(site.folder, "caddy.log"),
      env: { GOMAXPROCS: String(scene.workers), XDG_DATA_HOME: site.folder, XDG_CONFIG_HOME: site.folder },
    });
    await listening(process, "127.0.0.1", site.port, join(site.folder, "caddy.log"));
    return { process, reload: (next) => load(adminPort, caddyConfiguration(next, site, adminPort)) };
  },
};

function load(port: number, configuration: unknown): Promise<void> {
  return new Promise((done, failed) => {
    const headers = { "Content-Type": "application/json" };
    const post = request({ host: "127.0.0.1", port, path: "/load", method: "POST", headers }, (response) => {
      response.resume();
      response.once("end", () =>
        response.statusCode === 200
          ? done()
          : failed(new Error(`Caddy answers ${response.statusCode} to a reload`)),
      );
    });
    post.once("error", failed);
    post.end(JSON.stringify(configuration));
  });
}

function caddyConfiguration(scene: Scene, site: Site, adminPort: number): unknown {
  const { shop, folder, port } = site;
  const tls = {
    certificates: {
      load_files: [{ certificate: shop.front.certificateFile, key: shop.front.keyFile, tags: ["front"] }],
    },
  };
  const connection = {
    certificate_selection: { any_tag: ["front"] },
    alpn: ["http/1.1"],
  };
  return {
    admin: { listen: `127.0.0.1:${adminPort}`, config: { persist: false } },
    logging: {
      logs: {
        default: { level: "ERROR", exclude: ["http.log.access.all"] },
        access: {
          writer: { output: "file", filename: join(folder, "access.log"), roll: false },
          encoder: { format: "json" },
          include: ["http.log.access.all"],
        },
      },
    },
    apps: {
      http: {
        servers: {
          front: {
            listen: [`127.0.0.1:${port}`],
            automatic_https: { disable: true },
            idle_timeout: "1h",
            routes: scene.routes.map((route) => caddyRoute(scene, route, shop.rootFile)),
            logs: { default_logger_name: "all" },
            ...(scene.frontTls ? { tls_connection_policies: [connection] } : {}),
          },
        },
      },
      ...(scene.frontTls ? { tls } : {}),
    },
  };
}

function caddyRoute(scene: Scene, { host, path, servers }: SceneRoute, rootFile: string): unknown {
  const timeouts = scene.watchful ? { dial_timeout: "1s", response_header_timeout: "1s" } : {};
  const tls = { server_name: backName, root_ca_pem_files: [rootFile] };
  const match = { ...(host === undefined ? {} : { host: [host] }), path: [`${path}*`] };
  return {
    ...(host === undefined ? {} : { match: [match] }),
    terminal: true,
    handle: [
      {
        handler: "reverse_proxy",
        upstreams: servers.map(({ address, port }) => ({ dial: `${address}:${port}` })),
        transport: {
          protocol: "http",
          ...timeouts,
          // The generation stands here: a time-out of no account that differs.
          keep_alive: { max_idle_conns_per_host: 256, idle_timeout: `${3600 + scene.generation}s` },
          ...(scene.backTls ? { tls } : {}),
        },
        load_balancing: {
          selection_policy: { policy: "round_robin" },
          ...(scene.watchful ? { try_duration: "5s" } : {}),
        },
        ...(scene.watchful
          ? {
              health_checks: {
                active: { path: "/", interval: "1s", timeout: "1s" },
                passive: { fail_duration: "10s" },
              },
            }
          : {}),
      },
    ],
  };
}
