import { describe, expect, test } from "vitest";
import { IncomingResponse, type ResponseAwaiter } from "../../../src/gateway/upstream/incoming-response.ts";
import { defaultLimits } from "../../../src/wire/http1/limits.ts";

/** One connection, and what was told of the responses that came by it. */
class Scene implements ResponseAwaiter {
  readonly told: string[] = [];
  wantsMore = true;
  readonly response = new IncomingResponse(
    { full: () => this.told.push("full"), hint: (seconds) => this.told.push(`hint ${seconds}`) },
    defaultLimits,
  );

  constructor() {
    this.response.next({ method: "GET", upgrade: true });
  }

  /** Reads each of the packets; returns how much of the last one was its own. */
  reads(...packets: readonly string[]): number {
    let taken = 0;
    for (const packet of packets) {
      const lent = Buffer.from(packet, "latin1");
      taken = this.response.feed(this, lent, lent.length);
      lent.fill(0);
    }
    return taken;
  }

  interim({ status }: { readonly status: number }): void {
    this.told.push(`interim ${status}`);
  }

  gotHead({ status }: { readonly status: number }): void {
    this.told.push(`head ${status}`);
  }

  gotData(buffer: Buffer, from: number, to: number): boolean {
    this.told.push(buffer.toString("latin1", from, to));
    return this.wantsMore;
  }

  gotTrailers(): void {
    this.told.push("trailers");
  }

  refused(status: number): void {
    this.told.push(`refused ${status}`);
  }
}

describe("the response that is being read", () => {
  test("is told as it comes; what is behind it is not its own", () => {
    const scene = new Scene();
    const taken = scene.reads(
      "HTTP/1.1 103 Early Hints\r\n\r\nHTTP/1.1 200 OK\r\nContent-Le",
      "ngth: 4\r\nKeep-Alive: timeout=5\r\n\r\nab",
      "cdHTTP",
    );
    expect(scene.told).toEqual(["interim 103", "hint 5", "head 200", "ab", "cd"]);
    expect(scene.response).toMatchObject({ ended: true, keepAlive: true, tunnel: false, invalid: undefined });
    expect(taken).toBe(2);
  });

  test("the next one stands for itself, and the server's hint is told once", () => {
    const scene = new Scene();
    scene.reads("HTTP/1.1 200 OK\r\nContent-Length: 0\r\nKeep-Alive: timeout=5\r\n\r\n");
    scene.response.next({ method: "HEAD", upgrade: false });
    expect(scene.response).toMatchObject({ begun: false, ended: false, keepAlive: false });
    scene.reads("HTTP/1.1 200 OK\r\nContent-Length: 9\r\nKeep-Alive: timeout=7\r\nConnection: close\r\n\r\n");
    expect(scene.told).toEqual(["hint 5", "head 200", "head 200"]);
    expect(scene.response).toMatchObject({ ended: true, keepAlive: false });
  });

  test("whoever wants no more is told what was read already, and the connection hears of it", () => {
    const scene = new Scene();
    scene.wantsMore = false;
    scene.reads("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\na\r\n1\r\nb\r\n0\r\nA: b\r\n\r\n");
    expect(scene.told).toEqual(["head 200", "a", "full", "b", "full", "trailers"]);
  });

  test.each(["204 No Content", "304 Not Modified"])("%s is told when no body came with it", (status) => {
    const scene = new Scene();
    scene.reads(`HTTP/1.1 ${status}\r\n`);
    expect(scene.told).toEqual([]);
    scene.reads("\r\n");
    expect(scene.told).toEqual([`head ${status.slice(0, 3)}`]);
    expect(scene.response).toMatchObject({ begun: true, ended: true });
  });

  test("204 with a body is none, and its status is known", () => {
    const scene = new Scene();
    scene.reads("HTTP/1.1 204 No Content\r\n\r\nbody");
    expect(scene.told).toEqual(["refused 204"]);
    expect(scene.response).toMatchObject({
      begun: false,
      ended: false,
      invalid: { fault: { kind: "response-invalid", detail: "body-after-no-body-status", offset: 27 } },
    });
  });

  test("one that is none is shown from where it began, whatever it came in", () => {
    const scene = new Scene();
    scene.reads("HTTP/1.1 200 OK\r\nServer: Con", "toso\r\nnonsense\r\n\r\n");
    const whole = Buffer.from("HTTP/1.1 200 OK\r\nServer: Contoso\r\nnonsense\r\n\r\n");
    expect(scene.response.invalid).toMatchObject({
      fault: { kind: "response-invalid", detail: "missing-colon", firstBytes: whole },
      shown: { bytes: whole, bytesFrom: 0 },
    });
  });

  test("a fault behind the head is one of a response that the client has a part of", () => {
    const scene = new Scene();
    scene.reads("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", "no size\r\n");
    expect(scene.response.invalid?.fault).toMatchObject({ kind: "relay-invalid", firstBytes: undefined });
  });

  test("101 makes a tunnel, whose first bytes are not the response's", () => {
    const scene = new Scene();
    const head = "HTTP/1.1 101 Switching Protocols\r\nConnection: upgrade\r\nUpgrade: chat\r\n\r\n";
    expect(scene.reads(`${head}hello`)).toBe(head.length);
    expect(scene.response).toMatchObject({ ended: true, tunnel: true });
  });
});

describe("a connection that the server ends", () => {
  test.each<[string, string[], object | undefined]>([
    ["before one byte", [], { kind: "response-closed" }],
    ["within the head", ["HTTP/1.1 200"], { kind: "response-closed", detail: "truncated", offset: 12 }],
    [
      "within the body",
      ["HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\n", "ab"],
      { kind: "relay-closed", detail: "truncated", offset: 40 },
    ],
    ["behind a body of unknown length", ["HTTP/1.1 200 OK\r\n\r\n", "ab"], undefined],
  ])("%s", (_, packets, fault) => {
    const scene = new Scene();
    scene.reads(...packets);
    expect(scene.response.finish()).toEqual(fault);
  });
});
