import type { Socket } from "node:net";
import { describe, expect, test } from "vitest";
import { listen } from "../../support/listener.ts";
import { eventually, ok, TestUpstream } from "./support.ts";

/** Answers every request head with the same text. */
const answering =
  (text: string, then: (socket: Socket) => void = () => {}) =>
  (socket: Socket): void => {
    socket.on("data", () => {
      socket.write(text, "latin1");
      then(socket);
    });
  };

describe("a response", () => {
  test("with a length: told in order, the connection is used again", async () => {
    await using server = await listen(answering(ok("hello")));
    using upstream = new TestUpstream(server.port);
    const first = await upstream.send().over;
    expect(first.events).toEqual(["head", "data", "end"]);
    expect([first.status, first.text]).toEqual([200, "hello"]);
    const second = await upstream.send().over;
    expect(second.text).toBe("hello");
    expect(server.accepted).toHaveLength(1);
    const [fresh, reused] = [first.attempt?.record(), second.attempt?.record()];
    expect(fresh).toMatchObject({
      server: `127.0.0.1:${server.port}`,
      member: "app.contoso.com",
      connection: "fresh",
      idleMs: undefined,
      dnsMs: undefined,
      tlsMs: undefined,
      status: 200,
      bytesSent: 41,
      failure: undefined,
    });
    const times = [fresh?.startedMs, fresh?.connectedMs, fresh?.sentMs, fresh?.firstByteMs, fresh?.endedMs];
    expect(times).toEqual([...times].sort((one, other) => Number(one) - Number(other)));
    expect(times.every((time) => Number(time) >= 0)).toBe(true);
    expect(reused).toMatchObject({ connection: "reused", connectedMs: undefined });
    expect(reused?.idleMs).toBeGreaterThanOrEqual(0);
    expect(upstream.counters).toMatchObject({ open: 1, idle: 1, requests: 2, reused: 1, stale: 0 });
  });

  test("chunked, with trailers", async () => {
    const text =
      "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3;x=y\r\nabc\r\n2\r\nde\r\n0\r\nX-Sum: 5\r\n\r\n";
    await using server = await listen(answering(text));
    using upstream = new TestUpstream(server.port);
    const taking = await upstream.send().over;
    expect(taking.text).toBe("abcde");
    expect(taking.events.filter((event) => event !== "data")).toEqual(["head", "trailers", "end"]);
    expect(taking.trailing).toEqual([{ name: "X-Sum", value: "5" }]);
    expect(upstream.counters.idle).toBe(1);
  });

  test("until the connection closes", async () => {
    await using server = await listen(
      answering("HTTP/1.1 200 OK\r\n\r\nall of it", (socket) => socket.end()),
    );
    using upstream = new TestUpstream(server.port);
    const taking = await upstream.send().over;
    expect([taking.text, taking.failure]).toEqual(["all of it", undefined]);
    await eventually(() => upstream.counters.open === 0);
    expect(upstream.counters).toMatchObject({ idle: 0, endedIdle: 0 });
  });

  test.each([
    ["HEAD", "HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\n", 200],
    ["GET", "HTTP/1.1 204 No Content\r\n\r\n", 204],
    ["GET", "HTTP/1.1 304 Not Modified\r\nContent-Length: 500\r\n\r\n", 304],
  ])("without a body: %s %s", async (method, text, status) => {
    await using server = await listen(answering(text));
    using upstream = new TestUpstream(server.port);
    const taking = await upstream.send({ method }).over;
    expect([taking.status, taking.events]).toEqual([status, ["head", "end"]]);
    expect(upstream.counters.idle).toBe(1);
  });

  test.each(["204 No Content\r\nContent-Length: 5", "304 Not Modified\r\nETag: x"])(
    "a body where none may be is refused before anything is told: %s",
    async (head) => {
      await using server = await listen(answering(`HTTP/1.1 ${head}\r\n\r\nhello`));
      using upstream = new TestUpstream(server.port);
      const taking = await upstream.send().over;
      expect(taking.events).toEqual(["failed"]);
      expect(taking.failure).toMatchObject({ kind: "response-invalid", detail: "body-after-no-body-status" });
      expect(taking.attempt?.record().status).toBe(Number(head.slice(0, 3)));
      expect(upstream.counters.idle).toBe(0);
    },
  );

  test("that says close is not followed by another on its connection", async () => {
    await using server = await listen(answering(ok("x", "Connection: close\r\n")));
    using upstream = new TestUpstream(server.port);
    await upstream.send().over;
    await upstream.send().over;
    expect(server.accepted).toHaveLength(2);
    expect(upstream.counters.reused).toBe(0);
  });

  test("interim ones are told, and the body sent behind a 100", async () => {
    let got = "";
    await using server = await listen((socket) =>
      socket.on("data", (bytes) => {
        got += bytes.toString("latin1");
        if (got.endsWith("\r\n\r\n")) {
          socket.write("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n");
        }
        if (got.endsWith("body")) socket.write(ok("thanks"));
      }),
    );
    using upstream = new TestUpstream(server.port);
    const taking = upstream.send({ method: "POST", body: "length" });
    await taking.until("interim 103");
    taking.attempt?.write(Buffer.from("body"), 0, 4);
    taking.attempt?.endBody();
    await taking.over;
    expect(taking.events).toEqual(["interim 100", "interim 103", "head", "data", "end"]);
    expect(upstream.counters.idle).toBe(1);
  });

  test("byte by byte is the same response", async () => {
    const text = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n";
    await using server = await listen((socket) =>
      socket.once("data", async () => {
        for (const letter of text) {
          socket.write(letter);
          await new Promise((resolve) => setTimeout(resolve, 1));
        }
      }),
    );
    using upstream = new TestUpstream(server.port);
    const taking = await upstream.send().over;
    expect([taking.text, taking.failure]).toEqual(["abc", undefined]);
  });

  test("bytes behind it: the response stands, the connection is not used again", async () => {
    await using server = await listen(answering(`${ok("good")}HTTP/1.1 200 OK\r\n\r\nsmuggled`));
    using upstream = new TestUpstream(server.port);
    const first = await upstream.send().over;
    const second = await upstream.send().over;
    expect([first.text, second.text]).toEqual(["good", "good"]);
    expect(server.accepted).toHaveLength(2);
  });

  test("bytes that nobody asked for end an idle connection, and are counted", async () => {
    await using server = await listen(answering(ok("good")));
    using upstream = new TestUpstream(server.port);
    await upstream.send().over;
    server.accepted[0]?.write("HTTP/1.1 408 Request Timeout\r\n\r\n");
    await eventually(() => upstream.counters.open === 0);
    expect(upstream.counters).toMatchObject({ idle: 0, stray: 1, endedIdle: 0 });
    expect((await upstream.send().over).text).toBe("good");
  });
});

describe("a request", () => {
  const recorded = async (body: "length" | "chunked", parts: readonly string[], late: boolean) => {
    let got = "";
    await using server = await listen((socket) =>
      socket.on("data", (bytes) => {
        got += bytes.toString("latin1");
        if (got.endsWith("-end") || got.endsWith("0\r\n\r\n")) socket.write(ok(""));
      }),
    );
    using upstream = new TestUpstream(server.port);
    const taking = upstream.send({ method: "PUT", body });
    if (late) await eventually(() => got.endsWith("\r\n\r\n"));
    for (const part of parts) taking.attempt?.write(Buffer.from(`(${part})`), 1, 1 + part.length);
    taking.attempt?.endBody();
    await taking.over;
    const sent = taking.attempt?.record().bytesSent;
    expect(sent).toBe(got.length);
    return got.slice(got.indexOf("\r\n\r\n") + 4);
  };

  test.each([true, false])("framing of bodies, the body behind the head: %s", async (late) => {
    expect(await recorded("length", ["abc", "", "-end"], late)).toBe("abc-end");
    const chunked = await recorded("chunked", ["abc", "", "defghijklmnopqrs"], late);
    expect(chunked).toBe(
      late ? "3\r\nabc\r\n10\r\ndefghijklmnopqrs\r\n0\r\n\r\n" : "13\r\nabcdefghijklmnopqrs\r\n0\r\n\r\n",
    );
    expect(await recorded("chunked", [], late)).toBe("0\r\n\r\n");
  });

  test("a body that is there but large goes behind the head", async () => {
    const large = "x".repeat(40_000);
    expect(await recorded("length", [large, "-end"], false)).toBe(`${large}-end`);
    expect(await recorded("chunked", [large], false)).toBe(`9c40\r\n${large}\r\n0\r\n\r\n`);
  });

  test("answered before its end: nothing more is sent, the connection is not used again", async () => {
    await using server = await listen(
      answering("HTTP/1.1 413 Content Too Large\r\nContent-Length: 0\r\n\r\n"),
    );
    using upstream = new TestUpstream(server.port);
    const taking = await upstream.send({ method: "POST", body: "length" }).over;
    expect([taking.status, taking.failure]).toEqual([413, undefined]);
    expect(taking.attempt?.write(Buffer.alloc(100), 0, 100)).toBe(true);
    taking.attempt?.endBody();
    await eventually(() => upstream.counters.open === 0);
    expect(upstream.counters.idle).toBe(0);
    expect(taking.events).toEqual(["head", "end"]);
  });

  test("given up: its connection is closed, nothing is told", async () => {
    let closed = false;
    await using server = await listen((socket) => {
      socket.on("data", () => {});
      socket.on("close", () => {
        closed = true;
      });
    });
    using upstream = new TestUpstream(server.port);
    const early = upstream.send();
    early.attempt?.abort();
    expect(early.attempt?.record().failure).toMatchObject({ kind: "aborted", nothingSent: true });
    const taking = upstream.send();
    await eventually(() => taking.attempt?.record().sentMs !== undefined);
    taking.attempt?.abort();
    await eventually(() => closed && upstream.counters.open === 0);
    expect(taking.attempt?.record().failure).toMatchObject({ kind: "aborted", nothingSent: false });
    expect([...early.events, ...taking.events]).toEqual([]);
    expect(server.accepted).toHaveLength(1);
  });

  test("given up from within the response", async () => {
    await using server = await listen(answering(ok("abc")));
    using upstream = new TestUpstream(server.port);
    const taking = upstream.send();
    taking.onEvent = (event) => event === "head" && taking.attempt?.abort();
    await taking.until("head");
    await eventually(() => upstream.counters.open === 0);
    expect(taking.events).toEqual(["head"]);
    expect(upstream.counters.idle).toBe(0);
  });
});

describe("an upgrade", () => {
  test("101 makes a tunnel, with what came behind the head", async () => {
    await using server = await listen((socket) => {
      socket.once("data", () => {
        socket.write("HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nConnection: upgrade\r\n\r\nfirst");
        socket.on("data", (bytes) => socket.write(bytes.toString().toUpperCase()));
      });
    });
    using upstream = new TestUpstream(server.port);
    const taking = upstream.send({ upgrade: true });
    await taking.until("data");
    expect(taking.events).toEqual(["head", "upgraded", "data"]);
    taking.tunnel?.write(Buffer.from("<more>"), 1, 5);
    await eventually(() => taking.text === "firstMORE");
    taking.tunnel?.end();
    await taking.over;
    expect(taking.events.at(-1)).toBe("end");
    await eventually(() => upstream.counters.open === 0);
    expect(taking.attempt?.record()).toMatchObject({ status: 101, failure: undefined });
  });

  test("a tunnel that is reset, and one that is given up", async () => {
    await using server = await listen((socket) =>
      socket.once("data", () => socket.write("HTTP/1.1 101 Switching Protocols\r\n\r\n")),
    );
    using upstream = new TestUpstream(server.port);
    const reset = upstream.send({ upgrade: true });
    await reset.until("upgraded");
    server.accepted[0]?.resetAndDestroy();
    await reset.over;
    expect(reset.failure).toMatchObject({ kind: "relay-reset", detail: "ECONNRESET", nothingSent: false });
    const aborted = upstream.send({ upgrade: true });
    await aborted.until("upgraded");
    aborted.tunnel?.abort();
    await eventually(() => upstream.counters.open === 0);
    expect(aborted.events).toEqual(["head", "upgraded"]);
  });
});
