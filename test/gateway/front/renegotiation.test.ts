import { once } from "node:events";
import { connect } from "node:tls";
import { expect, test } from "vitest";
import { prepare } from "../../../src/gateway/config/prepare.ts";
import { routingGateway } from "../../support/routing-gateway.ts";
import { freePort, Scene } from "../exchange/scene.ts";

test("a client of TLS 1.2 cannot have the handshake made again and again", async () => {
  const gateway = routingGateway({ listeners: [{ name: "shop", to: "app" }] });
  const listen = [{ frontend: undefined, port: 443, host: undefined, toPort: await freePort() }];
  const surroundings = { readFile: () => Promise.reject(new Error("no files here")), nowMs: Date.now() };
  await using scene = await Scene.of(await prepare(gateway, { listen, selfSigned: true }, surroundings));
  const to = { port: scene.port, host: "127.0.0.1", rejectUnauthorized: false };
  const socket = connect({ ...to, maxVersion: "TLSv1.2" });
  await once(socket, "secureConnect");
  const refused = new Promise<Error | null>((resolve) => {
    socket.on("error", resolve);
    socket.renegotiate({}, resolve);
  });
  expect(await refused).toMatchObject({ message: expect.stringMatching(/no.renegotiation/i) });
  socket.destroy();
});
