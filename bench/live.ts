/**
 * What a live diagnosis costs: `causeway diagnose --live --record` in a process of its own against real servers on
 * loopback addresses, which run in a thread of this one.
 *   node bench/live.ts [healthy|silent|broken]... [--servers N] [--pools N] [--timeout SECONDS] [-- MORE WORDS]
 * `broken`: pool after pool refuses, resets, is silent, answers 404, answers 503, speaks another protocol.
 */
import { spawn } from "node:child_process";
import { mkdtempSync, rmSync, statSync, writeFileSync } from "node:fs";
import { createServer, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { isMainThread, parentPort, Worker, workerData } from "node:worker_threads";

type Behaviour = "healthy" | "silent" | "resets" | "missing" | "failing" | "ssh" | "refuses";

interface Wanted {
  readonly behaviour: Behaviour;
  readonly address: string;
}

const port = 18_080;
const brokenInTurn: readonly Behaviour[] = ["refuses", "resets", "silent", "missing", "failing", "ssh"];

const answer = (status: string): string =>
  `HTTP/1.1 ${status}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n`;

const behaviours: Readonly<Record<Exclude<Behaviour, "refuses">, (socket: Socket) => void>> = {
  healthy: (socket) => socket.once("data", () => socket.end(answer("200 OK"))),
  missing: (socket) => socket.once("data", () => socket.end(answer("404 Not Found"))),
  failing: (socket) => socket.once("data", () => socket.end(answer("503 Service Unavailable"))),
  silent: () => {},
  resets: (socket) => socket.once("data", () => socket.resetAndDestroy()),
  ssh: (socket) => socket.write("SSH-2.0-OpenSSH_9.2\r\n"),
};

async function serve(all: readonly Wanted[]): Promise<void> {
  await Promise.all(
    all.map(({ behaviour, address }) => {
      if (behaviour === "refuses") return undefined;
      const server = createServer((socket) => {
        socket.on("error", () => {});
        behaviours[behaviour](socket);
      });
      return new Promise<void>((done) => server.listen(port, address, done));
    }),
  );
  parentPort?.postMessage("ready");
}

function gatewayDocument(pools: readonly (readonly Wanted[])[], timeoutS: number): unknown {
  const network = "/subscriptions/s1/resourceGroups/rg-bench/providers/Microsoft.Network";
  const id = `${network}/applicationGateways/agw-bench`;
  const part = (collection: string, name: string) => ({ id: `${id}/${collection}/${name}`, name });
  const frontend = part("frontendIPConfigurations", "public");
  return {
    ...{ id, name: "agw-bench", type: "Microsoft.Network/applicationGateways" },
    sku: { name: "Standard_v2", tier: "Standard_v2", capacity: 2 },
    frontendIPConfigurations: [{ ...frontend, publicIPAddress: { id: `${network}/publicIPAddresses/pip` } }],
    frontendPorts: [{ ...part("frontendPorts", "p80"), port: 80 }],
    backendAddressPools: pools.map((members, index) => ({
      ...part("backendAddressPools", `pool-${index}`),
      backendAddresses: members.map(({ address }) => ({ ipAddress: address })),
    })),
    probes: pools.map((_, index) => ({
      ...part("probes", `probe-${index}`),
      ...{ protocol: "Http", host: `shop${index}.contoso.example`, path: "/health" },
      ...{ interval: 30, timeout: timeoutS, unhealthyThreshold: 3 },
    })),
    backendHttpSettingsCollection: pools.map((_, index) => ({
      ...part("backendHttpSettingsCollection", `set-${index}`),
      ...{ protocol: "Http", port, requestTimeout: timeoutS, probe: part("probes", `probe-${index}`) },
    })),
    httpListeners: pools.map((_, index) => ({
      ...part("httpListeners", `route-${index}`),
      ...{ protocol: "Http", hostName: `shop${index}.contoso.example` },
      ...{ frontendIPConfiguration: frontend, frontendPort: part("frontendPorts", "p80") },
    })),
    requestRoutingRules: pools.map((_, index) => ({
      ...part("requestRoutingRules", `route-${index}`),
      ...{ ruleType: "Basic", priority: index + 1, httpListener: part("httpListeners", `route-${index}`) },
      backendAddressPool: part("backendAddressPools", `pool-${index}`),
      backendHttpSettings: part("backendHttpSettingsCollection", `set-${index}`),
    })),
  };
}

/** Written by the process itself when it ends. */
const costs = `data:text/javascript,process.on("exit",()=>{const r=process.resourceUsage();
process.stderr.write("COSTS "+JSON.stringify([r.userCPUTime+r.systemCPUTime,r.maxRSS])+"\\n")})`.replace(
  /\n/g,
  "",
);

async function measure(
  kind: string,
  counts: { readonly servers: number; readonly pools: number; readonly timeoutS: number },
  words: readonly string[],
): Promise<string> {
  const pools = Array.from({ length: counts.pools }, (_, pool) =>
    Array.from({ length: Math.ceil(counts.servers / counts.pools) }, (_, member): Wanted => {
      const behaviour = kind === "broken" ? brokenInTurn[pool % brokenInTurn.length] : (kind as Behaviour);
      return {
        behaviour: behaviour ?? "healthy",
        address: `127.${20 + (pool >> 8)}.${pool & 0xff}.${member + 1}`,
      };
    }),
  );
  const worker = new Worker(new URL(import.meta.url), { workerData: pools.flat() });
  await new Promise((done) => worker.once("message", done));
  const folder = mkdtempSync(join(tmpdir(), "causeway-bench-"));
  const record = join(folder, "seen.ndjson");
  try {
    writeFileSync(join(folder, "gateway.json"), JSON.stringify(gatewayDocument(pools, counts.timeoutS)));
    const bin = fileURLToPath(new URL("../bin/causeway.js", import.meta.url));
    const call = [
      "diagnose",
      join(folder, "gateway.json"),
      "--live",
      "--record",
      record,
      "--quiet",
      ...words,
    ];
    const startedMs = performance.now();
    const child = spawn(process.execPath, ["--import", costs, bin, ...call], {
      stdio: ["ignore", "ignore", "pipe"],
    });
    let errors = "";
    child.stderr.on("data", (chunk) => {
      errors += chunk;
    });
    const code = await new Promise((done) => child.once("close", done));
    const wallS = (performance.now() - startedMs) / 1000;
    const [cpuUs = 0, maxKiB = 0] = JSON.parse(/COSTS (.*)/.exec(errors)?.[1] ?? "[]");
    if (code !== 0 && code !== 1) throw new Error(errors);
    const { servers, timeoutS } = counts;
    const cells = [kind, servers, counts.pools, timeoutS, wallS.toFixed(1), (cpuUs / 1e6).toFixed(1)];
    return `| ${[...cells, Math.round(maxKiB / 1024), (statSync(record).size / 1e6).toFixed(1)].join(" | ")} |`;
  } finally {
    rmSync(folder, { recursive: true });
    await worker.terminate();
  }
}

if (isMainThread) {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: { servers: { type: "string" }, pools: { type: "string" }, timeout: { type: "string" } },
  });
  const kinds = positionals.filter((word) => ["healthy", "silent", "broken"].includes(word));
  const words = positionals.filter((word) => !kinds.includes(word));
  const counts = {
    servers: Number(values.servers ?? 500),
    pools: Number(values.pools ?? 25),
    timeoutS: Number(values.timeout ?? 30),
  };
  console.log("| servers are | servers | pools | time-out s | wall s | CPU s | peak MiB | recorded MB |");
  for (const kind of kinds.length > 0 ? kinds : ["healthy"]) console.log(await measure(kind, counts, words));
} else {
  await serve(workerData);
}
