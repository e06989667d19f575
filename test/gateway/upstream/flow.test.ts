import type { Socket } from "node:net";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { listen } from "../../support/listener.ts";
import { eventually, forwarded, ok, Taking, TestUpstream } from "./support.ts";

const mib = 1024 * 1024;

/** A taker that keeps only how much it was told. */
class Counting extends Taking {
  bytes = 0;

  override data(_buffer: Buffer, from: number, to: number): boolean {
    this.bytes += to - from;
    return this.more(_buffer);
  }
}

describe("back-pressure", () => {
  test("down: a client that takes nothing stops the server, and nothing is kept here", async () => {
    let written = 0;
    let finished = false;
    const total = 64 * mib;
    await using server = await listen((socket) =>
      socket.once("data", () => {
        socket.write(`HTTP/1.1 200 OK\r\nContent-Length: ${total}\r\n\r\n`);
        const part = Buffer.alloc(mib);
        const pump = (): void => {
          written += part.length;
          if (written < total) socket.write(part, pump);
          else socket.end(part, () => (finished = true));
        };
        pump();
      }),
    );
    using upstream = new TestUpstream(server.port);
    const taking = new Counting();
    taking.more = () => false;
    taking.attempt = upstream.start(forwarded({}), taking, { fresh: true, sinceMs: 0 });
    await eventually(() => taking.bytes > 0);
    await new Promise((resolve) => setTimeout(resolve, 100));
    // One read, however much there is.
    expect(taking.bytes).toBeLessThanOrEqual(128 * 1024);
    expect(finished).toBe(false);
    taking.more = () => {
      setImmediate(() => taking.attempt?.resume());
      return false;
    };
    taking.attempt.resume();
    await taking.over;
    expect([taking.bytes, taking.failure]).toEqual([total, undefined]);
  });

  test("up: a server that reads nothing stops the client", async () => {
    const got: Socket[] = [];
    let bytes = 0;
    await using server = await listen((socket) => {
      socket.pause();
      got.push(socket);
    });
    using upstream = new TestUpstream(server.port);
    const taking = upstream.send({ method: "PUT", body: "length" });
    const part = Buffer.alloc(64 * 1024);
    await eventually(() => got.length > 0);
    let sent = 0;
    while (taking.attempt?.write(part, 0, part.length)) {
      sent += part.length;
      await new Promise((resolve) => setImmediate(resolve));
    }
    sent += part.length;
    // What the system holds for both sides, and not more.
    expect(sent).toBeLessThan(16 * mib);
    got[0]?.on("data", (chunk) => {
      bytes += chunk.length;
      if (chunk.toString("latin1").endsWith("end")) got[0]?.write(ok("thanks"));
    });
    got[0]?.resume();
    await taking.until("drained");
    taking.attempt?.write(Buffer.from("end"), 0, 3);
    taking.attempt?.endBody();
    await taking.over;
    expect(taking.text).toBe("thanks");
    expect(bytes).toBe(taking.attempt?.record().bytesSent);
    expect(upstream.counters.idle).toBe(1);
  });

  test("1 MiB up and down with a slow taker, over one connection", async () => {
    await using server = await listen((socket) => {
      let got = 0;
      socket.on("data", (chunk) => {
        got += chunk.length;
        if (got < mib) return;
        got = 0;
        socket.write(`HTTP/1.1 200 OK\r\nContent-Length: ${mib}\r\n\r\n`);
        socket.write(Buffer.alloc(mib, "d"));
      });
    });
    using upstream = new TestUpstream(server.port);
    for (let times = 0; times < 3; times++) {
      const taking = new Counting();
      taking.more = () => {
        setTimeout(() => taking.attempt?.resume(), 1);
        return false;
      };
      const attempt = upstream.start(forwarded({ method: "PUT", body: "length" }), taking, {
        fresh: false,
        sinceMs: 0,
      });
      taking.attempt = attempt;
      const content = Buffer.alloc(mib, "u");
      for (let at = 0; at < mib; ) {
        const to = Math.min(mib, at + 64 * 1024);
        const more = attempt.write(content, at, to);
        at = to;
        if (!more) {
          taking.events.length = 0;
          await taking.until("drained");
        }
      }
      attempt.endBody();
      await taking.over;
      expect([taking.bytes, taking.failure]).toEqual([mib, undefined]);
    }
    await eventually(() => upstream.counters.idle === 1);
    expect(server.accepted).toHaveLength(1);
  });
});

describe("whatever a server sends, however it is cut and the client pauses", () => {
  test("the body is what it sent", async () => {
    let plan: { text: string; cuts: readonly number[] } = { text: "", cuts: [] };
    await using server = await listen((socket) =>
      socket.setNoDelay(true).on("data", async () => {
        const { text, cuts } = plan;
        let from = 0;
        for (const cut of [...cuts, text.length]) {
          socket.write(text.slice(from, cut), "latin1");
          from = cut;
          await new Promise((resolve) => setImmediate(resolve));
        }
      }),
    );
    using upstream = new TestUpstream(server.port);
    const parts = fc.array(fc.string({ unit: "binary-ascii", minLength: 1, maxLength: 4_000 }), {
      maxLength: 6,
    });
    await fc.assert(
      fc.asyncProperty(
        parts,
        fc.boolean(),
        fc.array(fc.nat(1_000_000), { maxLength: 5 }),
        fc.array(fc.boolean(), { minLength: 1, maxLength: 5 }),
        async (pieces, chunked, places, pauses) => {
          const body = pieces.join("");
          const framed = chunked
            ? `HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n${pieces
                .map((piece) => `${piece.length.toString(16)}\r\n${piece}\r\n`)
                .join("")}0\r\n\r\n`
            : ok(body);
          plan = { text: framed, cuts: places.map((at) => at % framed.length).sort((a, b) => a - b) };
          const taking = upstream.send();
          let told = 0;
          taking.more = () => {
            told += 1;
            if (pauses[told % pauses.length] === true) return true;
            setImmediate(() => taking.attempt?.resume());
            return false;
          };
          await taking.over;
          expect(taking.failure).toBeUndefined();
          expect(taking.text).toBe(body);
        },
      ),
      { numRuns: 150 },
    );
    expect(server.accepted.length).toBeLessThan(5);
  });
});
