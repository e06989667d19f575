import { describe, expect, test } from "vitest";
import { folderWith, runCli } from "../cli/run-cli.ts";
import { gatewayOf } from "./support/gateway.ts";

const address = "10.1.0.4";
const port = 8080;

interface Attempt {
  readonly number: number;
  readonly connectedAfterMs?: number;
  readonly refused?: true;
  readonly port?: number;
  readonly server?: string;
}

/** One line of a recording: a probe that ran out of time, once it had a connection or before. */
function lineOf({
  number,
  connectedAfterMs,
  refused,
  port: asked = port,
  server = address,
}: Attempt): string {
  const timeoutMs = 5_000;
  const silent = connectedAfterMs === undefined;
  const http = {
    outcome: "timed-out-before-first-byte",
    bytesSent: 100,
    headers: [],
    interim: [],
    bodyBytes: 0,
    bodyComplete: false,
    extraBytes: 0,
    endedBy: "us",
    endedMs: timeoutMs,
    tookMs: timeoutMs - (connectedAfterMs ?? 0),
  };
  return JSON.stringify({
    startedAtMs: 1_780_000_000_000 + number,
    sent: {
      target: server,
      purpose: "probe",
      protocol: "Http",
      port: asked,
      method: "GET",
      path: "/health",
      host: "app.contoso.example",
      timeoutMs,
      clientFields: [],
      manner: {
        httpVersion: "HTTP/1.1",
        dripMs: 0,
        headBytes: 66 * 1024,
        proxyHeader: false,
        withoutKeepAlive: false,
        attempt: number,
      },
    },
    tcp: {
      address: server,
      port: asked,
      outcome: refused ? "refused" : silent ? "timed-out" : "connected",
      tookMs: refused ? 1 : (connectedAfterMs ?? timeoutMs),
      localAddress: "10.1.1.4",
    },
    ...(silent ? {} : { http }),
  });
}

const network = "/subscriptions/s1/resourceGroups/rg-live/providers/Microsoft.Network/virtualNetworks/vnet";

/** The gateway and the server in one virtual network without groups and tables. */
const openNetwork = {
  "vnet.json": {
    id: network,
    name: "vnet",
    type: "Microsoft.Network/virtualNetworks",
    addressSpace: { addressPrefixes: ["10.1.0.0/16"] },
    subnets: [
      { id: `${network}/subnets/gateway`, name: "gateway", addressPrefix: "10.1.1.0/24" },
      { id: `${network}/subnets/app`, name: "app", addressPrefix: "10.1.0.0/24" },
    ],
  },
  "nic.json": {
    id: network.replace("virtualNetworks/vnet", "networkInterfaces/nic"),
    name: "nic",
    type: "Microsoft.Network/networkInterfaces",
    ipConfigurations: [
      { name: "a", primary: true, privateIPAddress: address, subnet: { id: `${network}/subnets/app` } },
    ],
  },
};

async function rootsOf(
  attempts: readonly Attempt[],
  more: Readonly<Record<string, unknown>> = {},
  servers: readonly string[] = [address],
): Promise<readonly string[]> {
  const begin = {
    format: "causeway/observations/v1",
    tool: "causeway/0.1.0",
    startedAt: "2026-06-01T00:00:00.000Z",
    place: { host: "vm", fromAddress: null },
  };
  const lines = [JSON.stringify(begin), ...attempts.map(lineOf)];
  using folder = folderWith({
    "gateway.json": gatewayOf([{ name: "shop", servers, port }], {
      gatewayIPConfigurations: [{ name: "ip", subnet: { id: `${network}/subnets/gateway` } }],
    }),
    ...more,
    "seen.ndjson": `${lines.join("\n")}\n`,
  });
  const { stdout, stderr } = await runCli(["diagnose", folder.path, "--format", "json"]);
  if (stdout === "") throw new Error(stderr);
  const findings: readonly { readonly cause: string; readonly role: string }[] = JSON.parse(stdout).findings;
  return findings.filter(({ role }) => role === "root").map(({ cause }) => cause);
}

const late = (number: number) => ({ number, connectedAfterMs: 1_003 });
const prompt = (number: number) => ({ number, connectedAfterMs: 2 });
const silent = (number: number) => ({ number });

describe("connections that were recorded elsewhere", () => {
  test("none comes about without a repeated packet: timeout-network", async () => {
    expect(await rootsOf([late(0), late(1), late(2)])).toContain("timeout-network");
    expect(await rootsOf([late(0), silent(1), late(2)])).toContain("timeout-network");
  });

  test("servers that are reached alike tell it together", async () => {
    const server = "10.1.0.5";
    const other = [late(0), late(1)].map((attempt) => ({ ...attempt, server }));
    const both = [address, server];
    expect(await rootsOf([late(0), late(1), ...other], {}, both)).toContain("timeout-network");
    expect(await rootsOf([late(0), prompt(1), ...other], {}, both)).not.toContain("timeout-network");
  });

  test("too few, or one that comes about at once: not timeout-network", async () => {
    expect(await rootsOf([late(0), late(1)])).not.toContain("timeout-network");
    expect(await rootsOf([late(0), late(1), prompt(2)])).not.toContain("timeout-network");
    expect(await rootsOf([silent(0), silent(1), silent(2)])).not.toContain("timeout-network");
  });

  test("some wait and some do not: backend-accept-full", async () => {
    expect(await rootsOf([silent(0), prompt(1)])).toContain("backend-accept-full");
    expect(await rootsOf([silent(0), late(1), prompt(2)])).toContain("backend-accept-full");
  });

  test("one lost packet, nothing but silence, or a way that is slow for other ports too: not backend-accept-full", async () => {
    expect(await rootsOf([late(0), prompt(1)])).not.toContain("backend-accept-full");
    expect(await rootsOf([silent(0), silent(1)])).not.toContain("backend-accept-full");
    const elsewhere = { ...late(3), port: 9090 };
    expect(await rootsOf([silent(0), prompt(1), elsewhere])).not.toContain("backend-accept-full");
  });

  test("silence without any word of the network between: neither host-firewall nor tcp-refused", async () => {
    const roots = await rootsOf([silent(0), silent(1), { number: 0, port: 443, refused: true }]);
    expect(roots).not.toContain("host-firewall");
    expect(roots).not.toContain("tcp-refused");
  });

  test("silence at every port with the network open: the machine hangs, or drops everything; possible, no more", async () => {
    const everywhere = [silent(0), silent(1), { number: 2, port: 22 }, { number: 3, port: 443 }];
    expect(await rootsOf(everywhere)).not.toContain("backend-down");
    expect(await rootsOf(everywhere, openNetwork)).toEqual(["backend-down"]);
    const answers = [...everywhere, { number: 4, port: 80, refused: true as const }];
    expect(await rootsOf(answers, openNetwork)).not.toContain("backend-down");
    expect(await rootsOf([silent(0), silent(1)], openNetwork)).not.toContain("backend-down");
  });
});
