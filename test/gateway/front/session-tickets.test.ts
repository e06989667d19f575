import { once } from "node:events";
import { connect } from "node:tls";
import { describe, expect, test } from "vitest";
import { prepare } from "../../../src/gateway/config/prepare.ts";
import { selfSignedCertificate } from "../../../src/gateway/config/self-signed.ts";
import { TicketSecret } from "../../../src/gateway/config/ticket-keys.ts";
import { routingGateway } from "../../support/routing-gateway.ts";
import { answers, Backends, freePort, Scene } from "../exchange/scene.ts";

const ok = answers("HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nfine");
const name = "shop.contoso.com";
const get = `GET / HTTP/1.1\r\nHost: ${name}\r\nConnection: close\r\n\r\n`;
const made = selfSignedCertificate([name], Date.now());

interface Wish {
  readonly listener?: string;
  readonly secret?: Buffer;
  readonly certificate?: typeof made;
  readonly policy?: Readonly<Record<string, unknown>>;
}

/** One process, or one configuration, with a TLS listener. */
async function door({ port }: Backends, wish: Wish): Promise<Scene> {
  const gateway = routingGateway({
    listeners: [{ name: wish.listener ?? "shop", hosts: [name], to: "app" }],
    members: ["127.30.2.1"],
    setting: { port },
    ...(wish.policy === undefined ? {} : { more: { sslPolicy: wish.policy } }),
  });
  const listen = [{ frontend: undefined, port: 443, host: undefined, toPort: await freePort() }];
  const surroundings = {
    readFile: () => Promise.reject(new Error("no files here")),
    nowMs: Date.now(),
    selfSigned: () => wish.certificate ?? made,
    ...(wish.secret === undefined ? {} : { ticketSecret: wish.secret }),
  };
  return Scene.of(await prepare(gateway, { listen, selfSigned: true }, surroundings));
}

/** One request; what the client got to come back with, and whether it went on with what it had. */
async function visit(port: number, session?: Buffer): Promise<{ session?: Buffer; resumed: boolean }> {
  const again = session === undefined ? {} : { session };
  const socket = connect({ port, host: "127.0.0.1", servername: name, rejectUnauthorized: false, ...again });
  let ticket: Buffer | undefined;
  socket.on("session", (one) => {
    ticket = one;
  });
  socket.resume();
  await once(socket, "secureConnect");
  const resumed = socket.isSessionReused();
  socket.write(get);
  await once(socket, "close");
  return { resumed, ...(ticket === undefined ? {} : { session: ticket }) };
}

const secret = Buffer.alloc(32, 7);
const cases: readonly { readonly name: string; readonly there: Wish; readonly resumed: boolean }[] = [
  { name: "another worker, or the same configuration read again", there: { secret }, resumed: true },
  { name: "another run", there: {}, resumed: false },
  { name: "a run with another secret", there: { secret: Buffer.alloc(32, 8) }, resumed: false },
  {
    name: "another listener with the same certificate",
    there: { secret, listener: "admin" },
    resumed: false,
  },
  {
    name: "the listener with another certificate",
    there: { secret, certificate: selfSignedCertificate([name], Date.now()) },
    resumed: false,
  },
  {
    name: "the listener with another TLS policy",
    there: { secret, policy: { policyType: "Predefined", policyName: "AppGwSslPolicy20220101S" } },
    resumed: false,
  },
];

describe("a client that was at one listener comes to", () => {
  test.each(cases)("$name: resumed $resumed", async ({ there, resumed }) => {
    await using backends = await Backends.of({ "127.30.2.1": ok });
    await using first = await door(backends, { secret });
    await using second = await door(backends, there);
    const { session, resumed: atFirst } = await visit(first.port);
    expect([atFirst, session !== undefined]).toEqual([false, true]);
    expect((await visit(second.port, session)).resumed).toBe(resumed);
  });
});

test("the secret of a run is renewed by a reload after a day", () => {
  const dayMs = 24 * 60 * 60 * 1000;
  let count = 0;
  const secrets = new TicketSecret((bytes) => Buffer.alloc(bytes, ++count));
  const times = [0, 1, dayMs - 1, dayMs, 2 * dayMs - 1, 5 * dayMs];
  expect(times.map((atMs) => secrets.at(atMs)[0])).toEqual([1, 1, 1, 2, 2, 3]);
});
