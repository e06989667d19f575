import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { serverConfig } from "../network/names.ts";
import type { Host, LabWorld, Program } from "../world/world.ts";
import { endProcess, type Started, startInside, type Wish } from "./processes.ts";

const nodeServer = fileURLToPath(new URL("../hosts/node-server.ts", import.meta.url));

/** The programs of a world's hosts, each in its host's namespace. */
export class Machines {
  readonly #folder: string;
  readonly #namespaceOf: (host: string) => string;
  readonly #running = new Map<string, { readonly programs: string; readonly started: readonly Started[] }>();

  #resources: LabWorld["resources"] = [];

  constructor(folder: string, namespaceOf: (host: string) => string) {
    this.#folder = folder;
    this.#namespaceOf = namespaceOf;
  }

  /** Starts what is not running, and ends and starts anew what is another program now. */
  async apply({ hosts, resources }: LabWorld): Promise<void> {
    this.#resources = resources;
    await Promise.all(hosts.map((host) => this.#host(host)));
  }

  async end(): Promise<void> {
    await Promise.all(
      [...this.#running.values()].flatMap(({ started }) => started.map((one) => endProcess(one, "SIGKILL"))),
    );
    this.#running.clear();
  }

  /** Ends the programs of a host and starts them again. */
  async restart(host: Host): Promise<void> {
    await this.#stop(host.name);
    await this.#host(host);
  }

  async #stop(name: string): Promise<void> {
    const before = this.#running.get(name);
    this.#running.delete(name);
    await Promise.all((before?.started ?? []).map((one) => endProcess(one)));
  }

  async #host(host: Host): Promise<void> {
    const wanted = host.programs.map((program) => withResources(program, this.#resources));
    const programs = JSON.stringify(wanted);
    if (this.#running.get(host.name)?.programs === programs) return;
    await this.#stop(host.name);
    const folder = join(this.#folder, host.name);
    mkdirSync(folder, { recursive: true });
    const wishes = wishesOf(wanted, folder);
    const started = await Promise.all(wishes.map((wish) => startInside(this.#namespaceOf(host.name), wish)));
    this.#running.set(host.name, { programs, started });
  }
}

/** What the platform runs is as the documents say, also after a fix changed them. */
function withResources(program: Program, resources: LabWorld["resources"]): Program {
  if (program.kind !== "node" || program.servesResources === undefined) return program;
  const wanted = program.servesResources.toLowerCase();
  return { ...program, options: resources.filter(({ type }) => type.toLowerCase() === wanted) };
}

/** All Node servers of a host are one process. */
function wishesOf(programs: readonly Program[], folder: string): readonly Wish[] {
  const node = programs.filter((program) => program.kind === "node");
  const others = programs.filter((program) => program.kind !== "node");
  const wishes = others.map((program, index) => {
    const own = join(folder, `${index}`);
    mkdirSync(own, { recursive: true });
    return program.kind === "dns" ? dnsWish(program, own) : serverWish(program, own);
  });
  if (node.length === 0) return wishes;
  const file = join(folder, "node.json");
  writeFileSync(file, JSON.stringify(node));
  const ports = node.map(({ port }) => port);
  return [...wishes, { command: [process.execPath, nodeServer, file], log: join(folder, "node.log"), ports }];
}

function dnsWish(program: Extract<Program, { kind: "dns" }>, folder: string): Wish {
  const file = join(folder, "dnsmasq.conf");
  writeFileSync(file, `${serverConfig(program)}\n`);
  return { command: ["dnsmasq", "-C", file], log: join(folder, "log"), udpPort: 53 };
}

function serverWish(
  program: Extract<Program, { kind: "nginx" | "apache" | "haproxy" | "openssl" }>,
  folder: string,
): Wish {
  const placed = (text: string): string => text.replaceAll("$DIR", folder);
  for (const [name, text] of Object.entries(program.files ?? {}))
    writeFileSync(join(folder, name), placed(text));
  const config = placed(program.config);
  const file = join(folder, `${program.kind}.conf`);
  const common = { log: join(folder, "log"), ports: program.ports };
  switch (program.kind) {
    case "nginx":
      writeFileSync(file, nginxFrame(config, folder));
      return { ...common, command: ["nginx", "-c", file, "-p", folder, "-e", "stderr"] };
    case "apache":
      writeFileSync(file, `${apacheFrame(folder)}\n${config}\n`);
      return { ...common, command: ["apache2", "-D", "FOREGROUND", "-f", file] };
    case "haproxy":
      writeFileSync(file, `${haproxyFrame}\n${config}\n`);
      return { ...common, command: ["haproxy", "-db", "-f", file] };
    case "openssl":
      return {
        ...common,
        command: [
          "openssl",
          "s_server",
          ...config
            .split("\n")
            .flatMap((line) => line.trim().split(/\s+/))
            .filter(Boolean),
        ],
      };
  }
}

function nginxFrame(config: string, folder: string): string {
  return [
    "daemon off; master_process off; worker_processes 1; user root; error_log stderr;",
    `pid ${folder}/nginx.pid; events { worker_connections 256; }`,
    "http { access_log off;",
    ...["client_body", "proxy", "fastcgi", "uwsgi", "scgi"].map(
      (name) => `${name}_temp_path ${folder}/${name};`,
    ),
    config,
    "}",
  ].join("\n");
}

function apacheFrame(folder: string): string {
  const modules = [
    "mpm_event",
    "authz_core",
    "authz_host",
    "alias",
    "rewrite",
    "headers",
    "ssl",
    "socache_shmcb",
    "setenvif",
  ];
  return [
    `ServerRoot ${folder}`,
    `PidFile ${folder}/pid`,
    `DefaultRuntimeDir ${folder}`,
    "ServerName localhost",
    "ErrorLog /dev/stderr",
    ...modules.map((name) => `LoadModule ${name}_module /usr/lib/apache2/modules/mod_${name}.so`),
  ].join("\n");
}

const haproxyFrame = `global
  maxconn 500
defaults
  mode http
  timeout connect 2s
  timeout client 30s
  timeout server 30s`;
