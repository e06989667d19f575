import type { Socket } from "node:net";
import { describe, expect, test } from "vitest";
import { answers, Backends } from "./scene.ts";
import { answersUploads, body, get, ok, shop } from "./shop.ts";

describe("a server that fails", () => {
  test("refused: the next one is asked; the record has both attempts", async () => {
    await using backends = await Backends.of({ "127.30.7.3": answers(ok) });
    await using scene = await shop(backends, ["127.30.7.2", "127.30.7.3"]);
    expect(await scene.talk(get)).toContain("fine");
    const [record] = await scene.recorded(1);
    expect(record?.attempts.map(({ failure }) => failure?.kind)).toEqual(["connect-refused", undefined]);
  });

  test("refused by the only one: 502 with its cause", async () => {
    await using backends = await Backends.of({});
    await using scene = await shop(backends, ["127.30.7.2"]);
    const got = await scene.talk(get);
    expect(got).toMatch(/^HTTP\/1\.1 502 Bad Gateway\r\n/);
    const [record] = await scene.recorded(1);
    expect(record).toMatchObject({ status: 502, ending: "SC" });
    expect(record?.cause).toBeDefined();
    expect(got).toContain(`X-Causeway-Cause: ${record?.cause}\r\n`);
  });

  test("a refused POST, of which nothing was sent, goes to the next one", async () => {
    await using backends = await Backends.of({ "127.30.7.3": answersUploads });
    await using scene = await shop(backends, ["127.30.7.2", "127.30.7.3"]);
    const got = await scene.talk(
      "POST / HTTP/1.1\r\nHost: a\r\nConnection: close\r\nContent-Length: 2\r\n\r\nhi",
    );
    expect(got).toContain("fine");
    expect(body(backends.connections("127.30.7.3")[0] ?? "")).toBe("hi");
  });

  test.each([
    ["v2", "Standard_v2", 504],
    ["v1", "Standard_Medium", 502],
  ])("silent on %s: a GET ends in its status after so many servers", async (generation, tier, status) => {
    await using backends = await Backends.of({
      "127.30.7.1": () => {},
      "127.30.7.2": () => {},
      "127.30.7.3": () => {},
    });
    const members = ["127.30.7.1", "127.30.7.2", "127.30.7.3"];
    await using scene = await shop(backends, members, { wish: { tier }, setting: { requestTimeout: 1 } });
    expect(await scene.talk(get)).toMatch(new RegExp(`^HTTP/1\\.1 ${status} `));
    const [record] = await scene.recorded(1);
    expect(record).toMatchObject({ status, ending: "sH" });
    expect(record?.attempts).toHaveLength(generation === "v2" ? 2 : 1);
  });

  test.each([
    ["reset", (socket: Socket) => void socket.resetAndDestroy()],
    ["closed", (socket: Socket) => void socket.end()],
  ])("%s before a byte of an answer: another server is asked; the record has both", async (_, cut) => {
    await using backends = await Backends.of({
      "127.30.7.1": (_text, socket) => cut(socket),
      "127.30.7.2": answers(ok),
    });
    await using scene = await shop(backends, ["127.30.7.1", "127.30.7.2"]);
    for (let asked = 0; asked < 2; asked++) expect(await scene.talk(get)).toContain("fine");
    const records = await scene.recorded(2);
    const [saved] = records.filter(({ attempts }) => attempts.length === 2);
    expect(saved).toMatchObject({ status: 200, ending: "--" });
    expect(saved?.attempts.map(({ member }) => member)).toEqual(["127.30.7.1", "127.30.7.2"]);
    expect(saved?.attempts[0]?.failure).toMatchObject({ nothingSent: false, stale: false });
  });

  test("reset by all: two of them are asked, and the cause is what they did", async () => {
    const resets = (_text: string, socket: Socket): void => void socket.resetAndDestroy();
    const members = ["127.30.7.1", "127.30.7.2", "127.30.7.3"];
    await using backends = await Backends.of(Object.fromEntries(members.map((one) => [one, resets])));
    await using scene = await shop(backends, members);
    expect(await scene.talk(get)).toMatch(/^HTTP\/1\.1 502 /);
    const [record] = await scene.recorded(1);
    expect(record).toMatchObject({ status: 502, ending: "SH", cause: "http-reset-midway" });
    expect(new Set(record?.attempts.map(({ member }) => member)).size).toBe(2);
  });

  test("a PUT with its whole body goes to another server as it came", async () => {
    await using backends = await Backends.of({
      "127.30.7.1": (_text, socket) => socket.resetAndDestroy(),
      "127.30.7.2": answersUploads,
    });
    await using scene = await shop(backends, ["127.30.7.1", "127.30.7.2"]);
    const put = "PUT / HTTP/1.1\r\nHost: a\r\nConnection: close\r\nContent-Length: 2\r\n\r\nhi";
    expect(await scene.talk(put)).toContain("fine");
    expect(body(backends.connections("127.30.7.1")[0] ?? "")).toBe("hi");
    expect(body(backends.connections("127.30.7.2")[0] ?? "")).toBe("hi");
  });

  test("a POST that was sent is never sent again", async () => {
    await using backends = await Backends.of({
      "127.30.7.1": (_text, socket) => socket.resetAndDestroy(),
      "127.30.7.2": (_text, socket) => socket.resetAndDestroy(),
    });
    await using scene = await shop(backends, ["127.30.7.1", "127.30.7.2"]);
    const got = await scene.talk(
      "POST / HTTP/1.1\r\nHost: a\r\nConnection: close\r\nContent-Length: 2\r\n\r\nhi",
    );
    expect(got).toMatch(/^HTTP\/1\.1 502 /);
    const [record] = await scene.recorded(1);
    expect(record).toMatchObject({ ending: "SH" });
    expect(record?.attempts).toHaveLength(1);
  });

  test("an answer that is no response: 502, and where it is wrong", async () => {
    await using backends = await Backends.of({ "127.30.7.1": answers("HTTP/1.1 200 OK\r\nX y: 1\r\n\r\n") });
    await using scene = await shop(backends, ["127.30.7.1"]);
    expect(await scene.talk(get)).toMatch(/^HTTP\/1\.1 502 /);
    const [record] = await scene.recorded(1);
    expect(record).toMatchObject({ ending: "PH", cause: "http-invalid-header" });
    expect(record?.attempts[0]?.failure?.offset).toBeGreaterThan(16);
  });

  test("a response that breaks off is seen to by the client", async () => {
    const cut = "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf";
    await using backends = await Backends.of({ "127.30.7.1": (_text, socket) => socket.end(cut) });
    await using scene = await shop(backends, ["127.30.7.1"]);
    const got = await scene.talk(get);
    expect(got).toMatch(/Content-Length: 10\r\n/);
    expect(body(got)).toBe("half");
    expect((await scene.recorded(1))[0]).toMatchObject({ status: 200, ending: "SD" });
  });

  test("its own 502 is passed on and known to be its own", async () => {
    const own = "HTTP/1.1 502 Bad\r\nServer: nginx\r\nContent-Length: 2\r\n\r\nno";
    await using backends = await Backends.of({ "127.30.7.1": answers(own) });
    await using scene = await shop(backends, ["127.30.7.1"]);
    expect(body(await scene.talk(get))).toBe("no");
    const [record] = await scene.recorded(1);
    expect(record).toMatchObject({ status: 502, backendError: true, answeredBy: { server: "nginx" } });
    expect(record?.cause).toBe("second-proxy-502");
  });

  test("the page of a proxy tells it where no field does", async () => {
    const page =
      "<html><body><h1>503 Service Unavailable</h1>\nNo server is available to handle this request.\n</body></html>\n";
    const own = `HTTP/1.1 503 x\r\nContent-Length: ${page.length}\r\n\r\n${page}`;
    await using backends = await Backends.of({ "127.30.7.1": answers(own) });
    await using scene = await shop(backends, ["127.30.7.1"]);
    expect(body(await scene.talk(get))).toBe(page);
    const [record] = await scene.recorded(1);
    expect(record).toMatchObject({ answeredBy: { pageOf: "haproxy" }, cause: "second-proxy-502" });
  });

  test("no members: 502 without an attempt", async () => {
    await using backends = await Backends.of({});
    await using scene = await shop(backends, []);
    expect(await scene.talk(get)).toMatch(/^HTTP\/1\.1 502 /);
    expect((await scene.recorded(1))[0]).toMatchObject({
      ending: "PQ",
      noServer: "pool-empty",
      cause: "pool-empty",
      attempts: [],
    });
  });

  test("none healthy: 502 without an attempt, for what keeps them from it", async () => {
    await using backends = await Backends.of({ "127.30.7.1": answers(ok) });
    await using scene = await shop(backends, ["127.30.7.1", "127.30.7.2"]);
    for (const entry of [...scene.board.entries()]) {
      const last = { outcome: "unhealthy", kind: "tcp-refused", says: "refused", atMs: 9 } as const;
      scene.board.set({
        ...entry,
        state: { ...entry.state, up: false, failuresInRow: 3, last },
        cause: "tcp-refused",
      });
    }
    const got = await scene.talk(get);
    expect(got).toMatch(/^HTTP\/1\.1 502 /);
    expect(got).toContain("X-Causeway-Cause: tcp-refused\r\n");
    expect((await scene.recorded(1))[0]).toMatchObject({
      ending: "PQ",
      noServer: "none-healthy",
      cause: "tcp-refused",
      attempts: [],
    });
    expect(backends.connections("127.30.7.1")).toEqual([]);
  });
});
