import type { Diagnosis } from "../../src/diagnosis/diagnose.ts";
import { facetsOf } from "../../src/diagnosis/facets/build.ts";
import type { Evidence, Finding, Fix } from "../../src/diagnosis/finding.ts";
import type { Check } from "../../src/diagnosis/judge.ts";
import { verdictOf } from "../../src/diagnosis/verdict.ts";
import { TrustStore } from "../../src/health/certificates/trust-store.ts";
import { defaultSwitches } from "../../src/health/switches.ts";
import { buildModel } from "../../src/model/build.ts";
import type { ResourceRecord } from "../../src/model/resource.ts";
import { Source } from "../../src/model/source.ts";
import type { ReportInput } from "../../src/report/report-input.ts";

/** Diagnoses put together by hand, so that what renderers are tested with does not move with the causes. */

const group = "/subscriptions/s1/resourceGroups/rg-shop/providers/Microsoft.Network";
export const gatewayId = `${group}/applicationGateways/agw-shop`;
const vnetId = `${group}/virtualNetworks/vnet-shop`;
const nsgId = `${group}/networkSecurityGroups/nsg-orders`;

const part = (collection: string, name: string) => ({ id: `${gatewayId}/${collection}/${name}` });

export interface Names {
  readonly gateway?: string;
  readonly rule?: string;
  readonly summary?: string;
  readonly message?: string;
  readonly document?: string;
}

export function gatewayDocument(routes: readonly string[], names: Names = {}) {
  return {
    id: gatewayId,
    name: names.gateway ?? "agw-shop",
    type: "Microsoft.Network/applicationGateways",
    sku: { name: "Standard_v2", tier: "Standard_v2", capacity: 2 },
    operationalState: "Running",
    gatewayIPConfigurations: [{ name: "ipc", subnet: { id: `${vnetId}/subnets/snet-gateway` } }],
    frontendIPConfigurations: [
      {
        name: "public",
        ...part("frontendIPConfigurations", "public"),
        publicIPAddress: { id: `${group}/publicIPAddresses/pip` },
      },
    ],
    frontendPorts: [{ name: "https", ...part("frontendPorts", "https"), port: 80 }],
    httpListeners: [
      {
        name: "shop",
        ...part("httpListeners", "shop"),
        protocol: "Http",
        frontendIPConfiguration: part("frontendIPConfigurations", "public"),
        frontendPort: part("frontendPorts", "https"),
      },
    ],
    backendAddressPools: [
      {
        name: "pool-orders",
        ...part("backendAddressPools", "pool-orders"),
        backendAddresses: [{ ipAddress: "10.0.2.4" }, { ipAddress: "10.0.2.5" }],
      },
      {
        name: "pool-web",
        ...part("backendAddressPools", "pool-web"),
        backendAddresses: [{ ipAddress: "10.0.3.4" }],
      },
    ],
    backendHttpSettingsCollection: [
      {
        name: "set-orders",
        ...part("backendHttpSettingsCollection", "set-orders"),
        port: 8080,
        protocol: "Http",
        requestTimeout: 20,
      },
      {
        name: "set-web",
        ...part("backendHttpSettingsCollection", "set-web"),
        port: 80,
        protocol: "Http",
        requestTimeout: 20,
      },
    ],
    requestRoutingRules: routes.map((name, index) => ({
      name,
      ...part("requestRoutingRules", name),
      ruleType: "Basic",
      priority: index + 1,
      httpListener: part("httpListeners", "shop"),
      backendAddressPool: part("backendAddressPools", name.startsWith("web") ? "pool-web" : "pool-orders"),
      backendHttpSettings: part(
        "backendHttpSettingsCollection",
        name.startsWith("web") ? "set-web" : "set-orders",
      ),
    })),
  };
}

export const vnetDocument = {
  id: vnetId,
  name: "vnet-shop",
  addressSpace: { addressPrefixes: ["10.0.0.0/16"] },
  subnets: [
    { id: `${vnetId}/subnets/snet-gateway`, name: "snet-gateway", addressPrefix: "10.0.0.0/24" },
    {
      id: `${vnetId}/subnets/snet-orders`,
      name: "snet-orders",
      addressPrefix: "10.0.2.0/24",
      networkSecurityGroup: { id: nsgId },
    },
    { id: `${vnetId}/subnets/snet-web`, name: "snet-web", addressPrefix: "10.0.3.0/24" },
  ],
};

export const nsgDocument = {
  id: nsgId,
  name: "nsg-orders",
  securityRules: [
    {
      name: "deny-all",
      priority: 200,
      direction: "Inbound",
      access: "Deny",
      protocol: "*",
      sourceAddressPrefix: "*",
      sourcePortRange: "*",
      destinationAddressPrefix: "*",
      destinationPortRange: "*",
    },
  ],
};

function record(document: string, type: string, value: { readonly id: string }): ResourceRecord {
  return { id: value.id, type, source: new Source(document, "", value) };
}

/** A gateway one of whose pools a security group closes, with a symptom, a risk and an undecided check. */
export function brokenShop(routes: readonly string[] = ["orders", "web"], names: Names = {}): ReportInput {
  const file = names.document ?? "exports/nsg.json";
  const records = [
    record("exports/gateway.json", "microsoft.network/applicationgateways", gatewayDocument(routes, names)),
    record("exports/vnet.json", "microsoft.network/virtualnetworks", vnetDocument),
    record(file, "microsoft.network/networksecuritygroups", nsgDocument),
  ];
  const configuration = { records, listedTypes: new Set<string>() };
  const model = buildModel(configuration);
  const [gateway] = model.gateways;
  if (gateway === undefined) throw new Error("no gateway");
  const facets = facetsOf(
    {
      configuration,
      model,
      observations: { healthReports: [], traffic: undefined, activities: [], live: [] },
      switches: defaultSwitches,
      wellKnownRoots: () => new TrustStore([]),
      nowMs: Date.UTC(2026, 5, 1),
    },
    gateway,
  );
  const servers = facets.wiring.pairs
    .filter(({ pool }) => pool.name === "pool-orders")
    .flatMap((pair) => pair.servers);
  const findings = findingsOn(servers, file, names);
  const roots = findings.filter(({ role }) => role === "root");
  const diagnosis: Diagnosis = {
    gateway,
    facets,
    findings,
    routes: verdictOf(facets, roots),
    checks,
    undecided: [],
    crashes: [],
  };
  const documents = [
    { path: "exports/gateway.json", kind: "application gateway", used: true, note: "1 application gateway" },
    { path: "exports/vnet.json", kind: "virtual network", used: true, note: "1 virtual network" },
    { path: file, kind: "network security group", used: true, note: "1 network security group" },
    {
      path: "exports/main.tfstate",
      kind: "Terraform state",
      used: false,
      note: "holds the provider's own copy",
    },
  ];
  return { diagnoses: [diagnosis], documents, records, sent: [] };
}

/** The same shop after the repair. */
export function healthyShop(): ReportInput {
  const input = brokenShop();
  const [diagnosis] = input.diagnoses;
  if (diagnosis === undefined) throw new Error("no diagnosis");
  const routes = diagnosis.routes.map((verdict) => ({
    ...verdict,
    outcome: "ok" as const,
    status: null,
    causedBy: [],
    servers: verdict.servers.map(({ server }) => ({ server, outcome: "ok" as const, causedBy: [] })),
  }));
  const ruledOut: Check[] = [{ cause: "nsg-backend-subnet-in", status: "ruled-out", needs: [] }];
  return { ...input, diagnoses: [{ ...diagnosis, findings: [], routes, checks: ruledOut }] };
}

const checks: readonly Check[] = [
  { cause: "pool-empty", status: "ruled-out", needs: [] },
  { cause: "nsg-backend-subnet-in", status: "found", needs: [] },
  {
    cause: "nsg-backend-nic-in",
    status: "undecided",
    needs: [
      {
        what: "which rules apply at the network interface of 10.0.2.4",
        command: "az network nic list > nics.json",
      },
    ],
  },
  {
    cause: "timeout-v2",
    status: "undecided",
    needs: [
      {
        what: "how long answers took",
        command: "az monitor log-analytics query --workspace <workspace-id> > log.json",
      },
    ],
  },
];

function findingsOn(servers: Finding["affects"]["servers"] & object, file: string, names: Names): Finding[] {
  const place = { document: file, pointer: "/securityRules/0" };
  const said = (says: string): Evidence => ({ says, ...place });
  const group: Finding["subjects"][number] = {
    kind: "networkSecurityGroup",
    name: "nsg-orders",
    resourceId: nsgId,
    ...place,
  };
  const base = {
    status: 502,
    affects: { servers },
    explains: [],
    azureMessage: null,
    experiments: [],
    fix: undefined,
  } as const;
  return [
    {
      ...base,
      id: "nsg-backend-subnet-in:nsg-orders/deny-all",
      cause: "nsg-backend-subnet-in",
      layer: "nsg",
      role: "root",
      certainty: "proven",
      effect: "stops",
      summary:
        names.summary ??
        "NSG nsg-orders on the backend subnet denies by rule deny-all (priority 200) what the gateway sends to 10.0.2.4 and 10.0.2.5 on port 8080",
      subjects: [group],
      evidence: [said("rule deny-all (priority 200) denies tcp 10.0.0.0/24 to 10.0.2.0/24:8080")],
      explains: ["tcp-refused:pool-orders"],
      azureMessage:
        names.message ??
        "Cannot connect to backend server. Check whether any NSG/UDR/Firewall is blocking access.",
      fix: allowRule,
    },
    {
      ...base,
      id: "tcp-refused:pool-orders",
      cause: "tcp-refused",
      layer: "tcp",
      role: "contributing",
      certainty: "possible",
      effect: "stops",
      summary: "10.0.2.4 and 10.0.2.5 accept no connection on port 8080",
      subjects: [group],
      evidence: [],
    },
    {
      ...base,
      id: "single-instance:agw-shop",
      cause: "single-instance",
      layer: "capacity",
      role: "risk",
      certainty: "likely",
      effect: "threatens",
      summary: "Gateway agw-shop has one instance only",
      subjects: [group],
      evidence: [{ says: "capacity is 1", document: "exports/gateway.json", pointer: "/sku/capacity" }],
    },
  ];
}

const allowRule: Fix = {
  summary:
    "Add rule allow-gateway (priority 199) to NSG nsg-orders: allow tcp from 10.0.0.0/24 on port 8080.",
  changes: [
    {
      action: "add",
      resourceId: nsgId,
      list: "securityRules",
      value: {
        name: "allow-gateway",
        priority: 199,
        direction: "Inbound",
        access: "Allow",
        protocol: "Tcp",
        sourceAddressPrefix: "10.0.0.0/24",
        sourcePortRange: "*",
        destinationAddressPrefix: "10.0.2.0/24",
        destinationPortRange: "8080",
      },
    },
  ],
  sideEffects: ["Opens port 8080 of 10.0.2.0/24 to 10.0.0.0/24; to nobody else."],
  verified: true,
  triedLive: false,
  reason: undefined,
};
