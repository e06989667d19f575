import { once } from "node:events";
import { connect } from "node:net";
import { afterEach, describe, expect, test } from "vitest";
import { answers, Backends, freePort, talkTo } from "../gateway/exchange/scene.ts";
import { routingDocument } from "../support/routing-gateway.ts";
import { askAdmin } from "./admin-client.ts";
import { folderWith, runCli } from "./run-cli.ts";
import { Running } from "./running.ts";

const get = "GET / HTTP/1.1\r\nHost: shop.contoso.com\r\nConnection: close\r\n\r\n";

let running: Running | undefined;

afterEach(async () => {
  await running?.end();
  running = undefined;
});

test("a limit of the call holds, and metrics, row and explanation tell of it", async () => {
  await using backends = await Backends.of({
    "127.30.23.1": answers("HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\none"),
  });
  const document = routingDocument({
    listeners: [{ name: "shop", protocol: "Http", to: "app" }],
    members: ["127.30.23.1"],
    setting: { port: backends.port, requestTimeout: 1 },
  });
  using folder = folderWith({ "gateway.json": document });
  const port = await freePort();
  const admin = ["--admin", "127.0.0.1:0"];
  running = new Running([folder.path, "--listen", `80=${port}`, "--max-connections", "1", ...admin]);
  await running.said(/ready/);
  const held = connect(port, "127.0.0.1");
  await once(held, "connect");
  const refused = await talkTo(port, get);
  expect(refused).toMatch(/^HTTP\/1\.1 503 /);
  const metrics = (await askAdmin(running.stderr, "/metrics")).body;
  expect(metrics).toContain('causeway_refusals{limit="connections"} 1\n');
  expect(metrics).toMatch(/^causeway_overload_level [01]$/m);
  expect(metrics).toMatch(/causeway_failures\{cause="limit-connections",route="[^"]*"\} 1\n/);
  const id = /X-Appgw-Trace-Id: ([0-9a-f]{32})/.exec(refused)?.[1];
  const explained = JSON.parse((await askAdmin(running.stderr, `/explain/${id}`)).body);
  expect(explained.record).toMatchObject({ ending: "KR", limit: "connections", cause: null });
  expect((await askAdmin(running.stderr, "/readyz")).status).toBe(200);
  held.destroy();
  await running.end();
  const rows = running.stdout.trim().split("\n");
  const row = rows.map((text) => JSON.parse(text)).find(({ properties }) => properties.httpStatus === 503);
  expect(row.causeway).toMatchObject({ ending: "KR", limit: "connections" });
});

describe("values that are none", () => {
  test.each([
    ["--max-connections", "0", "takes a whole number above 0"],
    ["--max-connections-per-client", "many", "takes a whole number above 0"],
    ["--max-requests", "-1", "takes a whole number above 0"],
    ["--max-memory", "512", "takes a size from 128M on"],
    ["--max-memory", "64M", "takes a size from 128M on"],
  ])("%s %s", async (option, value, words) => {
    using folder = folderWith({ "gateway.json": {} });
    const told = await runCli(["run", folder.path, `${option}=${value}`]);
    expect(told.code).toBe(2);
    expect(told.stderr).toContain(`${option} ${words}`);
  });
});
