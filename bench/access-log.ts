/**
 * How fast access logs are read, and in how much memory.
 *
 *   node bench/access-log.ts                         the table: several sizes, notations and a hostile log
 *   node bench/access-log.ts run ndjson shop 256     one run: notation, traffic (shop | hostile), MiB
 *
 * The log is made while it is read, the same at every run, and never stored. MB/s are 10^6 bytes of log per second of
 * processor time (user and system, all threads, so compiling and garbage collection count) without the time to make it.
 * Every line of the table is a process of its own, held to a heap of 16 MiB so that rubbish not yet collected does not
 * pass for memory in use; the peak is its largest resident set. The last line is a Node that does nothing.
 */
import { execFileSync } from "node:child_process";
import { type AccessLogNotation, readAccessLog } from "../src/documents/logs/access-log.ts";
import { TrafficFolder } from "../src/documents/logs/traffic-folder.ts";

const CHUNK = 64 * 1024;
const MIB = 1024 * 1024;
const START_MS = Date.UTC(2026, 0, 10);

type Traffic = "shop" | "hostile";

interface Run {
  readonly notation: AccessLogNotation;
  readonly traffic: Traffic;
  readonly mib: number;
}

interface Measured {
  readonly rows: number;
  readonly bytes: number;
  readonly microseconds: number;
  readonly peakKib: number;
}

const TABLE: readonly Run[] = [
  ...[16, 64, 256, 1024].map((mib): Run => ({ notation: "ndjson", traffic: "shop", mib })),
  { notation: "ndjson", traffic: "hostile", mib: 256 },
  { notation: "ndjson", traffic: "hostile", mib: 1024 },
  { notation: "records", traffic: "shop", mib: 256 },
  { notation: "json-array", traffic: "shop", mib: 256 },
  { notation: "csv", traffic: "shop", mib: 256 },
];

/** Mulberry32: small, and the same everywhere. */
function randomNumbers(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

type Cells = Readonly<Record<string, string | number>>;

/** The cells that differ from row to row: 12 routes of 6 servers, 400 paths, one row in 50 fails. */
function varied(index: number, random: () => number, traffic: Traffic): Cells {
  const route = Math.floor(random() * 12);
  const server = `10.0.${route}.${4 + Math.floor(random() * 6)}:8080`;
  const failed = traffic === "hostile" || random() < 0.02;
  const path =
    traffic === "hostile"
      ? `/${index.toString(36)}/${random()}`
      : `/shop/items/${Math.floor(random() * 400)}`;
  return {
    time: new Date(START_MS + index * 3).toISOString().replace("Z", "0000+00:00"),
    route,
    path,
    host: traffic === "hostile" ? `${index.toString(36)}.example` : `shop-${route}.example`,
    instance: Math.floor(random() * 4),
    client: `203.0.113.${Math.floor(random() * 250)}`,
    status: failed ? 502 : 200,
    server: failed ? "" : server,
    serverStatus: failed ? "" : "200",
    latency: (0.005 + random() * random()).toFixed(3),
    error: failed ? "ERRORINFO_UPSTREAM_NO_LIVE" : "ERRORINFO_NO_ERROR",
    id: Math.floor(random() * 2 ** 32)
      .toString(16)
      .padStart(32, "0"),
  };
}

const RESOURCE =
  "/SUBSCRIPTIONS/00000000-0000-0000-0000-000000000001/RESOURCEGROUPS/SHOP-PRODUCTION/PROVIDERS/MICROSOFT.NETWORK/APPLICATIONGATEWAYS/SHOP-GATEWAY";
const AGENT =
  "Mozilla\\/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit\\/537.36 (KHTML, like Gecko) Chrome\\/126.0.0.0 Safari\\/537.36";

function jsonRow(c: Cells): string {
  const path = String(c.path).replaceAll("/", "\\/");
  return `{"timeStamp": "${c.time}","resourceId": "${RESOURCE}","listenerName": "listener-${c.route}","ruleName": "rule-${c.route}","backendPoolName": "pool-${c.route}","backendSettingName": "setting-${c.route}","operationName": "ApplicationGatewayAccess","category": "ApplicationGatewayAccessLog","properties": {"instanceId": "appgw_${c.instance}","clientIP": "${c.client}","clientPort": 45057,"httpMethod": "GET","originalRequestUriWithArgs": "${path}?page=2&sort=price","requestUri": "${path}","requestQuery": "page=2&sort=price","userAgent": "${AGENT}","httpStatus": ${c.status},"httpVersion": "HTTP\\/1.1","receivedBytes": 184,"sentBytes": 46612,"clientResponseTime": 0,"timeTaken": ${c.latency},"WAFEvaluationTime": "0.000","WAFMode": "Detection","transactionId": "${c.id}","sslEnabled": "on","sslCipher": "ECDHE-RSA-AES256-GCM-SHA384","sslProtocol": "TLSv1.2","sslClientVerify": "NONE","sslClientCertificateFingerprint": "","sslClientCertificateIssuerName": "","serverRouted": "${c.server}","serverStatus": "${c.serverStatus}","serverResponseLatency": "${c.latency}","originalHost": "${c.host}","host": "${c.host}","error_info": "${c.error}"}}`;
}

const CSV_HEADER =
  "TimeGenerated [UTC],OperationName,InstanceId,ClientIp,ClientPort,HttpMethod,OriginalRequestUriWithArgs,RequestUri,RequestQuery,UserAgent,HttpStatus,TimeTaken,TransactionId,SslCipher,ServerRouted,ServerStatus,ServerResponseLatency,OriginalHost,Host,ErrorInfo,ListenerName,RuleName,BackendPoolName,BackendSettingName,_ResourceId,Type\n";

function csvRow(c: Cells): string {
  return `${c.time},ApplicationGatewayAccess,appgw_${c.instance},${c.client},45057,GET,${c.path}?page=2&sort=price,${c.path},page=2&sort=price,"${AGENT}",${c.status},${c.latency},${c.id},ECDHE-RSA-AES256-GCM-SHA384,${c.server},${c.serverStatus},${c.latency},${c.host},${c.host},${c.error},listener-${c.route},rule-${c.route},pool-${c.route},setting-${c.route},${RESOURCE.toLowerCase()},AGWAccessLogs\n`;
}

const FRAMES: Readonly<Record<AccessLogNotation, readonly [open: string, between: string, close: string]>> = {
  ndjson: ["", "\n", "\n"],
  records: ['{"records": [', ",", "]}\n"],
  "json-array": ["[\n", ",\n", "\n]\n"],
  csv: [CSV_HEADER, "", ""],
};

class Maker {
  bytes = 0;
  microseconds = 0;

  async *chunks({ notation, traffic, mib }: Run): AsyncGenerator<Uint8Array> {
    const random = randomNumbers(502);
    const [open, between, close] = FRAMES[notation];
    let text = open;
    let index = 0;
    while (this.bytes < mib * MIB) {
      const began = process.cpuUsage();
      while (text.length < CHUNK) {
        if (index > 0) text += between;
        const cells = varied(index++, random, traffic);
        text += notation === "csv" ? csvRow(cells) : jsonRow(cells);
      }
      const last = this.bytes + text.length >= mib * MIB;
      const chunk = Buffer.from(last ? text + close : text);
      text = "";
      this.bytes += chunk.length;
      this.microseconds += spent(began);
      yield chunk;
    }
  }
}

function spent(since: NodeJS.CpuUsage): number {
  const { user, system } = process.cpuUsage(since);
  return user + system;
}

async function measure(run: Run): Promise<Measured> {
  const maker = new Maker();
  const folder = new TrafficFolder();
  const began = process.cpuUsage();
  const { rows } = await readAccessLog("bench", run.notation, maker.chunks(run), folder);
  folder.result();
  const microseconds = spent(began) - maker.microseconds;
  return { rows, bytes: maker.bytes, microseconds, peakKib: process.resourceUsage().maxRSS };
}

const HEAP = ["--max-old-space-size=16", "--max-semi-space-size=1"];

function printTable(): void {
  console.log("notation    traffic     MiB       rows   MB/s   µs/row   peak MiB");
  for (const { notation, traffic, mib } of TABLE) {
    const script = process.argv[1] as string;
    const printed = execFileSync(process.execPath, [...HEAP, script, "run", notation, traffic, String(mib)]);
    const { rows, bytes, microseconds, peakKib } = JSON.parse(printed.toString()) as Measured;
    console.log(
      [
        notation.padEnd(11),
        traffic.padEnd(7),
        String(mib).padStart(7),
        String(rows).padStart(10),
        (bytes / microseconds).toFixed(0).padStart(6),
        (microseconds / rows).toFixed(2).padStart(8),
        (peakKib / 1024).toFixed(0).padStart(10),
      ].join(" "),
    );
  }
  const empty = execFileSync(process.execPath, [...HEAP, "-p", "process.resourceUsage().maxRSS"]);
  console.log(`an empty Node ${(Number(empty) / 1024).toFixed(0).padStart(53)}`);
}

const [command, notation, traffic, mib] = process.argv.slice(2);
if (command === "run") {
  const run = { notation, traffic, mib: Number(mib) } as Run;
  console.log(JSON.stringify(await measure(run)));
} else printTable();
