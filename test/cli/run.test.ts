import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, describe, expect, test } from "vitest";
import { answers, Backends, freePort, talkTo } from "../gateway/exchange/scene.ts";
import { type RoutingWish, routingDocument } from "../support/routing-gateway.ts";
import { folderWith, runCli } from "./run-cli.ts";
import { Running } from "./running.ts";

const get = "GET / HTTP/1.1\r\nHost: shop.contoso.com\r\nConnection: close\r\n\r\n";

function gateway(backends: Backends, members: readonly string[], more: Partial<RoutingWish> = {}) {
  return routingDocument({
    listeners: [{ name: "shop", protocol: "Http", to: "app" }],
    members,
    setting: { port: backends.port, requestTimeout: 1 },
    ...more,
  });
}

const says = (text: string) => answers(`HTTP/1.1 200 OK\r\nContent-Length: ${text.length}\r\n\r\n${text}`);

let running: Running | undefined;

afterEach(async () => {
  await running?.end();
  running = undefined;
});

describe("causeway run", () => {
  test("serves: probes first, then requests, each with its row; ends in order", async () => {
    await using backends = await Backends.of({ "127.30.1.1": says("one") });
    using folder = folderWith({ "gateway.json": gateway(backends, ["127.30.1.1", "127.30.1.2"]) });
    const port = await freePort();
    running = new Running([folder.path, "--listen", `80=${port}`]);
    await running.said(/ready/);
    expect(running.stderr).toContain(`is served at http://127.0.0.1:${port} for any host`);
    expect(running.stderr).toContain("1 of 2 servers are healthy");
    expect(await talkTo(port, get)).toMatch(/^HTTP\/1\.1 200 OK\r\n(?:.*\r\n)*\r\none$/);
    expect(await running.end()).toBe(0);
    const row = JSON.parse(running.stdout.trim());
    expect(row.properties).toMatchObject({ httpMethod: "GET", httpStatus: 200 });
    expect(await talkTo(port, get)).toBe("");
  });

  test("a 502 names its cause on the response and in the log", async () => {
    await using backends = await Backends.of({});
    using folder = folderWith({ "gateway.json": gateway(backends, ["127.30.1.3"]) });
    const port = await freePort();
    const log = join(folder.path, "access.log");
    running = new Running([folder.path, "--listen", `80=${port}`, "--explain-header", "--access-log", log]);
    await running.said(/ready/);
    const got = await talkTo(port, get);
    expect(got).toMatch(/^HTTP\/1\.1 502 Bad Gateway\r\n/);
    expect(got).toMatch(/X-Causeway-Cause: [a-z0-9-]+\r\n/);
    expect(got).toContain("<hr><center>Causeway</center>");
    expect(await running.end()).toBe(0);
    expect(running.stdout).toBe("");
  });

  test("a page of one's own answers errors of its status, of one listener or of all, and is read again", async () => {
    await using backends = await Backends.of({});
    const pages = { "sorry.html": "<p>sorry</p>", "lost.html": "<p>lost</p>" };
    using folder = folderWith({ "gateway.json": gateway(backends, ["127.30.1.9"]), ...pages });
    const port = await freePort();
    const of = (page: string, name: string) => ["--error-page", `${page}=${join(folder.path, name)}`];
    const call = [join(folder.path, "gateway.json"), "--listen", `80=${port}`];
    running = new Running([...call, ...of("shop/502", "sorry.html"), ...of("400", "lost.html")]);
    await running.said(/ready/);
    expect(await talkTo(port, get)).toMatch(/^HTTP\/1\.1 502 (?:.*\r\n)*\r\n<p>sorry<\/p>$/);
    expect(await talkTo(port, "nonsense\r\n\r\n")).toMatch(/^HTTP\/1\.1 400 (?:.*\r\n)*\r\n<p>lost<\/p>$/);
    writeFileSync(join(folder.path, "sorry.html"), "<p>soon</p>");
    running.hangUp();
    await running.said(/the new configuration is served/);
    expect(await talkTo(port, get)).toContain("<p>soon</p>");
  });

  test("SIGHUP goes on with new files; with files that cannot be served the old ones go on", async () => {
    await using backends = await Backends.of({ "127.30.1.4": says("one"), "127.30.1.5": says("two") });
    using folder = folderWith({ "gateway.json": gateway(backends, ["127.30.1.4"]) });
    const file = join(folder.path, "gateway.json");
    const port = await freePort();
    running = new Running([file, "--listen", `80=${port}`, "--access-log", "off"]);
    await running.said(/ready/);
    expect(await talkTo(port, get)).toContain("one");
    writeFileSync(file, "{ no gateway");
    running.hangUp();
    await running.said(/the old configuration goes on/);
    expect(await talkTo(port, get)).toContain("one");
    writeFileSync(file, JSON.stringify(gateway(backends, ["127.30.1.5"])));
    running.hangUp();
    await running.said(/the new configuration is served/);
    while (!(await talkTo(port, get)).includes("two")) await new Promise((go) => setTimeout(go, 20));
  });

  test.each([
    [[], "nothing to serve"],
    [["--listen", "80"], "--listen: expected"],
    [["--drain", "soon"], "--drain takes whole seconds"],
    [["--resolve", "x"], "--resolve: expected"],
    [["--admin", "0.0.0.0:9090"], "--admin takes a port of this machine"],
    [["--admin", "127.0.0.1:70000"], "--admin takes a port of this machine"],
    [["--access-log", "/nowhere/at/all.log"], "--access-log: cannot write"],
  ])("a wrong call (%j) is told so", async (words, message) => {
    await using backends = await Backends.of({});
    using folder = folderWith({ "gateway.json": gateway(backends, ["127.30.1.3"]) });
    const call = words.length === 0 ? ["run"] : ["run", folder.path, ...words];
    const { code, stderr } = await runCli(call);
    expect(code).toBe(2);
    expect(stderr).toContain(message);
  });

  test("a door that is taken is told so, and nothing is served", async () => {
    await using backends = await Backends.of({ "127.0.0.1": says("other") });
    using folder = folderWith({ "gateway.json": gateway(backends, ["127.30.1.3"]) });
    const { code, stderr } = await runCli(["run", folder.path, "--listen", `80=${backends.port}`]);
    expect(code).toBe(2);
    expect(stderr).toContain(
      `cannot listen on 127.0.0.1:${backends.port}: another program listens there (EADDRINUSE)`,
    );
  });
});
