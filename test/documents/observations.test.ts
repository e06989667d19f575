import { gzipSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import { idOf, pascalCased, read, readOne } from "./support.ts";

const gateway = idOf("Microsoft.Network/applicationGateways", "g");
const health = {
  backendAddressPools: [
    {
      backendAddressPool: { id: `${gateway}/backendAddressPools/p`, resourceGroup: "rg" },
      backendHttpSettingsCollection: [
        {
          backendHttpSettings: { id: `${gateway}/backendHttpSettingsCollection/s` },
          servers: [
            {
              address: "10.0.0.4",
              health: "Unhealthy",
              healthProbeLog: "Cannot connect",
              ipConfiguration: null,
            },
            { address: "10.0.0.5", health: "Up" },
            { address: "10.0.0.6", health: "Partial" },
            { address: "10.0.0.7", health: "something new" },
          ],
        },
        { backendHttpSettings: { id: `${gateway}/backendHttpSettingsCollection/empty` }, servers: [] },
      ],
    },
  ],
};

describe("backend health", () => {
  it.each([
    ["Azure CLI", health],
    ["REST", { value: [health] }],
    ["PowerShell", pascalCased(health)],
    [
      "PowerShell cut off, with its text",
      {
        BackendAddressPools: [
          "Microsoft.Azure.Commands.Network.Models.PSApplicationGatewayBackendHealthPool",
        ],
        BackendAddressPoolsText: JSON.stringify(pascalCased(health.backendAddressPools)),
      },
    ],
  ])("%s", async (_name, content) => {
    const { observations, documents } = await readOne(content);
    expect(documents).toMatchObject([{ kind: "backend health report", used: true }]);
    const [report] = observations.healthReports;
    expect(report?.gatewayId).toBe(gateway);
    expect(report?.pairs.map(({ servers }) => servers.length)).toEqual([4, 0]);
    expect(report?.pairs[0]?.servers.map((server) => [server.address, server.health, server.log])).toEqual([
      ["10.0.0.4", "unhealthy", "Cannot connect"],
      ["10.0.0.5", "healthy", ""],
      ["10.0.0.6", "partial", ""],
      ["10.0.0.7", "unknown", ""],
    ]);
  });

  it("on demand: one setting as an object", async () => {
    const pool = health.backendAddressPools[0];
    const { observations } = await readOne({
      backendAddressPool: pool?.backendAddressPool,
      backendHealthHttpSettings: pool?.backendHttpSettingsCollection[0],
    });
    expect(observations.healthReports[0]?.pairs).toMatchObject([
      { poolId: `${gateway}/backendAddressPools/p`, servers: { length: 4 } },
    ]);
  });

  it("an empty report is a report", async () => {
    const { observations } = await readOne({ backendAddressPools: [] });
    expect(observations.healthReports).toMatchObject([{ gatewayId: undefined, pairs: [] }]);
  });

  it("points at the server in the document", async () => {
    const { observations } = await readOne(health);
    expect(observations.healthReports[0]?.pairs[0]?.servers[1]?.source.pointer).toBe(
      "/backendAddressPools/0/backendHttpSettingsCollection/0/servers/1",
    );
  });
});

describe("activity log", () => {
  const row = {
    eventTimestamp: "2026-03-01T10:00:00.5Z",
    operationName: { value: "Microsoft.Network/virtualNetworks/write", localizedValue: "Create or Update" },
    resourceId: idOf("Microsoft.Network/virtualNetworks", "v"),
    status: { value: "Succeeded", localizedValue: "Succeeded" },
  };

  it("as `az monitor activity-log list` prints it", async () => {
    const { observations, documents } = await readOne([row, { ...row, resourceId: null }]);
    expect(observations.activities).toMatchObject([
      {
        timeMs: Date.parse("2026-03-01T10:00:00.5Z"),
        operation: "microsoft.network/virtualnetworks/write",
        resourceId: row.resourceId,
        status: "Succeeded",
      },
    ]);
    expect(documents[0]?.note).toBe(
      "read: 1 activity log entry; 1 activity log entry without time or resource left out",
    );
  });

  it("as a diagnostic setting stores it", async () => {
    const stored = {
      time: "2026-03-01T10:00:00Z",
      category: "Administrative",
      operationName: "MICROSOFT.NETWORK/APPLICATIONGATEWAYS/WRITE",
      resourceId: gateway.toUpperCase(),
      resultType: "Failure",
    };
    for (const content of [
      { records: [stored, stored] },
      `${JSON.stringify(stored)}\n${JSON.stringify(stored)}`,
    ]) {
      const { observations } = await readOne(content);
      expect(observations.activities).toMatchObject([
        { operation: "microsoft.network/applicationgateways/write", status: "Failed" },
        { status: "Failed" },
      ]);
    }
  });
});

describe("access logs", () => {
  const row = {
    timeStamp: "2026-03-01T10:00:00Z",
    category: "ApplicationGatewayAccessLog",
    operationName: "ApplicationGatewayAccess",
    resourceId: gateway.toUpperCase(),
    ruleName: "r",
    backendPoolName: "p",
    backendSettingName: "s",
    listenerName: "l",
    properties: {
      instanceId: "appgw_0",
      httpStatus: 502,
      requestUri: "/",
      serverRouted: "",
      clientIP: "203.0.113.9",
    },
  };
  const line = JSON.stringify(row);
  const flat = {
    TimeGenerated: "2026-03-01T10:00:00Z",
    httpStatus_d: "502",
    requestUri_s: "/",
    clientIP_s: "203.0.113.9",
  };
  const csv = `TimeGenerated [UTC],httpStatus_d,requestUri_s,clientIP_s\n"2026-03-01, 10:00:00","502","/","203.0.113.9"\n`;

  it.each([
    ["lines of a storage account", `${line}\n${line}\n`, 2],
    ["event hub", JSON.stringify({ records: [row, row, row] }), 3],
    ["event hub, pretty-printed", JSON.stringify({ records: [row] }, null, 2), 1],
    ["a list", JSON.stringify([row, row], null, 2), 2],
    ["rows of a Log Analytics query", JSON.stringify([flat]), 1],
    [
      "pretty-printed rows one after another",
      `${JSON.stringify(row, null, 2)}\n${JSON.stringify(row, null, 2)}`,
      2,
    ],
    ["a list in a page", JSON.stringify({ value: [row] }), 1],
    ["CSV", csv, 1],
    ["CSV with mark and Windows line ends", `\uFEFF${csv.replaceAll("\n", "\r\n")}`, 1],
    ["gzip", gzipSync(`${line}\n`), 1],
    ["UTF-16", Buffer.from(`\uFEFF${line}\r\n`, "utf16le"), 1],
    [
      "tables of a REST query",
      JSON.stringify({
        tables: [
          {
            name: "PrimaryResult",
            columns: Object.keys(flat).map((name) => ({ name, type: "string" })),
            rows: [Object.values(flat), Object.values(flat)],
          },
        ],
      }),
      2,
    ],
  ])("%s", async (_name, content, rows) => {
    const { observations, documents, failures } = await readOne(content);
    expect(failures).toEqual([]);
    expect(documents).toMatchObject([
      { kind: "access log", used: true, note: `read: ${rows} access log row${rows === 1 ? "" : "s"}` },
    ]);
    expect(observations.traffic?.rows).toBe(rows);
  });

  it("several logs are folded together", async () => {
    const { observations } = await read({ "a.json": `${line}\n`, "b.json": `${line}\n` });
    expect(observations.traffic).toMatchObject({ rows: 2, documents: ["a.json", "b.json"] });
  });

  it("no log is not an empty log", async () => {
    expect((await readOne(health)).observations.traffic).toBeUndefined();
  });

  it("the other logs of a gateway are left out with the reason", async () => {
    const firewall = { ...row, category: "ApplicationGatewayFirewallLog", properties: { ruleId: "920350" } };
    const { documents } = await readOne(`${JSON.stringify(firewall)}\n`);
    expect(documents).toMatchObject([{ kind: "firewall log", used: false }]);
    expect(documents[0]?.note).toContain("give the access log");
  });

  it("a log that is cut off is a failure, and its rows count", async () => {
    const { observations, failures } = await readOne(`{"records":[${line},{"category":`);
    expect(observations.traffic?.rows).toBe(1);
    expect(failures).toMatchObject([{ path: "one.json", expected: "a complete access log" }]);
  });
});
