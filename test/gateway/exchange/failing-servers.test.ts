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
    await using scene = await shop(backends, members, { wish: { tier } });
    expect(await scene.talk(get)).toMatch(new RegExp(`^HTTP/1\\.1 ${status} `));
    const [record] = await scene.recorded(1);
    expect(record).toMatchObject({ status, ending: "sH" });
    expect(record?.attempts).toHaveLength(generation === "v2" ? 2 : 1);
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
