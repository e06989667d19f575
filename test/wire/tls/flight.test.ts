import { once } from "node:events";
import { connect } from "node:net";
import { connect as connectTls } from "node:tls";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { messageLimit } from "../../../src/wire/tls/handshake-reader.ts";
import { expandLabel } from "../../../src/wire/tls/record-protection.ts";
import { RecordReader } from "../../../src/wire/tls/record-reader.ts";
import { ServerFlight } from "../../../src/wire/tls/server-flight.ts";
import { TrafficSecrets } from "../../../src/wire/tls/traffic-secrets.ts";
import { makeCertificate } from "../../support/certificates.ts";
import { certificateMessage, message, Peers, record, serverHello, sized } from "./peers.ts";

interface Recorded {
  readonly bytes: Buffer;
  readonly keyLog: readonly Buffer[];
}

const root = makeCertificate({ commonName: "Contoso Root", ca: true });
const leaf = makeCertificate({ commonName: "shop.contoso.example", issuer: root });
const recorded = new Map<string, Recorded>();

/** What a real server sent in a whole connection, and the client's key log. */
async function recordFlight(peers: Peers, version: "TLSv1.2" | "TLSv1.3"): Promise<Recorded> {
  const server = await peers.tls({
    key: leaf.keyPem,
    cert: leaf.pem + root.pem,
    minVersion: version,
    maxVersion: version,
  });
  const parts: Buffer[] = [];
  const port = await peers.between(server, (bytes, client) => {
    parts.push(bytes);
    client.write(bytes);
  });
  const keyLog: Buffer[] = [];
  const client = connectTls({ socket: connect(port, "127.0.0.1"), rejectUnauthorized: false });
  client.on("keylog", (line: Buffer) => keyLog.push(line)).resume();
  await once(client, "end");
  client.destroy();
  return { bytes: Buffer.concat(parts), keyLog };
}

beforeAll(async () => {
  const peers = new Peers();
  for (const version of ["TLSv1.2", "TLSv1.3"] as const) {
    recorded.set(version, await recordFlight(peers, version));
  }
  await peers.close();
});

afterAll(() => recorded.clear());

function flightOf(version: string): Recorded {
  const flight = recorded.get(version);
  if (flight === undefined) throw new Error(`no flight of ${version}`);
  return flight;
}

function read(pieces: readonly Buffer[], keyLog: readonly Buffer[] = []): ServerFlight["facts"] {
  const secrets = new TrafficSecrets();
  for (const line of keyLog) secrets.learn(line);
  const flight = new ServerFlight(secrets);
  for (const piece of pieces) flight.receive(piece);
  return flight.facts;
}

function cut(bytes: Buffer, sizes: readonly number[]): Buffer[] {
  const pieces: Buffer[] = [];
  let offset = 0;
  for (let turn = 0; offset < bytes.length; turn += 1) {
    const size = Math.max(1, sizes[turn % sizes.length] ?? 1);
    pieces.push(bytes.subarray(offset, offset + size));
    offset += size;
  }
  return pieces;
}

const sizes = fc.array(fc.integer({ min: 1, max: 3000 }), { minLength: 1, maxLength: 8 });

describe.each(["TLSv1.2", "TLSv1.3"])("a whole %s flight", (version) => {
  test("reads the same however it is split", () => {
    const { bytes, keyLog } = flightOf(version);
    const whole = read([bytes], keyLog);
    expect(whole.chain).toEqual([leaf.der, root.der]);
    expect(whole).toMatchObject({ fault: undefined, alert: undefined });
    fc.assert(
      fc.property(sizes, (pieces) => {
        expect(read(cut(bytes, pieces), keyLog)).toEqual(whole);
      }),
    );
  });

  test("damaged anywhere: never throws, and never another chain than the bytes say", () => {
    const { bytes, keyLog } = flightOf(version);
    const damage = fc.record({
      at: fc.integer({ min: 0, max: bytes.length - 1 }),
      remove: fc.integer({ min: 0, max: 40 }),
      insert: fc.uint8Array({ maxLength: 40 }),
    });
    fc.assert(
      fc.property(damage, sizes, ({ at, remove, insert }, pieces) => {
        const damaged = Buffer.concat([bytes.subarray(0, at), insert, bytes.subarray(at + remove)]);
        const { messages, chain } = read(cut(damaged, pieces), keyLog);
        expect(messages.length).toBeLessThanOrEqual(64);
        // TLS 1.3 authenticates every record: what is read at all is what was sent.
        if (version === "TLSv1.3" && chain !== undefined) expect(chain).toEqual([leaf.der, root.der]);
      }),
      { numRuns: 500 },
    );
  });
});

describe("TLS 1.3 without the right secrets", () => {
  test("sealed records wait for the secret", () => {
    const { bytes, keyLog } = flightOf("TLSv1.3");
    const secrets = new TrafficSecrets();
    const flight = new ServerFlight(secrets);
    flight.receive(bytes);
    expect(flight.facts).toMatchObject({ messages: ["server_hello"], chain: undefined, fault: undefined });
    for (const line of keyLog) secrets.learn(line);
    flight.secretsGrew();
    expect(flight.facts.chain).toHaveLength(2);
  });

  test("a wrong secret is a fault, not a chain; odd lines are passed over", () => {
    const { bytes } = flightOf("TLSv1.3");
    const wrong = `SERVER_HANDSHAKE_TRAFFIC_SECRET ${"00".repeat(32)} ${"11".repeat(48)}\n`;
    const odd = ["", "SERVER_HANDSHAKE_TRAFFIC_SECRET", "X 1 2"];
    const facts = read(
      [bytes],
      [...odd, wrong].map((line) => Buffer.from(line)),
    );
    expect(facts).toMatchObject({ fault: "malformed", chain: undefined });
  });

  test("waiting is bounded", () => {
    const { bytes } = flightOf("TLSv1.3");
    const endless = record(23, Buffer.alloc(16_000, 1));
    const facts = read([bytes, ...Array.from({ length: 40 }, () => endless)]);
    expect(facts.fault).toBe("too-much");
  });

  test("keys are derived as RFC 8448 §3 shows", () => {
    const secret = Buffer.from("b67b7d690cc16c4e75e54213cb2d37b4e9c912bcded9105d42befd59d391ad38", "hex");
    expect(expandLabel("sha256", secret, "key", 16).toString("hex")).toBe("3fce516009c21727d0f2e4e86ee403bc");
    expect(expandLabel("sha256", secret, "iv", 12).toString("hex")).toBe("5d313eb2671276ee13000b30");
  });
});

describe("hostile bytes", () => {
  test("anything at all", () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ maxLength: 300 }), { maxLength: 10 }), (pieces) => {
        const { fault, messages } = read(pieces.map((piece) => Buffer.from(piece)));
        expect(messages.length).toBeLessThanOrEqual(64);
        const first = Buffer.concat(pieces).at(0);
        if (first !== undefined && first !== 21 && first !== 22) expect(fault).toBe("not-tls");
      }),
    );
  });

  test("handshake records of any content, after a sound ServerHello", () => {
    const hello = record(22, serverHello(0x0303, 0xc02b));
    const next = fc.tuple(fc.integer({ min: 0, max: 25 }), fc.uint8Array({ maxLength: 200 }));
    fc.assert(
      fc.property(fc.array(next, { maxLength: 8 }), (messages) => {
        const bodies = messages.map(([type, body]) => message(type, Buffer.from(body)));
        const facts = read([hello, ...bodies.map((body) => record(22, body))]);
        expect(facts.version).toBe(0x0303);
      }),
    );
  });

  test.each([
    ["a record longer than allowed", Buffer.from([22, 3, 3, 0xff, 0xff]), "not-tls"],
    ["an empty handshake record", record(22, Buffer.alloc(0)), "record-length"],
    ["an unknown version later", Buffer.concat([hello(), Buffer.from([22, 9])]), "record-version"],
    ["an unknown type later", Buffer.concat([hello(), Buffer.from([99])]), "record-type"],
    ["a message longer than allowed", record(22, Buffer.from([2, 255, 255, 255])), "malformed"],
    ["a certificate before the ServerHello", record(22, certificateMessage([leaf.der])), "malformed"],
    ["two ServerHellos", Buffer.concat([hello(), hello()]), "malformed"],
    ["two chains", Buffer.concat([hello(), chain(1), chain(1)]), "malformed"],
    [
      "an empty certificate",
      Buffer.concat([hello(), record(22, certificateMessage([Buffer.alloc(0)]))]),
      "malformed",
    ],
    ["a hundred and one certificates", Buffer.concat([hello(), chain(101)]), "malformed"],
    ["bytes after the list", Buffer.concat([hello(), record(22, message(11, Buffer.alloc(4)))]), "malformed"],
    ["an alert of three bytes", record(21, Buffer.alloc(3)), "malformed"],
    ["application data before keys", Buffer.concat([hello(), record(23, Buffer.alloc(30))]), "malformed"],
    ["an extension twice", record(22, serverHello(0x0303, 1, Buffer.alloc(8))), "malformed"],
    ["ALPN with two names", record(22, serverHello(0x0303, 1, alpn("a", "b"))), "malformed"],
  ])("%s", (_, bytes, fault) => {
    expect(read([bytes]).fault).toBe(fault);
    // Nothing is read after a fault.
    expect(read([bytes, hello(), chain(1)]).fault).toBe(fault);
  });

  test("small cases at the edge are sound", () => {
    expect(read([hello(), chain(100)]).chain).toHaveLength(100);
    expect(read([hello(), record(22, certificateMessage([]))]).chain).toEqual([]);
    expect(read([record(22, serverHello(0x0303, 1, alpn("h2")))]).alpn).toBe("h2");
    expect(read([record(22, message(0, Buffer.alloc(0))), hello()]).messages).toEqual([
      "hello_request",
      "server_hello",
    ]);
  });

  test("a long message does not grow before its bytes come, and many small ones are counted to a limit", () => {
    const announced = Buffer.alloc(4);
    announced.writeUInt8(11);
    announced.writeUIntBE(messageLimit, 1, 3);
    expect(read([hello(), record(22, announced)])).toMatchObject({ fault: undefined, chain: undefined });
    const tickets = record(
      22,
      Buffer.concat(Array.from({ length: 4000 }, () => message(4, Buffer.alloc(0)))),
    );
    const facts = read([hello(), ...Array.from({ length: 40 }, () => tickets)]);
    expect(facts.fault).toBe("too-much");
    expect(facts.messages).toHaveLength(64);
  });

  test("the record reader gives back what was put in, however split", () => {
    const one = fc.tuple(fc.constantFrom(21, 22, 23), fc.uint8Array({ minLength: 1, maxLength: 400 }));
    const first = fc.tuple(fc.constantFrom(21, 22), fc.uint8Array({ minLength: 1, maxLength: 400 }));
    fc.assert(
      fc.property(first, fc.array(one, { maxLength: 6 }), sizes, (head, rest, pieces) => {
        const sent = [head, ...rest].map(([type, body]) => ({ type, fragment: Buffer.from(body) }));
        const reader = new RecordReader();
        const stream = Buffer.concat(sent.map(({ type, fragment }) => record(type, fragment)));
        const got = cut(stream, pieces).flatMap((piece) => reader.push(piece));
        expect(got.map(({ type, fragment }) => ({ type, fragment }))).toEqual(sent);
        expect(reader.fault).toBeUndefined();
      }),
    );
  });
});

function hello(): Buffer {
  return record(22, serverHello(0x0303, 0xc02b));
}

function chain(count: number): Buffer {
  return record(22, certificateMessage(Array.from({ length: count }, () => Buffer.from([1]))));
}

function alpn(...names: readonly string[]): Buffer {
  const list = sized(2, Buffer.concat(names.map((name) => sized(1, Buffer.from(name)))));
  return Buffer.concat([Buffer.from([0, 16]), sized(2, list)]);
}
