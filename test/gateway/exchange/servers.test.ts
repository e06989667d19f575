import { describe, expect, test } from "vitest";
import {
  authority,
  certificate,
  host,
  intermediate,
  leaf,
  root,
  sending,
} from "../../live/support/tls-chains.ts";
import { ruleDocument } from "../../routing/rewrite/rewriting.ts";
import { dayMs, type TestCertificate } from "../../support/certificates.ts";
import { tlsServer } from "../../support/tls-server.ts";
import { answers, Backends, type Scene } from "./scene.ts";
import { body, Client, get, itemOf, ok, type ShopWish, shop } from "./shop.ts";

describe("connections to servers", () => {
  const address = "127.30.0.5";

  /** Two clients in turn; what came, one list of targets a connection. */
  async function inTurn(setting: Readonly<Record<string, unknown>>): Promise<readonly string[][]> {
    await using backends = await Backends.of({ [address]: answers(ok) });
    await using scene = await shop(backends, [address], { setting });
    using first = new Client(scene.port);
    using second = new Client(scene.port);
    for (const client of [first, second]) expect(body(await client.ask("/1"))).toBe("fine");
    for (const client of [second, first]) expect(body(await client.ask("/2"))).toBe("fine");
    expect((await scene.recorded(4)).map(({ ending }) => ending)).toEqual(["--", "--", "--", "--"]);
    return backends.connections(address).map((text) => text.match(/\/\d(?= HTTP)/g) ?? []);
  }

  test("are used by all clients", async () => {
    expect(await inTurn({})).toEqual([["/1", "/1", "/2", "/2"]]);
  });

  test("belong to one client each where the setting says so", async () => {
    expect(await inTurn({ dedicatedBackendConnection: true })).toEqual([
      ["/1", "/2"],
      ["/1", "/2"],
    ]);
  });
});

test("a server in several pools is one server: a connection serves them all", async () => {
  const address = "127.30.0.5";
  await using backends = await Backends.of({ [address]: answers(ok) });
  const paths = ["one", "two"].map((name) => [name, [`/${name}/*`], name] as const);
  const listeners = [{ name: "shop", protocol: "Http", default: "app", paths }] as const;
  await using scene = await shop(backends, [address], { wish: { listeners } });
  using client = new Client(scene.port);
  for (const path of ["/one/1", "/two/2", "/3"]) expect(body(await client.ask(path))).toBe("fine");
  const routes = (await scene.recorded(3)).map(({ route }) => route?.pair?.pool.name);
  expect(routes).toEqual(["one", "two", "app"]);
  expect(backends.connections(address)).toHaveLength(1);
});

test("a client with connections of its own stays with one of several servers", async () => {
  const addresses = ["127.30.0.5", "127.30.0.6"] as const;
  await using backends = await Backends.of({ [addresses[0]]: answers(ok), [addresses[1]]: answers(ok) });
  await using scene = await shop(backends, addresses, { setting: { dedicatedBackendConnection: true } });
  using first = new Client(scene.port);
  using second = new Client(scene.port);
  for (const path of ["/1", "/2", "/3"]) {
    for (const client of [first, second]) expect(body(await client.ask(path))).toBe("fine");
  }
  for (const address of addresses) {
    const asked = backends.connections(address).map((text) => text.match(/\/\d(?= HTTP)/g) ?? []);
    expect(asked).toEqual([["/1", "/2", "/3"]]);
  }
});

describe("servers over TLS", () => {
  const trusted = { ...itemOf("trustedRootCertificates", "own"), data: root.der.toString("base64") };

  /** A gateway that trusts `root` alone, whose servers answer with this chain. */
  const secureShop = (
    server: { readonly port: number },
    setting: Readonly<Record<string, unknown>> = { hostName: host },
    wish: ShopWish["wish"] = {},
  ): Promise<Scene> =>
    shop(server, ["127.0.0.1"], {
      setting: { protocol: "Https", trustedRootCertificates: [{ id: trusted.id }], ...setting },
      wish: { ...wish, more: { trustedRootCertificates: [trusted], ...wish.more } },
    });

  const asked = (name: string): string => `GET / HTTP/1.1\r\nHost: ${name}\r\nConnection: close\r\n\r\n`;

  test("are reached when their chain is good", async () => {
    await using server = await tlsServer(sending(leaf, intermediate));
    await using scene = await secureShop(server);
    expect(body(await scene.talk(get))).toBe("ok");
    expect(server.names).toEqual([host]);
    const [record] = await scene.recorded(1);
    expect(record).toMatchObject({ status: 200, ending: "--", host });
    expect(record?.attempts[0]?.tlsMs).toBeGreaterThan(0);
  });

  const other = "other.contoso.example";
  const strange = authority("Fabrikam Root");
  const faults: readonly [
    cause: string,
    fault: string,
    chain: readonly TestCertificate[],
    setting?: Readonly<Record<string, unknown>>,
  ][] = [
    [
      "tls-expired",
      "expired",
      [certificate({ issuer: intermediate, notAfterMs: Date.now() - dayMs }), intermediate],
    ],
    ["tls-intermediate-missing", "intermediate-missing", [leaf]],
    ["tls-root-mismatch", "wrong-root", [certificate({ issuer: strange }), strange]],
    ["tls-selfsigned-nonca", "self-signed-not-ca", [certificate({})]],
    ["tls-order", "leaf-not-first", [intermediate, leaf]],
    ["tls-live-name-mismatch", "name-mismatch", [leaf, intermediate], { hostName: other }],
  ];

  test.each(faults)(
    "%s: 502, what is wrong, and the chain that was sent",
    async (cause, fault, chain, setting) => {
      let got = "";
      await using server = await tlsServer(sending(...chain), (socket) =>
        socket.on("data", (bytes) => (got += bytes.toString("latin1"))),
      );
      await using scene = await secureShop(server, setting);
      const answer = await scene.talk(get);
      expect(answer).toMatch(/^HTTP\/1\.1 502 /);
      expect(answer).toContain(`X-Causeway-Cause: ${cause}\r\n`);
      const [record] = await scene.recorded(1);
      expect(record).toMatchObject({ status: 502, ending: "PT", cause });
      const failure = record?.attempts.at(-1)?.failure;
      expect(failure).toMatchObject({ kind: "tls-certificate", detail: fault, nothingSent: true });
      expect(failure?.chain?.map((der) => der.toString("hex"))).toEqual(
        chain.map(({ der }) => der.toString("hex")),
      );
      expect(got).toBe("");
    },
  );

  test("plain text there: what it is", async () => {
    await using backends = await Backends.of({
      "127.0.0.1": (_text, socket) => socket.end("HTTP/1.1 400 Bad\r\n\r\n"),
    });
    await using scene = await secureShop(backends);
    expect(await scene.talk(get)).toMatch(/^HTTP\/1\.1 502 /);
    expect((await scene.recorded(1))[0]).toMatchObject({ ending: "ST", cause: "protocol-tls-to-http" });
  });

  const set = itemOf("rewriteRuleSets", "set");
  const hostRule = {
    rule: { rewriteRuleSet: { id: set.id } },
    more: { rewriteRuleSets: [{ ...set, rewriteRules: [ruleDocument({ request: { Host: other } })] }] },
  };

  test.each<[string, Readonly<Record<string, unknown>>, ShopWish["wish"], string, string | false]>([
    ["the client's, without its port", {}, {}, `${host}:8443`, host],
    ["the client's, also where a rule rewrites the Host", {}, hostRule, host, host],
    ["the setting's for it", { sniName: host, hostName: other }, {}, "a", host],
    ["none for an address", { validateSNI: false }, {}, "127.0.0.1", false],
  ])("the name in the handshake: %s", async (_, setting, wish, name, sni) => {
    await using server = await tlsServer(sending(leaf, intermediate));
    await using scene = await secureShop(server, setting, wish);
    expect(body(await scene.talk(asked(name)))).toBe("ok");
    expect(server.names).toEqual([sni]);
  });
});
