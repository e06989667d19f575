import { describe, expect, test } from "vitest";
import { answers, Backends, freePort, preparedFor, Scene } from "./scene.ts";

const ok = "HTTP/1.1 200 OK\r\nContent-Length: 4\r\nX-From: app\r\nConnection: keep-alive\r\n\r\nfine";

async function shop(backends: Backends, members: readonly string[], more = {}): Promise<Scene> {
  const wish = {
    listeners: [{ name: "shop", protocol: "Http" as const, to: "app" }],
    members,
    setting: { port: backends.port, requestTimeout: 1 },
    ...more,
  };
  return Scene.of(preparedFor(wish, [await freePort()]));
}

describe("an exchange that goes well", () => {
  test("a GET reaches a server in the gateway's own words, and the answer the client", async () => {
    await using backends = await Backends.of({ "127.30.0.1": answers(ok) });
    await using scene = await shop(backends, ["127.30.0.1"]);
    const got = await scene.talk(
      "GET /a?b=1 HTTP/1.1\r\nHost: shop.contoso.com\r\nConnection: close, x-hop\r\nX-Hop: 1\r\nX-Own: 2\r\n\r\n",
    );
    expect(got).toMatch(
      /^HTTP\/1\.1 200 OK\r\nX-From: app\r\nX-Appgw-Trace-Id: [0-9a-f]{32}\r\nContent-Length: 4\r\nConnection: close\r\n\r\nfine$/,
    );
    const [sent = ""] = backends.connections("127.30.0.1");
    expect(sent).toMatch(/^GET \/a\?b=1 HTTP\/1\.1\r\nHost: shop\.contoso\.com\r\nX-Own: 2\r\n/);
    expect(sent.toLowerCase()).not.toContain("x-hop");
    const [record] = await scene.recorded(1);
    expect(record).toMatchObject({ status: 200, ending: "--", cause: undefined, method: "GET" });
    expect(record?.route?.id).toBe("shop/shop");
    expect(record?.attempts).toHaveLength(1);
  });
});

describe("a server that refuses", () => {
  test("the next one is asked; the record has both attempts", async () => {
    await using backends = await Backends.of({ "127.30.0.3": answers(ok) });
    await using scene = await shop(backends, ["127.30.0.2", "127.30.0.3"]);
    const got = await scene.talk("GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
    expect(got).toContain("fine");
    const [record] = await scene.recorded(1);
    expect(record?.attempts.map(({ failure }) => failure?.kind)).toEqual(["connect-refused", undefined]);
  });

  test("and is the only one: 502 with its cause", async () => {
    await using backends = await Backends.of({});
    await using scene = await shop(backends, ["127.30.0.2"]);
    const got = await scene.talk("GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
    expect(got).toMatch(/^HTTP\/1\.1 502 Bad Gateway\r\n/);
    const [record] = await scene.recorded(1);
    expect(record).toMatchObject({ status: 502, ending: "SC" });
    expect(got).toContain(`X-Causeway-Cause: ${record?.cause}`);
  });
});
