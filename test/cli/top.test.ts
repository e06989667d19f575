import { describe, expect, test } from "vitest";
import type { Screen, ScreenEvents } from "../../src/cli/io.ts";
import { answers, Backends, freePort, type Script, talkTo } from "../gateway/exchange/scene.ts";
import { validTop } from "../report/schema.ts";
import { folderWith, runCli } from "./run-cli.ts";
import { Running } from "./running.ts";

const ok = answers("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");

/** Well by its probes; to everything else it sends a head that is none. */
const broken: Script = (text, socket) => {
  const probed = text.startsWith("GET /healthz ");
  if (text.endsWith("\r\n\r\n"))
    socket.end(
      probed
        ? "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"
        : "HTTP/1.1 200 OK\r\nContent-Length: 1, 2\r\n\r\n",
    );
};

const configuration = (port: number, members: readonly string[]) => `
gateway:
  name: contoso-shop
  listeners:
    shop: { port: 80 }
  pools:
    app: [${members.join(", ")}]
  settings:
    app: { port: ${port}, timeout: 2, probe: { path: /healthz, interval: 1 } }
`;

/** A gateway that runs, and where its admin port is. */
async function shopOf(backendPort: number, members: readonly string[], admin: number) {
  const folder = folderWith({ "gateway.yaml": configuration(backendPort, members) });
  const port = await freePort();
  const running = new Running([folder.path, "--quiet", "--listen", `80=${port}`, "--admin", `${admin}`]);
  await running.said(/ready/);
  return {
    get: () => talkTo(port, "GET / HTTP/1.1\r\nHost: shop\r\nConnection: close\r\n\r\n"),
    async [Symbol.asyncDispose]() {
      await running.end();
      folder[Symbol.dispose]();
    },
  };
}

/** A terminal that somebody sits at. */
class Terminal {
  readonly #waiting = new Set<() => void>();
  events: ScreenEvents | undefined;
  shown = "";
  closed = false;
  rows = 24;

  readonly open = async (events: ScreenEvents): Promise<Screen> => {
    this.events = events;
    return {
      size: () => ({ columns: 80, rows: this.rows }),
      draw: (lines) => {
        this.shown = lines.join("\n");
        for (const look of this.#waiting) look();
      },
      close: () => {
        this.closed = true;
      },
    };
  };

  type(text: string): void {
    this.events?.input(text);
  }

  async shows(what: RegExp): Promise<void> {
    await new Promise<void>((resolve) => {
      const look = (): void => {
        if (!what.test(this.shown)) return;
        this.#waiting.delete(look);
        resolve();
      };
      this.#waiting.add(look);
      look();
    });
  }
}

describe("one look at a running gateway", () => {
  test("as JSON and as a page: rates, servers, the cause with an id that can be explained", async () => {
    await using backends = await Backends.of({ "127.31.2.1": broken });
    const admin = await freePort();
    await using shop = await shopOf(backends.port, ["127.31.2.1"], admin);
    const json = runCli(["top", `${admin}`, "--format", "json"]);
    const id = /X-Appgw-Trace-Id: ([0-9a-f]{32})/.exec(await shop.get())?.[1];
    const { code, stdout, stderr } = await json;
    expect(stderr).toBe("");
    expect(validTop(stdout)).toMatchObject({
      format: "causeway/top/v1",
      gateway: { name: "contoso-shop", generation: "v2" },
      overS: expect.any(Number),
      routes: [{ pool: "app", leadsTo: "pool", mainCause: { cause: "http-invalid-header", count: 1 } }],
      servers: [{ pair: "app~app", address: "127.31.2.1", state: "up" }],
      failures: [{ status: 502, recent: 1, transactionId: id }],
    });
    expect(code).toBe(1);
    const page = await runCli(["top", `127.0.0.1:${admin}`, "--once"]);
    expect(page.stdout).toContain(id);
    expect(page.stdout).toMatch(/^contoso-shop v2 /);
    expect(page.stdout).not.toContain("\u001b");
    expect(page.code).toBe(1);
  });

  test("of one where all is well", async () => {
    await using backends = await Backends.of({ "127.31.2.2": ok });
    const admin = await freePort();
    await using shop = await shopOf(backends.port, ["127.31.2.2"], admin);
    await shop.get();
    const { code, stdout } = await runCli(["top", `${admin}`]);
    expect(stdout).toContain("none in the last 10 min");
    expect(code).toBe(0);
  });

  test("nobody there, or somebody else, is said in one line", async () => {
    await using backends = await Backends.of({
      "127.0.0.1": answers("HTTP/1.1 404 No\r\nContent-Length: 0\r\n\r\n"),
    });
    const ask = async (place: string) => {
      const { code, stdout, stderr } = await runCli(["top", place, "--once"]);
      expect([code, stdout]).toEqual([2, ""]);
      return stderr;
    };
    expect(await ask(`${await freePort()}`)).toMatch(
      /^causeway: 127\.0\.0\.1:\d+: nobody listens there; .*--admin\?\n$/,
    );
    expect(await ask(`${backends.port}`)).toContain("it answers 404");
    expect(await ask("unix:/nonexistent/admin.sock")).toContain("there is no such socket");
  });

  test.each([
    [["10.0.0.1:80"], "PLACE is a port of this machine"],
    [["1", "2"], "one gateway at a time"],
    [["--interval", "0"], "--interval takes whole seconds"],
  ])("%j is refused", async (words, says) => {
    const { code, stderr } = await runCli(["top", ...words]);
    expect(code).toBe(2);
    expect(stderr).toContain(says);
  });
});

describe("a terminal", () => {
  test("sees a gateway come, change, go, and is given back", async () => {
    await using backends = await Backends.of({ "127.31.2.3": ok, "127.31.2.4": ok });
    const admin = await freePort();
    const terminal = new Terminal();
    const ended = runCli(["top", `${admin}`], { openScreen: terminal.open, now: Date.now });
    await terminal.shows(/nobody listens there; asking again/);
    {
      await using shop = await shopOf(backends.port, ["127.31.2.3", "127.31.2.4"], admin);
      await terminal.shows(/^contoso-shop v2 .*up \d+ s/);
      await shop.get();
      terminal.type("\u001b[Bdy");
      await terminal.shows(/127\.31\.2\.3 of app~app is draining/);
      await terminal.shows(/> 127\.31\.2\.3 .* draining/);
      terminal.type("ey");
      await terminal.shows(/> 127\.31\.2\.3 .* up/);
    }
    await terminal.shows(/nobody listens there; what follows is \d+ s old/);
    expect(terminal.shown).toContain("contoso-shop");
    terminal.rows = 5;
    terminal.events?.resized();
    expect(terminal.shown.split("\n")).toHaveLength(5);
    terminal.type("q");
    expect(await ended).toMatchObject({ code: 0, stdout: "", stderr: "" });
    expect(terminal.closed).toBe(true);
  });

  test("that is gone ends it", async () => {
    const terminal = new Terminal();
    const ended = runCli(["top", `${await freePort()}`], { openScreen: terminal.open });
    await terminal.shows(/nobody/);
    terminal.events?.gone();
    expect((await ended).code).toBe(0);
    expect(terminal.closed).toBe(true);
  });
});
