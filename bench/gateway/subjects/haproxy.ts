import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { listening, printed, start } from "../measure/processes.ts";
import { backName } from "../measure/workshop.ts";
import { nextTurn } from "./reloading.ts";
import type { Scene, SceneRoute, Site, Subject } from "./subject.ts";

/** Logs to its output, one write a line: without a syslog daemon that is what it has. */
export const haproxy: Subject = {
  name: "HAProxy",
  note: "JSON log to its output",
  tableOnly: false,
  filesPerConnection: 2,
  version: () => /version ([\d.]+)/.exec(printed("haproxy", "-v") ?? "")?.[1],
  covers: () => true,
  async start(scene, site) {
    mkdirSync(site.folder, { recursive: true });
    const file = join(site.folder, "haproxy.cfg");
    const write = (next: Scene) => {
      writeFileSync(join(site.folder, "routes.map"), routeMap(next));
      writeFileSync(file, haproxyConfiguration(next, site));
    };
    write(scene);
    const outputFile = join(site.folder, "access.log");
    const process = start({ program: "haproxy", args: ["-W", "-f", file], cpus: site.cpus, outputFile });
    await listening(process, "127.0.0.1", site.port, outputFile);
    return {
      process,
      reload: async (next) => {
        write(next);
        process.signal("SIGUSR2");
        await nextTurn();
      },
    };
  },
};

const logFormat = `{"time":"%tr","client":"%ci","method":"%HM","uri":%[capture.req.uri,json("utf8s")],"host":"%[capture.req.hdr(0),json("utf8s")]","status":%ST,"sent":%B,"received":%U,"ms":%Ta,"server":"%si:%sp","serverMs":%Tr,"state":"%ts","agent":"%[capture.req.hdr(1),json("utf8s")]","id":"%rt"}`;

const routeMap = ({ routes }: Scene): string =>
  `${routes.map(({ host, path }, index) => `${host ?? ""}${path} route-${index}`).join("\n")}\n`;

function haproxyConfiguration(scene: Scene, { shop, folder, port }: Site): string {
  const tls = scene.frontTls ? ` ssl crt ${shop.front.bothFile} alpn http/1.1` : "";
  const several = scene.routes.length > 1;
  return `# generation ${scene.generation}
global
  log stdout format raw local0
  nbthread ${scene.workers}
  ca-base ${shop.folder}
defaults
  mode http
  log global
  option httplog
  option forwardfor
  timeout client 1h
  timeout server ${scene.watchful ? "1s" : "1h"}
  timeout connect ${scene.watchful ? "1s" : "10s"}
  timeout http-keep-alive 1h
  ${scene.watchful ? "retries 3\n  option redispatch 1\n  retry-on conn-failure empty-response response-timeout" : ""}
frontend front
  bind 127.0.0.1:${port}${tls} backlog 4096
  capture request header Host len 64
  capture request header User-Agent len 128
  log-format ${quoted(logFormat)}
  http-request set-header X-Forwarded-Proto ${scene.frontTls ? "https" : "http"}
  http-request set-header X-Forwarded-Port ${port}
  ${several ? `use_backend %[base,map_beg(${folder}/routes.map)]` : "default_backend route-0"}
${scene.routes.map((route, index) => backend(scene, route, index, shop.rootFile)).join("\n")}
`;
}

/** Single quotes: inside of double ones HAProxy would read the sample fetches' own. */
const quoted = (text: string): string => `'${text}'`;

/** With checks, POST is not repeated after it was sent. */
function backend(scene: Scene, { servers }: SceneRoute, index: number, rootFile: string): string {
  const tls = scene.backTls
    ? ` ssl verify required ca-file ${rootFile} sni str(${backName}) verifyhost ${backName}`
    : "";
  const check = scene.watchful
    ? " check inter 1s fall 2 rise 1 observe layer7 error-limit 1 on-error mark-down"
    : "";
  const each = servers.map(
    ({ address, port }, at) => `  server s${at} ${address}:${port}${tls}${check} pool-max-conn -1`,
  );
  const safe = scene.watchful ? "  option httpchk GET /\n  http-request disable-l7-retry if METH_POST\n" : "";
  return `backend route-${index}\n  balance roundrobin\n${safe}${each.join("\n")}`;
}
