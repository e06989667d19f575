import { spawnSync } from "node:child_process";
import { existsSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import type { DiagnosisJson } from "../../src/report/json-types.ts";
import { answers, Backends, freePort, type Script, talkTo } from "../gateway/exchange/scene.ts";
import { a } from "../support/dns-message.ts";
import { dnsServer } from "../support/dns-server.ts";
import { askAdmin } from "./admin-client.ts";
import { folderWith, runCli } from "./run-cli.ts";
import { Running } from "./running.ts";

const ok = answers("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");

/** Well by its probes; to everything else it sends a head that is none. */
const broken: Script = (text, socket) => {
  const probed = text.startsWith("GET /healthz ");
  const head = probed ? "Content-Length: 0" : "Set-Cookie: id=hidden\r\nContent-Length: 1, 2";
  if (text.endsWith("\r\n\r\n")) socket.end(`HTTP/1.1 200 OK\r\n${head}\r\n\r\n`, "latin1");
};

const configuration = (port: number, members: readonly string[]) => `
gateway:
  name: contoso-shop
  listeners:
    shop: { port: 80, hosts: [shop.contoso.com] }
  pools:
    app: [${members.join(", ")}]
  settings:
    app: { port: ${port}, timeout: 2, probe: { path: /healthz, interval: 1 } }
  trustedRootCertificates:
    inside: { data: hidden-certificate }
  rewriteRuleSets:
    keys:
      rewriteRules:
        - name: key
          ruleSequence: 1
          actionSet:
            requestHeaderConfigurations:
              - { headerName: X-Functions-Key, headerValue: hidden-key }
`;

/** A gateway that runs with its admin port on a free one. */
class Shop implements AsyncDisposable {
  readonly folder: ReturnType<typeof folderWith>;
  readonly running: Running;
  readonly port: number;

  private constructor(folder: Shop["folder"], running: Running, port: number) {
    this.folder = folder;
    this.running = running;
    this.port = port;
  }

  static async of(
    backendPort: number,
    members: readonly string[],
    admin = "127.0.0.1:0",
    more: readonly string[] = ["--quiet"],
  ): Promise<Shop> {
    const folder = folderWith({ "gateway.yaml": configuration(backendPort, members) });
    const port = await freePort();
    const words = ["--listen", `80=${port}`, "--admin", admin.replace("FOLDER", folder.path), ...more];
    const shop = new Shop(folder, new Running([folder.path, ...words]), port);
    await shop.running.said(/ready/);
    return shop;
  }

  /** What a client gets. */
  get(path = "/"): Promise<string> {
    return talkTo(this.port, `GET ${path} HTTP/1.1\r\nHost: shop.contoso.com\r\nConnection: close\r\n\r\n`);
  }

  /** What the admin port answers. */
  ask(path: string, method = "GET") {
    return askAdmin(this.running.stderr, path, method);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.running.end();
    this.folder[Symbol.dispose]();
  }
}

const traceOf = (response: string): string =>
  /X-Appgw-Trace-Id: ([0-9a-f]{32})\r\n/.exec(response)?.[1] ?? "";

function rootCauses({ routes, findings }: DiagnosisJson): readonly string[] {
  const ids = new Set(routes.flatMap(({ causedBy }) => causedBy));
  return findings.flatMap(({ id, cause }) => (ids.has(id) ? [cause] : [])).sort();
}

describe("the admin port of a running gateway", () => {
  test("explains a 502 by its transaction id, as diagnose does with what the port tells", async () => {
    await using backends = await Backends.of({});
    await using shop = await Shop.of(backends.port, ["127.31.1.1"]);
    const response = await shop.get("/cart?token=hidden-token");
    expect(response).toMatch(/^HTTP\/1\.1 502 /);
    const { status, body } = await shop.ask(`/explain/${traceOf(response)}`);
    expect(status).toBe(200);
    expect(body).not.toContain("hidden");
    const told = JSON.parse(body);
    expect(told.record).toMatchObject({ status: 502, ending: "PQ", cause: "tcp-refused" });
    const proven = await shop.ask(`/explain/${traceOf(response)}/safe`, "POST");
    expect(proven.body).not.toContain("hidden");
    expect(rootCauses(JSON.parse(proven.body).diagnosis)).toEqual(["tcp-refused"]);
    expect(rootCauses(told.diagnosis)).not.toEqual([]);
    for (const [name, page] of [
      ["health.json", "/backendhealth"],
      ["probes.ndjson", "/observations"],
    ] as const) {
      using folder = folderWith({
        "gateway.yaml": configuration(backends.port, ["127.31.1.1"]),
        [name]: (await shop.ask(page)).body,
      });
      const again = await runCli(["diagnose", folder.path, "--format", "json"]);
      expect(rootCauses(JSON.parse(again.stdout)), page).toEqual(rootCauses(told.diagnosis));
    }
  });

  test("explains a 502 of the time when no probe had come back, also when one has since", async () => {
    let answer = (): void => {};
    const slow: Script = (text, socket) => {
      answer = () => ok(text, socket);
    };
    await using backends = await Backends.of({ "127.31.1.9": slow });
    await using shop = await Shop.of(backends.port, ["127.31.1.9"]);
    const response = await shop.get();
    expect(response).toMatch(/^HTTP\/1\.1 502 /);
    const explain = async () => JSON.parse((await shop.ask(`/explain/${traceOf(response)}`)).body);
    const told = await explain();
    expect(told.record).toMatchObject({ ending: "PQ", cause: "probe-first-success-pending" });
    expect(rootCauses(told.diagnosis)).toEqual(["probe-first-success-pending"]);
    answer();
    await expect.poll(async () => (await shop.ask("/health")).body).toContain('"up": true');
    expect(rootCauses((await explain()).diagnosis)).toEqual(["probe-first-success-pending"]);
  });

  test("explains a 502 of a server whose DNS never answers by that, not by a first probe that is pending", async () => {
    await using dns = await dnsServer(() => "silent");
    const words = ["--dns", `${dns.address}:${dns.port}`];
    await using shop = await Shop.of(8080, ["app.internal.contoso.example"], "127.0.0.1:0", words);
    await expect
      .poll(async () => (await shop.ask("/health")).body, { timeout: 8_000 })
      .toContain("No DNS server");
    const response = await shop.get();
    expect(response).toMatch(/^HTTP\/1\.1 502 /);
    const told = JSON.parse((await shop.ask(`/explain/${traceOf(response)}`)).body);
    expect(told.record).toMatchObject({ cause: "dns-server-unreachable" });
    expect(rootCauses(told.diagnosis)).toEqual(["dns-server-unreachable"]);
  });

  test("explains a 502 of a kept address that the name no longer leads to", async () => {
    await using backends = await Backends.of({ "127.31.1.11": ok });
    let address = "127.31.1.11";
    await using dns = await dnsServer(({ name }) => [a(name, address)]);
    const words = ["--dns", `${dns.address}:${dns.port}`];
    const members = ["app.internal.contoso.example"];
    await using shop = await Shop.of(backends.port, members, "127.0.0.1:0", words);
    await expect.poll(async () => (await shop.ask("/health")).body).toContain('"up": true');
    // Requests ask once and keep the answer; probes ask every time.
    address = "127.31.1.12";
    const response = await shop.get();
    address = "127.31.1.11";
    expect(response).toMatch(/^HTTP\/1\.1 502 /);
    const explain = async () => JSON.parse((await shop.ask(`/explain/${traceOf(response)}`)).body);
    await expect
      .poll(async () => rootCauses((await explain()).diagnosis), { timeout: 8_000, interval: 300 })
      .toEqual(["dns-stale-address"]);
    expect((await explain()).record.cause).toBe("tcp-refused");
  });

  test("explains what a healthy server answered, also when another configuration is served by then", async () => {
    await using backends = await Backends.of({ "127.31.1.2": broken, "127.31.1.3": ok });
    await using shop = await Shop.of(backends.port, ["127.31.1.2"]);
    const response = await shop.get();
    expect(response).toMatch(/^HTTP\/1\.1 502 /);
    const explain = async () => JSON.parse((await shop.ask(`/explain/${traceOf(response)}`)).body);
    const told = await explain();
    expect(told.record).toMatchObject({ ending: "PH", cause: "http-invalid-header" });
    expect(rootCauses(told.diagnosis)).toEqual(["http-invalid-header"]);
    const errors = await shop.ask("/errors");
    expect(JSON.parse(errors.body)).toMatchObject([
      {
        server: `127.31.1.2:${backends.port}`,
        lines: ["HTTP/1.1 200 ", "Set-Cookie: 9 bytes", expect.stringContaining("1, 2")],
      },
    ]);
    expect(errors.body).not.toContain("hidden");
    writeFileSync(join(shop.folder.path, "gateway.yaml"), configuration(backends.port, ["127.31.1.3"]));
    shop.running.hangUp();
    await shop.running.said(/the new configuration is served/);
    expect(rootCauses((await explain()).diagnosis)).toEqual(["http-invalid-header"]);
    expect(JSON.parse((await shop.ask("/health")).body)).toMatchObject([
      { address: "127.31.1.3", removed: false },
      { address: "127.31.1.2", removed: true, admin: "draining" },
    ]);
  });

  test("tells how the servers stand and what was counted; takes a server out and in again", async () => {
    await using backends = await Backends.of({ "127.31.1.4": ok, "127.31.1.5": ok });
    await using shop = await Shop.of(backends.port, ["127.31.1.4", "127.31.1.5"]);
    const askedBy = (address: string) =>
      backends.connections(address).join("").split("GET / HTTP").length - 1;
    expect(await shop.ask("/readyz")).toEqual({ status: 200, body: "ready\n" });
    expect(await shop.ask("/servers/app~app/127.31.1.4/drain", "POST")).toMatchObject({ status: 200 });
    for (let times = 0; times < 4; times++) expect(await shop.get()).toMatch(/^HTTP\/1\.1 200 /);
    expect([askedBy("127.31.1.4"), askedBy("127.31.1.5")]).toEqual([0, 4]);
    expect(JSON.parse((await shop.ask("/health")).body)).toMatchObject([
      { address: "127.31.1.4", up: true, admin: "draining" },
      { address: "127.31.1.5", up: true, admin: "enabled" },
    ]);
    const { body } = await shop.ask("/metrics");
    expect(body).toContain('azure_response_status{http_status_group="2xx"} 4\n');
    expect(body).toContain('causeway_exchanges{ending="--"} 4\n');
    await shop.ask("/servers/app~app/127.31.1.4/enable", "POST");
    for (let times = 0; times < 4; times++) await shop.get();
    expect(askedBy("127.31.1.4")).toBeGreaterThan(0);
  });

  test("says what it did to a server, once for each change, and nothing with --quiet", async () => {
    await using backends = await Backends.of({ "127.31.1.9": ok });
    const told = async (more: readonly string[]) => {
      await using shop = await Shop.of(backends.port, ["127.31.1.9"], "127.0.0.1:0", more);
      for (const wish of ["enable", "drain", "disable", "disable", "enable"])
        await shop.ask(`/servers/APP~app/127.31.1.9/${wish}`, "POST");
      await shop.ask("/servers/app~app/127.31.9.9/drain", "POST");
      return shop.running.stderr.split("\n").filter((line) => line.includes("by the admin port"));
    };
    expect(await told([])).toEqual([
      "causeway: 127.31.1.9 of app~app is taken out (draining, 30 s) by the admin port",
      "causeway: 127.31.1.9 of app~app is taken out (disabled) by the admin port",
      "causeway: 127.31.1.9 of app~app is put back by the admin port",
    ]);
    expect(await told(["--quiet"])).toEqual([]);
  });

  test("shows the configuration without its secrets, over a Unix socket too", async () => {
    await using backends = await Backends.of({ "127.31.1.6": ok });
    await using shop = await Shop.of(backends.port, ["127.31.1.6"], "unix:FOLDER/admin.sock");
    const { status, body } = await shop.ask("/config");
    expect(status).toBe(200);
    expect(body).toContain("127.31.1.6");
    expect(body).toContain("X-Functions-Key");
    expect(body).not.toContain("hidden");
  });

  test("a Unix socket that a killed run left behind is replaced; one that is answered at is not", async () => {
    await using backends = await Backends.of({ "127.31.1.8": ok });
    using folder = folderWith({ "gateway.yaml": configuration(backends.port, ["127.31.1.8"]) });
    const socket = join(folder.path, "admin.sock");
    const script = `require("net").createServer().listen(process.argv[1], () => process.kill(process.pid, "SIGKILL"))`;
    spawnSync(process.execPath, ["-e", script, socket]);
    expect(existsSync(socket)).toBe(true);
    await using shop = await Shop.of(backends.port, ["127.31.1.8"], `unix:${socket}`);
    expect((await shop.ask("/healthz")).status).toBe(200);
    const words = ["--listen", `80=${await freePort()}`, "--admin", `unix:${socket}`];
    const { code, stderr } = await runCli(["run", folder.path, "--quiet", ...words]);
    expect(code).toBe(2);
    expect(stderr).toContain("EADDRINUSE");
    expect((await shop.ask("/healthz")).status).toBe(200);
  });

  test("a socket in a folder that is not there is told so", async () => {
    using folder = folderWith({ "gateway.yaml": configuration(1, ["127.31.1.7"]) });
    const words = ["--listen", `80=${await freePort()}`, "--admin", `unix:${folder.path}/none/admin.sock`];
    const { code, stderr } = await runCli(["run", folder.path, "--quiet", ...words]);
    expect(code).toBe(2);
    expect(stderr).toMatch(/--admin: cannot listen on .*admin\.sock: there is no such folder \(ENOENT\)/);
  });

  test("a place that is taken is told so, and nothing is served", async () => {
    await using backends = await Backends.of({ "127.0.0.1": ok });
    using folder = folderWith({ "gateway.yaml": configuration(backends.port, ["127.31.1.7"]) });
    const door = await freePort();
    const words = ["--listen", `80=${door}`, "--admin", `${backends.port}`];
    const { code, stderr } = await runCli(["run", folder.path, "--quiet", ...words]);
    expect(code).toBe(2);
    expect(stderr).toContain(
      `--admin: cannot listen on 127.0.0.1:${backends.port}: another program listens there (EADDRINUSE)`,
    );
    expect(await talkTo(door, "GET / HTTP/1.1\r\n\r\n")).toBe("");
  });
});
