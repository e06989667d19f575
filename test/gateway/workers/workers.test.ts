import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { askAdmin } from "../../cli/admin-client.ts";
import { folderWith } from "../../cli/run-cli.ts";
import { answers, Backends, type Script, talkTo } from "../exchange/scene.ts";
import { client, FineServers, type Seen } from "./load.ts";
import { isAlive, RunProcess } from "./run-process.ts";

const fine = answers("HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nfine");

/** Well by its probes; everything else it answers with what is no response. */
const broken: Script = (text, socket) => {
  const head = text.startsWith("GET /healthz ") ? "Content-Length: 0" : "Content-Length: 1, 2";
  if (text.endsWith("\r\n\r\n")) socket.end(`HTTP/1.1 200 OK\r\n${head}\r\n\r\n`);
};

const gateway = (port: number, shop: readonly string[], bad: string) => `
gateway:
  name: contoso-shop
  listeners:
    shop: { port: 80, hosts: [shop.contoso.com] }
    bad: { port: 80, hosts: [bad.contoso.com] }
  rules:
    shop: { listener: shop, pool: app }
    bad: { listener: bad, pool: bad }
  pools:
    app: [${shop.join(", ")}]
    bad: [${bad}]
  settings:
    app: { port: ${port}, timeout: 20, probe: { path: /healthz, interval: 30 } }
`;

const request = (host: string) => `GET / HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n\r\n`;

/** Two workers with their files, on ports that they have found. */
class Shop implements AsyncDisposable {
  readonly folder: ReturnType<typeof folderWith>;
  readonly file: string;
  readonly log: string;
  readonly run: RunProcess;

  private constructor(text: string) {
    this.folder = folderWith({ "gateway.yaml": text });
    this.file = join(this.folder.path, "gateway.yaml");
    this.log = join(this.folder.path, "access.log");
    const words = ["--workers", "2", "--listen", "80=0", "--admin", "0", "--access-log", this.log];
    this.run = new RunProcess([this.file, ...words]);
  }

  static async of(text: string): Promise<Shop> {
    const shop = new Shop(text);
    await shop.run.said(/ready/);
    return shop;
  }

  get port(): number {
    return Number(/http:\/\/127\.0\.0\.1:(\d+)/.exec(this.run.stderr)?.[1]);
  }

  get(host = "shop.contoso.com"): Promise<string> {
    return talkTo(this.port, request(host));
  }

  ask(path: string, method = "GET") {
    return askAdmin(this.run.stderr, path, method);
  }

  /** Which worker served each request that has its row by now. */
  servedBy(): ReadonlySet<string> {
    const lines = readFileSync(this.log, "utf8").split("\n").slice(0, -1);
    return new Set(lines.map((line) => JSON.parse(line).properties.instanceId));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.run[Symbol.asyncDispose]();
    this.folder[Symbol.dispose]();
  }
}

const both = new Set(["appgw_causeway_1", "appgw_causeway_2"]);

async function until(isSo: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await isSo())) await new Promise((go) => setTimeout(go, 25));
}

describe("two workers", () => {
  test("serve as one: one prober, one explanation, one sum, one wish; they end together", async () => {
    let answer: (() => void) | undefined;
    const slow: Script = (text, socket) => {
      if (text.includes("/healthz ")) fine(text, socket);
      else answer = () => socket.write("HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nslow");
    };
    await using backends = await Backends.of({
      "127.38.2.1": fine,
      "127.38.2.2": fine,
      "127.38.2.3": broken,
      "127.38.2.4": slow,
    });
    await using shop = await Shop.of(gateway(backends.port, ["127.38.2.1", "127.38.2.2"], "127.38.2.3"));
    const { children } = shop.run;
    expect(children).toHaveLength(2);
    let asked = 0;
    await until(async () => {
      for (let times = 0; times < 8; times++) expect(await shop.get()).toMatch(/fine$/);
      asked += 8;
      return shop.servedBy().size === 2;
    });
    expect(shop.servedBy()).toEqual(both);
    const askedFor = (address: string, what: string) =>
      backends.connections(address).join("").split(what).length - 1;
    expect(askedFor("127.38.2.1", "GET /healthz ")).toBe(1);

    const failures = await Promise.all(Array.from({ length: 8 }, () => shop.get("bad.contoso.com")));
    for (const response of failures) {
      expect(response).toMatch(/^HTTP\/1\.1 502 /);
      const id = /X-Appgw-Trace-Id: ([0-9a-f]{32})/i.exec(response)?.[1];
      const told = JSON.parse((await shop.ask(`/explain/${id}`)).body);
      expect(told).toMatchObject({ record: { transactionId: id, cause: "http-invalid-header" } });
      expect(told.diagnosis.findings).toMatchObject([{ cause: "http-invalid-header" }]);
    }
    expect(JSON.parse((await shop.ask("/errors")).body)).toMatchObject([{ fault: "cl-invalid" }]);
    const { body } = await shop.ask("/metrics");
    expect(body).toContain(`azure_response_status{http_status_group="2xx"} ${asked}\n`);
    expect(body).toContain('azure_response_status{http_status_group="5xx"} 8\n');
    const activity = JSON.parse((await shop.ask("/activity")).body);
    expect(activity.routes.map(({ requests }: { requests: number }) => requests).sort()).toEqual(
      [asked, 8].sort(),
    );

    expect((await shop.ask("/servers/app~app/127.38.2.1/drain", "POST")).status).toBe(200);
    const before = askedFor("127.38.2.1", "GET / ");
    for (let times = 0; times < 16; times++) expect(await shop.get()).toMatch(/fine$/);
    expect(askedFor("127.38.2.1", "GET / ")).toBe(before);

    writeFileSync(shop.file, gateway(backends.port, ["127.38.2.4"], "127.38.2.3"));
    expect((await shop.ask("/reload", "POST")).status).toBe(200);
    const late = shop.get();
    await until(() => answer !== undefined);
    const ended = shop.run.end();
    await until(async () => (await shop.get("bad.contoso.com")) === "");
    answer?.();
    expect(await late).toMatch(/slow$/);
    expect(await ended).toBe(0);
    expect(children.filter(isAlive)).toEqual([]);
  });

  test("one that is killed under load takes its own connections with it, and is there again", async () => {
    await using backends = await FineServers.of(["127.38.2.5"]);
    await using shop = await Shop.of(gateway(backends.port, ["127.38.2.5"], "127.38.2.6"));
    const seen: Seen = { answers: 0, others: [] };
    let over = false;
    const clients = Promise.all(Array.from({ length: 8 }, () => client(shop.port, true, seen, () => over)));
    await until(() => shop.servedBy().size === 2);
    const [killed = 0, other = 0] = shop.run.children;
    process.kill(killed, "SIGKILL");
    await shop.run.said(/worker \d \(process \d+\) has ended: signal SIGKILL; it is started again/);
    await shop.run.said(/worker \d serves again/);
    const { answers: soFar } = seen;
    await until(() => seen.answers > soFar + 50);
    over = true;
    await clients;
    // At most what was under way or waiting for it: every client had one connection.
    expect(seen.others.length).toBeLessThanOrEqual(8);
    expect(shop.run.children).toHaveLength(2);
    expect(shop.run.children).toContain(other);
    for (let times = 0; times < 16; times++) expect(await shop.get()).toMatch(/fine$/);
  });

  test("take on another configuration together or not at all, without a failed request", async () => {
    await using backends = await FineServers.of(["127.38.2.7", "127.38.2.8"]);
    const texts = ["127.38.2.7", "127.38.2.8"].map((shop) => gateway(backends.port, [shop], "127.38.2.9"));
    await using shop = await Shop.of(texts[0] ?? "");
    const seen: Seen = { answers: 0, others: [] };
    let over = false;
    const clients = Promise.all(
      [true, true, false, false].map((keepAlive) => client(shop.port, keepAlive, seen, () => over)),
    );
    for (let round = 1; round <= 6; round++) {
      const isBad = round % 3 === 0;
      writeFileSync(shop.file, isBad ? "{ no gateway" : (texts[round % 2] ?? ""));
      expect((await shop.ask("/reload", "POST")).status).toBe(isBad ? 422 : 200);
    }
    over = true;
    await clients;
    expect(seen.others).toEqual([]);
    expect(seen.answers).toBeGreaterThan(20);
    // A place that another program has is no place for any of them.
    await using taken = await Backends.of({ "127.0.0.1": fine });
    const more = `listeners:\n    more: { port: ${taken.port}, hosts: [more.contoso.com] }`;
    const rule = "rules:\n    more: { listener: more, pool: app }";
    const text = (texts[0] ?? "").replace("listeners:", more).replace("rules:", rule);
    writeFileSync(shop.file, text);
    const refused = await shop.ask("/reload", "POST");
    expect(refused.status).toBe(409);
    expect(refused.body).toContain("EADDRINUSE");
    expect(await shop.get()).toMatch(/fine$/);
  });
});
