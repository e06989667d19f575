import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { listening, start } from "../measure/processes.ts";
import { backName } from "../measure/workshop.ts";
import type { StackPlan } from "../stacks/common.ts";
import { packageVersion } from "./packages.ts";
import type { Scene, Site, Subject } from "./subject.ts";

/** The stacks of packages that were put into this folder, and the raw floor. */
export function nodeStacks(packages: string): readonly Subject[] {
  const stack = (name: string, note: string, program: URL, tableOnly = false): Subject => ({
    name,
    note,
    tableOnly,
    filesPerConnection: 1,
    version: () => (name === floor ? process.version.slice(1) : packageVersion(packages, packageOf(name))),
    covers: ({ routes }) => routes.length === 1,
    start: (scene, site) => startStack(fileURLToPath(program), stackPlan(name, scene, site, packages), site),
  });
  return [
    stack("http-proxy-3", "no log", new URL("../stacks/http-proxy-3.ts", import.meta.url)),
    stack("@fastify/http-proxy", "its JSON log", new URL("../stacks/fastify-http-proxy.ts", import.meta.url)),
    stack("undici on http", "no log", undici),
    stack(undiciWithLog, "a JSON log by pino", undici, true),
    stack(floor, "floor: reads nothing, no log", new URL("../stacks/splice.ts", import.meta.url), true),
  ];
}

const floor = "net splice";
const undiciWithLog = "undici on http, pino";
const undici = new URL("../stacks/undici-on-http.ts", import.meta.url);

const packageOf = (name: string): string => (name.startsWith("undici") ? "undici" : name);

function stackPlan(name: string, scene: Scene, { shop, folder, port }: Site, packages: string): StackPlan {
  return {
    port,
    packages,
    workers: scene.workers,
    servers: scene.routes[0]?.servers ?? [],
    front: scene.frontTls ? shop.front : undefined,
    back: scene.backTls ? { rootFile: shop.rootFile, name: backName } : undefined,
    logFile: join(folder, "access.log"),
    logs: name === undiciWithLog,
    serverTimeoutMs: scene.watchful ? 1000 : undefined,
  };
}

async function startStack(program: string, plan: StackPlan, { folder, cpus }: Site) {
  mkdirSync(folder, { recursive: true });
  const file = join(folder, "plan.json");
  writeFileSync(file, JSON.stringify(plan));
  const outputFile = join(folder, "output.log");
  // As it is run in production: without it every error is formatted with a stack.
  const env = { NODE_ENV: "production" };
  const started = start({ program: process.execPath, args: [program, file], cpus, outputFile, env });
  await listening(started, "127.0.0.1", plan.port, outputFile);
  return { process: started, reload: undefined };
}
