import { writeFileSync } from "node:fs";
import { connect } from "node:net";
import { join } from "node:path";
import { expect, test } from "vitest";
import { freePort } from "../gateway/exchange/scene.ts";
import { Caller, echo, Servers } from "../gateway/layer4/scene.ts";
import { folderWith, runCli } from "./run-cli.ts";
import { Running } from "./running.ts";

const configuration = (port: number) => `
gateway:
  name: contoso-data
  listeners:
    orders: { protocol: Tcp, port: 5432 }
  pools:
    orders: [127.41.3.1]
  settings:
    orders: { protocol: Tcp, port: ${port}, timeout: 20, probe: { interval: 1, timeout: 1, unhealthyThreshold: 20 } }
`;

test("layer 4 is probed, served, logged and explained", async () => {
  const servers = await Servers.of({ "127.41.3.1": echo });
  await using _ = servers;
  const folder = folderWith({ "gateway.yaml": configuration(servers.port) });
  const port = await freePort();
  const run = new Running([
    join(folder.path, "gateway.yaml"),
    ...["--listen", `5432=${port}`, "--admin", "127.0.0.1:0"],
  ]);
  try {
    await run.said(/ready/);
    expect(run.stderr).toContain(`is served at tcp://127.0.0.1:${port} for any host`);
    expect(run.stderr).toMatch(/1 of 1 servers are healthy/);
    using well = Caller.to(port);
    well.socket.end("select 1");
    expect(await well.closed()).toBe("select 1");

    await servers[Symbol.asyncDispose]();
    using failed = new Caller(connect(port, "127.0.0.1"));
    await failed.closed();
    const rows = (await rowsOf(run, 2)).map((line) => JSON.parse(line) as Row);
    expect(rows).toMatchObject([
      {
        category: "ApplicationGatewayAccessLog",
        listenerName: "orders",
        backendPoolName: "orders",
        properties: { protocol: "TCP", receivedBytes: 8, sentBytes: 8, serverStatus: "200" },
        causeway: { ending: "--", route: "orders/orders" },
      },
      {
        properties: { serverStatus: "502", serverRouted: `127.41.3.1:${servers.port}` },
        causeway: { ending: "SC", cause: "tcp-refused" },
      },
    ]);
    const admin = /the admin port is (\S+)/.exec(run.stderr)?.[1] ?? "";
    const explained = await (
      await fetch(`http://${admin}/explain/${rows[1]?.causeway.transactionId}`)
    ).json();
    expect(explained).toMatchObject({
      record: { ending: "SC", cause: "tcp-refused", layer4: { upstreamReceivedBytes: 0 } },
      diagnosis: {
        routes: [{ id: "orders/orders", outcome: "fails" }],
        findings: [{ cause: "tcp-refused" }],
      },
    });
    const metrics = await (await fetch(`http://${admin}/metrics`)).text();
    expect(metrics).toContain('azure_connection_lifetime_count{listener="orders"} 2');
    expect(metrics).toContain('causeway_failures{cause="tcp-refused",route="orders/orders"} 1');
    expect(metrics).not.toMatch(/azure_total_requests\{/);
  } finally {
    await run.end();
    folder[Symbol.dispose]();
  }
});

interface Row {
  readonly causeway: { readonly transactionId: string };
}

/** Rows are written together, some time after what they tell of. */
async function rowsOf(run: Running, count: number): Promise<string[]> {
  for (;;) {
    const rows = run.stdout.trimEnd().split("\n");
    if (run.stdout !== "" && rows.length >= count) return rows;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

test("the short notation of layer 4 becomes the resource's, and that the short one again", async () => {
  using folder = folderWith({ "gateway.yaml": configuration(5432) });
  const there = await runCli(["convert", join(folder.path, "gateway.yaml")]);
  expect(there.stderr).toBe("");
  expect(JSON.parse(there.stdout)).toMatchObject({
    listeners: [{ name: "orders", protocol: "Tcp" }],
    routingRules: [{ name: "orders" }],
    backendSettingsCollection: [{ name: "orders", protocol: "Tcp", timeout: 20 }],
    probes: [{ protocol: "Tcp" }],
  });
  writeFileSync(join(folder.path, "resource.json"), there.stdout);
  const back = await runCli(["convert", join(folder.path, "resource.json")]);
  writeFileSync(join(folder.path, "again.yaml"), back.stdout);
  const again = await runCli(["convert", join(folder.path, "again.yaml")]);
  expect(JSON.parse(again.stdout)).toEqual(JSON.parse(there.stdout));
});
