import { describe, expect, test } from "vitest";
import { folderWith, runCli } from "../cli/run-cli.ts";
import { gatewayOf } from "./support/gateway.ts";
import { diagnoseLive } from "./support/live-case.ts";
import { plain, type RawAnswer, type RawRequest, rawServer } from "./support/raw-server.ts";

/** Servers that close connections before or while they answer. */
interface ClosingCase {
  readonly name: string;
  readonly answer: (request: RawRequest) => RawAnswer;
  readonly words?: readonly string[];
  readonly roots: readonly string[];
  readonly certainty?: "proven" | "likely" | "possible";
  readonly says?: RegExp;
  readonly helped?: string;
}

const health = (answer: (request: RawRequest) => RawAnswer) => (request: RawRequest) =>
  request.path === "/health" ? plain(200) : answer(request);

const half = "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf";

const cases: readonly ClosingCase[] = [
  {
    name: "in the middle of the answer, by a reset",
    answer: health(() => ({ bytes: half, ends: "reset" })),
    roots: ["http-reset-midway"],
    certainty: "proven",
    says: /closes the connection in the middle of the answer/,
  },
  {
    name: "in the middle of the answer, closed",
    answer: health(() => ({ bytes: half, ends: "close" })),
    roots: ["http-reset-midway"],
    certainty: "proven",
  },
  {
    name: "at times",
    answer: health(({ before }) => (before === 0 ? { ends: "reset" } : plain(200))),
    roots: ["http-reset-midway"],
    certainty: "proven",
    says: /at times before it has answered/,
    helped: "moment of asking",
  },
  {
    name: "at times, the probe",
    answer: ({ path, before }) => (path === "/health" && before === 0 ? { ends: "close" } : plain(200)),
    roots: ["http-reset-midway"],
    certainty: "proven",
    helped: "moment of asking",
  },
  {
    // Nobody can tell it from a server that wants something else and does not say what.
    name: "every time",
    answer: health(() => ({ ends: "reset" })),
    roots: ["http-reset-midway"],
    certainty: "likely",
    says: /every time before it has answered/,
  },
  {
    name: "once, and nothing is tried",
    answer: health(() => ({ ends: "reset" })),
    words: ["--experiments", "off"],
    roots: ["http-reset-midway"],
    certainty: "possible",
  },
  {
    name: "not: after a whole answer",
    answer: health(() => ({ ...plain(200), ends: "close" })),
    roots: [],
  },
  {
    name: "not: another path of the server crashes, which nobody asks for",
    answer: ({ path }) => (path === "/crash" ? { ends: "reset" } : plain(200)),
    roots: [],
  },
];

const gateway = ({ address, port }: { readonly address: string; readonly port: number }) =>
  gatewayOf([{ name: "shop", servers: [address], port }]);

describe("servers that close connections", () => {
  test.concurrent.each(cases)("$name", async ({ answer, words = [], ...wanted }) => {
    await using server = await rawServer(answer);
    const url = "http://shop.contoso.example/cart";
    const seen = await diagnoseLive({ "gateway.json": gateway(server) }, ["--url", url, ...words]);
    expect(seen.roots).toEqual(wanted.roots);
    const first = seen.findings.find(({ role }) => role === "root");
    if (wanted.certainty !== undefined) expect(first?.certainty).toBe(wanted.certainty);
    if (wanted.says !== undefined) expect(first?.summary).toMatch(wanted.says);
    if (wanted.helped !== undefined) {
      expect(first?.experiments.find(({ helped }) => helped)?.changed).toBe(wanted.helped);
    }
  });
});

/** An access log: requests every second, and after every pause of `pauseS` one that finds the connection closed. */
function logOf(server: { readonly address: string; readonly port: number }, pauseS: number): string {
  const rows: string[] = [];
  let atS = Date.UTC(2026, 4, 28, 8) / 1000;
  const add = (status: number): void => {
    const closed = status === 502;
    rows.push(
      JSON.stringify({
        timeStamp: new Date(atS * 1000).toISOString(),
        resourceId:
          "/SUBSCRIPTIONS/S1/RESOURCEGROUPS/RG-LIVE/PROVIDERS/MICROSOFT.NETWORK/APPLICATIONGATEWAYS/AGW-LIVE",
        listenerName: "shop",
        ruleName: "shop",
        backendPoolName: "pool-shop",
        backendSettingName: "set-shop",
        operationName: "ApplicationGatewayAccess",
        category: "ApplicationGatewayAccessLog",
        properties: {
          instanceId: "appgw_0",
          clientIP: "203.0.113.9",
          httpMethod: "GET",
          requestUri: "/cart",
          httpStatus: status,
          httpVersion: "HTTP/1.1",
          timeTaken: 0.01,
          serverRouted: `${server.address}:${server.port}`,
          serverStatus: closed ? "-" : "200",
          serverResponseLatency: "0.008",
          originalHost: "shop.contoso.example",
          host: "shop.contoso.example",
          error_info: closed ? "UPSTREAM_CLOSED_CONNECTION" : "ERRORINFO_NO_ERROR",
        },
      }),
    );
  };
  for (let round = 0; round < 8; round += 1) {
    for (let row = 0; row < 6; row += 1) {
      add(200);
      atS += 1;
    }
    atS += pauseS - 1;
    add(502);
    atS += 1;
  }
  return `${rows.join("\n")}\n`;
}

describe("connections that are closed when idle", () => {
  const diagnosed = async (answer: (request: RawRequest) => RawAnswer, pauseS: number | undefined) => {
    await using server = await rawServer(answer);
    const log = pauseS === undefined ? {} : { "access-log.ndjson": logOf(server, pauseS) };
    const documents = { "gateway.json": gateway(server), ...log };
    return await diagnoseLive(documents, ["--url", "http://shop.contoso.example/cart"]);
  };

  test.concurrent("after the pause that the log tells", async () => {
    const seen = await diagnosed(() => ({ ...plain(200), idleMs: 1900 }), 2);
    expect(seen.roots).toEqual(["keepalive-race"]);
    const { certainty, experiments, evidence } = seen.finding("keepalive-race");
    expect(certainty).toBe("proven");
    expect(experiments).toMatchObject([{ changed: "idle time", helped: true }]);
    expect(evidence.at(-1)?.says).toMatch(/closed the idle connection after (1\.9|2|2\.\d) s/);
  });

  test.concurrent("said as what went well and then did not", async () => {
    await using server = await rawServer(() => ({ ...plain(200), idleMs: 1900 }));
    using folder = folderWith({ "gateway.json": gateway(server), "access-log.ndjson": logOf(server, 2) });
    const url = "http://shop.contoso.example/cart";
    const { stdout } = await runCli(["diagnose", folder.path, "--live", "--url", url]);
    expect(stdout).toMatch(/Proof +sent again with idle time 3\.2 s instead of none/);
    expect(stdout).toMatch(/✓ before {2}The server answers 200\./);
    expect(stdout).toMatch(/✗ after {3}The connection was closed/);
  });

  test.concurrent("not then, but the log says so", async () => {
    const seen = await diagnosed(() => plain(200), 2);
    expect(seen.roots).toEqual(["keepalive-race"]);
    const { certainty, experiments } = seen.finding("keepalive-race");
    expect(certainty).toBe("possible");
    expect(experiments).toMatchObject([{ changed: "idle time", helped: false }]);
  });

  test.concurrent("much earlier than the pause in the log: the gateway had long seen it", async () => {
    const seen = await diagnosed(() => ({ ...plain(200), idleMs: 300 }), 4);
    expect(seen.finding("keepalive-race").certainty).toBe("possible");
  });

  test.concurrent("which every server does: without a log that shows failures it is none", async () => {
    const seen = await diagnosed(() => ({ ...plain(200), idleMs: 100 }), undefined);
    expect(seen.findings.map(({ cause }) => cause)).not.toContain("keepalive-race");
    expect(seen.roots).toEqual([]);
  });
});
