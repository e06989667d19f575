import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { listening, start } from "../measure/processes.ts";
import { freePort, type Workshop } from "../measure/workshop.ts";

/** What all rows ask for, at one port of several addresses. */
export interface Servers {
  readonly addresses: readonly string[];
  readonly port: number;
  readonly tlsPort: number;
  end(): Promise<void>;
}

/** A JSON of so many bytes; the large answer has 64 KiB. */
const smallBytes = 200;

/**
 * nginx as the servers behind the subjects: answers from memory, and takes an upload completely before it answers, by asking
 * an inner server with the body left out.
 */
export async function startNginxServers(shop: Workshop, count: number): Promise<Servers> {
  const folder = join(shop.folder, "servers");
  mkdirSync(folder, { recursive: true });
  const addresses = Array.from({ length: count }, (_, index) => `127.9.0.${index + 1}`);
  const port = await freePort(addresses);
  const tlsPort = await freePort(addresses);
  const file = join(folder, "nginx.conf");
  writeFileSync(file, configuration(shop, folder, addresses, port, tlsPort));
  const program = start({ program: "nginx", args: ["-c", file, "-p", folder], cpus: shop.otherCpus });
  await listening(program, addresses[0] ?? "127.0.0.1", port);
  return { addresses, port, tlsPort, end: () => program.end() };
}

const answerOf = (bytes: number): string => `{"data":"${"x".repeat(bytes - 11)}"}`;

/** nginx takes no string longer than 4 KiB in its configuration; variables put them together. */
function largeAnswer(): string {
  const piece = "x".repeat(1024);
  return `set $kib "${piece}"; set $four "$kib$kib$kib$kib"; set $sixteen "$four$four$four$four";
      return 200 "$sixteen$sixteen$sixteen$sixteen";`;
}

function configuration(
  { back }: Workshop,
  folder: string,
  addresses: readonly string[],
  port: number,
  tlsPort: number,
): string {
  const listens = addresses.map((address) => `listen ${address}:${port}; listen ${address}:${tlsPort} ssl;`);
  return `${nginxMain(folder, 1)}
http {
  access_log off;
  ${nginxTemporary(folder)}
  keepalive_requests 1000000000;
  keepalive_timeout 1h;
  default_type application/json;
  ssl_certificate ${back.certificateFile};
  ssl_certificate_key ${back.keyFile};
  client_max_body_size 16m;
  client_body_buffer_size 2m;
  server {
    ${listens.join("\n    ")}
    location / { return 200 '${answerOf(smallBytes)}'; }
    location /large { ${largeAnswer()} }
    location /upload {
      proxy_pass http://unix:${folder}/inner.sock;
      proxy_pass_request_body off;
      proxy_set_header Content-Length "";
    }
  }
  server {
    listen unix:${folder}/inner.sock;
    location / { return 200 '${answerOf(smallBytes)}'; }
  }
}
`;
}

/** The part above `http`. Workers stay the user that started them, for the folder is that user's alone. */
export function nginxMain(folder: string, workers: number): string {
  return `daemon off;
worker_processes ${workers};
${process.getuid?.() === 0 ? "user root;" : ""}
pid ${folder}/nginx.pid;
error_log ${folder}/error.log warn;
events { worker_connections 32768; }`;
}

export function nginxTemporary(folder: string): string {
  const kinds = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"];
  return kinds.map((kind) => `${kind}_temp_path ${folder}/${kind};`).join("\n  ");
}
