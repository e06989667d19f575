import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { listening, printed, start } from "../measure/processes.ts";
import { frontPort, gatewayDocument } from "./causeway-document.ts";
import { nextTurn } from "./reloading.ts";
import type { Scene, Site, Subject } from "./subject.ts";

const program = fileURLToPath(new URL("../../../bin/causeway.js", import.meta.url));
const patienceMs = 15_000;
const command = new URL("../../../src/cli/commands/run.ts", import.meta.url);

/** This clone: log and record of every exchange, and probes of every server, as whoever runs it has them. */
export const causeway = thisClone({
  name: "Causeway",
  note: "JSON log and a record of every exchange",
  tableOnly: false,
  log: true,
});

/** For those that have none. */
export const causewayWithoutLog = thisClone({
  name: "Causeway, no log",
  note: "no log, a record of every exchange",
  tableOnly: true,
  log: false,
});

function thisClone({
  log,
  ...about
}: Pick<Subject, "name" | "note" | "tableOnly"> & { log: boolean }): Subject {
  return {
    ...about,
    filesPerConnection: 1,
    version: () => {
      if (!existsSync(command)) return undefined;
      const text = readFileSync(new URL("../../../package.json", import.meta.url), "utf8");
      const { version }: { version: string } = JSON.parse(text);
      return version;
    },
    covers: ({ routes }) => log || routes.length === 1,
    async start(scene, site) {
      mkdirSync(site.folder, { recursive: true });
      const file = join(site.folder, "gateway.json");
      const outputFile = join(site.folder, "output.log");
      const files = {
        frontPfx: scene.frontTls ? pfxOf(site) : undefined,
        rootPem: readFileSync(site.shop.rootFile, "utf8"),
      };
      writeFileSync(file, JSON.stringify(gatewayDocument(scene, files)));
      const process = start({
        program: globalThis.process.execPath,
        args: [program, "run", file, ...runWords(scene, site, log)],
        cpus: site.cpus,
        outputFile,
      });
      await listening(process, "127.0.0.1", site.port, outputFile);
      await ready(outputFile);
      return {
        process,
        reload: async (next) => {
          writeFileSync(file, JSON.stringify(gatewayDocument(next, files)));
          process.signal("SIGHUP");
          await nextTurn();
        },
      };
    },
  };
}

/** It says so once every server was probed; what is asked before has no server to go to. */
async function ready(outputFile: string): Promise<void> {
  for (let waited = 0; waited < patienceMs; waited += 50) {
    if (/; ready$/m.test(readFileSync(outputFile, "utf8"))) return;
    await sleep(50);
  }
  throw new Error(`Causeway is not ready after ${patienceMs} ms`);
}

function runWords({ workers }: Scene, { folder, port }: Site, logs: boolean): readonly string[] {
  const log = logs ? join(folder, "access.log") : "off";
  // The bench itself keeps below the limit of open files.
  const more = ["--max-connections", "1000000", "--max-requests", "1000000"];
  const words = ["--listen", `${frontPort}=${port}`, "--access-log", log, "--drain", "1", ...more];
  return workers === 1 ? words : [...words, "--workers", String(workers)];
}

/** Certificate and key as they are uploaded to Azure. */
function pfxOf({ shop, folder }: Site): { readonly data: string; readonly password: string } {
  const { certificateFile, keyFile } = shop.front;
  const file = join(folder, "front.pfx");
  const password = "bench";
  const files = ["-in", certificateFile, "-inkey", keyFile, "-out", file];
  const said = printed("openssl", "pkcs12", "-export", "-passout", `pass:${password}`, ...files);
  if (!existsSync(file)) throw new Error(`openssl makes no PFX: ${said ?? "it is not installed"}`);
  return { data: readFileSync(file).toString("base64"), password };
}
