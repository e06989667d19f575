/**
 * A gateway at the service limits (gateway-resource.md §6), diagnosed from documents; and the curve below it.
 *
 *   node bench/limits.ts            the table
 *   node bench/limits.ts 100 1200 1000   one size: pools, servers a pool, rules an NSG
 *
 * Every size runs in a process of its own, so that the memory is its own; medians of five.
 */
import { execFileSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { diagnose } from "../src/diagnosis/diagnose.ts";
import type { DocumentInput } from "../src/documents/document-set.ts";
import { readDocuments } from "../src/documents/read-documents.ts";
import { TrustStore } from "../src/health/certificates/trust-store.ts";
import { defaultSwitches } from "../src/health/switches.ts";
import { buildModel } from "../src/model/build.ts";

interface Size {
  readonly pools: number;
  readonly servers: number;
  readonly rules: number;
}

interface Measured extends Size {
  readonly readMs: number;
  readonly buildMs: number;
  readonly diagnoseMs: number;
  readonly peakMiB: number;
  readonly roots: number;
}

const subscription = "/subscriptions/s/resourceGroups/rg/providers";
const networkId = (kind: string, name: string): string => `${subscription}/Microsoft.Network/${kind}/${name}`;
const gatewayId = networkId("applicationGateways", "gw");
const groupCount = 10;

/** Ten pools to a subnet 10.16.0.0/16, 10.17.0.0/16 …, past the addresses Azure keeps for itself. */
function addressOf(pool: number, server: number, servers: number): string {
  const index = (pool % 10) * servers + server + 256;
  return `10.${16 + Math.floor(pool / 10)}.${index >> 8}.${index & 255}`;
}

function gatewayDocument({ pools, servers }: Size): object {
  const reference = (collection: string, name: string) => ({ id: `${gatewayId}/${collection}/${name}` });
  const range = (count: number) => Array.from({ length: count }, (_, index) => index);
  return {
    id: gatewayId,
    name: "gw",
    type: "Microsoft.Network/applicationGateways",
    sku: { name: "Standard_v2", tier: "Standard_v2", capacity: 125 },
    operationalState: "Running",
    provisioningState: "Succeeded",
    gatewayIPConfigurations: [
      { name: "ip", subnet: { id: `${networkId("virtualNetworks", "v")}/subnets/gateway` } },
    ],
    frontendIPConfigurations: [{ name: "f", publicIPAddress: { id: networkId("publicIPAddresses", "p") } }],
    frontendPorts: [{ name: "80", port: 80 }],
    backendAddressPools: range(pools).map((pool) => ({
      name: `p${pool}`,
      backendAddresses: range(servers).map((server) => ({ ipAddress: addressOf(pool, server, servers) })),
    })),
    backendHttpSettingsCollection: range(pools).map((pool) => ({
      name: `s${pool}`,
      port: 8000 + pool,
      protocol: "Http",
      requestTimeout: 20,
    })),
    httpListeners: range(2 * pools).map((listener) => ({
      name: `l${listener}`,
      protocol: "Http",
      hostName: `h${listener}.example`,
      frontendIPConfiguration: reference("frontendIPConfigurations", "f"),
      frontendPort: reference("frontendPorts", "80"),
    })),
    requestRoutingRules: range(4 * pools).map((rule) => ({
      name: `r${rule}`,
      ruleType: "Basic",
      priority: rule + 1,
      httpListener: reference("httpListeners", `l${rule % (2 * pools)}`),
      backendAddressPool: reference("backendAddressPools", `p${rule % pools}`),
      backendHttpSettings: reference("backendHttpSettingsCollection", `s${rule % pools}`),
    })),
  };
}

function networkDocuments({ rules }: Size): object[] {
  const subnets = Array.from({ length: groupCount }, (_, index) => ({
    name: `app${index}`,
    id: `${networkId("virtualNetworks", "v")}/subnets/app${index}`,
    addressPrefix: `10.${16 + index}.0.0/16`,
    networkSecurityGroup: { id: networkId("networkSecurityGroups", `n${index}`) },
    routeTable: { id: networkId("routeTables", "t") },
  }));
  const network = {
    id: networkId("virtualNetworks", "v"),
    name: "v",
    type: "Microsoft.Network/virtualNetworks",
    addressSpace: { addressPrefixes: ["10.0.0.0/8"] },
    subnets: [
      {
        name: "gateway",
        id: `${networkId("virtualNetworks", "v")}/subnets/gateway`,
        addressPrefix: "10.0.0.0/24",
        routeTable: { id: networkId("routeTables", "t") },
      },
      ...subnets,
    ],
  };
  const groups = subnets.map((_, index) => ({
    id: networkId("networkSecurityGroups", `n${index}`),
    name: `n${index}`,
    type: "Microsoft.Network/networkSecurityGroups",
    securityRules: Array.from({ length: rules }, (_, rule) => securityRule(index, rule)),
  }));
  const table = {
    id: networkId("routeTables", "t"),
    name: "t",
    type: "Microsoft.Network/routeTables",
    disableBgpRoutePropagation: true,
    routes: Array.from({ length: 400 }, (_, route) => ({
      name: `r${route}`,
      addressPrefix: `172.${16 + (route >> 8)}.${route & 255}.0/24`,
      nextHopType: "VirtualAppliance",
      nextHopIpAddress: "10.0.9.4",
    })),
  };
  return [network, table, ...groups];
}

/** Rules that match some servers and not others: every third denies a range of the first network that no port reaches. */
function securityRule(group: number, rule: number): object {
  const denies = rule % 3 === 0;
  return {
    name: `rule${rule}`,
    priority: 100 + rule,
    direction: "Inbound",
    access: denies ? "Deny" : "Allow",
    protocol: "Tcp",
    sourceAddressPrefix: rule % 2 === 0 ? "10.0.0.0/24" : `10.${rule % 200}.0.0/16`,
    sourcePortRange: "*",
    destinationAddressPrefix: `10.${16 + group}.${rule % 256}.0/${24 - (rule % 4)}`,
    destinationPortRange: denies ? "1-7999" : "8000-9000",
  };
}

async function measure(size: Size): Promise<Measured> {
  const input: DocumentInput = {
    name: "limits.json",
    open: async function* () {
      yield Buffer.from(JSON.stringify([gatewayDocument(size), ...networkDocuments(size)]));
    },
  };
  const started = performance.now();
  const set = await readDocuments([input]);
  const read = performance.now();
  const configuration = { records: set.records, listedTypes: set.listedTypes };
  const model = buildModel(configuration);
  const built = performance.now();
  const [gateway] = model.gateways;
  if (gateway === undefined) throw new Error("the gateway was not read");
  const { observations } = set;
  const kase = {
    configuration,
    model,
    observations,
    switches: defaultSwitches,
    wellKnownRoots: () => new TrustStore([]),
    nowMs: 0,
  };
  const { findings } = diagnose(kase, gateway);
  const done = performance.now();
  return {
    ...size,
    readMs: read - started,
    buildMs: built - read,
    diagnoseMs: done - built,
    peakMiB: process.resourceUsage().maxRSS / 1024,
    roots: findings.filter(({ role }) => role === "root").length,
  };
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[sorted.length >> 1] ?? Number.NaN;
}

function table(): void {
  const sizes: Size[] = [
    { pools: 100, servers: 150, rules: 1000 },
    { pools: 100, servers: 300, rules: 1000 },
    { pools: 100, servers: 600, rules: 1000 },
    { pools: 100, servers: 1200, rules: 250 },
    { pools: 100, servers: 1200, rules: 500 },
    { pools: 100, servers: 1200, rules: 1000 },
  ];
  console.log("| servers | rules an NSG | read ms | build ms | diagnose ms | together ms | peak MiB |");
  console.log("|---:|---:|---:|---:|---:|---:|---:|");
  for (const size of sizes) {
    const runs = Array.from({ length: 5 }, () => {
      const args = [fileURLToPath(import.meta.url), size.pools, size.servers, size.rules].map(String);
      return JSON.parse(execFileSync(process.execPath, args, { encoding: "utf8" })) as Measured;
    });
    const of = (pick: (run: Measured) => number): string => median(runs.map(pick)).toFixed(0);
    console.log(
      `| ${size.pools * size.servers} | ${size.rules} | ${of((r) => r.readMs)} | ${of((r) => r.buildMs)} | ${of(
        (r) => r.diagnoseMs,
      )} | ${of((r) => r.readMs + r.buildMs + r.diagnoseMs)} | ${of((r) => r.peakMiB)} |`,
    );
  }
}

const [pools, servers, rules] = process.argv.slice(2).map(Number);
if (pools === undefined || servers === undefined || rules === undefined) table();
else console.log(JSON.stringify(await measure({ pools, servers, rules })));
