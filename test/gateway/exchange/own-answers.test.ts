import { describe, expect, test } from "vitest";
import { limitsOf } from "../../../src/gateway/assemble.ts";
import { answers, Backends } from "./scene.ts";
import { get, ok, shop } from "./shop.ts";

describe("what the gateway answers itself", () => {
  test.each([
    ["GET / HTTP/1.1\r\n\r\n", 400, "ERRORINFO_HTTP_NO_HOST_HEADER"],
    [
      "GET / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n",
      400,
      "ERRORINFO_INVALID_CONTENT_LENGTH",
    ],
    ["GET / HTTP/3.0\r\nHost: a\r\n\r\n", 400, "ERRORINFO_INVALID_VERSION"],
    ["\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", 400, "ERRORINFO_INVALID_REQUEST"],
    ["TRACE / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n", 405, "ERRORINFO_INVALID_METHOD_TRACE"],
    ["CONNECT a:443 HTTP/1.1\r\nHost: a:443\r\nConnection: close\r\n\r\n", 405, "ERRORINFO_INVALID_METHOD"],
    [
      "GET / HTTP/1.1\r\nHost: a\r\nConnection: close, Upgrade\r\nUpgrade: h2c\r\n\r\n",
      403,
      "ERRORINFO_INVALID_REQUEST",
    ],
  ])("%j: %i and the end of the connection, with a record", async (bytes, status, errorInfo) => {
    await using backends = await Backends.of({ "127.30.8.1": answers(ok) });
    await using scene = await shop(backends, ["127.30.8.1"]);
    const got = await scene.talk(bytes);
    expect(got).toMatch(new RegExp(`^HTTP/1\\.1 ${status} `));
    expect(got).toContain("Connection: close\r\n");
    expect(got.endsWith(`<${status}>`)).toBe(true);
    expect((await scene.recorded(1))[0]).toMatchObject({ status, errorInfo, ending: "PR", attempts: [] });
    expect(backends.connections("127.30.8.1")).toEqual([]);
  });

  test("a body that is framed wrong ends in 400, and no server has seen it", async () => {
    await using backends = await Backends.of({ "127.30.8.1": answers(ok) });
    await using scene = await shop(backends, ["127.30.8.1"]);
    const got = await scene.talk("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n");
    expect(got).toMatch(/^HTTP\/1\.1 400 /);
    expect(backends.connections("127.30.8.1")).toEqual([]);
    expect(scene.holdsNothing).toBe(true);
  });

  test("a host that no listener takes: 404 on v2", async () => {
    await using backends = await Backends.of({});
    const listeners = [{ name: "shop", protocol: "Http" as const, hosts: ["shop.contoso.com"], to: "app" }];
    await using scene = await shop(backends, ["127.30.8.1"], { wish: { listeners } });
    expect(await scene.talk(get)).toMatch(/^HTTP\/1\.1 404 /);
    expect((await scene.recorded(1))[0]).toMatchObject({ errorInfo: "ERRORINFO_INVALID_HOST" });
  });

  test("a redirect", async () => {
    await using backends = await Backends.of({});
    const listeners = [{ name: "shop", protocol: "Http" as const, to: { redirect: "Found" } }];
    await using scene = await shop(backends, [], { wish: { listeners } });
    const got = await scene.talk(get);
    expect(got).toMatch(/^HTTP\/1\.1 302 Found\r\n/);
    expect(got).toContain("Location: https://www.contoso.com/0\r\n");
    expect((await scene.recorded(1))[0]).toMatchObject({ status: 302, ending: "--", cause: undefined });
  });

  test("a request in absolute form is routed by its path", async () => {
    await using backends = await Backends.of({ "127.30.8.1": answers(ok) });
    await using scene = await shop(backends, ["127.30.8.1"]);
    await scene.talk("GET http://a/x?y HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
    expect(backends.connections("127.30.8.1")[0]).toMatch(/^GET \/x\?y HTTP\/1\.1\r\n/);
  });

  test("a request that does not come to its end: 408", async () => {
    await using backends = await Backends.of({});
    const shorter = { ...limitsOf("v2"), clientMs: 200, bodyBytes: 1_000 };
    await using scene = await shop(backends, ["127.30.8.1"], { means: { limitsOf: () => shorter } });
    expect(await scene.talk("GET / HT")).toMatch(/^HTTP\/1\.1 408 /);
    const head = "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\nhalf";
    expect(await scene.talk(head)).toMatch(/^HTTP\/1\.1 408 /);
    for (const record of await scene.recorded(2)) expect(record).toMatchObject({ status: 408, ending: "cR" });
  });
});
