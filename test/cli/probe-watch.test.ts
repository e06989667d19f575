import { describe, expect, it } from "vitest";
import { columnsOf } from "../../src/report/text/width.ts";
import { validWatchLines } from "../report/schema.ts";
import { type BackendWish, liveGateway } from "../support/gateway-document.ts";
import { closedPort, type Listener, listen } from "../support/listener.ts";
import { folderWith, type Outcome, runCli, type Surroundings } from "./run-cli.ts";

async function watch(
  backends: readonly BackendWish[],
  words: readonly string[] = [],
  around: Surroundings = {},
): Promise<Outcome> {
  using folder = folderWith({ "gateway.json": liveGateway(backends) });
  return await runCli(["probe", folder.path, "--watch", ...words], around);
}

/** Answers its first connection with the first status, and so on; the last one for ever. */
function answering(...statuses: readonly string[]): Promise<Listener> {
  let count = 0;
  return listen((socket) => {
    const status = statuses[Math.min(count, statuses.length - 1)];
    count += 1;
    socket.once("data", () => socket.end(`HTTP/1.1 ${status}\r\nContent-Length: 0\r\n\r\n`));
  });
}

const shop = (port: number, probe: Readonly<Record<string, unknown>> = {}): BackendWish => ({
  name: "shop",
  servers: ["127.0.0.1"],
  port,
  probe: { interval: 1, timeout: 1, unhealthyThreshold: 1, ...probe },
});

/** Without what differs from run to run. */
const steady = (text: string, port: number): string =>
  text
    .replaceAll(`:${port}`, ":PORT")
    .replaceAll(/\d\d:\d\d:\d\d/g, "TIME")
    .replaceAll(/^\d{4}-\d\d-\d\d/gm, "DAY");

describe.concurrent("causeway probe --watch", () => {
  it("0: shows a server going up, down and up again, line by line", async () => {
    await using server = await answering("200 OK", "503 Away", "204 Fine");
    const { code, stdout, stderr } = await watch([shop(server.port)], ["--rounds", "3"]);
    const [plan = "", rest = ""] = stdout.split(/(?=^Probed )/m);
    expect(plan).toContain("What the gateway would send");
    expect(steady(rest, server.port)).toBe(
      [
        "Probed every 1 s; down after 1 failure in a row, up after one success.",
        "UP, DOWN: by this probe. 1/3: one failure in a row, of three that take it down.",
        "",
        "DAY, times in UTC",
        "TIME ✓ UP         127.0.0.1:PORT pool-shop~set-shop: 200",
        "TIME ✗ DOWN 1/1   127.0.0.1:PORT pool-shop~set-shop: 503",
        "           The server answers 503, and the probe takes 200-399.",
        "TIME ✓ UP         127.0.0.1:PORT pool-shop~set-shop: 204",
        "",
        "✓ 127.0.0.1:PORT pool-shop~set-shop: up since TIME, 1 of 3 probes failed",
        "",
        "✓ 1 of 1 server up after 3 probes.",
        "",
      ].join("\n"),
    );
    expect([code, stderr]).toEqual([0, ""]);
  });

  it("1: a server that is down at the end; unchanged results say what they add and no more", async () => {
    await using server = await answering("200 OK", "503 Away");
    const { code, stdout } = await watch([shop(server.port, { unhealthyThreshold: 2 })], ["--rounds", "4"]);
    const lines = steady(stdout, server.port).split("\n");
    expect(lines.filter((line) => line.startsWith("TIME"))).toEqual([
      "TIME ✓ UP         127.0.0.1:PORT pool-shop~set-shop: 200",
      "TIME ✗ up   1/2   127.0.0.1:PORT pool-shop~set-shop: 503",
      "TIME ✗ DOWN 2/2   127.0.0.1:PORT pool-shop~set-shop: 503",
      "TIME ✗ down 3/2   127.0.0.1:PORT pool-shop~set-shop: 503",
    ]);
    expect(lines.filter((line) => line.includes("The server answers 503"))).toHaveLength(1);
    expect(stdout).toContain("✗ 0 of 1 server up after 4 probes.");
    expect(code).toBe(1);
  });

  it("--quiet: changes only", async () => {
    await using server = await answering("200 OK", "200 OK", "503 Away");
    const { stdout } = await watch([shop(server.port)], ["--rounds", "4", "--quiet"]);
    const lines = steady(stdout, server.port).split("\n");
    expect(lines.slice(0, 4)).toEqual([
      "DAY, times in UTC",
      "TIME ✓ UP         127.0.0.1:PORT pool-shop~set-shop: 200",
      "TIME ✗ DOWN 1/1   127.0.0.1:PORT pool-shop~set-shop: 503",
      "           The server answers 503, and the probe takes 200-399.",
    ]);
    expect(lines.filter((line) => line.startsWith("TIME"))).toHaveLength(2);
  });

  it("--for: ends by itself, also while a probe runs", async () => {
    await using server = await listen();
    const { code, stdout } = await watch([shop(server.port, { timeout: 60 })], ["--for", "1"]);
    expect(stdout).toContain("pool-shop~set-shop: no probe told how it is, 0 of 0 probes");
    expect(stdout).toMatch(/✗ 0 of 1 server up after 0 probes\.\n$/);
    expect(code).toBe(1);
  });

  it("130: interrupted, with how it stood until then", async () => {
    const interruption = new AbortController();
    await using quick = await answering("200 OK");
    await using silent = await listen((socket) => socket.once("data", () => interruption.abort()));
    const backends = [shop(quick.port), { ...shop(silent.port, { timeout: 60 }), name: "silent" }];
    const { code, stdout } = await watch(backends, [], { interruption: interruption.signal });
    expect(stdout).toMatch(/✗ \d of 2 servers up after \d probes?, interrupted\.\n$/);
    expect(code).toBe(130);
  });

  it("ends when nobody reads it any more", async () => {
    await using server = await answering("200 OK");
    const { code, stdout } = await watch([shop(server.port)], ["--quiet"], { readerTakesLines: 2 });
    expect(stdout).toContain("✓ UP ");
    expect(code).toBe(0);
  });

  it("tells whom minServers keeps in service", async () => {
    const port = await closedPort();
    const { code, stdout } = await watch([shop(port, { minServers: 1 })], ["--rounds", "1"]);
    expect(stdout.replaceAll(/\s+/g, " ")).toContain(
      `! down 127.0.0.1:${port} pool-shop~set-shop: treated as healthy all the same, as minServers is 1`,
    );
    expect(code).toBe(1);
  });

  it("1: nothing can be sent, so there is nothing to wait for", async () => {
    const probe = { host: undefined, pickHostNameFromBackendHttpSettings: true };
    const { code, stdout } = await watch([{ name: "shop", servers: ["127.0.0.1"], port: 80, probe }], ["-q"]);
    expect(stdout).toMatch(/\? down +127\.0\.0\.1:80 pool-shop~set-shop: nothing sent\n/);
    expect(stdout).toContain("Nothing was sent: its probe takes the host name");
    expect(code).toBe(1);
  });

  it("1: there is nobody to watch", async () => {
    const { code, stdout } = await watch([{ name: "empty", servers: [], port: 80 }]);
    expect(stdout).toContain("web/empty: its backend pool has no servers");
    expect(stdout).toMatch(/\? 0 of 0 servers up after 0 probes\.\n$/);
    expect(code).toBe(1);
  });

  it("a terminal has one more line that says how it stands, and it is gone at the end", async () => {
    await using server = await answering("200 OK");
    let nowMs = Date.UTC(2026, 5, 1);
    const around: Surroundings = { errorsToTerminal: true, now: () => (nowMs += 1000) };
    const { stderr } = await watch([shop(server.port)], ["--rounds", "1"], around);
    expect(stderr).toContain("\r\u001b[Kwatching: 1 of 1 up; Ctrl-C ends it");
    expect(stderr.endsWith("\r\u001b[K")).toBe(true);
  });

  const wrong: readonly (readonly [readonly string[], RegExp])[] = [
    [["--watch", "--for", "0"], /--for takes a whole number from 1 to 604800, not "0"/],
    [["--watch", "--for", "1.5"], /--for takes a whole number/],
    [["--watch", "--for", "604801"], /--for takes a whole number/],
    [["--watch", "--rounds", "all"], /--rounds takes a whole number from 1 to 1000000, not "all"/],
    [["--rounds", "3"], /--rounds goes with --watch/],
    [["--for", "3"], /--for goes with --watch/],
    [["--watch", "--output", "x.txt"], /--watch writes as it goes, so not with --output/],
  ];

  it.each(wrong)("2: %j, and nothing is sent", async (words, line) => {
    await using server = await answering("200 OK");
    using folder = folderWith({ "gateway.json": liveGateway([shop(server.port)]) });
    const { code, stdout, stderr } = await runCli(["probe", folder.path, ...words]);
    expect(stderr).toMatch(line);
    expect([code, stdout, server.accepted.length]).toEqual([2, "", 0]);
  });
});

describe.concurrent("how causeway probe --watch writes", () => {
  it("JSON, a line at a time, as its schema says", async () => {
    await using server = await answering("200 OK", "503 Away", "204 Fine");
    const refusing = await closedPort();
    const { code, stdout } = await watch(
      [
        shop(server.port),
        { ...shop(refusing, { minServers: 1 }), name: "gone" },
        { name: "nic", servers: ["127.0.0.1"], port: 80, probe: { host: undefined, ...pick } },
        { name: "empty", servers: [], port: 80 },
      ],
      ["--format", "json", "--rounds", "3"],
    );
    const lines = validWatchLines(stdout) as { event: string; server?: number }[];
    expect(lines[0]).toMatchObject({
      event: "start",
      fromAddress: null,
      servers: [
        { server: 1, address: "127.0.0.1", port: server.port, routes: ["web/shop"], intervalS: 1 },
        { server: 2, port: refusing, minServers: 1 },
        { server: 3 },
      ],
      withoutServer: [{ route: "web/empty", why: "pool-empty" }],
    });
    const probes = (number: number) => lines.filter((one) => one.event === "probe" && one.server === number);
    expect(probes(1)).toMatchObject([
      { state: "up", change: "up", failuresInRow: 0, httpStatus: 200, noResult: null },
      { state: "down", change: "down", failuresInRow: 1, httpStatus: 503, verdict: { kind: "status" } },
      { state: "up", change: "up", failuresInRow: 0, httpStatus: 204 },
    ]);
    expect(probes(2)).toMatchObject([1, 2, 3].map((failuresInRow) => ({ change: null, failuresInRow })));
    expect(probes(3)).toMatchObject([{ verdict: null, noResult: { why: "host-rejected" } }]);
    expect(lines.filter(({ event }) => event === "min-servers")).toMatchObject([
      { server: 2, pair: "pool-gone~set-gone", treatedAsHealthy: true, minServers: 1 },
    ]);
    expect(lines.at(-1)).toMatchObject({
      event: "end",
      why: "done",
      allUp: false,
      servers: [
        { state: "up", probes: 3, failures: 1, changes: [{ to: "up" }, { to: "down" }, { to: "up" }] },
        { state: "down", probes: 3, failures: 3, changes: [] },
        { state: "down", probes: 0 },
      ],
    });
    expect(code).toBe(1);
  });

  const pick = { pickHostNameFromBackendHttpSettings: true };

  it("JSON, quiet: only what changes", async () => {
    await using server = await answering("200 OK");
    const { stdout } = await watch([shop(server.port)], ["--format", "json", "--rounds", "2", "--quiet"]);
    const events = validWatchLines(stdout).map((line) => (line as { event: string }).event);
    expect(events).toEqual(["start", "probe", "end"]);
  });

  it("keeps to 80 columns, to ASCII when asked, and to no colour when piped", async () => {
    const port = await closedPort();
    const long = { ...shop(port), name: `shop-${"x".repeat(200)}` };
    const { stdout } = await watch([long], ["--rounds", "1", "--ascii"]);
    expect(stdout).toMatch(/^[\n\x20-\x7e]*$/);
    for (const line of stdout.split("\n")) expect(columnsOf(line), line).toBeLessThanOrEqual(80);
    const around = { columns: 80, env: { LANG: "C.UTF-8", TERM: "xterm" } };
    expect((await watch([long], ["--rounds", "1"], around)).stdout).toContain("\u001b[");
    expect((await watch([long], ["--rounds", "1", "--no-color"], around)).stdout).not.toContain("\u001b");
  });
});
