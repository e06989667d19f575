import { renameSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { selfSignedCertificate } from "../../src/gateway/config/self-signed.ts";
import { answers, Backends, freePort, talkTo } from "../gateway/exchange/scene.ts";
import { client, FineServers, type Seen } from "../gateway/workers/load.ts";
import { askAdmin } from "./admin-client.ts";
import { folderWith } from "./run-cli.ts";
import { Running } from "./running.ts";

const says = (text: string) => answers(`HTTP/1.1 200 OK\r\nContent-Length: ${text.length}\r\n\r\n${text}`);

const short = (port: number, members: readonly string[], more = "") => `
gateway:
  name: contoso-shop
  ${more}
  listeners:
    shop: { port: 80, hosts: [shop.contoso.com] }
  pools:
    app: [${members.join(", ")}]
  settings:
    app: { port: ${port}, timeout: 2, probe: { path: /healthz, interval: 1 } }
`;

const request = (connection: "close" | "keep-alive") =>
  `GET / HTTP/1.1\r\nHost: shop.contoso.com\r\nConnection: ${connection}\r\n\r\n`;

/** A run on a file of its own, with its admin port. */
class Shop implements AsyncDisposable {
  readonly folder: ReturnType<typeof folderWith>;
  readonly file: string;
  readonly running: Running;
  readonly port: number;

  private constructor(folder: Shop["folder"], port: number, words: readonly string[]) {
    this.folder = folder;
    this.file = join(folder.path, "gateway.yaml");
    this.port = port;
    const listen = words.includes("--listen") ? [] : ["--listen", `80=${port}`];
    const call = [folder.path, ...listen, "--admin", "127.0.0.1:0", ...words];
    this.running = new Running(call);
  }

  static async of(text: string, words: readonly string[] = []): Promise<Shop> {
    const folder = folderWith({ "gateway.yaml": text });
    const shop = new Shop(folder, await freePort(), ["--access-log", "off", ...words]);
    await shop.running.said(/ready/);
    return shop;
  }

  ask(path: string, method = "GET") {
    return askAdmin(this.running.stderr, path, method);
  }

  get(): Promise<string> {
    return talkTo(this.port, request("close"));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.running.end();
    this.folder[Symbol.dispose]();
  }
}

describe("a reload", () => {
  test("every 50 ms under load, with new servers and bad documents between: no request fails", async () => {
    const addresses = ["127.38.1.1", "127.38.1.2", "127.38.1.3"];
    await using backends = await FineServers.of(addresses);
    await using shop = await Shop.of(short(backends.port, addresses.slice(0, 1)));
    const seen: Seen = { answers: 0, others: [] };
    let over = false;
    const clients = Promise.all(
      [true, true, true, false, false].map((keepAlive) => client(shop.port, keepAlive, seen, () => over)),
    );
    const outcomes = new Map<number | undefined, number>();
    for (let round = 1; round <= 16; round++) {
      // Never one server of the configuration before: without a probe ahead each of them would be down.
      const text = round % 4 === 0 ? "{ no gateway" : short(backends.port, [addresses[round % 3] ?? ""]);
      writeFileSync(shop.file, text);
      const [{ status }] = await Promise.all([
        shop.ask("/reload", "POST"),
        new Promise((go) => setTimeout(go, 50)),
      ]);
      outcomes.set(status, (outcomes.get(status) ?? 0) + 1);
    }
    over = true;
    await clients;
    expect(outcomes).toEqual(
      new Map([
        [200, 12],
        [422, 4],
      ]),
    );
    expect(seen.others).toEqual([]);
    expect(seen.answers).toBeGreaterThan(100);
  });

  test("by POST /reload tells what changed, or why not", async () => {
    await using backends = await Backends.of({ "127.38.1.4": says("fine") });
    await using shop = await Shop.of(short(backends.port, ["127.38.1.4"]));
    expect(JSON.parse((await shop.ask("/reload", "POST")).body)).toEqual({ served: true, changes: [] });
    writeFileSync(shop.file, short(backends.port, ["127.38.1.4", "127.38.1.5"]));
    const changed = await shop.ask("/reload", "POST");
    expect(JSON.parse(changed.body)).toEqual({ served: true, changes: ["pool app is changed"] });
    expect((await shop.ask("/reload")).status).toBe(405);
    rmSync(shop.file);
    const refused = await shop.ask("/reload", "POST");
    expect(refused.status).toBe(422);
    expect(JSON.parse(refused.body).why).toMatch(/no application gateway/);
    writeFileSync(shop.file, short(backends.port, ["127.38.1.4"]).replace("listeners:", "listners:"));
    const unreadable = await shop.ask("/reload", "POST");
    expect(unreadable.status).toBe(422);
    expect(JSON.parse(unreadable.body).why).toMatch(/:\d+:\d+: expected `listeners`/);
    expect(await shop.get()).toContain("fine");
  });

  test("with a certificate file that is broken is refused; another certificate is said", async () => {
    await using backends = await Backends.of({ "127.38.1.4": says("fine") });
    const pemOf = () => {
      const { certificate, key } = selfSignedCertificate(["shop.contoso.com"], Date.now());
      return certificate + key;
    };
    const folder = folderWith({ "site.pem": pemOf() });
    using _ = folder;
    const file = join(folder.path, "site.pem");
    const more = `certificates: { site: { keyVaultSecretId: "https://contoso.vault.azure.net/secrets/s" } }`;
    const text = short(backends.port, ["127.38.1.4"], more).replace(
      "port: 80",
      "port: 443, certificate: site",
    );
    await using shop = await Shop.of(text, ["--listen", "443=0", "--certificate", `site=${file}`]);
    writeFileSync(file, "half a file");
    const refused = await shop.ask("/reload", "POST");
    expect(refused.status).toBe(422);
    expect(JSON.parse(refused.body).why).toMatch(/^--certificate site: .*site\.pem cannot be used/);
    writeFileSync(file, pemOf());
    const { body } = await shop.ask("/reload", "POST");
    expect(JSON.parse(body)).toEqual({ served: true, changes: ["listener shop has another certificate"] });
  });

  test("that this machine does not let is refused, and the old configuration goes on", async () => {
    await using backends = await Backends.of({ "127.38.1.4": says("fine") });
    await using shop = await Shop.of(short(backends.port, ["127.38.1.4"]));
    const taken = createServer().listen(0, "127.0.0.1");
    await new Promise((resolve) => taken.once("listening", resolve));
    const { port } = taken.address() as { port: number };
    const two = short(backends.port, ["127.38.1.4"]).replace(
      "listeners:",
      `listeners:\n    more: { port: ${port}, hosts: [more.contoso.com] }`,
    );
    writeFileSync(shop.file, two);
    const { status, body } = await shop.ask("/reload", "POST");
    taken.close();
    expect({ status, why: JSON.parse(body).why }).toEqual({
      status: 409,
      why: `cannot listen on 127.0.0.1:${port}: another program listens there (EADDRINUSE)`,
    });
    expect(await shop.get()).toContain("fine");
  });

  test("follows the generation, in the metrics too; old configurations are not kept for ever", async () => {
    await using backends = await Backends.of({});
    const text = (sku: string, member = "127.38.1.6") => short(backends.port, [member], `sku: ${sku}`);
    await using shop = await Shop.of(text("Standard_Medium"));
    const failedCount = async () =>
      /azure_failed_requests\{[^}]*\} (\d+)/.exec((await shop.ask("/metrics")).body)?.[1];
    const response = await shop.get();
    expect(response).toMatch(/^HTTP\/1\.1 502 /);
    expect(await failedCount()).toBeUndefined();
    const id = /X-Appgw-Trace-Id: ([0-9a-f]{32})/i.exec(response)?.[1];
    const explained = async () => JSON.parse((await shop.ask(`/explain/${id}`)).body);
    for (let round = 0; round < 8; round++) {
      expect((await explained()).diagnosis).not.toBeNull();
      writeFileSync(shop.file, text("Standard_v2", `127.38.1.${round + 7}`));
      expect((await shop.ask("/reload", "POST")).status).toBe(200);
    }
    expect(await shop.get()).toMatch(/^HTTP\/1\.1 502 /);
    expect(await failedCount()).toBe("1");
    expect(await explained()).toMatchObject({
      record: { status: 502, cause: "tcp-refused" },
      diagnosis: null,
      noDiagnosis: expect.stringContaining("is gone"),
    });
  });
});

describe("--watch", () => {
  test("sees files that are written, replaced by renaming, and gone for a moment", async () => {
    await using backends = await Backends.of({ "127.38.1.4": says("four"), "127.38.1.5": says("five") });
    await using shop = await Shop.of(short(backends.port, ["127.38.1.4"]), ["--watch"]);
    const served = async (text: string) => {
      while (!(await shop.get()).endsWith(text)) await new Promise((go) => setTimeout(go, 25));
    };
    writeFileSync(shop.file, short(backends.port, ["127.38.1.5"]));
    await served("five");
    const beside = join(shop.folder.path, ".gateway.yaml.new");
    writeFileSync(beside, short(backends.port, ["127.38.1.4"]));
    renameSync(beside, shop.file);
    await served("four");
    writeFileSync(shop.file, "{ no gateway");
    await shop.running.said(/the old configuration goes on/);
    expect(await shop.get()).toContain("four");
    rmSync(shop.file);
    writeFileSync(shop.file, short(backends.port, ["127.38.1.5"]));
    await served("five");
  });
});
